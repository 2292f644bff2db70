"""The composer: beginning, saving, what goes wrong, and who may not write any more."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

import make
from make import NOW
from newsletter import issues, model
from newsletter.desk import Action
from newsletter.issues import revisions
from newsletter.links import Links
from newsletter.manuscripts import Article, Licence
from newsletter.model import IssueState, Role
from newsletter.web.desk import composing
from web.desk.conftest import Browser, Desk
from web.desk.test_in_the_browser import database

__all__ = ["database"]

ICE = Article("Ice on the canal", "The locks close.", licence=Licence("Free to use."))


@pytest.fixture
def writer(desk: Desk) -> Browser:
    return desk.enter(Role.WRITER)


def begun(desk: Desk, *articles: Article) -> int:
    with desk.database.transaction() as session:
        publication = make.publication(session, slug="baltic", kicker="BALTIC MONITOR")
        return issues.draft(session, publication, articles or (ICE,), make.NOW).id


def change(desk: Desk, number: int, **columns: Any) -> None:
    with desk.database.transaction() as session:
        issue = issues.fetch(session, number)
        for name, value in columns.items():
            setattr(issue, name, value)


def form_of(page: TestResponse) -> dict[str, Any]:
    """Return what a browser would send of the composer's form, untouched."""
    text = page.text
    form: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", text):
        name, value = (re.search(rf' {each}="([^"]*)"', tag) for each in ("name", "value"))
        if name and value and name[1] != "token":
            form.setdefault(name[1], []).append(unescape(value[1]))
    for name, value in re.findall(
        r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', text, re.S
    ):
        form.setdefault(name, []).append(unescape(value))
    return form


def written(desk: Desk, number: int) -> tuple[Article, ...]:
    with desk.database.reading() as session:
        return revisions.current(session, issues.fetch(session, number))


def version(desk: Desk, number: int) -> int:
    with desk.database.reading() as session:
        return issues.fetch(session, number).version


def send(browser: Browser, number: int, **typed: Any) -> TestResponse:
    """Open the composer, type, and press a button."""
    form = form_of(browser.get(f"/desk/issues/{number}"))
    return browser.send(f"/desk/issues/{number}", **(form | typed))


