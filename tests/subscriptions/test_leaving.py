"""Leaving at once, taking it back, pausing, fewer mails, saying why."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, model, subscriptions
from newsletter.errors import Invalid
from newsletter.model import DeliveryState, Frequency, SubscriptionState
from newsletter.subscriptions import WHYS
from signups import LINKS, counted, log, mails, reader, sign_up, wish, words_of

SOON, LATER = NOW + timedelta(seconds=1.5), NOW + timedelta(days=3)
UNTIL = NOW + timedelta(days=14)


@pytest.fixture
def mine(session: Session) -> model.Subscription:
    """What a reader has confirmed."""
    publication = make.publication(session)
    return wish(session, reader(session, publication), publication)


def leave(
    session: Session, mine: model.Subscription, form: str = "page", now: datetime = SOON
) -> datetime | None:
    return subscriptions.leave(session, mine.id, now, form=form, links=LINKS)


def undo(session: Session, mine: model.Subscription, left_at: datetime) -> bool:
    return subscriptions.undo(session, mine.id, left_at, LATER, form="page")


def test_leaving_tells_the_moment_to_the_second_and_again_the_same(
    session: Session, mine: model.Subscription
) -> None:
    assert leave(session, mine) == SOON.replace(microsecond=0)
    assert leave(session, mine, now=LATER) == SOON.replace(microsecond=0)
    assert mine.state is SubscriptionState.UNSUBSCRIBED
    assert log(session) == ["asked page", "confirmed page", "left page"]


def test_who_leaves_by_a_page_is_told_by_mail(session: Session, mine: model.Subscription) -> None:
    leave(session, mine)
    assert mails(session) == ["confirm", "welcome", "goodbye"]
    assert LINKS.undo(mine.id, mine.publication_id, SOON) in words_of(session, "goodbye")


@pytest.mark.parametrize("form", ["one-click", "mail"])
def test_who_leaves_by_their_mail_program_hears_no_more(
    session: Session, mine: model.Subscription, form: str
) -> None:
    leave(session, mine, form)
    assert mails(session) == ["confirm", "welcome"]


def test_who_leaves_and_returns_all_day_is_not_told_every_time(
    session: Session, mine: model.Subscription
) -> None:
    for seconds in range(8):
        left_at = leave(session, mine, now=NOW + timedelta(seconds=seconds))
        assert left_at is not None
        assert undo(session, mine, left_at)
    assert mails(session).count("goodbye") == 3


def test_what_is_gone_cannot_be_left(session: Session) -> None:
    assert subscriptions.leave(session, 4711, NOW, form="page", links=LINKS) is None
    assert mails(session) == log(session) == []


def test_a_goodbye_is_taken_back_once(session: Session, mine: model.Subscription) -> None:
    left_at = leave(session, mine)
    assert left_at is not None
    assert undo(session, mine, left_at)
    assert mine.state is SubscriptionState.ACTIVE
    assert not undo(session, mine, left_at)
    assert log(session)[-1] == "returned page"


def test_another_goodbye_is_not_taken_back_by_the_link_of_the_first(
    session: Session, mine: model.Subscription
) -> None:
    first = leave(session, mine)
    assert first is not None
    undo(session, mine, first)
    second = leave(session, mine, now=LATER)
    assert second is not None
    assert not undo(session, mine, first)
    assert mine.state is SubscriptionState.UNSUBSCRIBED
    assert undo(session, mine, second)


def test_who_never_confirmed_is_not_made_a_reader_by_leaving_and_taking_it_back(
    session: Session,
) -> None:
    """Else whoever has somebody's old mail could do it: ask in their name, leave, undo."""
    publication = make.publication(session)
    person = reader(session, publication)
    mine = wish(session, person, publication)
    leave(session, mine)
    sign_up(session, publication, now=LATER)
    assert leave(session, mine, now=LATER) is None
    assert mine.state is SubscriptionState.UNSUBSCRIBED
    assert not undo(session, mine, LATER)
    assert mine.state is SubscriptionState.UNSUBSCRIBED


def standing(wish: model.Subscription) -> tuple[SubscriptionState, datetime | None]:
    return wish.state, wish.paused_until


