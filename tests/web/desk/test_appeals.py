"""Appeals at the desk: written, tried in variants, looked at, chosen for an issue, and counted."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import select

import make
from newsletter import issues, model, support
from newsletter.language import translations
from newsletter.model import IssueState, Role
from newsletter.web.desk.appeals import part
from scenes.appeals import brought
from scenes.preview import article, draft
from signups import LINKS, statements
from web.desk.conftest import Desk

WORDS = {"title": "Help", "text": "Give.", "button": "Give now", "destination": ""}
TERMS = {
    "name": "Autumn",
    "language": "en",
    "publications": "all",
    "place": "slot",
    "paragraph": "3",
    "share": "50",
    "every": "1",
    "rest_days": "0",
    "silent_days": "0",
}


def in_language(tag: str, **changed: str) -> dict[str, str]:
    return {f"{name}-{tag}": text for name, text in {**WORDS, **changed}.items()}


APPEAL = {**TERMS, **in_language("own")}

WORDING = support.Wording("Help", "Give.", "Give now")

ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What is asked of the database is tested with the services."""


def only(desk: Desk, kind: type[Any]) -> Any:
    with desk.database.reading() as session:
        return session.scalars(select(kind)).one()


@ONE
def test_an_appeal_is_written_changed_and_removed(desk: Desk) -> None:
    editor, path = desk.enter(Role.EDITOR), "/desk/appeals"
    with desk.database.transaction() as session:
        monitor = make.publication(session, language="pl", slug="baltic").id
    assert "There is no appeal yet." in editor.get(path).text
    assert 'value="pl" selected' in editor.get(f"{path}/new").text
    wrong = {
        **in_language("own", title="", text="", button="", destination="ftp://a"),
        "name": "",
        "language": "<b>",
        "place": "share",
        "share": "0.5",
        "starts_on": "2026-12-31",
        "ends_on": "2026-12-01",
        "goal": "much",
        "goal_currency": "euros",
        "goal_until": "soon",
        "every": "0",
        "rest_days": "-1",
        "silent_days": "99999",
    }
    refused = editor.send(f"{path}/new", **{**APPEAL, **wrong})
    assert refused.status_code == 422
    troubled = {*wrong} - {"starts_on", "goal_currency", "place"}
    assert [name for name in troubled if f'id="{name}-wrong"' not in refused.text] == []
    assert [name for name in troubled if f'href="#{name}"' not in refused.text] == []
    assert "much" in refused.text, "what was typed is not lost"
    assert "2026-12-31" in refused.text
    assert "&lt;b&gt;" not in refused.text or "<b>" not in refused.text
    currency = editor.send(f"{path}/new", **APPEAL, goal="5", goal_currency="euros")
    assert 'id="goal_currency-wrong"' in currency.text
    for place, field in (("paragraph", "paragraph"), ("nowhere", "place")):
        answer = editor.send(f"{path}/new", **APPEAL | {"place": place, "paragraph": "0"})
        assert f'id="{field}-wrong"' in answer.text
    assert desk.told() == []

    full = APPEAL | {"goal": "12 000", "goal_currency": "eur", "place": "share", "share": "33"}
    full |= {"every": "3", "rest_days": "14", "silent_days": "90", "goal_until": "2099-12-31"}
    answer = editor.send(f"{path}/new", **full)
    one = only(desk, model.Appeal)
    assert answer.location == f"{path}/{one.id}?done=appeal-added"
    assert (one.goal, one.goal_currency, one.placement) == (1_200_000, "EUR", "share 0.33")
    page = editor.get(f"{path}/{one.id}").text
    for words in (
        "Shown now",
        "after 33 % of the text",
        "in one issue out of 3 at most",
        "once in 14 days at most",
        "for whoever gave in the last 90 days",
        "€0.00 of €12,000.00",
        "all who are asked",
    ):
        assert words in page, words
    terms = editor.get(f"{path}/{one.id}/terms").text
    assert 'value="33"' in terms
    assert "off unless somebody turned it on" in terms
    there = {**TERMS, "publications": str(monitor), "ends_on": "2020-01-01"}
    assert editor.send(f"{path}/{one.id}/terms", **there).location == f"{path}/{one.id}?done=appeal"
    again = editor.send(f"{path}/{one.id}/terms", **there)
    assert again.location == f"{path}/{one.id}?done=unchanged"
    assert "Over since 1 January 2020" in editor.get(path).text
    foreign = editor.send(f"{path}/{one.id}/terms", **there | {"language": "pl"})
    assert "Variant A has no words in that language yet." in foreign.text
    assert editor.send(f"{path}/{one.id}/terms", **there | {"name": ""}).status_code == 422
    assert editor.send(f"{path}/99/terms", **there).status_code == 404
    assert editor.send(f"{path}/{one.id}/remove").location == f"{path}?done=appeal-removed"
    assert desk.told() == ["appeal-added", "appeal-changed", "appeal-removed"]