def test_an_issue_is_begun_with_a_headline(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        make.publication(session, slug="baltic", language="pl")
    page = writer.get("/desk/issues/new")
    assert 'value="baltic" checked' in page.text
    answer = writer.send("/desk/issues/new", publication="baltic", headline=" Ice on the canal ")
    place = answer.headers["Location"]
    number = int(re.findall(r"/desk/issues/(\d+)\?done=issue-begun", place)[0])
    assert "The issue is begun" in writer.get(place).text
    (article,) = written(desk, number)
    assert (article.headline, article.body, article.language) == ("Ice on the canal", "", "pl")
    assert desk.told() == [Action.ISSUE_BEGUN]
    with desk.database.reading() as session:
        (first,) = revisions.listed(session, issues.fetch(session, number))
    assert (first.who, first.editor_id) == ("The writer", desk.editors[Role.WRITER])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"headline": " \u200b"}, "Write a headline"),
        ({"headline": "x" * 301}, "This headline is too long"),
        ({"publication": "none"}, "Choose one of the publications"),
        ({"publication": ""}, "Choose one of the publications"),
    ],
)
def test_an_issue_that_cannot_be_begun_says_why(
    desk: Desk, writer: Browser, wrong: dict[str, str], words: str
) -> None:
    with desk.database.transaction() as session:
        make.publication(session, slug="baltic")
    form = {"publication": "baltic", "headline": "Ice", **wrong}
    answer = writer.send("/desk/issues/new", **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{form["headline"]}"' in answer.text
    assert desk.told() == []


def test_an_issue_whose_address_is_taken_leads_to_the_other(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        make.publication(session, slug="baltic")
    form = {"publication": "baltic", "headline": "Ice"}
    place = writer.send("/desk/issues/new", **form).headers["Location"].split("?")[0]
    answer = writer.send("/desk/issues/new", **form)
    assert answer.status_code == 409
    assert f'href="{place}"' in answer.text


def test_without_a_publication_the_page_says_what_comes_first(writer: Browser) -> None:
    assert "newsletter publication add" in writer.get("/desk/issues/new").text


def test_the_form_shows_what_is_there_and_saves_what_is_typed(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    answer = send(
        writer,
        number,
        **{
            "headline-0": "Ice on\r\nall canals",
            "lead-0": "One.\r\n\r\nTwo.",
            "body-0": "\r\n\r\nFirst.\r\n\r\n<!-- appeal -->\r\n\r\nSecond. \r\n",
            "kicker-0": "BALTIC",
            "date-0": "2026-11-20",
            "authors-0": "Anna Nowak\r\n\r\nKowalski, Jan",
            "tags-0": "ice, ports,, ice",
            "language-0": "pl",
            "subject": "A subject",
        },
    )
    assert answer.headers["Location"] == f"/desk/issues/{number}?done=saved"
    (article,) = written(desk, number)
    assert article == Article(
        "Ice on all canals",
        "First.\n\n<!-- appeal -->\n\nSecond.",
        kicker="BALTIC",
        dated=article.dated,
        language="pl",
        lead="One.\n\nTwo.",
        tags=("ice", "ports"),
        licence=ICE.licence,
        authors=("Anna Nowak", "Kowalski, Jan"),
    )
    assert str(article.dated) == "2026-11-20"
    page = writer.get(f"/desk/issues/{number}")
    assert form_of(page)["subject"] == ["A subject"]
    assert "by The writer" in page.text
    assert writer.send(f"/desk/issues/{number}", **form_of(page)).status_code == 303
    assert version(desk, number) == 2, "what is not changed is no new version"


def test_an_issue_may_have_another_licence_than_its_publication(
    desk: Desk, writer: Browser
) -> None:
    number = begun(desk)
    with desk.database.transaction() as session:
        own, other = (make.licence(session, name=name).id for name in ("CC BY", "All rights"))
        issues.publication_of(session, issues.fetch(session, number)).licence_id = own
    assert "As the publication: CC BY" in writer.get(f"/desk/issues/{number}").text
    send(writer, number, licence=str(other))
    assert f'value="{other}" selected' in writer.get(f"/desk/issues/{number}").text
    links = Links("https://news.example.org", make.SECRET_KEY)
    for licence, name in ((str(other), "All rights"), ("", "CC BY")):
        send(writer, number, licence=licence)
        with desk.database.reading() as session:
            shown = issues.edition(session, issues.fetch(session, number), links, NOW).licence
        assert shown
        assert shown.name == name
    assert version(desk, number) == 3


def test_each_of_several_articles_may_have_a_licence_of_its_own(
    desk: Desk, writer: Browser
) -> None:
    number = begun(desk)
    with desk.database.transaction() as session:
        free = make.licence(session, name="CC BY", slug="cc-by")
        free_id = free.id
    assert 'name="terms-0"' not in writer.get(f"/desk/issues/{number}").text
    send(writer, number, act="add")
    page = writer.get(f"/desk/issues/{number}").text
    for key in "01":
        (chosen,) = re.findall(
            rf'<select id="terms-{key}" name="terms-{key}">(.*?)</select>', page, re.S
        )
        assert '<option value="">As the issue</option>' in chosen
    send(writer, number, **{"terms-1": "cc-by"})
    assert 'value="cc-by" selected' in writer.get(f"/desk/issues/{number}").text
    assert [article.terms for article in written(desk, number)] == ["", "cc-by"]
    wrong = send(writer, number, **{"terms-1": "gone", "lead-1": "Typed with care."})
    assert wrong.status_code == 422
    assert 'href="#terms-1"' in wrong.text
    assert 'aria-describedby="terms-1-wrong"' in wrong.text
    assert "Not in the list: gone" in wrong.text
    assert "Typed with care." in wrong.text
    send(writer, number, act="remove-0", **{"terms-1": "cc-by"})
    page = writer.get(f"/desk/issues/{number}").text
    assert 'name="terms-0"' not in page
    assert f'value="{free_id}" selected' in page, "the only article's licence is the issue's"


def test_the_composer_says_to_which_issues_readers_are_pointed(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    assert "None on this subject so far" in writer.get(f"/desk/issues/{number}").text


def test_articles_are_added_moved_and_removed(desk: Desk, writer: Browser) -> None:
    number = begun(desk)

    def headlines() -> list[str]:
        return [article.headline for article in written(desk, number)]

    answer = send(writer, number, act="add", **{"lead-0": "Typed meanwhile."})
    assert answer.headers["Location"].endswith("#article-1")
    assert written(desk, number)[0].lead == "Typed meanwhile."
    send(writer, number, act="up-1", **{"headline-1": "Grain"})
    assert headlines() == ["Grain", "Ice on the canal"]
    assert written(desk, number)[1].licence == ICE.licence
    send(writer, number, act="down-0")
    assert headlines() == ["Ice on the canal", "Grain"]
    for nothing in ("up-0", "down-1", "up-7", "remove-9", "fly", "remove-"):
        send(writer, number, act=nothing)
        assert headlines() == ["Ice on the canal", "Grain"]
    send(writer, number, act="remove-0")
    assert headlines() == ["Grain"]
    send(writer, number, act="remove-0")
    assert headlines() == ["Grain"], "an issue has an article"


HOSTILE = {
    "a script": ({"headline-0": '<script>alert("x")</script>'}, 303, ""),
    "a broken attribute": ({"kicker-0": '"><img src=x onerror=alert(1)>'}, 303, ""),
    "the end of the field": ({"body-0": "</textarea><script>alert(1)</script>"}, 303, ""),
    "right to left": ({"headline-0": "\u202eevil\u202c مرحبا"}, 303, ""),
    "a pile of marks": ({"headline-0": "Z" + "\u0301" * 250}, 303, ""),
    "front matter": ({"body-0": "---\nheadline: Mine\n---\n\nText."}, 303, ""),
    "a template": ({"lead-0": "{{ config }} {% raw %}"}, 303, ""),
    "slots": ({"lead-0": "\ue000unsubscribe\ue001 \x00\x1b[31m"}, 303, ""),
    "a long lead": ({"lead-0": "x" * 20_000}, 422, "The lead is too long: 20,000 characters"),
    "a long headline": ({"headline-0": "x" * 301}, 422, "The headline is too long: 301"),
    "a long text": ({"body-0": "x" * 200_001}, 422, "The text is too long: 200,001"),
    "a long kicker": ({"kicker-0": "x" * 101}, 422, "This is too long: 101"),
    "a long subject": ({"subject": "x" * 1001}, 422, "This is too long: 1,001"),
    "no headline": ({"headline-0": " \u200b\n"}, 422, "Write a headline"),
    "no date": ({"date-0": "2026-02-31"}, 422, "Write the date as"),
    "no language": ({"language-0": "Polish!"}, 422, "Write the language as"),
    "no article": ({"article": []}, 422, ""),
    "another article": ({"article": ["x", "-1", "99999"]}, 422, ""),
    "no licence": ({"licence": "99"}, 422, "Choose one of the licences"),
    "no version": ({"version": "x"}, 409, "saved meanwhile"),
    "a version to come": ({"version": "7"}, 409, "saved meanwhile"),
    "a huge version": ({"version": "9" * 30}, 409, "saved meanwhile"),
}


@pytest.mark.parametrize(("typed", "status", "words"), HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_typed_does_no_harm_and_is_kept(
    desk: Desk, writer: Browser, typed: dict[str, Any], status: int, words: str
) -> None:
    number = begun(desk)
    typed = {"body-0": "Typed with care.", **typed}
    answer = send(writer, number, **typed)
    assert answer.status_code == status
    assert words in answer.text
    shown = answer if status != 303 else writer.get(f"/desk/issues/{number}")
    assert "<script>" not in shown.text
    assert "<img src=x" not in shown.text
    assert shown.text.count("</textarea>") == shown.text.count("<textarea")
    if status == 303:
        again = writer.send(f"/desk/issues/{number}", **form_of(shown))
        assert again.status_code == 303
        assert version(desk, number) == 2, "what was kept reads back as the same"
    else:
        assert version(desk, number) == 1
        assert written(desk, number)[0].body == ICE.body
        kept = form_of(shown)
        for name, value in typed.items():
            if name in {"article", "version", "licence"}:
                continue
            if typed.get("article") is None or name == "subject":
                assert kept[name] == [value.replace("\r\n", "\n")], name


@pytest.mark.parametrize("number", [0, 99, 2**63, 10**30])
def test_an_issue_that_is_none_is_not_found(desk: Desk, writer: Browser, number: int) -> None:
    assert writer.get(f"/desk/issues/{number}").status_code == 404
    assert writer.send(f"/desk/issues/{number}").status_code == 404
    assert desk.enter(Role.EDITOR).send(f"/desk/issues/{number}/reopen").status_code == 404


CLOSED = {
    IssueState.APPROVED: "This text is approved.",
    IssueState.SCHEDULED: "This text is approved.",
    IssueState.SENDING: "This issue is on its way",
    IssueState.PAUSED: "This issue is on its way",
    IssueState.SENT: "This issue has been sent",
    IssueState.CANCELLED: "This issue is cancelled",
}


@pytest.mark.parametrize(("state", "words"), CLOSED.items())
def test_what_is_no_draft_is_read_and_says_the_way_on(
    desk: Desk, writer: Browser, state: IssueState, words: str
) -> None:
    number = begun(desk)
    form = form_of(writer.get(f"/desk/issues/{number}"))
    change(desk, number, state=state, content_hash="hash")
    page = writer.get(f"/desk/issues/{number}")
    assert words in page.text
    assert "The locks close." in page.text
    assert "<textarea" not in page.text
    late = writer.send(f"/desk/issues/{number}", **(form | {"body-0": "Typed with care."}))
    assert late.status_code == 409
    assert "Nothing was saved" in late.text
    assert "Typed with care." in late.text
    assert written(desk, number)[0].body == ICE.body


def test_only_an_editor_makes_an_approved_issue_a_draft_again(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    change(desk, number, state=IssueState.SCHEDULED, content_hash="hash", due_at=make.NOW)
    page = writer.get(f"/desk/issues/{number}").text
    assert "leaves on 23 November 2026, 10:00 CET" in page
    assert "ask an editor" in page
    assert writer.send(f"/desk/issues/{number}/reopen").status_code == 403
    editor = desk.enter(Role.EDITOR)
    assert "Make it a draft again" in editor.get(f"/desk/issues/{number}").text
    answer = editor.send(f"/desk/issues/{number}/reopen")
    assert answer.headers["Location"] == f"/desk/issues/{number}?done=reopened"
    assert send(writer, number, **{"body-0": "Mended."}).status_code == 303
    assert editor.send(f"/desk/issues/{number}/reopen").status_code == 409
    assert desk.told() == [Action.REOPENED]


def test_a_digest_has_no_text_of_its_own(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    change(desk, number, frequency=model.Frequency.WEEKLY)
    assert "This is a digest" in writer.get(f"/desk/issues/{number}").text


def test_a_form_that_is_far_too_large_is_refused(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    large = "x" * composing.MOST_OCTETS
    assert send(writer, number, **{"body-0": large}).status_code == 413
    assert version(desk, number) == 1


def test_an_article_reads_back_from_its_fields(desk: Desk) -> None:
    article = replace(ICE, tags=("a", "b"), authors=("Nowak, Anna",), lead="One.\n\nTwo.")
    sheet = composing.sheet_of(article)
    form = {f"{name}-0": value for name, value in sheet.items()}
    assert composing.typed(form, ["0"], [article]).articles == (article,)


def autosaved(browser: Browser, number: int, **typed: Any) -> Any:
    """Have a page save by itself what was typed."""
    form = form_of(browser.get(f"/desk/issues/{number}"))
    answer = browser.send(f"/desk/issues/{number}/autosave", **(form | typed))
    assert answer.status_code == 200
    return answer.json


def test_a_page_saves_by_itself_and_is_told_what_became_of_it(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    saved = autosaved(writer, number, **{"body-0": "First."})
    assert (saved["state"], saved["version"]) == ("saved", 2)
    assert re.fullmatch(r"Saved \d\d:\d\d", saved["said"])
    assert autosaved(writer, number, **{"body-0": "Second."})["version"] == 3
    with desk.database.reading() as session:
        kept = revisions.listed(session, issues.fetch(session, number))
        assert [(each.number, each.automatic) for each in kept] == [(3, True), (1, False)]
    wrong = autosaved(writer, number, **{"headline-0": ""})
    assert wrong["state"] == "wrong"
    assert wrong["said"].startswith("Not saved: Write a headline")
    clash = autosaved(writer, number, version="1", **{"body-0": "Third."})
    assert clash["state"] == "clash"
    autosaved(writer, number, act="save")
    change(desk, number, state=IssueState.APPROVED)
    form = {"article": "0", "headline-0": "Ice", "version": "3"}
    assert '"closed"' in writer.send(f"/desk/issues/{number}/autosave", **form).text
    assert written(desk, number)[0].body == "Second."
    with desk.database.reading() as session:
        newest = revisions.latest(session, issues.fetch(session, number))
        assert newest
        assert not newest.automatic


def test_who_saves_second_sees_what_the_first_changed_and_decides(
    desk: Desk, writer: Browser
) -> None:
    number = begun(desk)
    mine = form_of(writer.get(f"/desk/issues/{number}"))
    send(desk.enter(Role.EDITOR), number, **{"body-0": "The locks open."})
    answer = writer.send(f"/desk/issues/{number}", **(mine | {"body-0": "The barges wait."}))
    assert answer.status_code == 409
    assert "What The editor changed" in answer.text
    theirs, yours = answer.text.split("What saving your text would change")
    assert "<del>" in theirs
    assert "open." in theirs
    assert "barges" in yours
    form = form_of(answer)
    assert form["body-0"] == ["The barges wait."]
    assert writer.send(f"/desk/issues/{number}", **form).status_code == 303
    assert written(desk, number)[0].body == "The barges wait."
    with desk.database.reading() as session:
        kept = revisions.listed(session, issues.fetch(session, number))
        assert [each.who for each in kept] == ["The writer", "The editor", ""]


def test_revisions_are_listed_compared_and_brought_back(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    place = f"/desk/issues/{number}"
    assert "This is the first text" in writer.get(f"{place}/revisions").text
    assert "here the issue began" in writer.get(f"{place}/changes?new=1").text
    send(writer, number, **{"body-0": "<b>The locks open.</b>", "subject": "Thaw"})
    page = writer.get(f"{place}/revisions").text
    assert f"{place}/changes?new=2" in page
    changed = writer.get(f"{place}/changes?new=2").text
    assert "became “Thaw”" in changed
    assert "&lt;b&gt;The" in changed
    assert changed == writer.get(f"{place}/changes?old=2&new=1").text, "from old to new, always"
    stale = writer.send(f"{place}/bring-back", revision="1", version="1")
    assert stale.status_code == 409
    assert "Somebody has saved meanwhile" in stale.text
    answer = writer.send(f"{place}/bring-back", revision="1", version="2")
    assert answer.headers["Location"] == f"{place}?done=brought-back"
    assert written(desk, number)[0].body == ICE.body
    assert desk.told() == [Action.BROUGHT_BACK]


@pytest.mark.parametrize("wanted", ["0", "99", str(2**63), "-1", "x", ""])
def test_a_revision_that_is_none_is_not_found_or_the_nearest(
    desk: Desk, writer: Browser, wanted: str
) -> None:
    number = begun(desk)
    place = f"/desk/issues/{number}"
    assert writer.get(f"{place}/changes?new={wanted}").status_code in {200, 404}
    assert writer.get(f"{place}/changes?new=1&old={wanted}").status_code == 200
    assert writer.get(f"{place}/revisions?before={wanted}").status_code == 200
    back = writer.send(f"{place}/bring-back", revision=wanted, version="1")
    assert back.status_code == 404
    assert writer.send(f"{place}/bring-back", revision="1", version=wanted).status_code in {
        303,
        409,
    }
    assert written(desk, number)[0].body == ICE.body


def test_many_revisions_are_read_page_by_page(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    with desk.database.transaction() as session:
        for version in range(2, 60):
            make.revision(session, issue_id=number, number=version)
    first = writer.get(f"/desk/issues/{number}/revisions").text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = writer.get(older).text
    told = re.findall(r"/changes\?new=(\d+)", first + second)
    assert told == [str(version) for version in range(59, 0, -1)]
