"""Commands about an issue under way: pause, resume, cancel, and the ledger of its deliveries."""

import csv
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click

from newsletter import deliveries, issues
from newsletter.cli.installation import installation
from newsletter.cli.issue import issue, print_status
from newsletter.errors import Conflict

_HEADER = ("address", "state", "code", "words", "attempts", "ended", "due", "wave", "appeal")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


@issue.command()
@click.argument("number", type=int, metavar="ISSUE")
@click.option("--reason", default="", help="For those who wonder why.")
def pause(number: int, reason: str) -> None:
    """Have ISSUE wait. What is on the wire is finished; nothing more leaves two seconds later."""
    with installation() as here, here.database.transaction() as session:
        chosen = issues.fetch(session, number)
        if not issues.pause(session, number, datetime.now(UTC), reason=reason):
            raise Conflict(f"Issue {number} is {chosen.state}; only one being sent can be paused")
        click.echo(f"Issue {number} waits. Let it go on: newsletter issue resume {number}")


@issue.command()
@click.argument("number", type=int, metavar="ISSUE")
def resume(number: int) -> None:
    """Let ISSUE go on where it was paused."""
    with installation() as here, here.database.transaction() as session:
        issues.resume(session, number, datetime.now(UTC))
        click.echo(f"Issue {number} goes on as soon as the service runs")


@issue.command()
@click.argument("number", type=int, metavar="ISSUE")
@click.option("--yes", is_flag=True, help="Do not ask.")
def cancel(number: int, yes: bool) -> None:
    """End ISSUE for good: those whose mail has not left do not get it."""
    with installation() as here:
        with here.database.reading() as session:
            issues.fetch(session, number)
            left = deliveries.progress(session, number).open
        if not yes:
            click.confirm(
                f"Cancel issue {number}, of which {left} mails have not left?", abort=True
            )
        with here.database.transaction() as session:
            issues.cancel(session, number, datetime.now(UTC))
        with here.database.reading() as session:
            print_status(session, number)


@issue.command()
@click.argument("number", type=int, metavar="ISSUE")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The CSV file to write; the terminal if left out.",
)
def ledger(number: int, output: Path | None) -> None:
    """Write what became of each delivery of ISSUE: address, state, the relay's words, times."""
    with installation() as here, here.database.reading() as session, ExitStack() as stack:
        issues.fetch(session, number)
        file = (
            stack.enter_context(output.open("w", encoding="utf-8", newline=""))
            if output
            else sys.stdout
        )
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for entry in deliveries.ledger(session, number):
            writer.writerow(
                [
                    _harmless(entry.address),
                    entry.state,
                    entry.code or "",
                    _harmless(entry.words),
                    entry.attempts,
                    entry.settled_at.isoformat() if entry.settled_at else "",
                    entry.due_at.isoformat() if entry.due_at else "",
                    entry.wave,
                    entry.appeal or "",
                ]
            )


def _harmless(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would calculate."""
    return f"'{text}" if text.startswith(_FORMULA) else text
