"""The outbox: freeze an audience, claim a batch, settle outcomes, retry, suppress, tally.

The rows are the truth: whatever is called twice does nothing the second time. Everything works on
sets; nothing here costs a query for each reader.
"""

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    CursorResult,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.links import Links
from newsletter.mail import Heading, Outcome, Parcel, Verdict
from newsletter.model import DeliveryState, SubscriptionState
from newsletter.rendering import Words

LEASE = timedelta(minutes=10)
"""How long a worker holds a batch without a sign of life."""
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=4)
GIVE_UP_AFTER = timedelta(hours=48)
_DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Enhanced status codes (RFC 3463, RFC 7505) by which an address is dead for good."""
UNKNOWN_ATTEMPTS = 3
"""How often an attempt may end in the dark before the delivery is left UNKNOWN."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that a worker holds, and the parcels in it that are due."""

    batch: int
    issue: int
    lease: str
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of an issue stand where."""

    counts: Mapping[DeliveryState, int]

    @property
    def total(self) -> int:
        """All deliveries that were frozen."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Those that have not come to an end."""
        return self.counts[DeliveryState.QUEUED] + self.counts[DeliveryState.SENDING]


def freeze(
    session: Session, issue: model.Issue, content_id: int, now: datetime, *, batch_size: int
) -> dict[str, int]:
    """Insert one delivery for everyone who is to get ``issue``, cut into batches.

    Returns the counts: candidates, each reason for being left out, and frozen; they add up.
    """
    here = model.Subscription.publication_id == issue.publication_id
    suppressed = exists().where(model.Suppression.digest == model.Subscriber.digest)
    reason = case(
        (model.Subscription.state != SubscriptionState.ACTIVE, model.Subscription.state),
        (model.Subscription.paused_until > now, literal(SubscriptionState.PAUSED.value)),
        (model.Subscription.frequency != model.Frequency.EACH, literal("digest")),
        (suppressed, literal("suppressed")),
        else_=literal("frozen"),
    )
    joined = (
        select()
        .select_from(model.Subscription)
        .join(model.Subscriber, model.Subscriber.id == model.Subscription.subscriber_id)
        .where(here)
    )
    counts = {
        str(name): count
        for name, count in session.execute(
            joined.add_columns(reason.label("reason"), func.count()).group_by("reason")
        )
    }
    audience = (
        joined.add_columns(
            literal(issue.id),
            literal(content_id),
            model.Subscription.subscriber_id,
            model.Subscription.id,
            literal(DeliveryState.QUEUED.value),
            literal(0),
        )
        .where(reason == "frozen")
        .order_by(model.Subscription.id)
    )
    columns = ["issue_id", "content_id", "subscriber_id", "subscription_id", "state", "attempts"]
    session.execute(insert(model.Delivery).from_select(columns, audience))
    _cut_into_batches(session, issue.id, now, batch_size)
    return {"candidates": sum(counts.values()), "frozen": 0, **counts}


