"""The outbox: nobody lost, nobody twice, and sums that agree."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, model
from newsletter.links import Links
from newsletter.mail import Outcome, Verdict
from newsletter.model import DeliveryState, SubscriptionState, SuppressionReason
from newsletter.rendering import Words

SENT = Outcome(Verdict.SENT, 250, "2.0.0 Ok")
GREYLISTED = Outcome(Verdict.TEMPORARY, 450, "4.7.1 Come back later")
NO_SUCH_USER = Outcome(Verdict.PERMANENT, 550, "5.1.1 No such user")
NOT_WELCOME = Outcome(Verdict.PERMANENT, 554, "5.7.1 Not from you")
LOST = Outcome(Verdict.UNKNOWN, 0, "The connection was lost")


def sending(session: Session, readers: int = 0) -> model.Issue:
    """Make an issue that is being sent, to ``readers`` active subscribers."""
    issue = make.issue(
        session,
        state=model.IssueState.SENDING,
        content_hash="0" * 64,
        published_at=NOW,
        tries_since=NOW,
    )
    for _ in range(readers):
        make.subscription(session, publication_id=issue.publication_id)
    return issue


def freeze(session: Session, issue: model.Issue, batch_size: int = 500) -> dict[str, int]:
    content = make.content(session, issue_id=issue.id)
    return deliveries.freeze(session, issue, content.id, NOW, batch_size=batch_size)


def states(session: Session, issue: model.Issue) -> Sequence[DeliveryState]:
    rows = select(model.Delivery.state).where(model.Delivery.issue_id == issue.id)
    return session.scalars(rows.order_by(model.Delivery.id)).all()


def claim(session: Session, later: timedelta = timedelta()) -> deliveries.Claim:
    held = deliveries.claim(session, NOW + later)
    assert held is not None
    return held


def test_the_frozen_and_those_left_out_add_up(session: Session) -> None:
    issue = sending(session, readers=3)
    here = {"publication_id": issue.publication_id}
    make.subscription(session, **here, state=SubscriptionState.PENDING)
    make.subscription(session, **here, state=SubscriptionState.UNSUBSCRIBED)
    make.subscription(
        session, **here, state=SubscriptionState.PAUSED, paused_until=NOW + timedelta(days=1)
    )
    make.subscription(session, **here, frequency=model.Frequency.WEEKLY)
    make.suppression(session, "gone@example.org")
    gone = make.subscriber(session, "gone@example.org")
    make.subscription(session, **here, subscriber_id=gone.id)
    make.subscription(session)  # of another publication
    assert freeze(session, issue) == {
        "candidates": 8,
        "frozen": 3,
        "pending": 1,
        "unsubscribed": 1,
        "paused": 1,
        "other frequency": 1,
        "suppressed": 1,
    }
    assert deliveries.tally(session, issue.id).total == 3


def test_a_digest_is_for_those_who_asked_for_one(session: Session) -> None:
    issue = sending(session, readers=2)
    issue.frequency = model.Frequency.WEEKLY
    here = {"publication_id": issue.publication_id}
    make.subscription(session, **here, frequency=model.Frequency.WEEKLY)
    make.subscription(session, **here, frequency=model.Frequency.MONTHLY)
    assert freeze(session, issue) == {"candidates": 4, "frozen": 1, "other frequency": 3}


def test_an_issue_without_readers_has_nothing_to_do(session: Session) -> None:
    issue = sending(session)
    assert freeze(session, issue) == {"candidates": 0, "frozen": 0}
    assert deliveries.claim(session, NOW) is None


def test_the_audience_is_cut_into_batches_without_a_gap(session: Session) -> None:
    issue = sending(session, readers=7)
    freeze(session, issue, batch_size=3)
    sizes, seen = [], []
    while (held := deliveries.claim(session, NOW)) is not None:
        sizes.append(len(held.parcels))
        seen += [parcel.delivery for parcel in held.parcels]
    assert sizes == [3, 3, 1]
    assert seen == sorted(set(seen))
    assert len(seen) == 7


def test_a_held_batch_is_nobody_elses(session: Session) -> None:
    freeze(session, sending(session, readers=2))
    claim(session)
    assert deliveries.claim(session, NOW + timedelta(minutes=9)) is None


def test_a_batch_whose_lease_ran_out_is_taken_over_with_all_that_is_open(
    session: Session,
) -> None:
    freeze(session, sending(session, readers=3))
    first = claim(session)
    deliveries.settle(session, [(first.parcels[0].delivery, SENT)], NOW)
    second = claim(session, timedelta(minutes=11))
    assert second.parcels == first.parcels[1:]
    assert not deliveries.release(session, first, NOW)


def test_a_paused_issue_is_not_claimed(session: Session) -> None:
    issue = sending(session, readers=1)
    freeze(session, issue)
    issue.state = model.IssueState.PAUSED
    session.flush()
    assert deliveries.claim(session, NOW) is None


def test_who_left_after_the_freeze_is_skipped_with_the_reason(session: Session) -> None:
    issue = sending(session, readers=2)
    freeze(session, issue)
    leaver = session.scalars(select(model.Subscription)).first()
    assert leaver is not None
    leaver.state = SubscriptionState.UNSUBSCRIBED
    session.flush()
    held = claim(session)
    assert len(held.parcels) == 1
    skipped = session.scalars(
        select(model.Delivery).where(model.Delivery.state == DeliveryState.SKIPPED)
    ).one()
    assert (skipped.subscriber_id, skipped.words) == (leaver.subscriber_id, "unsubscribed")


def test_who_was_suppressed_or_erased_after_the_freeze_is_skipped(session: Session) -> None:
    issue = sending(session)
    dead, erased = (make.subscriber(session, f"{name}@example.org") for name in ("a", "b"))
    for person in (dead, erased):
        make.subscription(session, publication_id=issue.publication_id, subscriber_id=person.id)
    freeze(session, issue)
    make.suppression(session, "a@example.org")
    session.delete(erased)
    session.flush()
    assert claim(session).parcels == ()
    assert states(session, issue) == [DeliveryState.SKIPPED] * 2


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (SENT, DeliveryState.SENT),
        (GREYLISTED, DeliveryState.QUEUED),
        (NO_SUCH_USER, DeliveryState.REFUSED),
        (NOT_WELCOME, DeliveryState.REFUSED),
        (LOST, DeliveryState.QUEUED),
    ],
)
def test_an_outcome_is_written_down_with_the_relays_words(
    session: Session, outcome: Outcome, state: DeliveryState
) -> None:
    freeze(session, sending(session, readers=1))
    (parcel,) = claim(session).parcels
    deliveries.settle(session, [(parcel.delivery, outcome)], NOW)
    row = session.get_one(model.Delivery, parcel.delivery, populate_existing=True)
    assert (row.state, row.code, row.words, row.attempts) == (
        state,
        outcome.code,
        outcome.words,
        1,
    )


def test_a_fact_counts_once(session: Session) -> None:
    freeze(session, sending(session, readers=1))
    (parcel,) = claim(session).parcels
    for outcome in (SENT, SENT, GREYLISTED, NO_SUCH_USER):
        deliveries.settle(session, [(parcel.delivery, outcome)], NOW)
    row = session.get_one(model.Delivery, parcel.delivery, populate_existing=True)
    assert (row.state, row.attempts) == (DeliveryState.SENT, 1)


def test_temporary_trouble_is_tried_again_later_and_later(session: Session) -> None:
    freeze(session, sending(session, readers=1))
    moment, waits = NOW, []
    for _ in range(4):
        held = deliveries.claim(session, moment)
        assert held is not None
        deliveries.settle(session, [(held.parcels[0].delivery, GREYLISTED)], moment)
        deliveries.release(session, held, moment)
        due = session.scalars(select(model.Batch.due_at)).one()
        assert due is not None
        assert deliveries.claim(session, due - timedelta(seconds=1)) is None
        waits.append(due - moment)
        moment = due
    assert waits == sorted(waits)
    assert timedelta(minutes=3) < waits[0] <= timedelta(minutes=5)


def test_after_two_days_of_trouble_the_delivery_is_refused(session: Session) -> None:
    issue = sending(session, readers=1)
    freeze(session, issue)
    later = timedelta(hours=49)
    held = claim(session, later)
    deliveries.settle(session, [(held.parcels[0].delivery, GREYLISTED)], NOW + later)
    assert states(session, issue) == [DeliveryState.REFUSED]


def test_an_attempt_in_the_dark_is_repeated_and_then_left_unknown(session: Session) -> None:
    issue = sending(session, readers=1)
    freeze(session, issue)
    for _ in range(deliveries.UNKNOWN_ATTEMPTS):
        held = claim(session)
        deliveries.settle(session, [(held.parcels[0].delivery, LOST)], NOW)
        deliveries.release(session, held, NOW)
    assert states(session, issue) == [DeliveryState.UNKNOWN]
    assert deliveries.claim(session, NOW) is None


def test_a_dead_address_is_suppressed_and_a_refusal_of_us_is_not(session: Session) -> None:
    freeze(session, sending(session, readers=2))
    dead, other = claim(session).parcels
    deliveries.settle(session, [(dead.delivery, NO_SUCH_USER), (other.delivery, NOT_WELCOME)], NOW)
    suppression = session.scalars(select(model.Suppression)).one()
    person = session.scalars(
        select(model.Subscriber).where(model.Subscriber.address == dead.address)
    ).one()
    assert suppression.digest == person.digest
    assert suppression.reason is model.SuppressionReason.HARD_BOUNCE
    assert suppression.words == "5.1.1 No such user"


@pytest.mark.parametrize(
    ("words", "is_dead"),
    [
        ("5.1.1 No such user", True),
        ("5.1.10 The domain takes no mail", True),
        ("5.2.1 Mailbox disabled", True),
        ("5.1.7 Bad sender syntax", False),
        ("5.1.8 Domain of sender address does not exist", False),
        ("5.2.2 Mailbox full", False),
        ("No such user, says a relay without codes", False),
        ("", False),
    ],
)
def test_only_a_refusal_of_the_address_itself_suppresses_it(
    session: Session, words: str, is_dead: bool
) -> None:
    freeze(session, sending(session, readers=1))
    (parcel,) = claim(session).parcels
    outcome = Outcome(Verdict.PERMANENT, 550, words)
    deliveries.settle(session, [(parcel.delivery, outcome)], NOW)
    assert bool(session.scalars(select(model.Suppression)).all()) is is_dead


def test_a_sign_of_life_keeps_the_lease_until_another_has_it(session: Session) -> None:
    freeze(session, sending(session, readers=1))
    held = claim(session)
    assert deliveries.renew(session, held, NOW + timedelta(minutes=8))
    assert deliveries.claim(session, NOW + timedelta(minutes=12)) is None
    claim(session, timedelta(minutes=30))
    assert not deliveries.renew(session, held, NOW + timedelta(minutes=30))


def test_a_released_batch_queues_what_was_not_handed_over(session: Session) -> None:
    issue = sending(session, readers=2)
    freeze(session, issue)
    held = claim(session)
    deliveries.settle(session, [(held.parcels[0].delivery, SENT)], NOW)
    later = NOW + timedelta(seconds=30)
    assert deliveries.release(session, held, NOW, not_before=later)
    assert states(session, issue) == [DeliveryState.SENT, DeliveryState.QUEUED]
    assert deliveries.claim(session, NOW) is None
    assert claim(session, timedelta(seconds=30)).parcels == held.parcels[1:]


def test_after_a_kill_a_workers_own_batches_are_free_again(session: Session) -> None:
    freeze(session, sending(session, readers=4), batch_size=2)
    first, second = (deliveries.claim(session, NOW, "mine") for _ in range(2))
    assert first is not None
    assert second is not None
    assert deliveries.release_all(session, NOW, "someone else") == 0
    assert deliveries.release_all(session, NOW, "mine") == 2
    assert claim(session).parcels == first.parcels
    assert claim(session).parcels == second.parcels


def test_two_workers_take_different_batches(database: object, session: Session) -> None:
    freeze(session, sending(session, readers=4), batch_size=2)
    assert claim(session).batch != claim(session).batch


def test_the_heading_names_the_publication_and_where_mail_returns(session: Session) -> None:
    publication = make.publication(session, slug="baltic", name="Baltic Monitor")
    issue = make.issue(session, publication_id=publication.id, published_at=NOW)
    content = make.content(session, issue_id=issue.id)
    links = Links("https://monitor.example.org", make.SECRET_KEY)
    words, heading = deliveries.fetch_content(
        session, content.id, links, "bounces.example.org", NOW
    )
    assert words.subject == "A subject"
    assert heading.list_id == "baltic.example.org"
    assert heading.archive_url == "https://monitor.example.org/baltic/"
    assert heading.return_domain == "bounces.example.org"
    assert heading.date == NOW


def test_in_headers_a_domain_beyond_ascii_stands_as_name_servers_know_it(session: Session) -> None:
    publication = make.publication(session, slug="baltic", author_address="monitor@żółw.example")
    content = make.content(session, publication_id=publication.id)
    links = Links("https://monitor.example.org", make.SECRET_KEY)
    _, heading = deliveries.fetch_content(session, content.id, links, "", NOW)
    assert heading.author_address == "monitor@xn--w-uga1v8h.example"
    assert heading.list_id == "baltic.xn--w-uga1v8h.example"
    assert heading.return_domain == "xn--w-uga1v8h.example"


@pytest.mark.parametrize(
    ("notice", "reason", "goes"),
    [
        ("confirm", SuppressionReason.ERASED, True),
        ("confirm", SuppressionReason.HARD_BOUNCE, True),
        ("confirm", SuppressionReason.COMPLAINT, False),
        ("confirm", SuppressionReason.MANUAL, False),
        ("manage", SuppressionReason.HARD_BOUNCE, False),
    ],
)
def test_who_is_suppressed_may_still_ask_anew(
    session: Session, notice: str, reason: SuppressionReason, goes: bool
) -> None:
    person = make.subscriber(session, "gone@example.org")
    make.suppression(session, "gone@example.org", reason=reason)
    publication = make.publication(session)
    words = Words("Was it you?", "<p>Was it you?</p>", "Was it you?")
    deliveries.notify(session, publication.id, person.id, notice, "en", words, NOW)
    held = deliveries.claim(session, NOW, "worker", notices=True)
    assert held is not None
    assert bool(held.parcels) is goes


@pytest.mark.parametrize(("notice", "listed"), [("confirm", False), ("welcome", True)])
def test_only_what_goes_to_those_who_get_a_publication_is_list_mail(
    session: Session, notice: str, listed: bool
) -> None:
    content = make.content(session, variant=notice)
    links = Links("https://monitor.example.org", make.SECRET_KEY)
    _, heading = deliveries.fetch_content(session, content.id, links, "", NOW)
    assert heading.listed is listed


def test_the_words_of_a_notice_are_forgotten_before_the_fact(session: Session) -> None:
    person, publication = make.subscriber(session), make.publication(session)
    words = Words("Was it you?", "<p>Was it you?</p>", "Was it you?")
    numbers = [
        deliveries.notify(session, publication.id, person.id, name, "en", words, NOW)
        for name in ("confirm", "welcome")
    ]
    session.get_one(model.Delivery, numbers[0]).settled_at = NOW
    session.flush()

    def left(days: int) -> list[int]:
        while deliveries.forget(session, NOW + timedelta(days=days), limit=1):
            pass
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (model.Content, model.Delivery, model.Batch)
        ]

    assert left(0) == [2, 2, 2]
    assert left(2) == [1, 2, 2]
    assert left(31) == [1, 1, 1]


def test_a_deleted_subscriber_leaves_deliveries_that_are_nobodys(session: Session) -> None:
    issue = sending(session, readers=2)
    freeze(session, issue)
    person = session.scalars(select(model.Subscriber).order_by(model.Subscriber.id.desc())).first()
    assert person is not None
    number = person.id
    session.delete(person)
    session.flush()
    newcomer = make.subscriber(session, "newcomer@example.org")
    assert newcomer.id > number, "a number is never given twice"
    make.subscription(session, publication_id=issue.publication_id, subscriber_id=newcomer.id)
    session.expire_all()
    assert len(claim(session).parcels) == 1
    entries = list(deliveries.ledger(session, issue.id))
    assert [entry.words for entry in entries if not entry.address] == ["erased"]


def test_who_watches_sees_a_batch_that_is_held_move(session: Session) -> None:
    issue = sending(session, readers=3)
    issue.audience = freeze(session, issue)
    held = claim(session)
    outcomes = [(held.parcels[0].delivery, SENT), (held.parcels[1].delivery, GREYLISTED)]
    deliveries.settle(session, outcomes, NOW)
    assert deliveries.progress(session, issue.id).done == 0
    assert deliveries.renew(session, held, NOW)
    tally = deliveries.progress(session, issue.id)
    assert (tally.counts[DeliveryState.SENT], tally.open, tally.retrying) == (1, 2, 0)
    deliveries.release(session, held, NOW)
    assert deliveries.progress(session, issue.id).retrying == 1


def test_sums_of_batches_are_those_of_the_deliveries(session: Session) -> None:
    issue = sending(session, readers=7)
    issue.audience = freeze(session, issue, batch_size=3)
    held = claim(session)
    assert deliveries.progress(session, issue.id).counts[DeliveryState.SENDING] == 3
    outcomes = [(held.parcels[0].delivery, SENT), (held.parcels[1].delivery, NOT_WELCOME)]
    deliveries.settle(session, outcomes, NOW)
    deliveries.release(session, held, NOW)
    session.flush()
    assert deliveries.progress(session, issue.id) == deliveries.tally(session, issue.id)
    assert deliveries.progress(session, issue.id).open == 5


def test_two_issues_frozen_into_one_another_share_no_delivery(session: Session) -> None:
    first, second = sending(session, readers=4), sending(session, readers=3)
    freeze(session, first, batch_size=2)
    freeze(session, second, batch_size=2)
    seen = []
    while (held := deliveries.claim(session, NOW)) is not None:
        seen += [(held.issue, parcel.delivery) for parcel in held.parcels]
    assert len(seen) == len(set(seen)) == 7
    assert [issue for issue, _ in seen].count(first.id) == 4
