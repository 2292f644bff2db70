"""Audiences and segments at the desk: chosen, counted, refused beside the field, saved, deleted."""

from typing import Any

import pytest
from sqlalchemy import select

import make
from newsletter import deliveries, issues, model, subscriptions
from newsletter.deliveries import Rule
from newsletter.model import IssueState, Role
from web.desk.conftest import Desk


def drafted(desk: Desk, **columns: Any) -> int:
    """Make an issue with two readers in English and one in Polish, who is of the press."""
    with desk.database.transaction() as session:
        issue = make.issue(session, **columns)
        people = [make.subscriber(session, language=each).id for each in ("en", "en", "pl")]
        for person in people:
            here = {"publication_id": issue.publication_id, "subscriber_id": person}
            make.subscription(session, **here)
        subscriptions.tag(session, people[-1:], "press")
        return issue.id


def rule_of(desk: Desk, number: int) -> Rule:
    with desk.database.reading() as session:
        return deliveries.rule_of(session, issues.fetch(session, number))


def test_an_audience_is_chosen_and_counted_everywhere(desk: Desk) -> None:
    number, editor = drafted(desk), desk.enter(Role.EDITOR)
    page = f"/desk/issues/{number}/audience"
    assert "to 3 readers" in editor.get(page).text
    typed = {"kind": "rule", "languages": "en", "not_tags": "Press"}
    shown = editor.get(f"{page}/count?kind=rule&languages=en&not_tags=Press").text
    assert "to 2 readers" in shown
    assert "read: English" in shown
    assert "<html" not in shown
    assert editor.send(page, **typed).location == f"{page}?done=audience"
    assert rule_of(desk, number) == Rule(languages=("en",), not_tags=("press",))
    assert "to 2 readers" in editor.get(page).text
    assert "to 2 readers" in editor.get(f"/desk/issues/{number}/schedule").text
    assert editor.send(page, kind="everyone").location
    assert rule_of(desk, number).is_everyone
    assert desk.told() == ["audience-chosen", "audience-chosen"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"languages": "en, Polish"}, "“Polish” is no code of a language."),
        ({"tags": "donors"}, "Nobody has the tag “donors”."),
        ({"not_tags": "x" * 41}, "Nobody has the tag “xxxx"),
        ({"tags": "press," * 51}, "take 50 at most"),
        ({"joined_since": "last year"}, "Enter a day like 2026-01-31, or nothing."),
        ({"changed_since": "2026-02-01", "changed_before": "2026-02-01"}, "Nobody is left"),
        ({}, "Fill in at least one of the fields"),
        ({"kind": "segment"}, "Choose one of the segments."),
        ({"kind": "segment", "segment": "9" * 30}, "Choose one of the segments."),
        ({"kind": "sql"}, "Choose everyone, a segment or a rule."),
    ],
)
def test_what_is_no_audience_is_said_and_nothing_typed_is_lost(
    desk: Desk, typed: dict[str, str], words: str
) -> None:
    number, editor = drafted(desk), desk.enter(Role.EDITOR)
    answer = editor.send(f"/desk/issues/{number}/audience", **({"kind": "rule"} | typed))
    assert answer.status_code == 422
    assert words in answer.text
    fields = [value for name, value in typed.items() if name not in {"kind", "segment"}]
    assert [value for value in fields if f'value="{value}"' not in answer.text] == []
    assert rule_of(desk, number).is_everyone


def test_what_was_frozen_is_shown_with_its_sums_and_changes_no_more(desk: Desk) -> None:
    sums = {"candidates": 1_210, "frozen": 1_200, "outside the audience": 10}
    facts = {"content_hash": "0" * 64, "published_at": make.NOW, "audience": sums}
    number = drafted(desk, state=IssueState.SENDING, rule={"languages": ["pl"]}, **facts)
    editor = desk.enter(Role.EDITOR)
    page = f"/desk/issues/{number}/audience"
    shown = editor.get(page).text
    for words in ("1,210", "1,200", "Outside the audience", "read: Polish"):
        assert words in shown
    assert editor.send(page, kind="everyone").status_code == 409
    assert rule_of(desk, number) == Rule(languages=("pl",))


def test_a_segment_is_saved_chosen_changed_and_kept_while_it_is_awaited(desk: Desk) -> None:
    number, editor = drafted(desk), desk.enter(Role.EDITOR)
    with desk.database.reading() as session:
        home = str(issues.fetch(session, number).publication_id)
    shown = editor.get(f"/desk/subscribers/segments/count?publication={home}&tags=press").text
    assert "to 1 reader" in shown
    form = {"name": "The press", "publication": home, "tags": "press"}
    assert (
        editor.send("/desk/subscribers/segments/new", **form).location
        == "/desk/subscribers/segments?done=segment"
    )
    assert "The press" in editor.get("/desk/subscribers/segments").text
    with desk.database.reading() as session:
        segment = session.scalars(select(model.Segment.id)).one()
    audience = f"/desk/issues/{number}/audience"
    assert editor.send(audience, kind="segment", segment=str(segment)).location
    assert rule_of(desk, number) == Rule(tags=("press",))
    page = f"/desk/subscribers/segments/{segment}"
    assert "1 issue to come is for this segment" in editor.get(page).text
    assert editor.send(f"{page}/delete").status_code == 409
    assert editor.send(page, name="Polish", languages="pl").location
    assert rule_of(desk, number) == Rule(languages=("pl",))
    editor.send(audience, kind="everyone")
    assert (
        editor.send(f"{page}/delete").location == "/desk/subscribers/segments?done=segment-deleted"
    )
    assert (
        "A segment is a part of your subscribers" in editor.get("/desk/subscribers/segments").text
    )
    chosen, saved = "audience-chosen", "segment-saved"
    assert desk.told() == [saved, chosen, saved, chosen, "segment-deleted"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "The press"}, "There is a segment of that name already."),
        ({"name": ""}, "Give it a name of at most 80 characters."),
        ({"languages": ""}, "without any it is everyone"),
        ({"languages": "?"}, "is no code of a language"),
        ({"publication": ""}, "Choose the publication"),
        ({"publication": "9" * 30}, "Choose the publication"),
    ],
)
def test_what_is_no_segment_is_said_beside_the_field(
    desk: Desk, typed: dict[str, str], words: str
) -> None:
    editor = desk.enter(Role.EDITOR)
    with desk.database.transaction() as session:
        home = str(make.segment(session, name="The press").publication_id)
    form = {"name": "Polish readers", "publication": home, "languages": "pl"} | typed
    answer = editor.send("/desk/subscribers/segments/new", **form)
    assert answer.status_code == 422
    assert words in answer.text
    if "publication" not in typed:
        number = home
        with desk.database.transaction() as session:
            other = make.segment(session, publication_id=int(number), name="Another")
            page = f"/desk/subscribers/segments/{other.id}"
        assert words in editor.send(page, **form).text
    assert desk.told() == []