@ONE
def test_variants_are_added_said_in_languages_switched_off_and_removed(desk: Desk) -> None:
    editor = desk.enter(Role.EDITOR)
    with desk.database.transaction() as session:
        make.publication(session)
        make.publication(session, language="pl")
        number = make.appeal(session, for_all=True, destination="").id
        first = session.scalars(select(model.AppealVariant.id)).one()
    path = f"/desk/appeals/{number}"
    assert editor.get(f"{path}/variants/new").text.count('value="B"') == 1
    said = {"name": "B", "weight": "3", **in_language("en"), **in_language("pl", title="")}
    refused = editor.send(f"{path}/variants/new", **{**said, "weight": "0", "title-en": ""})
    assert refused.status_code == 422
    for name in ("weight", "title-en", "title-pl"):
        assert f'id="{name}-wrong"' in refused.text
    nothing = dict.fromkeys(in_language("pl"), "")
    added = editor.send(f"{path}/variants/new", **{**said, **nothing})
    assert added.location == f"{path}?done=variant-added"
    page = editor.get(path).text
    assert "about 1 in 4 readers" in page
    assert "about 3 in 4 readers" in page
    with desk.database.reading() as session:
        second = max(session.scalars(select(model.AppealVariant.id)))
        wordings = support.sayings(session, [number])[number][1].wordings
        assert {*wordings} == {"en"}
    polish = {**said, **in_language("pl", title="Wesprzyj <nas>"), "is_on": "yes"}
    kept = editor.send(f"{path}/variants/{second}", **polish)
    assert kept.location == f"{path}?done=variant"
    assert "Wesprzyj &lt;nas&gt;" in editor.get(f"{path}/variants/{second}").text
    again = editor.send(f"{path}/variants/{second}", **polish)
    assert again.location == f"{path}?done=unchanged"
    off = {**polish, **nothing, "is_on": "", "name": "Off"}
    assert editor.send(f"{path}/variants/{second}", **off).status_code == 303
    assert "nobody: it is switched off" in editor.get(path).text
    assert editor.send(f"{path}/variants/{second}", **{**off, "title-en": ""}).status_code == 422
    assert editor.send(f"{path}/variants/{second}/remove").location.endswith("variant-removed")
    last = editor.send(f"{path}/variants/{first}/remove")
    assert last.status_code == 409
    assert "this is the last" in last.text
    for each in range(4):
        editor.send(f"{path}/variants/new", **{**said, **nothing, "name": f"N{each}"})
    full = editor.send(f"{path}/variants/new", **{**said, **nothing})
    assert full.status_code == 409
    assert "five variants at most" in full.text
    with desk.database.transaction() as session:
        make.showing(session, variant_id=first, sent=1)
    shown = editor.send(f"{path}/remove")
    assert shown.status_code == 409
    assert "was approved or shown already" in shown.text
    for gone in (f"{path}/variants/99", "/desk/appeals/99/variants/1"):
        assert editor.get(gone).status_code == 404
        assert editor.send(gone, **said).status_code == 404


@ONE
def test_the_list_takes_as_many_statements_for_many_appeals_as_for_one(desk: Desk) -> None:
    editor = desk.enter(Role.EDITOR)

    def add(many: int) -> None:
        with desk.database.transaction() as session:
            for number in range(many):
                place = make.publication(session).id
                terms = support.Terms(
                    f"Appeal {number}", "en", publications=(place,), goal=Decimal(5)
                )
                support.add_appeal(session, replace(terms, goal_currency="EUR"), WORDING)

    def taken() -> int:
        with statements(desk.database) as seen:
            assert editor.get("/desk/appeals").status_code == 200
        return len(seen)

    add(1)
    before = taken()
    add(20)
    assert taken() == before


