"""Mail templates at the desk: written anew, seen, refused, compared, given back."""

import re
from html import unescape
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

import make
from newsletter import issues, model
from newsletter.issues.templates import Place
from newsletter.manuscripts import Article
from newsletter.model import Role
from newsletter.rendering import PIECES
from web.desk.conftest import Browser, Desk

WELCOME = PIECES["welcome"].shipped()
PATH = "/desk/settings/templates/welcome"


def monitor(desk: Desk) -> int:
    with desk.database.transaction() as session:
        return make.publication(session, name="Baltic Monitor").id


def save(browser: Browser, path: str = PATH, base: int = 0, **sources: str) -> TestResponse:
    whole = {**WELCOME, **sources}
    as_typed = {side: words.replace("\n", "\r\n") for side, words in whole.items()}
    return browser.send(path, act="save", base=str(base), **as_typed)


def kept(desk: Desk) -> list[Any]:
    with desk.database.reading() as session:
        rows = session.scalars(select(model.TemplateRevision).order_by(model.TemplateRevision.id))
        return [(each.publication_id, each.language, each.sources, each.who) for each in rows]


def framed(page: str) -> str:
    found = re.search(r'srcdoc="([^"]*)"', page)
    return unescape(found[1]) if found else ""


def test_a_template_is_written_anew_and_the_list_says_for_whom(desk: Desk) -> None:
    number, owner = monitor(desk), desk.enter(Role.OWNER)
    path = f"{PATH}?publication={number}&language=pl"
    answer = save(owner, path, subject="{{ masthead.name }}: dziękujemy")
    assert answer.status_code == 303
    assert answer.location == f"{path}&done=template"
    # What was left as it was is not kept, whatever browsers make of the ends of lines.
    sources = {"subject": "{{ masthead.name }}: dziękujemy\n"}
    assert kept(desk) == [(number, "pl", sources, "The owner")]
    assert save(owner, path, base=1, **sources).location == f"{path}&done=unchanged"
    assert desk.told() == ["template-changed"]
    page = owner.get("/desk/settings/templates").text
    assert "Baltic Monitor, Polish</a>" in page
    assert "Baltic Monitor: dziękujemy" in owner.get(path).text
    assert "Welcome to Baltic Monitor" in owner.get(PATH).text


def test_the_mail_is_seen_before_it_is_kept(desk: Desk) -> None:
    monitor(desk)
    owner = desk.enter(Role.OWNER)
    html = WELCOME["html"].replace("{% block words %}", "{% block words %}<p>Hello <b>you</b></p>")
    form = {"act": "look", "base": "0", "scheme": "dark", "html": html}
    page = owner.send(PATH, **form).text
    assert "<p" in framed(page)
    assert "Hello <b>you</b>" in framed(page)
    assert '<meta name="color-scheme" content="dark">' in framed(page)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    letter = owner.send(PATH, **form | {"show": "text"}).text
    assert "<iframe" not in letter
    assert "Welcome to Baltic Monitor\n========" in letter
    assert kept(desk) == []
    assert desk.told() == []


def test_the_mail_that_is_seen_is_the_mail_that_leaves(desk: Desk) -> None:
    number, owner = monitor(desk), desk.enter(Role.OWNER)
    with desk.database.transaction() as session:
        home = session.get_one(model.Publication, number)
        issue = issues.draft(session, home, [Article("Ice in March", "It came late.")], make.NOW).id
    foot = PIECES["foot"].shipped()
    html = foot["html"].replace("<div", "<p>Thank you for reading.</p><div", 1)
    path = f"/desk/settings/templates/foot?publication={number}"
    seen = framed(owner.send(path, act="look", base="0", html=html).text)
    assert "Thank you for reading." in seen
    assert save(owner, path, html=html, text=foot["text"]).status_code == 303
    preview = framed(owner.get(f"/desk/issues/{issue}/preview").text)
    assert _unsigned(preview) == _unsigned(seen)


def _unsigned(html: str) -> str:
    """Leave out what is made anew for each look: the signed links."""
    return re.sub(r'href="http[^"]*/(?:unsubscribe|preferences)/[^"]*"', "", html)


