"""People who sign up, confirm and read: what the tests of subscriptions share."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.database import Database
from newsletter.links import Links

LINKS = Links("https://monitor.example.org", SECRET_KEY)
NETWORK = "192.0.2.0/24"
WORDING = "I want this by mail, and may end it whenever I like."


def form(*publications: model.Publication, address: str = "anna@example.org") -> subscriptions.Form:
    """Fill in a sign-up for ``publications``."""
    numbers = tuple(publication.id for publication in publications)
    return subscriptions.Form(address, numbers, "en", "Anna", "page", WORDING, NETWORK)


def ask(
    session: Session, sent: subscriptions.Form, now: datetime = NOW, network: str = NETWORK
) -> None:
    """Send a form in."""
    subscriptions.ask(session, sent, now, secret_key=SECRET_KEY, network=network)


def work_off(session: Session, now: datetime = NOW, limit: int = 100) -> int:
    """Have what came in answered."""
    return subscriptions.work_off(session, now, LINKS, secret_key=SECRET_KEY, limit=limit)


def sign_up(
    session: Session,
    *publications: model.Publication,
    address: str = "anna@example.org",
    now: datetime = NOW,
    network: str = NETWORK,
) -> model.Subscriber | None:
    """Send a form in and have it answered; return who is known at the address then."""
    ask(session, form(*publications, address=address), now, network)
    work_off(session, now)
    return subscriptions.find(session, address, secret_key=SECRET_KEY)


def reader(
    session: Session, *publications: model.Publication, address: str = "anna@example.org"
) -> model.Subscriber:
    """Make a person who signed up and confirmed."""
    person = sign_up(session, *publications, address=address)
    assert person is not None
    subscriptions.confirm(session, person.id, NOW, LINKS)
    return person


def wish(
    session: Session, person: model.Subscriber, publication: model.Publication
) -> model.Subscription:
    """Return what a person asked for of a publication."""
    mine = model.Subscription.subscriber_id == person.id
    here = model.Subscription.publication_id == publication.id
    rows = select(model.Subscription).where(mine, here)
    return session.scalars(rows.execution_options(populate_existing=True)).one()


def mails(session: Session, person: model.Subscriber | None = None) -> Sequence[str]:
    """Name the notices in the outbox, to all or to one person, in the order of their writing."""
    rows = (
        select(model.Content.variant)
        .join(model.Delivery, model.Delivery.content_id == model.Content.id)
        .where(model.Content.issue_id.is_(None))
        .order_by(model.Delivery.id)
    )
    if person is not None:
        rows = rows.where(model.Delivery.subscriber_id == person.id)
    return session.scalars(rows).all()


def words_of(session: Session, name: str) -> str:
    """Return the text part of the newest notice of that name."""
    rows = select(model.Content.text).where(model.Content.variant == name)
    return session.scalars(rows.order_by(model.Content.id.desc()).limit(1)).one()


def log(session: Session) -> Sequence[str]:
    """Return the consent log as "action form"."""
    rows = select(model.Consent.action, model.Consent.form).order_by(model.Consent.id)
    return [f"{action} {form}" for action, form in session.execute(rows)]


def size(session: Session, table: type[model.Base]) -> int:
    """Count the rows of a table."""
    return session.scalars(select(func.count()).select_from(table)).one()


def counted(session: Session) -> dict[str, int]:
    """Return all counters, whatever their day."""
    return {row.name: row.count for row in subscriptions.counters(session, NOW.date())}


def suppressed(session: Session, address: str, reason: model.SuppressionReason) -> None:
    """Have mail to an address forbidden."""
    make.suppression(session, address, reason=reason)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that go to the database, with the shape of their values."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        seen.append(f"{statement} {_shape(values)}")

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _shape(values: object) -> str:
    if isinstance(values, dict):
        return "{" + " ".join(f"{name}:{_shape(value)}" for name, value in values.items()) + "}"
    if isinstance(values, list | tuple):
        return "(" + " ".join(map(_shape, values)) + ")"
    return type(values).__name__
