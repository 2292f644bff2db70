"""What is held about a person: given to them, shown to an authority, erased."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, null, or_, select, update
from sqlalchemy.orm import Session

from newsletter import addresses, deliveries, model
from newsletter.database import insert_missing
from newsletter.model import SuppressionReason
from newsletter.subscriptions.moving import MOVED
from newsletter.subscriptions.steps import locked_person, wishes_of
from newsletter.subscriptions.tagging import tags_of
from newsletter.support import of_units


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the consent log, with the slug of its publication."""

    at: datetime
    action: str
    publication: str
    form: str
    origin: str
    wording: str
    version: str
    details: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail to the person: an issue, or a notice by its name, and what became of it."""

    publication: str
    name: str
    state: str
    at: datetime | None
    code: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A subscription as it stands, with the slug of its publication."""

    publication: str
    state: str
    frequency: str
    changed_at: datetime
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Donated:
    """A gift that is linked to the person; ``returned`` of the amount was paid back."""

    publication: str
    given_on: str
    amount: str
    returned: str
    currency: str
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of an address.

    ``subscriber`` is its number, None where nobody is subscribed under it; ``moved_to`` are the
    numbers of those who got their mail here before, and go on elsewhere. ``waiting`` counts forms
    that came in and were not looked at yet.
    """

    address: str
    digest: str
    subscriber: int | None
    name: str
    language: str
    since: datetime | None
    holdings: tuple[Holding, ...]
    said: tuple[Said, ...]
    mailed: tuple[Mailed, ...]
    given: tuple[Donated, ...]
    suppressed: str
    suppressed_at: datetime | None
    suppressed_words: str
    moved_to: tuple[int, ...]
    waiting: int


def evidence(session: Session, address: str, *, secret_key: str) -> Evidence:
    """Gather everything known of ``address``, to answer a person or an authority.

    Raises InvalidAddress. Of who was erased, the keyed hash and the day are left.
    """
    kept = addresses.parse(address)
    digest = addresses.digest(kept, secret_key)
    person = session.scalar(select(model.Subscriber).where(model.Subscriber.digest == digest))
    suppression = session.scalar(
        select(model.Suppression).where(model.Suppression.digest == digest)
    )
    waiting = session.scalars(select(model.SignUp.id).where(model.SignUp.digest == digest)).all()
    return Evidence(
        address=person.address if person else kept,
        digest=digest.hex(),
        subscriber=person.id if person else None,
        name=person.name if person else "",
        language=person.language if person else "",
        since=person.created_at if person else None,
        holdings=_holdings(session, person.id) if person else (),
        said=_said(session, person.id) if person else (),
        mailed=_mailed(session, person.id) if person else (),
        given=_given(session, person.id) if person else (),
        suppressed=suppression.reason.value if suppression else "",
        suppressed_at=suppression.at if suppression else None,
        suppressed_words=suppression.words if suppression else "",
        moved_to=_moved_to(session, digest, person),
        waiting=len(waiting),
    )


def _moved_to(session: Session, digest: bytes, person: model.Subscriber | None) -> tuple[int, ...]:
    rows = session.scalars(
        select(model.Consent.subscriber_id)
        .where(
            model.Consent.action == MOVED,
            model.Consent.details["from"].as_string() == digest.hex(),
            model.Consent.subscriber_id.is_not(None),
        )
        .distinct()
    )
    return tuple(sorted(number for number in rows if number and number != (person and person.id)))


def held(session: Session, subscriber: int) -> dict[str, object]:
    """Return everything that is held about a person, ready for JSON; empty when they are gone.

    Times are in UTC as ISO 8601 writes them.
    """
    person = session.get(model.Subscriber, subscriber)
    if person is None:
        return {}
    changes = session.scalars(
        select(model.AddressChange)
        .where(
            or_(
                model.AddressChange.subscriber_id == subscriber,
                model.AddressChange.newcomer_id == subscriber,
            )
        )
        .order_by(model.AddressChange.id)
    )
    return {
        "subscriber": {
            "address": person.address,
            "name": person.name,
            "language": person.language,
            "since": person.created_at.isoformat(),
            "tags": list(tags_of(session, subscriber)),
        },
        "subscriptions": _plain(_holdings(session, subscriber)),
        "consents": _plain(_said(session, subscriber)),
        "deliveries": _plain(_mailed(session, subscriber)),
        "donations": _plain(_given(session, subscriber)),
        "address_changes": [
            {
                "asked_at": change.asked_at.isoformat(),
                "old_agreed_at": _moment(change.old_agreed_at),
                "new_agreed_at": _moment(change.new_agreed_at),
            }
            for change in changes
        ],
    }


def _plain(rows: Iterable[Holding | Said | Mailed | Donated]) -> list[dict[str, object]]:
    return [
        {
            name: _moment(value) if isinstance(value, datetime) else value
            for name in type(row).__dataclass_fields__
            for value in (getattr(row, name),)
        }
        for row in rows
    ]


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _holdings(session: Session, subscriber: int) -> tuple[Holding, ...]:
    rows = session.execute(
        select(model.Subscription, model.Publication.slug)
        .join(model.Publication, model.Publication.id == model.Subscription.publication_id)
        .where(model.Subscription.subscriber_id == subscriber)
        .order_by(model.Publication.slug)
    )
    return tuple(
        Holding(slug, wish.state.value, wish.frequency.value, wish.changed_at, wish.paused_until)
        for wish, slug in rows
    )


def _said(session: Session, subscriber: int) -> tuple[Said, ...]:
    rows = session.execute(
        select(model.Consent, model.Publication.slug)
        .join(model.Publication, model.Publication.id == model.Consent.publication_id)
        .where(model.Consent.subscriber_id == subscriber)
        .order_by(model.Consent.at, model.Consent.id)
    )
    return tuple(
        Said(
            line.at,
            line.action,
            slug,
            line.form,
            line.origin,
            line.wording,
            line.version,
            line.details,
        )
        for line, slug in rows
    )


def _mailed(session: Session, subscriber: int) -> tuple[Mailed, ...]:
    """List the mails; of an old notice the words, and with them its name, are gone."""
    rows = session.execute(
        select(
            model.Delivery,
            model.Issue.slug.label("issue"),
            model.Content.variant,
            model.Publication.slug.label("publication"),
        )
        .outerjoin(model.Issue, model.Issue.id == model.Delivery.issue_id)
        .outerjoin(model.Content, model.Content.id == model.Delivery.content_id)
        .outerjoin(model.Publication, model.Publication.id == model.Content.publication_id)
        .where(deliveries.of_reader(subscriber))
        .order_by(model.Delivery.id)
    )
    return tuple(
        Mailed(
            publication=row.publication or "",
            name=row.issue or row.variant or "notice",
            state=row.Delivery.state.value,
            at=row.Delivery.settled_at,
            code=row.Delivery.code,
            words=row.Delivery.words or "",
        )
        for row in rows
    )


def _given(session: Session, subscriber: int) -> tuple[Donated, ...]:
    """List the gifts that are linked to the person, as it is told in the currency itself."""
    rows = session.execute(
        select(model.Donation, model.Publication.slug)
        .join(model.Publication, model.Publication.id == model.Donation.publication_id)
        .where(model.Donation.subscriber_id == subscriber)
        .order_by(model.Donation.given_on, model.Donation.id)
    )
    return tuple(
        Donated(
            publication=slug,
            given_on=gift.given_on.isoformat(),
            amount=str(of_units(gift.amount, gift.currency)),
            returned=str(of_units(gift.returned, gift.currency)),
            currency=gift.currency,
            source=gift.source,
        )
        for gift, slug in rows
    )


def erase(session: Session, subscriber: int, now: datetime) -> None:
    """Forget a person: what is left is a keyed hash that no mail is sent to. Twice is once.

    The lines of the consent log stay, and name nobody, as do gifts. The relay's own words about
    their mails go too, for they often repeat the address. A complaint, or a block by hand, keeps
    its reason.
    """
    digest = session.scalar(
        select(model.Subscriber.digest).where(model.Subscriber.id == subscriber)
    )
    if digest is None:
        return
    # Everything is locked in the order in which others lock it: forms, people, subscriptions,
    # deliveries, suppressions.
    session.execute(delete(model.SignUp).where(model.SignUp.digest == digest))
    person = locked_person(session, subscriber)
    if person is None:
        return
    digest = person.digest
    wishes_of(session, [subscriber])
    mine = deliveries.of_reader(subscriber)
    session.execute(select(model.Delivery.id).where(mine).with_for_update())
    notices = select(model.Delivery.content_id).where(mine, model.Delivery.issue_id.is_(None))
    insert_missing(
        session,
        model.Suppression,
        [{"digest": digest, "reason": SuppressionReason.ERASED, "at": now, "words": ""}],
    )
    forget_details(session, [subscriber])
    for statement in (
        update(model.Suppression)
        .where(
            model.Suppression.digest == digest,
            model.Suppression.reason == SuppressionReason.HARD_BOUNCE,
        )
        .values(reason=SuppressionReason.ERASED, at=now),
        update(model.Suppression).where(model.Suppression.digest == digest).values(words=""),
        update(model.Content)
        .where(model.Content.id.in_(notices), model.Content.issue_id.is_(None))
        .values(subject="", html="", text=""),
        update(model.Delivery).where(mine, model.Delivery.code.is_not(None)).values(words=None),
        # Somebody may have searched for this very address.
        delete(model.Search),
        delete(model.Subscriber).where(model.Subscriber.id == subscriber),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    session.expire_all()


def forget_details(session: Session, subscribers: Sequence[int]) -> None:
    """Empty the details of the log about people who are about to be deleted.

    A file they were imported from may have told what no line of a log needs.
    """
    session.execute(
        update(model.Consent)
        .where(model.Consent.subscriber_id.in_(subscribers))
        .values(details=null())
        .execution_options(synchronize_session=False)
    )


def find(session: Session, address: str, *, secret_key: str) -> model.Subscriber | None:
    """Return the subscriber at ``address``; raise InvalidAddress."""
    digest = addresses.digest(addresses.parse(address), secret_key)
    return session.scalar(select(model.Subscriber).where(model.Subscriber.digest == digest))
