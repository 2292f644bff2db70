"""Claiming: a worker takes a batch, holds it by a lease, and gives it back."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from newsletter import addresses, model
from newsletter.deliveries.asking import words_of
from newsletter.deliveries.notices import ASKED, LISTED
from newsletter.deliveries.reasons import count_skipped
from newsletter.deliveries.waves import has_begun
from newsletter.deliveries.windows import Window
from newsletter.links import NOBODY, Links
from newsletter.mail import Heading, Parcel
from newsletter.model import DeliveryState, IssueState, SubscriptionState, SuppressionReason
from newsletter.rendering import Words

FINAL = (SuppressionReason.COMPLAINT, SuppressionReason.MANUAL)
"""What keeps a question away, too: who complained, or was taken off by hand, is not asked again."""
LEASE = timedelta(minutes=10)
"""How long a worker holds a batch without a sign of life."""
ENDED = (
    DeliveryState.SENT,
    DeliveryState.REFUSED,
    DeliveryState.SKIPPED,
    DeliveryState.UNKNOWN,
)
CANCELLED = "cancelled"
"""The reason for which the rest of a cancelled issue is skipped."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that a worker holds, and the parcels in it that are due.

    ``issue`` is None for a notice. ``publication`` is the slug, by which relays are bound;
    ``hold_unknown`` has a mail in doubt wait for a person. ``dated`` is what the mails of a wave
    are dated by, which has a moment of its own.
    """

    batch: int
    issue: int | None
    lease: str
    parcels: tuple[Parcel, ...]
    publication: str
    hold_unknown: bool = False
    dated: datetime | None = None


def claim(
    session: Session, now: datetime, worker: str = "", *, notices: bool = False
) -> Claim | None:
    """Take the next due batch, leave out whoever changed their mind, and return what is to be sent.

    ``worker`` names who takes it, so that it can free its own batches after a kill. With
    ``notices`` only mails that belong to no issue are taken, without them only issues.

    A batch whose lease ran out is taken over; those of its deliveries that were under way are sent
    again, under the same Message-ID.
    """
    kind = (
        model.Batch.issue_id.is_(None)
        if notices
        else model.Batch.issue_id.in_(_open_issues(session, now)) & has_begun(now)
    )
    free = or_(model.Batch.leased_until.is_(None), model.Batch.leased_until < now)
    candidate = (
        select(model.Batch.id)
        .where(model.Batch.due_at <= now, free, kind)
        .order_by(model.Batch.due_at, model.Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
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
            model.Batch.wave,
        )
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if batch is None:
        return None
    mine = of_batch(batch.issue_id, batch.first_delivery, batch.last_delivery, batch.wave)
    wave = None
    if batch.wave is not None:
        wave = session.get_one(model.Wave, (batch.issue_id, batch.wave), populate_existing=True)
    words = words_of(session, batch.issue_id, (wave and wave.content_id) or 0)
    parcels = _due_parcels(session, batch.issue_id, mine, now, words)
    publication = _publication(session, mine)
    dated = wave.due_at if wave else None
    return Claim(batch.id, batch.issue_id, lease, parcels, *publication, dated=dated)


def _open_issues(session: Session, now: datetime) -> Sequence[int]:
    """List the issues that are being sent and whose hours have come."""
    rows = session.execute(
        select(
            model.Issue.id,
            func.coalesce(model.Issue.window, model.Publication.window).label("window"),
            model.Publication.zone,
        )
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(model.Issue.state == IssueState.SENDING)
    )
    return [
        row.id
        for row in rows
        if not row.window or Window.parse(row.window).opens_at(ZoneInfo(row.zone), now) is None
    ]


def of_batch(
    issue: int | None,
    first: int | InstrumentedAttribute[int],
    last: int | InstrumentedAttribute[int],
    wave: int | InstrumentedAttribute[int | None] | None,
) -> ColumnElement[bool]:
    """Name the deliveries of a batch; keys of other issues and waves may lie between them."""
    return and_(
        model.Delivery.id.between(first, last),
        model.Delivery.issue_id.is_not_distinct_from(issue),
        model.Delivery.wave.is_not_distinct_from(wave),
    )


def _due_parcels(
    session: Session,
    issue: int | None,
    mine: ColumnElement[bool],
    now: datetime,
    words: ColumnElement[int],
) -> tuple[Parcel, ...]:
    """Mark what is due as under way and return it, without those who are not to get it any more.

    Which ``words`` of an issue they get, their rows say from here on.
    """
    is_due = or_(
        model.Delivery.state == DeliveryState.SENDING,
        and_(
            model.Delivery.state == DeliveryState.QUEUED,
            or_(model.Delivery.due_at.is_(None), model.Delivery.due_at <= now),
        ),
    )
    rows = session.execute(
        select(
            model.Delivery.id,
            words,
            func.coalesce(model.Subscription.id, NOBODY),
            func.coalesce(model.Content.address, model.Subscriber.address),
            func.coalesce(model.Subscriber.name, ""),
            _reason_to_skip(),
        )
        .join(model.Content, model.Content.id == model.Delivery.content_id)
        .outerjoin(model.Subscriber, model.Subscriber.id == model.Delivery.subscriber_id)
        .outerjoin(
            model.Subscription,
            and_(
                model.Subscription.subscriber_id == model.Delivery.subscriber_id,
                model.Subscription.publication_id == model.Content.publication_id,
            ),
        )
        .where(mine, is_due)
        .order_by(model.Delivery.id)
    )
    parcels: list[Parcel] = []
    unwanted: dict[str, list[int]] = defaultdict(list)
    for delivery, content, subscription, address, name, reason in rows:
        if reason:
            unwanted[reason].append(delivery)
        else:
            parcels.append(Parcel(delivery, content, subscription, address, name))
    skipped = {reason: len(deliveries) for reason, deliveries in unwanted.items()}
    count_skipped(session, issue, skipped)
    for reason, deliveries in unwanted.items():
        session.execute(
            update(model.Delivery)
            .where(model.Delivery.id.in_(deliveries))
            .values(state=DeliveryState.SKIPPED, words=reason, settled_at=now)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(model.Delivery)
        .where(mine, is_due)
        .values(state=DeliveryState.SENDING, content_id=words)
        .execution_options(synchronize_session=False)
    )
    return tuple(parcels)


def _reason_to_skip() -> ColumnElement[str | None]:
    """Say why someone frozen is not to get the mail after all; null for those who are.

    An issue goes to active subscriptions only; a notice also asks people for what they have not
    agreed to yet, or tells them what they have ended. Who had left for good, or whose mailbox was
    once full or gone, may ask anew; who complained may not be asked. A notice that names
    its address asks for no subscriber.
    """
    asked = model.Content.variant.in_(ASKED)
    suppressed = exists().where(
        model.Suppression.digest == model.Subscriber.digest,
        or_(~asked, model.Suppression.reason.in_(FINAL)),
    )
    state = model.Subscription.state
    gone = or_(model.Subscription.id.is_(None), state != SubscriptionState.ACTIVE)
    return case(
        (model.Content.address.is_not(None), None),
        (model.Subscriber.id.is_(None), literal("erased")),
        (suppressed, literal("suppressed")),
        (model.Delivery.issue_id.is_(None), None),
        (state == SubscriptionState.PAUSED, literal("paused")),
        (gone, literal("unsubscribed")),
        else_=None,
    )


def _publication(session: Session, mine: ColumnElement[bool]) -> tuple[str, bool]:
    """Return the slug of a batch's publication, and whether it holds mails in doubt."""
    content = select(model.Delivery.content_id).where(mine).limit(1).scalar_subquery()
    row = session.execute(
        select(model.Publication.slug, model.Publication.hold_unknown)
        .join(model.Content, model.Content.publication_id == model.Publication.id)
        .where(model.Content.id == content)
    ).one_or_none()
    return (row.slug, row.hold_unknown) if row else ("", False)


