"""Settling: what the relay said becomes what the rows say, in a few statements for hundreds."""

import json
import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    FromClause,
    bindparam,
    cast,
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
from newsletter.deliveries.reasons import Trouble, count_troubles
from newsletter.mail import Outcome, Verdict
from newsletter.model import DeliveryState

FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=4)
NOTICE_HOURS = 48
"""How long temporary trouble of a notice is borne."""
UNKNOWN_ATTEMPTS = 3
"""How often an attempt may end in the dark before the delivery is left UNKNOWN."""
_DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Enhanced status codes (RFC 3463, RFC 7505) by which an address is dead for good."""
_FINAL = {Verdict.SENT: DeliveryState.SENT, Verdict.PERMANENT: DeliveryState.REFUSED}


def settle(session: Session, outcomes: Sequence[tuple[int, Outcome]], now: datetime) -> None:
    """Write down what became of deliveries, each by its id.

    A fact counts once: a delivery that has come to an end is left as it is. Temporary trouble is
    tried again; a permanent refusal of the address itself feeds the suppression list.
    """
    final: dict[tuple[DeliveryState, int], dict[int, str]] = defaultdict(dict)
    open_ended: dict[int, Outcome] = {}
    for delivery, outcome in outcomes:
        if state := _FINAL.get(outcome.verdict):
            final[state, outcome.code][delivery] = outcome.words
        else:
            open_ended[delivery] = outcome
    failed = {one: outcome for one, outcome in outcomes if outcome.verdict is not Verdict.SENT}
    places = _places(session, failed) if failed else []
    states = dict.fromkeys(failed.keys() - open_ended.keys(), DeliveryState.REFUSED)
    for (state, code), words in final.items():
        _end(session, state, code, words, now)
    if open_ended:
        states |= _try_again(session, open_ended, now)
    troubles = [
        Trouble(issue, address, failed[one].code, failed[one].words, states[one])
        for one, issue, address in places
        if one in states
    ]
    count_troubles(session, troubles)
    dead = [delivery for delivery, outcome in outcomes if _is_dead(outcome)]
    if dead:
        _suppress(session, dead, now)


def _places(session: Session, deliveries: Collection[int]) -> Sequence[tuple[int, int, str]]:
    """Find the issue and the address of the open among ``deliveries``; notices have no issue."""
    return [
        (delivery, issue, address)
        for delivery, issue, address in session.execute(
            select(
                model.Delivery.id,
                model.Delivery.issue_id,
                func.coalesce(model.Subscriber.address, ""),
            )
            .outerjoin(model.Subscriber, model.Subscriber.id == model.Delivery.subscriber_id)
            .where(model.Delivery.id.in_(deliveries), model.Delivery.issue_id.is_not(None))
            .where(_is_open())
        )
        if issue is not None
    ]


def _end(
    session: Session, state: DeliveryState, code: int, words: Mapping[int, str], now: datetime
) -> None:
    """End deliveries in ``state``, each with its own words, in one statement."""
    said = _pairs(session, words)
    session.execute(
        update(model.Delivery)
        .where(model.Delivery.id == cast(said.c.key, BigInteger), _is_open())
        .values(
            state=state,
            code=code,
            words=said.c.value,
            settled_at=now,
            due_at=None,
            attempts=model.Delivery.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )


def _pairs(session: Session, words: Mapping[int, str]) -> FromClause:
    """Make a table of keys and values; each database reads one from JSON in its own words."""
    # What is no character at all, as a lone surrogate, becomes a question mark.
    text = json.dumps(words, ensure_ascii=False).encode("utf-8", "replace").decode()
    if session.get_bind().dialect.name == "postgresql":
        return func.json_each_text(cast(literal(text), JSON)).table_valued("key", "value")
    return func.json_each(literal(text)).table_valued("key", "value")


def _is_open() -> ColumnElement[bool]:
    return model.Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING))


def _try_again(
    session: Session, outcomes: Mapping[int, Outcome], now: datetime
) -> Mapping[int, DeliveryState]:
    """Queue again what may have better luck, each at its own time; end what was tried enough.

    Returns in which state each of the open ones is now.
    """
    rows = session.execute(
        select(
            model.Delivery.id,
            model.Delivery.attempts,
            func.coalesce(model.Issue.tries_since, now),
            func.coalesce(model.Publication.retry_hours, NOTICE_HOURS),
            func.coalesce(model.Publication.hold_unknown, False),
        )
        .outerjoin(model.Issue, model.Issue.id == model.Delivery.issue_id)
        .outerjoin(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(model.Delivery.id.in_(outcomes), _is_open())
    )
    ends = {
        delivery: _consequence(
            outcomes[delivery].verdict,
            attempts,
            now,
            give_up=since + timedelta(hours=hours) <= now,
            hold=hold,
        )
        for delivery, attempts, since, hours, hold in rows
    }
    changes = [
        {
            "delivery": delivery,
            "code": outcomes[delivery].code,
            "words": outcomes[delivery].words,
            "state": state,
            "due_at": due_at,
            "settled_at": None if state is DeliveryState.QUEUED else now,
        }
        for delivery, (state, due_at) in ends.items()
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
    return {delivery: state for delivery, (state, _) in ends.items()}


def _consequence(
    verdict: Verdict, attempts: int, now: datetime, *, give_up: bool, hold: bool
) -> tuple[DeliveryState, datetime | None]:
    """Decide what an open end does to a delivery that was tried ``attempts`` times before.

    Returns its state and when it is due again.
    """
    if verdict is Verdict.UNKNOWN:
        if hold or attempts + 1 >= UNKNOWN_ATTEMPTS:
            return DeliveryState.UNKNOWN, None
        return DeliveryState.QUEUED, now
    if give_up:
        return DeliveryState.REFUSED, None
    return DeliveryState.QUEUED, now + backoff(attempts)


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after ``attempts`` earlier ones: doubling, up to a quarter less."""
    plain = min(FIRST_RETRY * 2.0 ** min(attempts, 10), LONGEST_RETRY)
    return plain * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, guards nothing


def _is_dead(outcome: Outcome) -> bool:
    """Tell whether the relay refused the address itself, not, say, our sender (5.1.7, 5.1.8)."""
    status = outcome.words.partition(" ")[0]
    return outcome.verdict is Verdict.PERMANENT and status in _DEAD


def _suppress(session: Session, deliveries: Sequence[int], now: datetime) -> None:
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