def test_what_cannot_be_used_is_refused_with_its_line_and_nothing_is_lost(desk: Desk) -> None:
    monitor(desk)
    owner = desk.enter(Role.OWNER)
    answer = save(owner, subject="{{ masthead.nmae }} <mine>", text="Bye\n\n{{ undo_url }}")
    assert answer.status_code == 422
    assert 'href="#subject">Subject, line 1: There is no “masthead.nmae” here.' in answer.text
    assert "Line 3: There is no “undo_url” here." in answer.text
    assert "{{ masthead.nmae }} &lt;mine&gt;" in answer.text
    assert 'aria-invalid="true" aria-describedby="subject-wrong"' in answer.text
    assert "Once this is mended, the mail is shown here." in answer.text
    lacking = save(owner, html="<p>Hello</p>")
    assert "The mail lacks the postal address." in lacking.text
    assert save(owner, subject="x" * 30_000).status_code == 422
    assert kept(desk) == []


def test_who_saved_meanwhile_is_not_overwritten(desk: Desk) -> None:
    monitor(desk)
    owner = desk.enter(Role.OWNER)
    assert save(owner, subject="One").status_code == 303
    answer = save(owner, subject="Two")
    assert answer.status_code == 409
    assert "Somebody has saved meanwhile." in answer.text
    assert "\nTwo\n</textarea>" in answer.text
    assert 'name="base" value="1"' in answer.text
    assert save(owner, base=1, subject="Two").status_code == 303
    assert [sources["subject"] for _, _, sources, _ in kept(desk)] == ["One\n", "Two\n"]


def test_revisions_are_compared_brought_back_and_given_back(desk: Desk) -> None:
    monitor(desk)
    owner = desk.enter(Role.OWNER)
    save(owner, subject="Hello to you")
    save(owner, base=1, subject="Hello to <all> of you")
    listed = owner.get(f"{PATH}/revisions").text
    assert "The owner" in listed
    assert listed.count("as it stands") == 1
    changes = owner.get(f"{PATH}/changes?new=2").text
    assert "<ins><span" in changes
    assert "&lt;all&gt; of" in changes
    assert "<all>" not in changes
    shipped = owner.get(f"{PATH}/changes?old=0&new=2").text
    assert "Welcome to %(name)s" in shipped
    path = f"{PATH}/bring-back"
    assert owner.send(path, revision="1", base="1").status_code == 409
    assert owner.send(path, revision="9", base="2").status_code == 404
    assert owner.send(path, revision="1", base="2").location == f"{PATH}?done=template"
    assert owner.send(path, revision="0", base="3").location == f"{PATH}?done=template-back"
    assert [sources for _, _, sources, _ in kept(desk)][2:] == [{"subject": "Hello to you\n"}, {}]
    assert desk.told() == ["template-changed"] * 3 + ["template-given-back"]
    assert "given back" in owner.get(f"{PATH}/revisions").text


def test_what_holds_no_more_is_told_where_an_owner_looks(desk: Desk) -> None:
    with desk.database.transaction() as session:
        make.template_revision(session, sources={"subject": "{{ of_old }}\n"})
    owner = desk.enter(Role.OWNER)
    assert "Needs someone" in owner.get("/desk/settings").text
    page = owner.get("/desk/settings/templates").text
    assert "mails leave with the templates of the house" in page
    assert "There is no “of_old” here." in page


def test_there_is_nothing_at_addresses_that_name_nothing(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    for path in (
        "/desk/settings/templates/issue-of-old",
        f"{PATH}?publication=99",
        f"{PATH}?publication=-1",
        f"{PATH}?publication={2**70}",
        f"{PATH}?language=sv",
        f"{PATH}/changes?new=7",
        f"{PATH}/revisions?publication=99",
    ):
        assert owner.get(path).status_code == 404, path
    assert save(owner, f"{PATH}?publication=99", subject="Hi").status_code == 404
    assert owner.get(f"{PATH}/revisions?before={2**70}").status_code == 200


def test_only_owners_come_near(desk: Desk) -> None:
    for role in (Role.WRITER, Role.EDITOR):
        assert desk.enter(role).get(PATH).status_code == 403
        assert save(desk.enter(role), subject="Mine").status_code == 403
    assert kept(desk) == []


def test_a_place_is_kept_apart_from_others(desk: Desk) -> None:
    number, owner = monitor(desk), desk.enter(Role.OWNER)
    save(owner, subject="For all")
    path = f"{PATH}?publication={number}"
    assert "Nothing is written anew for Baltic Monitor." in owner.get(path).text
    assert "For all" in owner.get(path).text
    with desk.database.reading() as session:
        assert issues.templates.latest(session, PIECES["welcome"], Place(number)) is None
