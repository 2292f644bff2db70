"""Clicks: counted by link and hour, none lost, bursts told; goodbyes by issue."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import feedback, model
from newsletter.database import Database
from newsletter.feedback import DONATE, Followed
from newsletter.links import ClickTag, key_of

FIRST, SECOND = "https://example.org/first", "https://example.org/second?a=1&b=2"


def issue(session: Session) -> int:
    made = make.issue(session, published_at=NOW)
    feedback.freeze_targets(session, made.id, [FIRST, SECOND, FIRST])
    return made.id


def test_clicks_are_told_by_link_in_the_order_of_the_mail(session: Session) -> None:
    number = issue(session)
    for minutes in (0, 0, 0, 1, 61):
        at = NOW + timedelta(minutes=minutes)
        feedback.count_click(session, ClickTag(number, key_of(SECOND)), at)
    feedback.count_click(session, ClickTag(number, DONATE), NOW)
    assert feedback.clicks_by_link(session, number) == [
        Followed(FIRST, 0, 0),
        Followed(SECOND, 5, 3),
        Followed("", 1, 1),
    ]
    hours = [(each.hour, each.count) for each in feedback.clicks_by_hour(session, number)]
    assert hours == [(NOW, 4), (NOW + timedelta(hours=1), 1)]
    assert feedback.clicks_of(session, [number]) == {number: (5, 1)}


def test_variants_are_told_apart_and_add_up(session: Session) -> None:
    number = issue(session)
    for variant in (1, 1, 2):
        feedback.count_click(session, ClickTag(number, key_of(FIRST), variant), NOW)
    assert feedback.clicks_by_variant(session, number) == {1: 2, 2: 1}
    assert feedback.clicks_by_link(session, number)[0] == Followed(FIRST, 3, 2)


def test_of_many_at_once_none_is_lost(database: Database) -> None:
    with database.transaction() as session:
        number = issue(session)

    def click(_: int) -> None:
        with database.transaction() as session:
            feedback.count_click(session, ClickTag(number, key_of(FIRST)), NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(click, range(60)))
    with database.reading() as session:
        assert feedback.clicks_by_link(session, number)[0] == Followed(FIRST, 60, 60)


def test_what_is_frozen_again_takes_the_place_of_what_was(session: Session) -> None:
    number = issue(session)
    feedback.freeze_targets(session, number, [SECOND])
    assert feedback.find_target(session, ClickTag(number, key_of(FIRST))) is None
    found = feedback.find_target(session, ClickTag(number, key_of(SECOND)))
    assert found == feedback.Target(SECOND, counts=True)
    feedback.freeze_targets(session, number, [])
    assert session.scalars(select(model.Link)).all() == []


def test_goodbyes_are_counted_by_issue_and_day(session: Session) -> None:
    number = issue(session)
    for hours in (0, 1, 24):
        feedback.count_goodbye(session, number, NOW + timedelta(hours=hours))
    feedback.count_goodbye(session, number + 1, NOW)  # an issue that is no more
    assert feedback.goodbyes_of(session, [number, number + 1]) == {number: 3}
    assert feedback.goodbyes_by_day(session, number) == [
        (NOW.date(), 2),
        (NOW.date() + timedelta(days=1), 1),
    ]