def _cut_into_batches(session: Session, issue_id: int, now: datetime, batch_size: int) -> None:
    place = func.row_number().over(order_by=model.Delivery.id) - 1
    numbered = (
        select(model.Delivery.id, (place // batch_size).label("number"))
        .where(model.Delivery.issue_id == issue_id)
        .subquery()
    )
    ranges = select(
        literal(issue_id),
        numbered.c.number,
        func.min(numbered.c.id),
        func.max(numbered.c.id),
        literal(now, model.base.Instant()),
    ).group_by(numbered.c.number)
    columns = ["issue_id", "number", "first_delivery", "last_delivery", "due_at"]
    session.execute(insert(model.Batch).from_select(columns, ranges))


def claim(session: Session, now: datetime, worker: str = "") -> Claim | None:
    """Take the next due batch, leave out whoever changed their mind, and return what is to be sent.

    ``worker`` names who takes it, so that it can free its own batches after a kill.

    A batch whose lease ran out is taken over; those of its deliveries that were under way are sent
    again, under the same Message-ID.
    """
    free = or_(model.Batch.leased_until.is_(None), model.Batch.leased_until < now)
    candidate = (
        select(model.Batch.id)
        .join(model.Issue, model.Issue.id == model.Batch.issue_id)
        .where(model.Batch.due_at <= now, free, model.Issue.state == model.IssueState.SENDING)
        .order_by(model.Batch.due_at, model.Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=model.Batch)
        .scalar_subquery()
    )
    lease = f"{worker}:{secrets.token_hex(8)}"
    batch = session.execute(
        update(model.Batch)
        .where(model.Batch.id == candidate)
        .values(lease=lease, leased_until=now + LEASE)
        .returning(
            model.Batch.id,
            model.Batch.issue_id,
            model.Batch.first_delivery,
            model.Batch.last_delivery,
        )
    ).one_or_none()
    if batch is None:
        return None
    mine = (
        model.Delivery.issue_id == batch.issue_id,
        model.Delivery.id.between(batch.first_delivery, batch.last_delivery),
    )
    _skip_the_unwilling(session, mine, now)
    is_due = or_(
        model.Delivery.state == DeliveryState.SENDING,
        (model.Delivery.state == DeliveryState.QUEUED)
        & or_(model.Delivery.due_at.is_(None), model.Delivery.due_at <= now),
    )
    session.execute(update(model.Delivery).where(*mine, is_due).values(state=DeliveryState.SENDING))
    rows = session.execute(
        select(
            model.Delivery.id,
            model.Delivery.content_id,
            model.Subscription.id,
            model.Subscriber.address,
            model.Subscriber.name,
        )
        .join(model.Subscription, model.Subscription.id == model.Delivery.subscription_id)
        .join(model.Subscriber, model.Subscriber.id == model.Delivery.subscriber_id)
        .where(*mine, model.Delivery.state == DeliveryState.SENDING)
        .order_by(model.Delivery.id)
    )
    return Claim(batch.id, batch.issue_id, lease, tuple(Parcel(*row) for row in rows))


def _skip_the_unwilling(session: Session, mine: Sequence[object], now: datetime) -> None:
    """Skip those who left, paused, were suppressed or erased since the audience was frozen."""
    willing = exists().where(
        model.Subscription.id == model.Delivery.subscription_id,
        model.Subscription.state == SubscriptionState.ACTIVE,
        or_(model.Subscription.paused_until.is_(None), model.Subscription.paused_until <= now),
    )
    suppressed = exists().where(
        model.Subscriber.id == model.Delivery.subscriber_id,
        model.Suppression.digest == model.Subscriber.digest,
    )
    waiting = model.Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING))
    for unwanted, why in ((~willing, "unsubscribed"), (suppressed, "suppressed")):
        session.execute(
            update(model.Delivery)
            .where(*mine, waiting, unwanted)  # type: ignore[arg-type]
            .values(state=DeliveryState.SKIPPED, words=why, settled_at=now)
            .execution_options(synchronize_session=False)
        )


def settle(session: Session, outcomes: Sequence[tuple[int, Outcome]], now: datetime) -> None:
    """Write down what became of deliveries, each by its id.

    A fact counts once: a delivery that has come to an end is left as it is. Temporary trouble is
    tried again; a permanent refusal of the address itself feeds the suppression list.
    """
    if not outcomes:
        return
    attempts = _attempts(session, [delivery for delivery, _ in outcomes])
    changes = [
        {
            "delivery": delivery,
            "code": outcome.code,
            "words": outcome.words,
            **_consequence(outcome, *attempts[delivery], now),
        }
        for delivery, outcome in outcomes
        if delivery in attempts
    ]
    if changes:
        table = model.Delivery.__table__
        session.connection().execute(
            update(model.Delivery)
            .where(table.c.id == bindparam("delivery"))
            .where(
                or_(table.c.state == DeliveryState.QUEUED, table.c.state == DeliveryState.SENDING)
            )
            .values(
                state=bindparam("state"),
                due_at=bindparam("due_at"),
                settled_at=bindparam("settled_at"),
                code=bindparam("code"),
                words=bindparam("words"),
                attempts=table.c.attempts + 1,
            ),
            changes,
        )
    _suppress_dead_addresses(
        session, [delivery for delivery, outcome in outcomes if _is_dead(outcome)], now
    )


def _attempts(session: Session, deliveries: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """Return, for each open delivery, its attempts so far and when its issue was published."""
    rows = session.execute(
        select(model.Delivery.id, model.Delivery.attempts, model.Issue.published_at)
        .join(model.Issue, model.Issue.id == model.Delivery.issue_id)
        .where(
            model.Delivery.id.in_(deliveries),
            model.Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING)),
        )
    )
    return {row.id: (row.attempts, row.published_at) for row in rows}


def _consequence(
    outcome: Outcome, attempts: int, published_at: datetime, now: datetime
) -> dict[str, object]:
    """Decide what an outcome does to a delivery that was tried ``attempts`` times before."""
    match outcome.verdict:
        case Verdict.SENT:
            return {"state": DeliveryState.SENT, "due_at": None, "settled_at": now}
        case Verdict.TEMPORARY if now - published_at < GIVE_UP_AFTER:
            return {"state": DeliveryState.QUEUED, "due_at": now + backoff(attempts), **_OPEN}
        case Verdict.UNKNOWN if attempts + 1 < UNKNOWN_ATTEMPTS:
            return {"state": DeliveryState.QUEUED, "due_at": now, **_OPEN}
        case Verdict.UNKNOWN:
            return {"state": DeliveryState.UNKNOWN, "due_at": None, "settled_at": now}
        case _:
            return {"state": DeliveryState.REFUSED, "due_at": None, "settled_at": now}