def renew(session: Session, held: Claim, now: datetime) -> bool:
    """Show a sign of life for a batch; return whether its worker is to go on.

    It is not when another worker has taken the batch over, and when the issue was paused or
    cancelled. The batch's sums are brought up to date, for those who watch.
    """
    ends = {} if held.issue is None else _ends(session, held.batch, held.issue)
    kept = session.execute(
        update(model.Batch)
        .where(model.Batch.id == held.batch, model.Batch.lease == held.lease)
        .values(leased_until=now + LEASE, **ends)
        .returning(model.Batch.id)
        .execution_options(synchronize_session=False)
    )
    if kept.one_or_none() is None:
        return False
    if held.issue is None:
        return True
    state = session.scalar(select(model.Issue.state).where(model.Issue.id == held.issue))
    return state is IssueState.SENDING


def _ends(session: Session, batch: int, issue: int) -> Mapping[str, int]:
    """Count what of a batch has come to which end."""
    mine = of_batch(issue, model.Batch.first_delivery, model.Batch.last_delivery, model.Batch.wave)
    rows = session.execute(
        select(model.Delivery.state, func.count())
        .join(model.Batch, mine)
        .where(model.Batch.id == batch, model.Delivery.state.in_(ENDED))
        .group_by(model.Delivery.state)
    )
    return {state.value: count for state, count in rows}


