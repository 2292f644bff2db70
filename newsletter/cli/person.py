"""Commands about one person: show, evidence, erase; and the block list."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click
from rich.table import Table

from newsletter import addresses, subscriptions
from newsletter.cli.installation import installation
from newsletter.cli.subscriber import subscriber
from newsletter.cli.tables import print_table
from newsletter.errors import NotFound
from newsletter.subscriptions import Evidence


@subscriber.command()
@click.argument("address")
def show(address: str) -> None:
    """Show what ADDRESS asked for, and whether mail goes there."""
    with installation() as here, here.database.reading() as session:
        found = subscriptions.evidence(session, address, secret_key=here.settings.secret_key)
    for line in (*_person(found), *_wishes(found)):
        click.echo(line)


@subscriber.command()
@click.argument("address")
def evidence(address: str) -> None:
    """Print everything known of ADDRESS, to answer a person or an authority.

    What was shown to the person, word for word; what they did, when and by which form; every mail
    and what became of it. Times are in UTC.
    """
    now = datetime.now(UTC)
    with installation() as here, here.database.reading() as session:
        secret_key = here.settings.secret_key
        found = subscriptions.evidence(session, address, secret_key=secret_key)
    click.echo(f"What is known of {found.address}, as of {_moment(now)}")
    for title, lines in (
        ("Person", _person(found)),
        ("Subscriptions", _wishes(found)),
        ("Consent", _consent(found)),
        ("Mail", _mails(found)),
        ("Donations", _donations(found)),
    ):
        click.echo(f"\n{title}\n{'-' * len(title)}")
        for line in lines:
            click.echo(line)


@subscriber.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(address: str, yes: bool) -> None:
    """Forget the person at ADDRESS, for good; no mail goes there until they sign up again."""
    with installation() as here:
        secret_key = here.settings.secret_key
        with here.database.reading() as session:
            person = subscriptions.find(session, address, secret_key=secret_key)
        if person is None:
            raise NotFound(f"Nobody is subscribed at {addresses.parse(address)}")
        if not yes:
            click.confirm(f"Erase everything about {person.address}?", abort=True)
        with here.database.transaction() as session:
            subscriptions.erase(session, person.id, datetime.now(UTC))
    click.echo("Erased. A keyed hash is left, by which no mail goes there")


@subscriber.command()
@click.argument("pattern")
@click.option("--reason", default="", help="For those who wonder why.")
def block(pattern: str, reason: str) -> None:
    """Take no sign-up from PATTERN: an address, a domain like @example.org, or a network.

    A domain goes with everything below it; a network, like 192.0.2.0/24, is as wide as a /24, or a
    /48 of IPv6, at least. Who gets mail already goes on getting it.
    """
    with installation() as here, here.database.transaction() as session:
        made = subscriptions.block(session, pattern, datetime.now(UTC), reason)
        click.echo(f"Blocked: {made.pattern}")


@subscriber.command()
@click.argument("pattern")
def unblock(pattern: str) -> None:
    """Take sign-ups from PATTERN again."""
    with installation() as here, here.database.transaction() as session:
        click.echo(f"No longer blocked: {subscriptions.unblock(session, pattern)}")


@subscriber.command()
def blocks() -> None:
    """List what is blocked, since when and why."""
    with installation() as here, here.database.reading() as session:
        table = Table("Pattern", "Since", "Reason")
        found = subscriptions.blocks(session)
        for each in found:
            table.add_row(each.pattern, _moment(each.at), each.words)
    if found:
        print_table(table)
    else:
        click.echo("Nothing is blocked")


def _person(found: Evidence) -> Iterator[str]:
    if found.subscriber is None:
        yield f"Nobody is subscribed at {found.address}"
    else:
        yield f"Address: {found.address}"
        yield f"Name: {found.name or 'not given'}"
        yield f"Language: {found.language}"
        yield f"Known since: {_moment(found.since)}, as subscriber {found.subscriber}"
    if found.suppressed:
        words = f": {found.suppressed_words}" if found.suppressed_words else ""
        reason = found.suppressed.replace("_", " ")
        yield f"No mail goes there ({reason}, since {_moment(found.suppressed_at)}){words}"
    if found.waiting:
        yield f"Forms that came in and were not looked at yet: {found.waiting}"
    for number in found.moved_to:
        yield f"Subscriber {number} got mail here before, and gets it at another address now"


def _wishes(found: Evidence) -> Iterator[str]:
    for wish in found.holdings:
        until = f" until {_moment(wish.paused_until)}" if wish.paused_until else ""
        yield (
            f"{wish.publication}: {wish.state}{until}, {wish.frequency},"
            f" since {_moment(wish.changed_at)}"
        )
    if not found.holdings:
        yield "No subscription"


def _consent(found: Evidence) -> Iterator[str]:
    for line in found.said:
        origin = f", from {line.origin}" if line.origin else ""
        yield f"{_moment(line.at)}  {line.action} {line.publication} (form: {line.form}{origin})"
        if line.wording:
            yield f"    shown, version {line.version}: {line.wording}"
        if line.details:
            yield "    " + ", ".join(f"{name}: {fact}" for name, fact in line.details.items())
    if not found.said:
        yield "No line in the consent log names this address"


def _mails(found: Evidence) -> Iterator[str]:
    for mail in found.mailed:
        at = _moment(mail.at) if mail.at else "not yet"
        answer = " ".join(filter(None, (str(mail.code or ""), mail.words)))
        yield f"{at}  {mail.publication} {mail.name}: {mail.state} {answer}".rstrip()
    if not found.mailed:
        yield "No mail is on record"


def _donations(found: Evidence) -> Iterator[str]:
    for gift in found.given:
        back = f", of which {gift.returned} paid back" if float(gift.returned) else ""
        told = f"{gift.publication} {gift.amount} {gift.currency}{back} ({gift.source})"
        yield f"{gift.given_on}  {told}"
    if not found.given:
        yield "No gift is linked to this address"


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else ""