_OPEN = {"settled_at": None}


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after ``attempts`` earlier ones: doubling, up to a quarter less."""
    plain = min(FIRST_RETRY * 2.0 ** min(attempts, 10), LONGEST_RETRY)
    return plain * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, guards nothing


def _is_dead(outcome: Outcome) -> bool:
    """Tell whether the relay refused the address itself, not, say, our sender (5.1.7, 5.1.8)."""
    status = outcome.words.partition(" ")[0]
    return outcome.verdict is Verdict.PERMANENT and status in _DEAD


def _suppress_dead_addresses(session: Session, deliveries: Sequence[int], now: datetime) -> None:
    if not deliveries:
        return
    dead = (
        select(
            model.Subscriber.digest,
            literal(model.SuppressionReason.HARD_BOUNCE.value),
            literal(now, model.base.Instant()),
            func.min(model.Delivery.words),
        )
        .join(model.Delivery, model.Delivery.subscriber_id == model.Subscriber.id)
        .where(
            model.Delivery.id.in_(deliveries),
            ~exists().where(model.Suppression.digest == model.Subscriber.digest),
        )
        .group_by(model.Subscriber.digest)
    )
    columns = ["digest", "reason", "at", "words"]
    session.execute(insert(model.Suppression).from_select(columns, dead))


def renew(session: Session, held: Claim, now: datetime) -> bool:
    """Show a sign of life for a batch; return False when another worker has taken it over."""
    kept = session.execute(
        update(model.Batch)
        .where(model.Batch.id == held.batch, model.Batch.lease == held.lease)
        .values(leased_until=now + LEASE)
        .returning(model.Batch.id)
    )
    return kept.one_or_none() is not None


def release(
    session: Session, held: Claim, now: datetime, *, not_before: datetime | None = None
) -> bool:
    """Give a batch back: what was not settled is queued again, and the batch is due with the first.

    ``not_before`` puts it off, for a relay that cannot be used. Returns False, and does nothing,
    when the lease has passed to another worker.
    """
    batch = session.execute(
        update(model.Batch)
        .where(model.Batch.id == held.batch, model.Batch.lease == held.lease)
        .values(lease=None, leased_until=None)
        .returning(model.Batch.first_delivery, model.Batch.last_delivery)
    ).one_or_none()
    if batch is None:
        return False
    mine = (
        model.Delivery.issue_id == held.issue,
        model.Delivery.id.between(batch.first_delivery, batch.last_delivery),
    )
    session.execute(
        update(model.Delivery)
        .where(*mine, model.Delivery.state == DeliveryState.SENDING)
        .values(state=DeliveryState.QUEUED, due_at=not_before)
    )
    first = session.execute(
        select(func.count(), func.min(func.coalesce(model.Delivery.due_at, now))).where(
            *mine, model.Delivery.state == DeliveryState.QUEUED
        )
    ).one()
    session.execute(
        update(model.Batch)
        .where(model.Batch.id == held.batch)
        .values(due_at=first[1] if first[0] else None)
    )
    return True


def release_all(session: Session, worker: str = "") -> int:
    """Free every batch that ``worker`` held when it was killed; return how many there were.

    For a worker that starts, when nobody else goes by its name.
    """
    freed: CursorResult[object] = session.connection().execute(
        update(model.Batch)
        .where(model.Batch.lease.startswith(f"{worker}:", autoescape=True))
        .values(lease=None, leased_until=None)
    )
    return freed.rowcount


def fetch_content(
    session: Session, content_id: int, links: Links, return_domain: str
) -> tuple[Words, Heading]:
    """Return the frozen words of a content and what its mails' headers say."""
    content = session.get_one(model.Content, content_id)
    publication = session.get_one(model.Publication, content.publication_id)
    issue = session.get_one(model.Issue, content.issue_id)
    author_domain = publication.author_address.rpartition("@")[2]
    heading = Heading(
        publication=publication.id,
        author_name=publication.author_name,
        author_address=publication.author_address,
        reply_to=publication.reply_to,
        list_name=publication.name,
        list_id=f"{publication.slug}.{author_domain}",
        archive_url=links.archive(publication.slug),
        return_domain=return_domain or author_domain,
        language=content.language,
        date=issue.published_at or issue.created_at,
    )
    return Words(content.subject, content.html, content.text), heading


def tally(session: Session, issue_id: int) -> Tally:
    """Count an issue's deliveries by state."""
    rows = session.execute(
        select(model.Delivery.state, func.count())
        .where(model.Delivery.issue_id == issue_id)
        .group_by(model.Delivery.state)
    )
    return Tally(dict.fromkeys(DeliveryState, 0) | dict(rows.all()))
