"""Links of a text: asked for once, looked at by one clock at a time, kept for some hours."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter.issues import answers
from newsletter.links import Links
from newsletter.manuscripts import Article
from newsletter.outward import Trouble

LINKS = Links("https://news.example.org", SECRET_KEY)
ONE, TWO = "https://example.org/one", "https://example.org/two"


def test_links_are_found_where_they_may_be_followed() -> None:
    texts = (
        f"[a]({ONE}) and <{TWO}>, [again]({ONE}).\n\n- [Odd](https://example.org/ä)",
        f"[mail](mailto:a@example.org) [ours]({LINKS.home()}x) [late]({TWO})\n\n`{ONE}/code`"
        "\n\n[js](javascript:x) https://example.org/bare\n\n![p](https://example.org/p.png)",
    )
    found = answers.links_of([Article("A", text) for text in texts], LINKS)
    assert found == {ONE: 0, TWO: 0, "https://example.org/%C3%A4": 0}


def test_what_was_asked_for_is_taken_once_and_kept(session: Session) -> None:
    assert answers.is_asking_due(session, [ONE, TWO], NOW)
    answers.ask(session, [ONE, TWO, ONE], NOW)
    assert not answers.is_asking_due(session, [ONE, TWO], NOW)
    assert answers.known(session, [ONE, TWO]) == {}
    assert answers.is_due(session, NOW)
    assert sorted(answers.take(session, NOW)) == [ONE, TWO]
    assert answers.take(session, NOW) == ()
    answers.keep(session, ONE, None, NOW)
    answers.keep(session, TWO, Trouble.GONE, NOW)
    assert not answers.is_due(session, NOW)
    assert answers.known(session, [ONE, TWO, "https://example.org/other"]) == {
        ONE: None,
        TWO: Trouble.GONE,
    }


def test_what_a_clock_never_came_back_from_is_taken_by_another(session: Session) -> None:
    answers.ask(session, [ONE], NOW)
    assert answers.take(session, NOW)
    later = NOW + answers.LEASE + timedelta(seconds=1)
    assert answers.take(session, later) == [ONE]


def test_hours_later_it_is_looked_at_anew_and_known_meanwhile(session: Session) -> None:
    make.link_check(session, ONE, trouble=Trouble.GONE)
    later = NOW + answers.FRESH
    assert not answers.is_asking_due(session, [ONE], later - timedelta(seconds=1))
    assert answers.is_asking_due(session, [ONE], later)
    answers.ask(session, [ONE], later)
    assert answers.known(session, [ONE]) == {ONE: Trouble.GONE}
    assert answers.take(session, later) == [ONE]


def test_what_nobody_asks_for_any_more_is_forgotten(session: Session) -> None:
    make.link_check(session, ONE)
    make.link_check(session, TWO, asked_at=NOW + timedelta(days=1))
    assert answers.forget(session, NOW + answers.KEPT + timedelta(seconds=1)) == 1
    assert answers.known(session, [ONE, TWO]) == {TWO: None}


@pytest.mark.parametrize("limit", [1, 2])
def test_only_so_many_are_taken_at_a_time(session: Session, limit: int) -> None:
    answers.ask(session, [ONE, TWO], NOW)
    assert len(answers.take(session, NOW, limit=limit)) == limit
