"""Why mails of an issue did not leave: counted as it happens, so that a page reads a few rows.

By kind, domain and the relay's words, from which everything that names one mail is taken, so that
the same trouble is one row. The rows of an issue are bounded, whatever relays come up with.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import put
from newsletter.model import DeliveryState, ReasonKind

MOST = 1_000
"""Rows of an issue that name a domain; half as many more name only the words."""
LONGEST = 200
"""Characters of a relay's words that tell one reason from another."""

_ADDRESS = re.compile(r'("[^"]{1,64}"|[^\s<>()\[\],;:"\'@]+)@[^\s<>()\[\],;:"\'@]+')
_NAME_OF_A_MAIL = re.compile(
    r"(?<![\w/.=?&-])(?=[\w-]*\d)((?=[\w-]*[a-z])[\w-]{10,}|\d{8,})(?![\w/.=-])", re.IGNORECASE
)
_KINDS = {
    DeliveryState.REFUSED: ReasonKind.REFUSED,
    DeliveryState.UNKNOWN: ReasonKind.UNKNOWN,
}

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A mail that did not leave: of which issue, to what address, and what the relay said."""

    issue: int
    address: str
    code: int | None
    words: str
    state: DeliveryState

    @property
    def key(self) -> _Key:
        """Return what is the same for all mails with this trouble."""
        kind = _KINDS.get(self.state, ReasonKind.DEFERRED)
        words = plain(self.words, self.address)
        said = f"{self.code} {words}" if self.code else words
        return kind.value, self.address.rpartition("@")[2].lower(), said.strip()


@dataclass(frozen=True, slots=True)
class Said:
    """The same words for many mails, to so many domains."""

    kind: ReasonKind
    words: str
    count: int
    domains: int


@dataclass(frozen=True, slots=True)
class Ended:
    """So many mails to a domain that will not leave, for the same reason."""

    kind: ReasonKind
    domain: str
    words: str
    count: int


def plain(words: str, address: str = "") -> str:
    """Return a relay's words without addresses, and without the names by which it calls a mail."""
    local = address.rpartition("@")[0]
    told = words.encode("utf-8", "replace").decode()
    told = " ".join("".join(c if c.isprintable() else " " for c in told).split())
    told = without_addresses(told)
    if local:
        told = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "…", told, flags=re.IGNORECASE)
    return _NAME_OF_A_MAIL.sub("…", told)[:LONGEST]


def without_addresses(words: str) -> str:
    """Return ``words`` with an ellipsis where an address stood."""
    return _ADDRESS.sub("…", words)


def count_troubles(session: Session, troubles: Collection[Trouble], *, by: int = 1) -> None:
    """Count what happened to mails just now."""
    counts: dict[int, Counter[_Key]] = defaultdict(Counter)
    for trouble in troubles:
        counts[trouble.issue][trouble.key] += by
    for issue in sorted(counts):
        _add(session, issue, counts[issue])


def count_skipped(session: Session, issue: int | None, reasons: Mapping[str, int]) -> None:
    """Count mails that were skipped, by our own reasons."""
    if issue is not None:
        counts = {(ReasonKind.SKIPPED.value, "", why): count for why, count in reasons.items()}
        _add(session, issue, Counter(counts))


def uncount(session: Session, issue: int, mine: ColumnElement[bool]) -> None:
    """Take back what was counted for deliveries that get another try."""
    delivery = model.Delivery
    known = (DeliveryState.REFUSED, DeliveryState.UNKNOWN)
    troubles = [
        Trouble(issue, address, code, words, state)
        for address, code, words, state in session.execute(
            select(
                func.coalesce(model.Subscriber.address, ""),
                delivery.code,
                func.coalesce(delivery.words, ""),
                delivery.state,
            )
            .outerjoin(model.Subscriber, model.Subscriber.id == delivery.subscriber_id)
            .where(mine, delivery.state.in_(known))
        )
    ]
    count_troubles(session, troubles, by=-1)
    skipped = session.execute(
        select(func.coalesce(delivery.words, ""), func.count())
        .where(mine, delivery.state == DeliveryState.SKIPPED)
        .group_by(delivery.words)
    )
    count_skipped(session, issue, {why: -count for why, count in skipped})


def _add(session: Session, issue: int, counts: Mapping[_Key, int]) -> None:
    if rows := _placed(session, issue, counts):
        put(
            session,
            model.Reason,
            [
                {"issue_id": issue, "kind": kind, "domain": domain, "words": words, "count": count}
                for (kind, domain, words), count in sorted(rows.items())
            ],
            lambda new: {"count": model.Reason.count + new["count"]},
        )


def _placed(session: Session, issue: int, counts: Mapping[_Key, int]) -> Mapping[_Key, int]:
    """Find a row for each count: its own, or where there are too many one that says less."""
    here = model.Reason.issue_id == issue
    wanted = Counter({key: count for key, count in counts.items() if count})
    rows = session.scalar(select(func.count()).select_from(model.Reason).where(here)) or 0
    if not wanted or rows + len(wanted) <= MOST:
        return wanted
    known = {
        (kind.value, domain, words)
        for kind, domain, words in session.execute(
            select(model.Reason.kind, model.Reason.domain, model.Reason.words).where(here)
        )
    }
    placed: Counter[_Key] = Counter()
    for (kind, domain, words), count in sorted(wanted.items()):
        choices = (((kind, domain, words), MOST), ((kind, "", words), MOST * 3 // 2))
        key = next(
            (key for key, most in choices if key in known or len(known) < most), (kind, "", "")
        )
        known.add(key)
        placed[key] += count
    return placed


def said(session: Session, issue: int, *, limit: int = 20) -> Sequence[Said]:
    """List what relays said of an issue's mails, and why some were skipped, by kind, most first."""
    reason = model.Reason
    count = func.sum(reason.count)
    rows = session.execute(
        select(reason.kind, reason.words, count, func.count())
        .where(reason.issue_id == issue)
        .group_by(reason.kind, reason.words)
        .having(count > 0)
        .order_by(count.desc(), reason.words)
        .limit(limit)
    )
    return [Said(kind, words, int(total), domains) for kind, words, total, domains in rows]


def by_domain(
    session: Session, issue: int, *, limit: int = 20
) -> Sequence[tuple[str, Mapping[ReasonKind, int]]]:
    """List the domains to which most mails did not leave, and how many of each kind."""
    reason = model.Reason
    named = (reason.issue_id == issue) & (reason.domain != "")
    count = func.sum(reason.count)
    most = (
        select(reason.domain)
        .where(named)
        .group_by(reason.domain)
        .having(count > 0)
        .order_by(count.desc(), reason.domain)
        .limit(limit)
    )
    domains = session.scalars(most).all()
    rows = session.execute(
        select(reason.domain, reason.kind, count)
        .where(named, reason.domain.in_(domains))
        .group_by(reason.domain, reason.kind)
    )
    found: dict[str, dict[ReasonKind, int]] = {
        domain: dict.fromkeys(ReasonKind, 0) for domain in domains
    }
    for domain, kind, total in rows:
        found[domain][kind] = int(total)
    return list(found.items())


def ended(session: Session, issue: int) -> Sequence[Ended]:
    """List every reason for which mails of an issue did not leave for good, most first."""
    reason = model.Reason
    rows = session.execute(
        select(reason.kind, reason.domain, reason.words, reason.count)
        .where(reason.issue_id == issue, reason.kind != ReasonKind.DEFERRED, reason.count > 0)
        .order_by(reason.count.desc(), reason.kind, reason.domain, reason.words)
    )
    return [Ended(*row) for row in rows]