def release(
    session: Session,
    held: Claim,
    now: datetime,
    *,
    not_before: datetime | None = None,
    put_off: Mapping[datetime, Sequence[int]] | None = None,
) -> bool:
    """Give a batch back: what was not settled is queued again, and the batch is due with the first.

    ``not_before`` puts that off, for a relay that cannot be used; ``put_off`` names deliveries that
    have a later time of their own. Of an issue cancelled meanwhile, the rest is skipped. Returns
    False, and does nothing, when the lease has passed to another worker.
    """
    batch = session.execute(
        update(model.Batch)
        .where(model.Batch.id == held.batch, model.Batch.lease == held.lease)
        .values(lease=None, leased_until=None)
        .returning(model.Batch.first_delivery, model.Batch.last_delivery, model.Batch.wave)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if batch is None:
        return False
    for due_at, deliveries in (put_off or {}).items():
        session.execute(
            update(model.Delivery)
            .where(model.Delivery.id.in_(deliveries), model.Delivery.state == DeliveryState.SENDING)
            .values(state=DeliveryState.QUEUED, due_at=due_at)
            .execution_options(synchronize_session=False)
        )
    mine = of_batch(held.issue, batch.first_delivery, batch.last_delivery, batch.wave)
    issue = session.get(model.Issue, held.issue, populate_existing=True) if held.issue else None
    if issue is not None and issue.state is IssueState.CANCELLED:
        skip_the_rest(session, issue.id, mine, now)
    else:
        session.execute(
            update(model.Delivery)
            .where(mine, model.Delivery.state == DeliveryState.SENDING)
            .values(state=DeliveryState.QUEUED, due_at=not_before)
            .execution_options(synchronize_session=False)
        )
    recount(session, held.batch, mine, now)
    return True


def skip_the_rest(session: Session, issue: int, mine: ColumnElement[bool], now: datetime) -> None:
    """Skip what has not come to an end, because the issue was cancelled."""
    skipped = session.connection().execute(
        update(model.Delivery)
        .where(mine, model.Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING)))
        .values(state=DeliveryState.SKIPPED, words=CANCELLED, settled_at=now, due_at=None)
    )
    count_skipped(session, issue, {CANCELLED: skipped.rowcount})


def recount(session: Session, batch: int, mine: ColumnElement[bool], now: datetime) -> None:
    """Bring a batch's sums up to date, and have it due when the first of what is left is."""
    rows = session.execute(
        select(
            model.Delivery.state,
            func.count(),
            func.min(func.coalesce(model.Delivery.due_at, now)),
            func.count().filter(model.Delivery.attempts > 0),
        )
        .where(mine)
        .group_by(model.Delivery.state)
    )
    found = {state: (count, due_at, tried) for state, count, due_at, tried in rows}
    none = (0, None, 0)
    session.execute(
        update(model.Batch)
        .where(model.Batch.id == batch)
        .values(
            due_at=found.get(DeliveryState.QUEUED, none)[1],
            retrying=found.get(DeliveryState.QUEUED, none)[2],
            **{state.value: found.get(state, none)[0] for state in ENDED},
        )
        .execution_options(synchronize_session=False)
    )


def release_all(session: Session, now: datetime, worker: str = "") -> int:
    """Give back every batch that ``worker`` held when it was killed; return how many there were.

    For a worker that starts, when nobody else goes by its name.
    """
    held = session.execute(
        select(model.Batch.id, model.Batch.issue_id, model.Batch.lease).where(
            model.Batch.lease.startswith(f"{worker}:", autoescape=True)
        )
    ).all()
    for batch, issue, lease in held:
        release(session, Claim(batch, issue, lease or "", (), ""), now)
    return len(held)


def fetch_content(
    session: Session,
    content_id: int,
    links: Links,
    return_domain: str,
    now: datetime,
    *,
    dated: datetime | None = None,
) -> tuple[Words, Heading]:
    """Return the frozen words of a content and what its mails' headers say.

    The mails of an issue are ``dated`` by their wave or by its publication, a notice by ``now``.
    """
    content = session.get_one(model.Content, content_id)
    publication = session.get_one(model.Publication, content.publication_id)
    issue = session.get(model.Issue, content.issue_id) if content.issue_id else None
    heading = heading_of(
        publication,
        links,
        return_domain,
        language=content.language,
        date=dated or (issue.published_at if issue else None) or now,
        listed=issue is not None or content.variant in LISTED,
        issue=content.issue_id or 0,
    )
    return Words(content.subject, content.html, content.text), heading


def heading_of(
    publication: model.Publication,
    links: Links,
    return_domain: str,
    *,
    language: str,
    date: datetime,
    listed: bool = True,
    issue: int = 0,
) -> Heading:
    """Return what the headers of a publication's mails say."""
    # In headers the domain stands as name servers know it: few programs read RFC 6532.
    local, _, author_domain = publication.author_address.rpartition("@")
    author_domain = addresses.domain(author_domain)
    return Heading(
        publication=publication.id,
        author_name=publication.author_name,
        author_address=f"{local}@{author_domain}",
        reply_to=publication.reply_to,
        list_name=publication.name,
        list_id=f"{publication.slug}.{author_domain}",
        archive_url=links.archive(publication.slug),
        return_domain=return_domain or author_domain,
        language=language,
        date=date,
        listed=listed,
        issue=issue,
    )