def test_who_paused_left_and_returned_is_paused(session: Session, mine: model.Subscription) -> None:
    subscriptions.pause(session, mine.id, UNTIL, NOW, form="page")
    left_at = leave(session, mine)
    assert standing(mine) == (SubscriptionState.UNSUBSCRIBED, None)
    assert left_at is not None
    assert undo(session, mine, left_at)
    assert standing(mine) == (SubscriptionState.PAUSED, UNTIL)


def test_a_pause_that_would_be_over_is_over(session: Session, mine: model.Subscription) -> None:
    subscriptions.pause(session, mine.id, NOW + timedelta(days=1), NOW, form="page")
    left_at = leave(session, mine)
    assert left_at is not None
    assert undo(session, mine, left_at)
    assert standing(mine) == (SubscriptionState.ACTIVE, None)


def test_a_pause_is_moved_and_ended(session: Session, mine: model.Subscription) -> None:
    for until in (UNTIL, UNTIL, UNTIL + timedelta(days=1)):
        subscriptions.pause(session, mine.id, until, NOW, form="page")
    assert mine.paused_until == UNTIL + timedelta(days=1)
    subscriptions.resume(session, mine.id, LATER, form="page")
    assert standing(mine) == (SubscriptionState.ACTIVE, None)
    assert log(session)[2:] == ["paused page", "paused page", "resumed page"]


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_pause_that_cannot_be_is_refused(
    session: Session, mine: model.Subscription, days: int
) -> None:
    with pytest.raises(Invalid, match="within a year"):
        subscriptions.pause(session, mine.id, NOW + timedelta(days=days), NOW, form="page")


def test_fewer_mails_are_logged_once(session: Session, mine: model.Subscription) -> None:
    for _ in range(2):
        subscriptions.set_frequency(session, mine.id, Frequency.WEEKLY, LATER, form="page")
    assert mine.frequency is Frequency.WEEKLY
    line = session.scalars(select(model.Consent).where(model.Consent.action == "frequency")).one()
    assert line.details == {"frequency": "weekly"}
    assert mine.state is SubscriptionState.ACTIVE


@pytest.mark.parametrize("deed", ["pause", "resume", "set_frequency"])
def test_to_what_is_gone_nothing_is_done(session: Session, deed: str) -> None:
    what = {"pause": (UNTIL,), "resume": (), "set_frequency": (Frequency.WEEKLY,)}[deed]
    getattr(subscriptions, deed)(session, 4711, *what, NOW, form="page")
    assert log(session) == []


def test_a_reason_is_counted_for_nobody(session: Session, mine: model.Subscription) -> None:
    left_at = leave(session, mine)
    assert left_at is not None
    publication = session.get_one(model.Publication, mine.publication_id)
    for why in WHYS:
        subscriptions.say_why(session, mine.id, left_at, why, NOW)
    expected = {f"why-{why}-{publication.slug}": 1 for why in WHYS}
    assert {name: n for name, n in counted(session).items() if name.startswith("why")} == expected


def test_a_reason_for_another_goodbye_or_none_of_ours_is_not_counted(
    session: Session, mine: model.Subscription
) -> None:
    before = counted(session)
    subscriptions.say_why(session, mine.id, NOW, "other", NOW)
    leave(session, mine)
    subscriptions.say_why(session, mine.id, LATER, "other", NOW)
    subscriptions.say_why(session, 4711, SOON, "other", NOW)
    assert counted(session) == before
    with pytest.raises(Invalid, match="too-often"):
        subscriptions.say_why(session, mine.id, SOON, "because", NOW)


def test_what_is_queued_for_who_leaves_is_skipped(
    session: Session, mine: model.Subscription
) -> None:
    issue = make.issue(
        session,
        publication_id=mine.publication_id,
        state=model.IssueState.SENDING,
        content_hash="0" * 64,
        published_at=NOW,
        tries_since=NOW,
    )
    content = make.content(session, issue_id=issue.id)
    assert deliveries.freeze(session, issue, content.id, NOW, batch_size=500)["frozen"] == 1
    leave(session, mine, "one-click")
    held = deliveries.claim(session, LATER)
    assert held is not None
    assert held.parcels == ()
    rows = select(model.Delivery.state, model.Delivery.words)
    skipped = session.execute(rows.where(model.Delivery.issue_id == issue.id)).one()
    assert tuple(skipped) == (DeliveryState.SKIPPED, "unsubscribed")
