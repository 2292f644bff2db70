"""Commands about publications."""

from datetime import UTC, datetime

import click
from rich.table import Table

from newsletter import issues
from newsletter.cli.installation import installation
from newsletter.cli.tables import print_table


@click.group()
def publication() -> None:
    """Add and list publications, the monitors that people subscribe to."""


@publication.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="As readers see it, for example 'Russia Monitor'.")
@click.option("--author", required=True, help="The address in From, on a domain of your own.")
@click.option("--author-name", default="", help="The name in From; the publication's if left out.")
@click.option("--kicker", default="", help="How manuscripts name it; the name if left out.")
@click.option("--language", default="en", show_default=True, help="A language tag: en, pl, …")
@click.option("--zone", default="UTC", show_default=True, help="Its time zone: Europe/Warsaw, …")
@click.option("--postal-address", default="", help="For the foot of every mail.")
@click.option("--donate-url", default="", help="Where gifts are taken; begins with https://.")
@click.option("--accent", default="#8a1c2b", show_default=True, help="Its colour.")
def add(
    slug: str,
    name: str,
    author: str,
    author_name: str,
    kicker: str,
    language: str,
    zone: str,
    postal_address: str,
    donate_url: str,
    accent: str,
) -> None:
    """Add the publication SLUG, which becomes part of its web addresses."""
    with installation() as here, here.database.transaction() as session:
        added = issues.add_publication(
            session,
            slug=slug,
            name=name,
            author_address=author,
            author_name=author_name,
            kicker=kicker,
            language=language,
            zone=zone,
            postal_address=postal_address,
            donate_url=donate_url,
            accent=accent,
            now=datetime.now(UTC),
        )
        click.echo(f"Added {added.name}: {here.links.archive(added.slug)}")


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
