"""Commands about subscribers."""

from datetime import UTC, datetime

import click

from newsletter import issues, subscriptions
from newsletter.cli.installation import installation

PAGE = 500
"""Rows that are asked for at a time."""


@click.group()
def subscriber() -> None:
    """Add and list subscribers; show, erase and block them."""


@subscriber.command("add")
@click.argument("publication")
@click.argument("addresses", metavar="ADDRESS…", nargs=-1, required=True)
@click.option("--name", default="", help="The person's name, for the To line.")
@click.option(
    "--language", default="", help="The person's language; the publication's if left out."
)
def add(publication: str, addresses: tuple[str, ...], name: str, language: str) -> None:
    """Have each ADDRESS get PUBLICATION. Only for people who asked for it."""
    with installation() as here, here.database.transaction() as session:
        chosen = issues.fetch_publication(session, publication)
        for address in addresses:
            subscriptions.add(
                session,
                chosen,
                address,
                datetime.now(UTC),
                secret_key=here.settings.secret_key,
                name=name,
                language=language,
            )
    click.echo(f"{len(addresses)} subscribed to {publication}")


@subscriber.command("list")
@click.argument("publication")
def list_(publication: str) -> None:
    """List PUBLICATION's subscribers, one a line: address, state, name."""
    with installation() as here, here.database.reading() as session:
        chosen = issues.fetch_publication(session, publication)
        after = 0
        while rows := subscriptions.listed(session, chosen, after=after, limit=PAGE):
            for subscription, person in rows:
                click.echo(f"{person.address}\t{subscription.state}\t{person.name}")
            after = rows[-1][0].id
            session.expunge_all()
