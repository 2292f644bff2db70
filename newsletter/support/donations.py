"""Donations: gifts are recorded once, with the issue and the appeal of the link they came by.

Where a gift came from names no person: the tag of a donate link is signed, and holds an issue, an
appeal and its variant. Whoever gave is not kept: an address that came along is compared with those
of subscribers, if the publication links gifts, and forgotten.
"""

import hmac
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from newsletter import addresses, model
from newsletter.database import insert_missing
from newsletter.errors import LinkInvalid
from newsletter.links import DonateTag, Links
from newsletter.support.currencies import in_units, of_units
from newsletter.support.gifts import Gift

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of gifts: how many are new, how many were known, how many new came by a link."""

    new: int = 0
    known: int = 0
    attributed: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """How many gifts there were in a currency, and their sum."""

    currency: str
    count: int
    units: int

    @property
    def amount(self) -> Decimal:
        """The sum, in the currency itself."""
        return of_units(self.units, self.currency)


@dataclass(frozen=True, slots=True)
class Line:
    """One donation, for a list; ``issue`` is its number, where it came by one.

    ``returned`` of the amount was paid back.
    """

    id: int
    given_on: date
    amount: Decimal
    returned: Decimal
    currency: str
    source: str
    publication: str
    issue: int | None
    subject: str


def record(
    session: Session,
    publication: int,
    source: str,
    gifts: Iterable[Gift],
    now: datetime,
    links: Links,
) -> Recorded:
    """Record gifts that ``source`` tells of; one that is known already is left as it is.

    Those whose tag leads to no issue are the ``publication``'s. Each is linked to the subscriber at
    the address that came along, where its publication does that.
    """
    seen: Counter[str] = Counter()
    left, found = iter(gifts), Recorded()
    while some := list(islice(left, _AT_ONCE)):
        rows = _rows(session, publication, source, some, seen, now, links)
        known = _known(session, source, [row["reference"] for row in rows])
        news = [row for row in rows if row["reference"] not in known]
        new = insert_missing(session, model.Donation, news)
        found = Recorded(
            found.new + new,
            found.known + len(rows) - new,
            found.attributed + sum(row["issue_id"] is not None for row in news),
        )
    return found


def settle(
    session: Session,
    publication: int,
    source: str,
    gift: Gift,
    returned: int,
    now: datetime,
    links: Links,
) -> None:
    """Record a gift as it stands now, with the units paid back, whatever was recorded before.

    Who is linked to it stays, unless it turns out to be another publication's.
    """
    (row,) = _rows(session, publication, source, [gift], Counter(), now, links)
    row["returned"] = returned
    if insert_missing(session, model.Donation, [row]):
        return
    kept = session.scalars(
        select(model.Donation)
        .where(model.Donation.source == source, model.Donation.reference == row["reference"])
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row["subscriber_id"] is None and kept.publication_id == row["publication_id"]:
        row["subscriber_id"] = kept.subscriber_id
    row["recorded_at"] = kept.recorded_at
    for name, value in row.items():
        setattr(kept, name, value)
    session.flush()


def forget(session: Session, source: str, references: Collection[str]) -> None:
    """Take back what turned out to be another donation by another name."""
    mine = and_(model.Donation.source == source, model.Donation.reference.in_(references))
    session.execute(delete(model.Donation).where(mine))


def given_to(session: Session, issues: Collection[int]) -> Mapping[int, Sequence[Given]]:
    """Sum up what was given by the links of each issue, the currency with most gifts first.

    What was paid back is not counted.
    """
    row = model.Donation
    rows = session.execute(
        select(row.issue_id, row.currency, func.count(), func.sum(row.amount - row.returned))
        .where(row.issue_id.in_(issues), row.amount > row.returned)
        .group_by(row.issue_id, row.currency)
        .order_by(func.count().desc(), row.currency)
    )
    sums: dict[int, list[Given]] = defaultdict(list)
    for issue, currency, count, units in rows:
        sums[issue or 0].append(Given(currency, count, int(units)))
    return sums


def donations(session: Session, *, before: int | None = None, limit: int = 50) -> Sequence[Line]:
    """List donations, the latest first, from before the one with the number ``before``."""
    row = model.Donation
    rows = (
        select(row, model.Publication.name, model.Issue.subject)
        .join(model.Publication, model.Publication.id == row.publication_id)
        .outerjoin(model.Issue, model.Issue.id == row.issue_id)
        .order_by(row.given_on.desc(), row.id.desc())
        .limit(limit)
    )
    if before is not None:
        day = select(row.given_on).where(row.id == before).scalar_subquery()
        rows = rows.where(row.given_on <= day, or_(row.given_on < day, row.id < before))
    return [
        Line(
            one.id,
            one.given_on,
            of_units(one.amount, one.currency),
            of_units(one.returned, one.currency),
            one.currency,
            one.source,
            publication,
            one.issue_id,
            subject or "",
        )
        for one, publication, subject in session.execute(rows)
    ]


def _rows(
    session: Session,
    publication: int,
    source: str,
    gifts: Sequence[Gift],
    seen: Counter[str],
    now: datetime,
    links: Links,
) -> list[dict[str, Any]]:
    """Write gifts as rows, each with what its tag leads to and who is linked to it."""
    tags = [_tag(gift, links) for gift in gifts]
    places, appeals = _places(session, tags), _appeals(session, tags)
    variants = _variants(session, tags)
    givers = _givers(session, gifts, {publication, *places.values()}, links.secret_key)
    rows = []
    for gift, tag in zip(gifts, tags, strict=True):
        issue = tag.issue if tag and tag.issue in places else None
        mine = publication if issue is None else places[issue]
        row = {
            "publication_id": mine,
            "source": source,
            "reference": _reference(gift, seen, links.secret_key),
            "given_on": gift.given_on,
            "amount": in_units(gift.amount, gift.currency),
            "currency": gift.currency,
            "recorded_at": now,
            "issue_id": issue,
            "appeal_id": tag.appeal if tag and tag.appeal in appeals else None,
            "appeal_variant_id": tag.variant
            if tag and (tag.appeal, tag.variant) in variants
            else None,
            "subscriber_id": givers.get((mine, gift.address)),
        }
        rows.append(row)
    return rows


def tag_in(text: str, links: Links) -> str:
    """Find the tag of a donate link in what came along with a gift, be it the title of a transfer.

    A bank may have put it in capitals, which the signature bears. Empty where there is none.
    """
    for word in text.split():
        try:
            links.read_donate(word)
        except LinkInvalid:
            continue
        return word
    return ""


def _tag(gift: Gift, links: Links) -> DonateTag | None:
    word = tag_in(gift.reference, links)
    return links.read_donate(word) if word else None


def _places(session: Session, tags: Iterable[DonateTag | None]) -> Mapping[int, int]:
    """Return the publication of each issue that tags name and that is there."""
    numbers = {tag.issue for tag in tags if tag}
    rows = select(model.Issue.id, model.Issue.publication_id).where(model.Issue.id.in_(numbers))
    return dict(session.execute(rows).all())


def _appeals(session: Session, tags: Iterable[DonateTag | None]) -> Collection[int]:
    numbers = {tag.appeal for tag in tags if tag}
    return set(session.scalars(select(model.Appeal.id).where(model.Appeal.id.in_(numbers))))


def _variants(session: Session, tags: Iterable[DonateTag | None]) -> Collection[tuple[int, int]]:
    row, numbers = model.AppealVariant, {tag.variant for tag in tags if tag}
    found = session.execute(select(row.appeal_id, row.id).where(row.id.in_(numbers)))
    return {(appeal, variant) for appeal, variant in found}


def _givers(
    session: Session, gifts: Iterable[Gift], publications: Collection[int], secret_key: str
) -> Mapping[tuple[int, str], int]:
    """Return who gave: subscribers by publication, of those that link gifts, and address.

    They are held until the gifts are recorded, so that nobody is erased meanwhile.
    """
    linking = select(model.Publication.id).where(
        model.Publication.id.in_(publications), model.Publication.link_gifts
    )
    mine = set(session.scalars(linking))
    given = {gift.address for gift in gifts if gift.address} if mine else set()
    by_digest: dict[bytes, list[str]] = defaultdict(list)
    for address in given:
        by_digest[addresses.digest(address, secret_key)].append(address)
    people = session.execute(
        select(model.Subscriber.digest, model.Subscriber.id)
        .where(model.Subscriber.digest.in_(by_digest))
        .order_by(model.Subscriber.id)
        .with_for_update(read=True, key_share=True)
    )
    return {
        (publication, address): number
        for digest, number in people
        for address in by_digest[digest]
        for publication in mine
    }


def _known(session: Session, source: str, references: Collection[str]) -> Collection[str]:
    row = model.Donation
    mine = and_(row.source == source, row.reference.in_(references))
    return set(session.scalars(select(row.reference).where(mine)))


def _reference(gift: Gift, seen: Counter[str], secret_key: str) -> str:
    """Return by what a gift is known again: what its source calls it, or all that is told of it.

    The latter is a keyed hash, for an address could be guessed from any other.

    Of several that are alike in one file, the second is the second in the next file too.
    """
    if gift.transaction:
        return gift.transaction
    told = (
        gift.given_on.isoformat(),
        str(gift.amount),
        gift.currency,
        gift.reference,
        gift.address,
    )
    digest = hmac.digest(secret_key.encode(), "\n".join(told).encode(), sha256).hex()[:32]
    seen[digest] += 1
    return f"row {digest} {seen[digest]}"
