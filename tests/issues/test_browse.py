"""The issues of the desk: newest first, by publication and state, found by their words."""

from datetime import timedelta

from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import issues
from newsletter.issues import browse
from newsletter.model import IssueState


def test_issues_are_listed_with_their_publication_and_its_time(session: Session) -> None:
    monitor = make.publication(session, name="Canals", zone="Asia/Tokyo")
    known = {"publication_id": monitor.id, "content_hash": "0" * 64}
    begun = make.issue(session, subject="Begun", publication_id=monitor.id, submitted_at=NOW)
    due = make.issue(session, state=IssueState.SCHEDULED, due_at=NOW, held="Too late", **known)
    left = make.issue(
        session,
        state=IssueState.SENT,
        due_at=NOW,
        published_at=NOW + timedelta(hours=1),
        zone="Europe/Warsaw",
        **known,
    )
    entries = issues.browse(session)
    assert [entry.id for entry in entries] == [left.id, due.id, begun.id]
    assert {entry.publication for entry in entries} == {"Canals"}
    last, middle, first = entries
    assert last.leaves_at is not None
    assert middle.leaves_at is not None
    assert (last.leaves_at.hour, middle.leaves_at.hour) == (11, 18)
    assert (middle.held, first.leaves_at) == ("Too late", None)
    assert (first.subject, first.submitted_at) == ("Begun", NOW)


def test_a_list_is_narrowed_by_publication_state_and_words(session: Session) -> None:
    canals, rivers = make.publication(session), make.publication(session)
    one = make.issue(session, publication_id=canals.id, subject="Ice")
    two = make.issue(session, publication_id=canals.id, subject="Ice again", submitted_at=NOW)
    three = make.issue(session, publication_id=rivers.id, subject="Ice", state=IssueState.CANCELLED)
    assert [each.id for each in browse(session, publication=canals)] == [two.id, one.id]
    assert [each.id for each in browse(session, submitted=True)] == [two.id]
    assert [each.id for each in browse(session, state=IssueState.DRAFT)] == [two.id, one.id]
    assert [each.id for each in browse(session, words="ice", publication=rivers)] == [three.id]
    assert browse(session, words="ice", state=IssueState.SENT) == []


def test_words_are_found_in_subjects_and_every_headline(session: Session) -> None:
    monitor = make.publication(session)
    articles = [
        make.article(session, publication_id=monitor.id, headline=headline)
        for headline in ("Cisza na szlaku", "Żółć i gęśl w dziale")
    ]
    number = make.issue(session, *articles, subject="Łódź: zima", publication_id=monitor.id).id
    make.issue(session)
    for words in ("lodz", "ŁÓDŹ", "Zolc łod", "dział", "%", "", "_"):
        assert number in [each.id for each in browse(session, words=words)], words
    assert browse(session, words="łódź glacier") == []


def test_a_list_goes_on_where_it_ended(session: Session) -> None:
    monitor = make.publication(session)
    made = [make.issue(session, publication_id=monitor.id, subject="Ice").id for _ in range(5)]
    for words in ("", "ice"):
        first = browse(session, words=words, limit=2)
        assert [each.id for each in first] == [made[4], made[3]]
        rest = browse(session, words=words, before=first[-1].id)
        assert [each.id for each in rest] == [made[2], made[1], made[0]]