def test_shares_are_said_in_small_numbers() -> None:
    said = {(1, 3): (1, 3), (2, 3): (2, 3), (1, 1): (1, 1), (0, 5): (0, 1), (1, 100): (1, 100)}
    said |= {(33, 100): (1, 3), (99, 100): (1, 1), (3, 7): (3, 7), (1, 0): (0, 1)}
    assert {shares: part(*shares) for shares in said} == said


@ONE
def test_each_variant_is_looked_at_in_each_language_and_form(desk: Desk) -> None:
    editor = desk.enter(Role.EDITOR)
    with desk.database.transaction() as session:
        number = make.appeal(session, for_all=True, text="Kind words.", goal=10_000).id
        session.get_one(model.Appeal, number).goal_currency = "EUR"
    path = f"/desk/appeals/{number}/preview"
    assert "As soon as there is one" in editor.get(path).text
    with desk.database.transaction() as session:
        make.publication(session, donate_url="https://give.example/")
        make.publication(session, language="pl", donate_url="https://give.example/")
        other = make.appeal_variant(session, appeal_id=number, name="Other").id
        make.appeal_words(session, variant_id=other, text="Blunt words.")
        make.appeal_words(session, variant_id=other, language="pl", text="Szorstkie słowa.")
    headline = translations("pl").gettext("How an appeal stands in a text")
    for query, words in {
        "": ("Kind words.", "How an appeal stands", "€100"),
        "show=desktop&scheme=dark": ("Kind words.",),
        "show=text": ("Kind words.",),
        f"show=web&variant={other}": ("Blunt words.",),
        f"variant={other}&language=pl": ("Szorstkie słowa.", headline),
        "language=pl": ("Kind words.", headline, "There are no words in this language"),
        "variant=99&language=xx&show=x&scheme=x": ("Kind words.", "How an appeal stands"),
    }.items():
        page = editor.get(f"{path}?{query}").text
        for each in words:
            assert each in page, (query, each)


