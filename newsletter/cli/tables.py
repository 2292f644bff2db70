"""Tables in the terminal."""

from rich.console import Console
from rich.table import Table


def print_table(table: Table) -> None:
    """Print a table with its words as they are: what authors write in brackets is no markup."""
    Console(markup=False, emoji=False, highlight=False).print(table)
