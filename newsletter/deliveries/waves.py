"""Waves: which part of an audience a reader is in, and how far each part has come.

Everybody is frozen at the first moment, with the wave they leave with. Who is in which is one
expression for the whole audience: a segment, then a lot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    case,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.deliveries.audience import Rule
from newsletter.deliveries.candidates import is_inside
from newsletter.model import DeliveryState, WaveKind

LOTS = 10_000
"""How many lots there are."""
SUBJECTS, APPEALS = 1, 2
"""What lots are drawn for, each by itself: which subject somebody gets, and which appeal."""
_PRIME = 2**31 - 1


def lot(issue: int, salt: int) -> ColumnElement[int]:
    """Draw a number from 0 to 9,999 for each subscription's reader, the same whenever asked.

    Both databases draw the same. A polynomial of the second degree over a prime field: the lots of
    any three readers have nothing to do with each other, nor those of two issues or two salts.
    """
    a, b, c = _coefficients(issue, salt)
    # Written so that no product goes beyond 64 bits, where SQLite would go over to floating point.
    reader = model.Subscription.subscriber_id % _PRIME
    return (((reader * a + b) % _PRIME * reader) + c) % _PRIME % LOTS


def lot_of(issue: int, salt: int, subscriber: int) -> int:
    """Draw one reader's lot, as ``lot`` does for all."""
    a, b, c = _coefficients(issue, salt)
    reader = subscriber % _PRIME
    return int(((reader * a + b) % _PRIME * reader + c) % _PRIME % LOTS)


def _coefficients(issue: int, salt: int) -> tuple[int, int, int]:
    drawn = blake2b(f"{issue}-{salt}".encode(), digest_size=24).digest()
    a, b, c = (int.from_bytes(drawn[place : place + 8]) % _PRIME for place in (0, 8, 16))
    return a or 1, b, c


@dataclass(frozen=True, slots=True)
class Part:
    """A wave to be: what it gets, and when.

    Without ``decided`` the words of ``content`` only keep the place of those that it will get.
    """

    content: int
    due_at: datetime
    decided: bool = True


@dataclass(frozen=True, slots=True)
class Split:
    """How an audience is parted: ``parts`` by their kind, of which REST is always one.

    In EMBARGO is whoever meets ``first``; of all others, half of ``share`` in a hundred are A and
    half of it B.
    """

    parts: Mapping[WaveKind, Part]
    first: Rule | None = None
    share: int = 0

    def wave(self, issue: int, zone: ZoneInfo) -> ColumnElement[int]:
        """Say which wave a subscription's reader leaves with."""
        wave: ColumnElement[int] = literal(WaveKind.REST.value, Integer)
        if self.share:
            drawn = lot(issue, SUBJECTS)
            half = case(
                (drawn < self.share * LOTS // 200, WaveKind.A.value), else_=WaveKind.B.value
            )
            # Nested, so that most lots are drawn once only.
            wave = case((drawn < self.share * LOTS // 100, half), else_=wave)
        if self.first is not None:
            wave = case((is_inside(self.first, zone), WaveKind.EMBARGO.value), else_=wave)
        return wave


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a wave is: how many were frozen, and what became of those that came to an end."""

    kind: WaveKind
    content: int | None
    due_at: datetime
    frozen: int
    counts: Mapping[DeliveryState, int] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """Those that the relay took."""
        return self.counts.get(DeliveryState.SENT, 0)

    @property
    def open(self) -> int:
        """Those that have not come to an end."""
        return self.frozen - sum(self.counts.values())

    def waits(self, now: datetime) -> bool:
        """Tell whether it has not begun."""
        return self.open > 0 and (self.content is None or self.due_at > now)


def waves(session: Session, issue_id: int) -> Sequence[Standing]:
    """List the waves of an issue in the order in which they leave; most issues have none."""
    batch, wave = model.Batch, model.Wave
    ends = (
        DeliveryState.SENT,
        DeliveryState.REFUSED,
        DeliveryState.SKIPPED,
        DeliveryState.UNKNOWN,
    )
    rows = session.execute(
        select(
            wave.number,
            wave.content_id,
            wave.due_at,
            wave.frozen,
            *(func.coalesce(func.sum(getattr(batch, state)), 0) for state in ends),
        )
        .outerjoin(batch, and_(batch.issue_id == wave.issue_id, batch.wave == wave.number))
        .where(wave.issue_id == issue_id)
        .group_by(wave.number, wave.content_id, wave.due_at, wave.frozen)
        .order_by(wave.number)
    )
    return [
        Standing(
            WaveKind(number),
            content,
            due_at,
            frozen,
            dict(zip(ends, map(int, counts), strict=True)),
        )
        for number, content, due_at, frozen, *counts in rows
    ]


def has_begun(now: datetime) -> ColumnElement[bool]:
    """Say of a batch that it is in no wave, or in one whose words and whose time are there."""
    closed = exists().where(
        model.Wave.issue_id == model.Batch.issue_id,
        model.Wave.number == model.Batch.wave,
        (model.Wave.content_id.is_(None)) | (model.Wave.due_at > now),
    )
    return model.Batch.wave.is_(None) | ~closed


def open_wave(
    session: Session, issue_id: int, kind: WaveKind, content_id: int, now: datetime
) -> None:
    """Let a wave leave with the words ``content_id``: now, or from when on it was due."""
    session.execute(
        update(model.Wave)
        .where(model.Wave.issue_id == issue_id, model.Wave.number == kind.value)
        .values(
            content_id=content_id,
            due_at=case((model.Wave.due_at > now, now), else_=model.Wave.due_at),
        )
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(model.Batch)
        .where(
            model.Batch.issue_id == issue_id,
            model.Batch.wave == kind.value,
            model.Batch.due_at > now,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
