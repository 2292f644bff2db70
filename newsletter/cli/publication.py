"""Commands about publications."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table

from newsletter import issues
from newsletter.cli.installation import installation
from newsletter.cli.tables import print_table
from newsletter.model import Tracking

Command = Callable[..., Any]


@click.group()
def publication() -> None:
    """Add, change and list publications, the monitors that people subscribe to."""


def _columns(details: Mapping[str, str | int | None]) -> dict[str, Any]:
    """Turn options into columns, without those that were not given."""
    given: dict[str, Any] = {column: value for column, value in details.items() if value}
    if given.get("window") == "always":
        given["window"] = ""
    if "unknown" in given:
        given["hold_unknown"] = given.pop("unknown") == "hold"
    if "approval" in given:
        given["four_eyes"] = given.pop("approval") == "four-eyes"
    if "givers" in given:
        given["link_gifts"] = given.pop("givers") == "linked"
    if "author" in given:
        given["author_address"] = given.pop("author")
    return given


def _details(*, new: bool) -> Callable[[Command], Command]:
    """Add the options for what a publication is made of; a ``new`` one needs some of them."""
    options = (
        click.option("--name", required=new, help="As readers see it: 'Russia Monitor'."),
        click.option("--author", required=new, help="The address in From, on your own domain."),
        click.option("--author-name", help="The name in From; a new one's own name if left out."),
        click.option("--kicker", help="How manuscripts name it; its name if left out."),
        click.option("--language", help="A language tag: en, pl, …; en if left out."),
        click.option("--zone", help="Its time zone, like Europe/Warsaw; UTC if left out."),
        click.option("--postal-address", help="For the foot of every mail."),
        click.option("--donate-url", help="Where gifts are taken; begins with https://."),
        click.option("--accent", help="Its colour, like #8a1c2b."),
        click.option(
            "--window", help="Hours in which issues leave: 07:00-21:00; 'always' for all."
        ),
        click.option(
            "--retry-hours",
            type=click.IntRange(min=1, max=240),
            help="How long temporary trouble is borne; 48 if left out.",
        ),
        click.option(
            "--unknown",
            type=click.Choice(["again", "hold"]),
            help="A mail whose answer was lost is sent again, or held for a person.",
        ),
        click.option(
            "--approval",
            type=click.Choice(["anyone", "four-eyes"]),
            help="With four-eyes, nobody approves at the desk what they wrote or submitted.",
        ),
        click.option(
            "--tracking",
            type=click.Choice(list(Tracking)),
            help="Whether clicks are counted, by link and never by reader; clicks if left out.",
        ),
        click.option(
            "--givers",
            type=click.Choice(["none", "linked"]),
            help="Whether appeals may learn which subscriber gave; none if left out.",
        ),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@publication.command("add")
@click.argument("slug")
@_details(new=True)
def add(slug: str, **details: str | int | None) -> None:
    """Add the publication SLUG, which becomes part of its web addresses."""
    given = _columns(details)
    with installation() as here, here.database.transaction() as session:
        added = issues.add_publication(session, slug=slug, now=datetime.now(UTC), **given)
        click.echo(f"Added {added.name}: {here.links.archive(added.slug)}")


@publication.command("change")
@click.argument("slug")
@_details(new=False)
def change(slug: str, **details: str | int | None) -> None:
    """Change what is named of the publication SLUG; what was approved before stays as it was."""
    given = _columns(details)
    with installation() as here, here.database.transaction() as session:
        chosen = issues.fetch_publication(session, slug)
        issues.change_publication(session, chosen, **given)
        click.echo(f"Changed {chosen.name}")


@publication.command("list")
def list_() -> None:
    """List all publications."""
    table = Table("Slug", "Name", "Author", "Language", "Zone", box=None)
    with installation() as here, here.database.reading() as session:
        for each in issues.publications(session):
            table.add_row(each.slug, each.name, each.author_address, each.language, each.zone)
    if table.row_count:
        print_table(table)
    else:
        click.echo("There is no publication yet. Add one: newsletter publication add --help")
