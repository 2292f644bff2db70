"""The command line: the composition root."""


def main() -> None:
    """Run the command line."""
