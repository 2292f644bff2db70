"""Trials of relays: asked for at the desk, taken by whoever sends, told step by step."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Conflict

LONGEST = timedelta(minutes=3)
"""After how long a trial that did not end is given up, and another may be asked for."""
UNTAKEN = timedelta(seconds=20)
"""After how long a trial that nobody has taken shows that nobody sends."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as it is taken: the relay's name, who is to write, who is to get the mail."""

    relay: str
    author_name: str
    author_address: str
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Story:
    """How far a trial has come: the words of each step that went well, and of what did not."""

    address: str
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    steps: Mapping[str, str]
    trouble: str

    def is_open(self, now: datetime) -> bool:
        """Tell whether there is still something to wait for."""
        return self.ended_at is None and now < self.asked_at + LONGEST

    def is_left(self, now: datetime) -> bool:
        """Tell whether nobody seems to be there who would take it."""
        return self.began_at is None and now >= self.asked_at + UNTAKEN

    def was_cut_short(self, now: datetime) -> bool:
        """Tell whether it will not end any more."""
        return self.ended_at is None and not self.is_open(now)


def ask(
    session: Session, relay: str, publication_id: int, address: str, language: str, now: datetime
) -> None:
    """Ask for a trial in the place of the last; raise Conflict while that one is under way."""
    row = session.get(model.Trial, relay, with_for_update=True)
    if row is not None:
        if row.ended_at is None and now < row.asked_at + LONGEST:
            raise Conflict(f"A trial of the relay {relay} is under way")
        session.delete(row)
        session.flush()
    session.add(
        model.Trial(
            relay=relay,
            publication_id=publication_id,
            address=address,
            language=language,
            asked_at=now,
        )
    )
    session.flush()


def are_waiting(session: Session, relays: Collection[str], now: datetime) -> bool:
    """Tell whether there is a trial to take; it costs next to nothing."""
    waiting = select(model.Trial.relay).where(
        model.Trial.relay.in_(relays),
        model.Trial.began_at.is_(None),
        model.Trial.asked_at > now - LONGEST,
    )
    return session.scalar(waiting.limit(1)) is not None


def take(session: Session, relays: Collection[str], now: datetime) -> Sequence[Trial]:
    """Take what was asked of ``relays`` and is not too old; each trial is taken by one alone."""
    taken = session.scalars(
        update(model.Trial)
        .where(
            model.Trial.relay.in_(relays),
            model.Trial.began_at.is_(None),
            model.Trial.asked_at > now - LONGEST,
        )
        .values(began_at=now)
        .returning(model.Trial.relay)
        .execution_options(synchronize_session=False)
    ).all()
    if not taken:
        return ()
    rows = session.execute(
        select(model.Trial, model.Publication)
        .join(model.Publication, model.Publication.id == model.Trial.publication_id)
        .where(model.Trial.relay.in_(taken))
        .order_by(model.Trial.relay)
    )
    return [
        Trial(
            trial.relay,
            publication.author_name,
            publication.author_address,
            trial.address,
            trial.language,
        )
        for trial, publication in rows
    ]


def tell(session: Session, relay: str, steps: Mapping[str, str]) -> None:
    """Keep the words of the steps that went well so far."""
    session.execute(update(model.Trial).where(model.Trial.relay == relay).values(steps=dict(steps)))


def end(session: Session, relay: str, now: datetime, trouble: str = "") -> None:
    """End a trial: the relay has taken the mail, or there was ``trouble``."""
    session.execute(
        update(model.Trial).where(model.Trial.relay == relay).values(ended_at=now, trouble=trouble)
    )


def stories(session: Session) -> Mapping[str, Story]:
    """Return the last trial of each relay that was ever tried, by the relay's name."""
    return {
        row.relay: Story(
            row.address, row.asked_at, row.began_at, row.ended_at, row.steps or {}, row.trouble
        )
        for row in session.scalars(select(model.Trial))
    }
