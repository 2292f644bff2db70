"""Commands about DKIM keys."""

from datetime import UTC, datetime

import click
from rich.table import Table

from newsletter import addresses, config
from newsletter.cli.tables import print_table
from newsletter.domains import keys
from newsletter.mail.dkim import KINDS, Signer

STRING = 255
"""Octets that one string of a TXT record may have (RFC 1035 section 3.3)."""


@click.group()
def dkim() -> None:
    """Make and choose the keys that sign the mail of a domain, the one in the author's address."""


@dkim.command("new")
@click.argument("domain")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=KINDS[0],
    show_default=True,
    help="RSA is understood everywhere; Ed25519 is faster, and best used beside it.",
)
@click.option("--selector", help="The key's name below the domain; one like n20260131 if left out.")
def new(domain: str, kind: str, selector: str | None) -> None:
    """Make a key for DOMAIN that does not sign yet, and show its DNS record."""
    home = config.load().home
    key = keys.make(home, addresses.domain(domain), kind, datetime.now(UTC), selector=selector)
    click.echo(f"Made a key that does not sign yet: {key.file}")
    _print_record(key.load())
    click.echo(
        f"\nWhen this record can be looked up: newsletter dkim use {key.domain} {key.selector}"
    )


@dkim.command("use")
@click.argument("domain")
@click.argument("selector")
def use(domain: str, selector: str) -> None:
    """Have the key SELECTOR sign DOMAIN's mail from the next start of the engine on.

    One of the same kind that signed until now is retired; its file stays, so that one can go back.
    """
    key = keys.fetch(config.load().home, addresses.domain(domain), selector.lower())
    retired = keys.use(key)
    click.echo(f"{key.selector} signs for {key.domain} when the engine starts next")
    for other in retired:
        click.echo(
            f"Retired {other.selector}: leave its record for a week more, as mail on its way is"
            " still checked against it"
        )


@dkim.command("list")
def list_() -> None:
    """List all keys, and which of them sign."""
    table = Table("Domain", "Selector", "Kind", "State", box=None)
    for key in keys.keys(config.load().home):
        table.add_row(key.domain, key.selector, key.load().kind, key.state)
    if table.row_count:
        print_table(table)
    else:
        click.echo("There is no key yet. Make one: newsletter dkim new --help")


@dkim.command("record")
@click.argument("domain")
@click.argument("selector")
def record(domain: str, selector: str) -> None:
    """Show the DNS record of DOMAIN's key SELECTOR."""
    key = keys.fetch(config.load().home, addresses.domain(domain), selector.lower())
    _print_record(key.load())


def _print_record(signer: Signer) -> None:
    """Print a record in the two ways in which name servers are told of it."""
    text = signer.record
    strings = [f'"{text[at : at + STRING]}"' for at in range(0, len(text), STRING)]
    click.echo(f"\nName:  {signer.record_name}\nType:  TXT\nValue: {text}\n\nIn a zone file:\n")
    click.echo("\n    ".join([f"{signer.record_name}. IN TXT (", *strings]) + " )")
