"""Who is shown which variant of an appeal: chosen once, for all, and kept in the ledger."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, model
from newsletter.deliveries import Asking, Part, Split
from newsletter.deliveries.waves import lot_of
from newsletter.mail import Outcome, Verdict
from newsletter.model import DeliveryState, IssueState, WaveKind

SENT = Outcome(Verdict.SENT, 250, "2.0.0 Ok")
REFUSED = Outcome(Verdict.PERMANENT, 554, "5.6.0 Not this")
DAY = timedelta(days=1)


def audience(session: Session, count: int) -> int:
    """Subscribe so many readers to a publication."""
    monitor = make.publication(session).id
    for _ in range(count):
        make.subscription(session, publication_id=monitor)
    return monitor


def going(session: Session, monitor: int) -> model.Issue:
    return make.issue(
        session,
        publication_id=monitor,
        state=IssueState.SENDING,
        content_hash="0" * 64,
        published_at=NOW,
        tries_since=NOW,
    )


def sayings(session: Session, count: int) -> list[int]:
    """Make an appeal that can be said in so many ways; return their numbers."""
    appeal = make.appeal(session).id
    session.query(model.AppealWords).delete()
    session.query(model.AppealVariant).delete()
    return [
        make.appeal_variant(session, appeal_id=appeal, name=name).id for name in "ABCDE"[:count]
    ]


def contents(session: Session, issue: model.Issue, variants: list[int]) -> Mapping[str, int]:
    """Make the words of an issue under two subjects, by the names of its mails."""
    found = {}
    for subject in ("", "b"):
        for name, saying in (("", variants[0]), *((f"/{one}", one) for one in variants[1:])):
            row = make.content(
                session,
                issue_id=issue.id,
                variant=f"{subject}{name}",
                appeal_variant_id=saying,
            )
            found[row.variant] = row.id
        row = make.content(session, issue_id=issue.id, variant=f"{subject}/none")
        found[row.variant] = row.id
    return found


def chosen(session: Session, issue: model.Issue) -> dict[int, int]:
    rows = select(model.Delivery.subscriber_id, model.Delivery.content_id)
    found = session.execute(rows.where(model.Delivery.issue_id == issue.id))
    return {reader: content for reader, content in found if reader}


def test_variants_are_chosen_by_their_weights_within_one_in_a_hundred() -> None:
    for weights in ({1: 50, 2: 30, 3: 20}, {4: 100, 5: 1}):
        asking = Asking(weights, silent=0)
        readers = range(1, 20_001)
        first, again, other = (
            [asking.content_of(issue, reader) for reader in readers] for issue in (5, 5, 6)
        )
        whole = sum(weights.values())
        for draw in (first, other):
            counts = Counter(draw)
            for number, weight in weights.items():
                assert abs(counts[number] / len(readers) - weight / whole) < 0.01
        assert first == again
        same = sum(a == b for a, b in zip(first, other, strict=True)) / len(readers)
        by_chance = sum((weight / whole) ** 2 for weight in weights.values())
        assert abs(same - by_chance) < 0.01, "two issues have nothing to do with each other"


def test_each_reader_has_the_variant_of_their_lot_whatever_their_wave(session: Session) -> None:
    monitor = audience(session, 90)
    issue, variants = going(session, monitor), sayings(session, 3)
    words = contents(session, issue, variants)
    own = [words[name] for name in ("", f"/{variants[1]}", f"/{variants[2]}")]
    asking = Asking(dict(zip(own, (50, 30, 20), strict=True)), words["/none"])
    parts = {
        WaveKind.A: Part(words[""], NOW),
        WaveKind.B: Part(words["b"], NOW),
        WaveKind.REST: Part(words[""], NOW, decided=False),
    }
    split = Split(parts, share=40)
    deliveries.freeze(session, issue, words[""], NOW, batch_size=7, split=split, asking=asking)
    found = chosen(session, issue)
    assert found == {reader: asking.content_of(issue.id, reader) for reader in found}
    assert set(found.values()) == set(own)
    got = Counter[tuple[str, int]]()
    for _ in range(2):
        while held := deliveries.claim(session, NOW):
            for one in held.parcels:
                row = session.get_one(model.Delivery, one.delivery, populate_existing=True)
                name = next(key for key, number in words.items() if number == one.content)
                subject, _, saying = name.partition("/")
                frozen = own.index(found[row.subscriber_id or 0])
                assert int(saying or variants[0]) == variants[frozen]
                assert row.content_id == one.content, "the row says which words were sent"
                got[subject, row.wave or 0] += 1
            outcomes = [(one.delivery, SENT) for one in held.parcels]
            # Of the first batch one is put off, and gets the same words when its time has come.
            deliveries.settle(session, outcomes[: -1 if not got else None], NOW)
            deliveries.release(session, held, NOW)
        deliveries.open_wave(session, issue.id, WaveKind.REST, words["b"], NOW)
    assert {key for key, _ in got} == {"", "b"}
    assert {wave for subject, wave in got if subject == ""} == {WaveKind.A}
    assert deliveries.tally(session, issue.id).counts[DeliveryState.SENT] == 90
    assert sum(deliveries.shown(session, issue.id).values()) == 90
    entries = Counter(entry.appeal for entry in deliveries.ledger(session, issue.id))
    assert entries == deliveries.shown(session, issue.id)


def test_who_is_spared_gets_the_mail_without(session: Session) -> None:
    """The one who was refused has not seen it; who got their gift back has not given."""
    monitor = audience(session, 12)
    (variant,) = sayings(session, 1)
    earlier, underway, issue = (going(session, monitor) for _ in range(3))
    words = {each.id: contents(session, each, [variant]) for each in (earlier, underway, issue)}
    readers = session.scalars(
        select(model.Subscription.subscriber_id).order_by(model.Subscription.id)
    ).all()
    everyone, nobody = (
        Asking({words[each.id][""]: 1} if asks else {}, words[each.id]["/none"])
        for each, asks in ((earlier, True), (underway, False))
    )
    for each, asking in ((earlier, everyone), (underway, nobody)):
        deliveries.freeze(session, each, words[each.id][""], NOW, batch_size=20, asking=asking)
    held = deliveries.claim(session, NOW)
    assert held
    assert held.issue == earlier.id
    ends = [
        (one.delivery, REFUSED if place in {3, 5} else SENT)
        for place, one in enumerate(held.parcels)
    ]
    deliveries.settle(session, ends, NOW)
    deliveries.release(session, held, NOW)
    assert chosen(session, underway) == dict.fromkeys(readers, words[underway.id]["/none"])
    rows = {
        row.subscriber_id: row
        for row in session.scalars(
            select(model.Delivery).where(model.Delivery.issue_id == underway.id)
        )
    }
    for place in (3, 6):
        rows[readers[place]].content_id = words[underway.id][""]
    rows[readers[6]].state = DeliveryState.SKIPPED
    session.flush()
    deliveries.note_shown(session, earlier.id, monitor)
    showing = session.get_one(model.Showing, (earlier.id, variant), populate_existing=True)
    assert showing.sent == 10
    kept = Counter(session.scalars(select(model.LastShown.issue_id)))
    assert kept == {earlier.id: 10, 0: 2}
    session.query(model.LastShown).filter(model.LastShown.subscription_id > 6).delete()
    today = NOW.date()
    for place, facts in (
        (7, {"given_on": today}),
        (7, {"given_on": today}),
        (8, {"given_on": today - DAY}),
        (9, {"given_on": today - DAY, "returned": 5_000}),
        (10, {"given_on": today - 2 * DAY}),
    ):
        make.donation(session, subscriber_id=readers[place], **facts)
    own = words[issue.id]
    spared = Asking({own[""]: 1}, own["/none"], (earlier.id,), (underway.id,), today - DAY)
    deliveries.freeze(session, issue, own[""], NOW, batch_size=20, asking=spared)
    found = chosen(session, issue)
    asked = [place for place, reader in enumerate(readers) if found[reader] == own[""]]
    first = session.scalars(select(model.Subscription.id).order_by(model.Subscription.id)).first()
    assert first == 1
    assert asked == [5, 6, 9, 10, 11]


def test_of_two_issues_the_later_is_remembered_whichever_ends_first(session: Session) -> None:
    monitor = audience(session, 2)
    (variant,) = sayings(session, 1)
    first, second = going(session, monitor), going(session, monitor)
    second.published_at = NOW + DAY
    for issue in (first, second):
        words = contents(session, issue, [variant])
        asking = Asking({words[""]: 1}, words["/none"])
        deliveries.freeze(session, issue, words[""], NOW, batch_size=9, asking=asking)
    session.query(model.Delivery).update({"state": DeliveryState.SENT})
    for issue in (second, first):
        deliveries.note_shown(session, issue.id, monitor)
    assert session.scalars(select(model.LastShown.issue_id)).all() == [second.id] * 2
    session.delete(session.scalars(select(model.Subscription).limit(1)).one())
    session.flush()
    assert len(session.scalars(select(model.LastShown.subscription_id)).all()) == 1


def test_lots_of_subjects_and_appeals_have_nothing_to_do_with_each_other() -> None:
    asking = Asking({1: 1, 2: 1}, 3)
    tried = [reader for reader in range(1, 20_001) if lot_of(3, 1, reader) < 2_000]
    share = sum(asking.content_of(3, reader) == 1 for reader in tried) / len(tried)
    assert abs(share - 0.5) < 0.03
