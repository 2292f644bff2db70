"""Waves at the outbox: one freezing, lots that anybody can draw again, nobody twice."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, model
from newsletter.deliveries import LOTS, Part, Rule, Split, lot, lot_of
from newsletter.mail import Outcome, Verdict
from newsletter.model import DeliveryState, IssueState, WaveKind

SENT = Outcome(Verdict.SENT, 250, "2.0.0 Ok")
HOUR = timedelta(hours=1)


def going(session: Session, readers: int) -> model.Issue:
    issue = make.issue(
        session,
        state=IssueState.SENDING,
        content_hash="0" * 64,
        published_at=NOW,
        tries_since=NOW,
    )
    for _ in range(readers):
        make.subscription(session, publication_id=issue.publication_id)
    return issue


def parted(
    session: Session, issue: model.Issue, *, share: int = 0, press: str = "", size: int = 500
) -> dict[str, int]:
    """Freeze ``issue`` in waves: its contents are numbered in the order of their names."""
    words = {
        name: make.content(session, issue_id=issue.id, variant=name).id
        for name in ("", "b", "embargo")
    }
    parts = {WaveKind.REST: Part(words[""], NOW + 4 * HOUR, decided=not share)}
    if press:
        parts[WaveKind.EMBARGO] = Part(words["embargo"], NOW)
    if share:
        parts[WaveKind.A] = Part(words[""], NOW + HOUR)
        parts[WaveKind.B] = Part(words["b"], NOW + HOUR)
    split = Split(parts, Rule(tags=(press,)) if press else None, share)
    return deliveries.freeze(session, issue, words[""], NOW, batch_size=size, split=split)


def members(session: Session, issue: model.Issue) -> dict[int, int | None]:
    rows = select(model.Delivery.subscriber_id, model.Delivery.wave)
    return {
        subscriber: wave
        for subscriber, wave in session.execute(rows.where(model.Delivery.issue_id == issue.id))
        if subscriber
    }


def delivered(session: Session, now: datetime) -> Sequence[deliveries.Claim]:
    """Send all that is due; return the batches."""
    held = []
    while claim := deliveries.claim(session, now):
        held.append(claim)
        deliveries.settle(session, [(one.delivery, SENT) for one in claim.parcels], now)
        deliveries.release(session, claim, now)
    return held


def test_lots_are_drawn_alike_here_and_in_the_database(session: Session) -> None:
    issue = going(session, readers=20)
    make.subscription(session, subscriber_id=2**40 + 5, publication_id=issue.publication_id)
    for salt in (1, 2):
        drawn = session.execute(select(model.Subscription.subscriber_id, lot(issue.id, salt)))
        assert all(number == lot_of(issue.id, salt, reader) for reader, number in drawn)


@pytest.mark.parametrize("first", [1, 7_000_000_000])
def test_lots_are_spread_evenly_and_each_draw_is_its_own(first: int) -> None:
    readers = range(first, first + 20_000)
    draws = [[lot_of(issue, salt, r) for r in readers] for issue, salt in ((1, 1), (1, 2), (2, 1))]
    for draw in draws:
        tenths = Counter(number * 10 // LOTS for number in draw)
        assert all(1_700 < count < 2_300 for count in tenths.values()), tenths
    for pair in combinations(draws, 2):
        both = sum(a < LOTS // 2 and b < LOTS // 2 for a, b in zip(*pair, strict=True))
        assert 4_500 < both < 5_500
    neighbours = sum(a < LOTS // 2 and b < LOTS // 2 for a, b in pairwise(draws[0]))
    assert 4_500 < neighbours < 5_500


def test_everybody_is_frozen_once_with_the_wave_that_the_lot_says(session: Session) -> None:
    issue = going(session, readers=60)
    press = make.tag(session, name="press")
    reporters = session.scalars(select(model.Subscription.subscriber_id).limit(4)).all()
    for reporter in reporters:
        make.subscriber_tag(session, subscriber_id=reporter, tag_id=press.id)
    counts = parted(session, issue, share=50, press="press", size=7)
    assert counts == {"candidates": 60, "frozen": 60}
    found = members(session, issue)
    assert len(found) == 60
    for reader, wave in found.items():
        number = lot_of(issue.id, 1, reader)
        by_lot = WaveKind.A if number < 2_500 else WaveKind.B if number < 5_000 else WaveKind.REST
        assert wave == (WaveKind.EMBARGO if reader in reporters else by_lot)
    standing = {each.kind: each.frozen for each in deliveries.waves(session, issue.id)}
    assert standing == dict.fromkeys(WaveKind, 0) | dict(
        Counter(WaveKind(wave or 0) for wave in found.values())
    )


def test_each_delivery_is_in_one_batch_and_that_is_of_its_wave(session: Session) -> None:
    issue = going(session, readers=40)
    parted(session, issue, share=50, size=4)
    batches = session.scalars(select(model.Batch)).all()
    for key, wave in session.execute(select(model.Delivery.id, model.Delivery.wave)):
        mine = [b for b in batches if b.first_delivery <= key <= b.last_delivery]
        assert [b.wave for b in mine].count(wave) == 1
    sizes = [len(each.parcels) for each in delivered(session, NOW + HOUR)]
    assert max(sizes) <= 12, "a share of a quarter is spread over four times the keys"


def test_each_wave_leaves_at_its_time_and_the_undecided_does_not(session: Session) -> None:
    issue = going(session, readers=40)
    tag = make.tag(session, name="press")
    reporter = session.scalars(select(model.Subscription.subscriber_id)).first()
    make.subscriber_tag(session, subscriber_id=reporter, tag_id=tag.id)
    parted(session, issue, share=50, press="press", size=5)
    first = delivered(session, NOW)
    assert [len(each.parcels) for each in first] == [1]
    assert first[0].dated == NOW
    tried = delivered(session, NOW + HOUR)
    assert {each.dated for each in tried} == {NOW + HOUR}
    standing = {each.kind: each for each in deliveries.waves(session, issue.id)}
    b = session.scalars(select(model.Content.id).where(model.Content.variant == "b")).one()
    assert not delivered(session, NOW + 9 * HOUR), "nobody has decided"
    deliveries.open_wave(session, issue.id, WaveKind.REST, b, NOW + 2 * HOUR)
    rest = delivered(session, NOW + 2 * HOUR)
    assert sum(len(each.parcels) for each in rest) == standing[WaveKind.REST].frozen
    assert {one.content for each in rest for one in each.parcels} == {b}
    assert {each.dated for each in rest} == {NOW + 2 * HOUR}
    got = [one.delivery for each in (*first, *tried, *rest) for one in each.parcels]
    assert len(got) == len(set(got)) == 40
    assert deliveries.tally(session, issue.id).counts[DeliveryState.SENT] == 40
    kept = session.scalars(
        select(model.Delivery.content_id).where(model.Delivery.wave == WaveKind.REST.value)
    )
    assert set(kept) == {b}, "the ledger says which words each got"


def test_a_batch_of_a_killed_worker_keeps_its_wave(session: Session) -> None:
    issue = going(session, readers=30)
    parted(session, issue, share=50, size=10)
    held = deliveries.claim(session, NOW + HOUR, "worker")
    assert held
    deliveries.settle(session, [(held.parcels[0].delivery, SENT)], NOW + HOUR)
    assert deliveries.release_all(session, NOW + HOUR, "worker") == 1
    again = deliveries.claim(session, NOW + HOUR, "worker")
    assert again
    assert again.parcels == held.parcels[1:]
    assert again.dated == held.dated


def test_the_rest_of_a_cancelled_issue_does_not_leave_early(session: Session) -> None:
    """Sent to after all, who was to get it at the moment gets it at the moment."""
    issue = going(session, readers=3)
    parted(session, issue, press="press")
    issue.state = IssueState.CANCELLED
    session.flush()
    assert deliveries.drop(session, issue.id, NOW)
    assert deliveries.tally(session, issue.id).counts[DeliveryState.SKIPPED] == 3
    issue.state = IssueState.SENDING
    session.flush()
    assert deliveries.requeue(session, issue.id, [DeliveryState.SKIPPED], NOW) == 3
    assert not delivered(session, NOW)
    assert len(delivered(session, NOW + 4 * HOUR)[0].parcels) == 3