@ONE
def test_an_issue_has_another_appeal_one_variant_another_place_or_none(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = draft(session, article(session))
        number = issue.id
        usual = session.scalars(select(model.Appeal)).one()
        usual.name = "By rule"
        own = make.appeal(session, name="Own", text="Only here.").id
        variant = make.appeal_variant(session, appeal_id=own, name="Z").id
        make.appeal_words(session, variant_id=variant, text="Variant Z.")
    path, writer = f"/desk/issues/{number}/appeal", desk.enter(Role.WRITER)
    preview = f"/desk/issues/{number}/preview"

    def chosen() -> issues.Chosen | None:
        with desk.database.reading() as session:
            return issues.chosen_of(session, issues.fetch(session, number))

    page = writer.get(path).text
    assert "Its readers are shown “By rule”, in one variant." in page
    assert "No other is due today." in page
    for wrong, field in (
        ({"kind": "own", "which": ""}, "which"),
        ({"kind": "own", "which": "99"}, "which"),
        ({"kind": "own", "which": f"{own}/1{variant}"}, "which"),
        ({"kind": "other"}, "kind"),
        ({"kind": "usual", "place": "share", "share": "x"}, "share"),
    ):
        refused = writer.send(path, **wrong)
        assert refused.status_code == 422, wrong
        assert f'id="{field}-wrong"' in refused.text, wrong
    assert writer.send(path, kind="usual", place="").location == f"{path}?done=unchanged"
    assert writer.send(path, kind="none").location == f"{path}?done=asked"
    assert chosen() == issues.Chosen(is_shown=False)
    assert "asked for nothing, as was chosen here" in writer.get(path).text
    writer.send(path, kind="own", which=f"{own}/{variant}", place="end")
    assert chosen() == issues.Chosen(appeal=own, variant=variant, placement="end")
    assert "Variant Z." in writer.get(preview).text
    writer.send(path, kind="own", which=str(own), place="")
    assert "Only here." in writer.get(preview).text
    shown = writer.get(f"{preview}?asking={variant}").text
    assert "Variant Z." in shown
    assert "No appeal" in shown
    assert "Only here." not in writer.get(f"{preview}?asking=0").text
    assert writer.get(f"{preview}?asking=%3Cb").status_code == 200
    assert "“Own”, in 2 variants." in writer.get(f"/desk/issues/{number}").text

    with desk.database.transaction() as session:
        issues.approve(session, issues.fetch(session, number), LINKS, make.NOW)
    assert "an editor can choose another" in writer.get(path).text
    assert writer.send(path, kind="none").status_code == 403
    editor = desk.enter(Role.EDITOR)
    assert "the approval ends" in editor.get(path).text
    assert editor.send(path, kind="none").location == f"{path}?done=asked-open"
    with desk.database.transaction() as session:
        issue = issues.fetch(session, number)
        assert issue.state is IssueState.DRAFT
        issue.content_hash, issue.state = "0" * 64, IssueState.SENDING
    assert editor.send(path, kind="usual").status_code == 409
    assert "its appeal stays as it is" in editor.get(path).text
    assert desk.told() == [*["appeal-chosen"] * 4, "reopened"]


@ONE
def test_what_appeals_brought_is_a_page_and_a_file(desk: Desk) -> None:
    editor, path = desk.enter(Role.EDITOR), "/desk/reports/appeals"
    assert "As soon as an issue leaves with one" in editor.get(path).text
    with desk.database.transaction() as session:
        number = brought(session).id
    assert "37,440" in editor.get(path).text
    page = editor.get(f"{path}/{number}").text
    for words in (
        "<b>B and A</b> cannot be told apart yet by gifts in EUR",
        "<b>B brought more than C, with a sum</b>: the difference is €",
        "Too little has come to tell by gifts in PLN: A and B; A and C, with a sum",
        "too few gifts to say",
        "1 gift more names this appeal",
    ):
        assert words in page, words
    rows = list(csv.reader(StringIO(editor.get(f"{path}/{number}.csv").text)))
    head, first = rows[0], dict(zip(rows[0], rows[1], strict=True))
    assert len(head) == len(set(head)), "each column has its own name"
    assert (first["variant"], first["sent"], first["gifts"]) == ("A", "9354", "27")
    assert float(first["given from"]) < float(first["given per 1000"]) < float(first["given to"])
    assert {row[0] for row in rows[1:]} == {"", "1", "2", "3"}
    report = editor.get("/desk/issues/1/report").text
    assert "The appeal in all issues" in report
    lines = list(csv.reader(StringIO(editor.get("/desk/issues/1/report.csv").text)))
    assert ["appeal", "B", "sent", "3140"] in lines
    assert (
        "The appeal in all issues" not in desk.enter(Role.WRITER).get("/desk/issues/1/report").text
    )
    assert editor.get(f"{path}/99").status_code == 404
    assert editor.get(f"{path}/99.csv").status_code == 404


def test_an_approved_issue_tells_who_would_be_shown_which_variant(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = draft(session, article(session))
        rule = session.scalars(select(model.Appeal)).one()
        rule.silent_days = 30
        other = make.appeal_variant(session, appeal_id=rule.id, name="Z").id
        make.appeal_words(session, variant_id=other)
        for number in range(40):
            person = make.subscriber(session, address=f"{number}@one.example").id
            make.subscription(session, subscriber_id=person, publication_id=issue.publication_id)
            if number < 3:
                make.donation(
                    session,
                    publication_id=issue.publication_id,
                    subscriber_id=person,
                    given_on=datetime.now(UTC).date(),
                )
        number = issue.id
    editor, path = desk.enter(Role.EDITOR), f"/desk/issues/{number}/audience"
    assert "The appeal among them" not in editor.get(path).text
    with desk.database.transaction() as session:
        issue = issues.fetch(session, number)
        issues.approve(session, issue, LINKS, datetime.now(UTC))
        counts = issues.count_asked(session, issue, datetime.now(UTC))
        assert (counts[0], sum(counts.values())) == (3, 40)
        assert min(counts.values()) > 0
    page = editor.get(path).text
    assert f"{counts[other]} would be shown variant Z." in page
    assert "3 would be shown none: they had one lately, or gave" in page
