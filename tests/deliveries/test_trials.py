"""Trials of relays: one at a time for each, taken by one, told step by step."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter.deliveries import trials
from newsletter.deliveries.trials import LONGEST, UNTAKEN, Trial
from newsletter.errors import Conflict


def asked(session: Session, relay: str = "main") -> int:
    publication = make.publication(session, author_name="The Institute")
    trials.ask(session, relay, publication.id, "olga@example.org", "pl", NOW)
    return publication.id


def test_a_trial_is_taken_once_by_who_knows_the_relay(session: Session) -> None:
    asked(session)
    assert not trials.are_waiting(session, ["other"], NOW)
    assert trials.take(session, ["other"], NOW) == ()
    assert trials.are_waiting(session, ["main"], NOW)
    taken = Trial("main", "The Institute", "monitor@example.org", "olga@example.org", "pl")
    assert list(trials.take(session, ["main", "other"], NOW)) == [taken]
    assert not trials.are_waiting(session, ["main"], NOW)
    assert trials.take(session, ["main"], NOW) == ()


def test_a_trial_that_is_too_old_is_left(session: Session) -> None:
    asked(session)
    assert trials.take(session, ["main"], NOW + LONGEST) == ()


def test_the_next_is_asked_for_when_the_last_has_ended_or_was_given_up(session: Session) -> None:
    number = asked(session)
    again = ("main", number, "jan@example.org", "en")
    with pytest.raises(Conflict, match="under way"):
        trials.ask(session, *again, NOW + timedelta(minutes=2))
    trials.ask(session, *again, NOW + LONGEST)
    trials.end(session, "main", NOW + LONGEST)
    trials.ask(session, *again, NOW + LONGEST)
    story = trials.stories(session)["main"]
    assert (story.address, story.steps, story.ended_at) == ("jan@example.org", {}, None)


def test_its_story_says_how_far_it_came(session: Session) -> None:
    asked(session)
    trials.take(session, ["main"], NOW)
    trials.tell(session, "main", {"connect": "220 hello"})
    story = trials.stories(session)["main"]
    assert (story.steps, story.trouble) == ({"connect": "220 hello"}, "")
    assert story.is_open(NOW)
    assert not story.is_left(NOW + UNTAKEN)
    assert story.was_cut_short(NOW + LONGEST)
    trials.end(session, "main", NOW, "It hung up.")
    story = trials.stories(session)["main"]
    assert (story.ended_at, story.trouble) == (NOW, "It hung up.")
    assert not story.is_open(NOW)
    assert not story.was_cut_short(NOW + LONGEST)


def test_one_that_nobody_takes_shows_it(session: Session) -> None:
    asked(session)
    story = trials.stories(session)["main"]
    assert not story.is_left(NOW)
    assert story.is_left(NOW + UNTAKEN)
