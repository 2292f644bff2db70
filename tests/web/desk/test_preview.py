"""The preview of an issue: every way to look at it, and that nothing in it acts or runs."""

from html import unescape

import pytest
from sqlalchemy import select

import make
from newsletter import issues
from newsletter.desk import Action
from newsletter.links import NOBODY, Links
from newsletter.manuscripts import Article
from newsletter.model import Content, Frequency, Role
from web.desk.conftest import Browser, Desk

HOSTILE = Article(
    "<script>alert(1)</script> {{ 7 * 7 }}",
    'Words.\n\n<img src=x onerror="alert(1)">\n\n[link](javascript:alert(1))\n\n"></iframe>',
    lead="</style><script>alert(2)</script>",
)


@pytest.fixture
def writer(desk: Desk) -> Browser:
    return desk.enter(Role.WRITER)


def drafted(desk: Desk, *articles: Article) -> str:
    """Make a draft and return the path of its pages."""
    with desk.database.transaction() as session:
        plain = Article("Ice on the canal", "The locks close.", lead="Winter came.")
        issue = issues.draft(session, make.publication(session), articles or [plain], make.NOW)
        return f"/desk/issues/{issue.id}"


def framed(page: str) -> str:
    """Return what stands in the only frame of a page."""
    _, _, rest = page.partition('srcdoc="')
    return unescape(rest.partition('"')[0])


@pytest.mark.parametrize("show", ["", "phone", "desktop", "nonsense"])
def test_the_mail_is_shown_in_a_frame_that_runs_nothing(
    desk: Desk, writer: Browser, show: str
) -> None:
    answer = writer.get(f"{drafted(desk)}/preview?show={show}&scheme=dark")
    assert answer.status_code == 200
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in answer.text
    assert (
        f'class="preview-stage {"desktop" if show == "desktop" else "phone"} dark"' in answer.text
    )
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self' 'unsafe-inline';" in policy
    mail = framed(answer.text)
    assert "The locks close." in mail
    assert "prefers-color-scheme" not in mail
    assert "\ue000" not in mail


def test_the_switches_are_links_that_keep_what_else_was_chosen(desk: Desk, writer: Browser) -> None:
    path = f"{drafted(desk)}/preview"
    page = unescape(writer.get(f"{path}?show=web&scheme=dark&reader=foreign").text)
    assert f'href="{path}?show=web&scheme=dark&reader=foreign" aria-current="true"' in page
    assert f'href="{path}?show=desktop&scheme=dark&reader=foreign">Desktop' in page
    assert f'href="{path}?show=web&scheme=light&reader=foreign">Light' in page
    assert f'href="{path}?show=web&scheme=dark&reader=nameless">A reader without' in page
    assert "Ελένη Παπαδοπούλου <reader@example.org>" in page


def test_the_text_part_is_shown_to_the_letter(desk: Desk, writer: Browser) -> None:
    page = unescape(writer.get(f"{drafted(desk)}/preview?show=text").text)
    assert "Ice on the canal\n=====" in page
    assert "<iframe" not in page


def test_the_web_page_is_the_one_that_readers_will_see(desk: Desk, writer: Browser) -> None:
    page = framed(writer.get(f"{drafted(desk)}/preview?show=web").text)
    assert '<h1 class="headline" dir="auto">Ice on the canal</h1>' in page
    assert "--accent" in page, "the style of the page is in it"
    assert "<script" not in page
    assert '<link rel="stylesheet' not in page


def test_an_inbox_line_and_the_size_stand_beside_it(desk: Desk, writer: Browser) -> None:
    page = writer.get(f"{drafted(desk)}/preview").text
    assert '<p class="preview-subject" dir="auto">Ice on the canal</p>' in page
    assert '<p class="preview-beginning" dir="auto">Winter came.</p>' in page
    assert "The subject has 16 characters" in page
    assert "of the 102 kB" in page


def test_the_links_in_it_belong_to_nobody_and_change_nothing(desk: Desk, writer: Browser) -> None:
    mail = framed(writer.get(f"{drafted(desk)}/preview").text)
    _, _, rest = mail.partition("/unsubscribe/")
    tag = rest.partition('"')[0]
    assert Links("", make.SECRET_KEY).read_unsubscribe(tag).subscription == NOBODY
    assert desk.browser().get(f"/unsubscribe/{tag}").status_code == 200
    one_click = {"List-Unsubscribe": "One-Click"}
    assert desk.app.test_client().post(f"/unsubscribe/{tag}", data=one_click).status_code == 200


@pytest.mark.parametrize("show", ["phone", "text", "web"])
def test_what_an_author_typed_stays_text(desk: Desk, writer: Browser, show: str) -> None:
    page = writer.get(f"{drafted(desk, HOSTILE)}/preview?show={show}").text
    assert "<script>alert" not in page
    assert page.count("</iframe>") == (show != "text")
    inside = framed(page)
    assert "<script" not in inside
    assert "<img src=x" not in inside
    assert "javascript:" not in inside.replace("link](javascript:alert(1))", "")
    assert "49" not in inside.partition("<h1")[2].partition("</h1>")[0]


def test_an_issue_without_a_text_says_what_will_be_here(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        empty = make.issue(session).id
    answer = writer.get(f"/desk/issues/{empty}/preview?show=web")
    assert answer.status_code == 200
    assert "There is nothing to see yet." in answer.text


def test_a_digest_is_shown_as_it_is_frozen_and_has_no_page(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        digest = make.issue(session, frequency=Frequency.WEEKLY, content_hash="0" * 64)
        make.content(session, issue_id=digest.id, html="<body><p>Of the week</p></body>")
        path = f"/desk/issues/{digest.id}/preview"
    assert "<p>Of the week</p>" in framed(writer.get(path).text)
    assert "A digest has no page of its own" in writer.get(f"{path}?show=web").text


def test_there_is_no_preview_of_nothing(desk: Desk, writer: Browser) -> None:
    assert writer.get("/desk/issues/999/preview").status_code == 404


def outbox(desk: Desk) -> list[tuple[str | None, str]]:
    """Return whom the mails in the outbox go to, and their subjects."""
    with desk.database.reading() as session:
        rows = select(Content.address, Content.subject).where(Content.issue_id.is_(None))
        return [(address, subject) for address, subject in session.execute(rows)]


def test_a_test_goes_to_the_editor_or_to_whom_they_choose(desk: Desk, writer: Browser) -> None:
    path = drafted(desk)
    page = writer.get(f"{path}/preview?show=text").text
    assert 'value="writer@example.org"' in page
    action = f"{path}/preview/test?show=text&amp;scheme=light&amp;reader=named"
    assert f'action="{action}"' in page
    answer = writer.send(unescape(action), to="anna@example.org, jan@example.org")
    there = f"{path}/preview?done=test-sent&show=text&scheme=light&reader=named"
    assert answer.headers["Location"] == there
    assert "The test is on its way." in writer.get(there).text
    subject = "[Test] Ice on the canal"
    assert outbox(desk) == [("anna@example.org", subject), ("jan@example.org", subject)]
    assert desk.told() == [Action.TEST_SENT]


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("", "Enter an e-mail address"),
        ("<b>@example.org", "“&lt;b&gt;@example.org” is no e-mail address."),
        (", ".join(f"a{n}@example.org" for n in range(6)), "five addresses at most"),
    ],
)
def test_what_is_wrong_with_a_test_is_said_and_what_was_typed_stays(
    desk: Desk, writer: Browser, to: str, words: str
) -> None:
    answer = writer.send(f"{drafted(desk)}/preview/test?show=desktop", to=to)
    assert answer.status_code == 422
    assert answer.text.count(words) == 2, "on top and beside the field"
    assert f'value="{to}"' in unescape(answer.text)
    assert 'class="preview-stage desktop light"' in answer.text
    assert outbox(desk) == []
    assert desk.told() == []


def test_who_sends_too_many_tests_is_asked_to_wait(desk: Desk, writer: Browser) -> None:
    path = drafted(desk)
    five = ", ".join(f"a{number}@example.org" for number in range(5))
    for _ in range(4):
        assert writer.send(f"{path}/preview/test", to=five).status_code == 303
    answer = writer.send(f"{path}/preview/test", to="anna@example.org")
    assert answer.status_code == 429
    assert "Wait a little" in answer.text
    assert len(outbox(desk)) == 20


def test_an_issue_without_a_text_is_sent_to_nobody(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        empty = make.issue(session).id
    answer = writer.send(f"/desk/issues/{empty}/preview/test", to="anna@example.org")
    assert answer.status_code == 422
    assert outbox(desk) == []


def form(**fields: str) -> dict[str, str]:
    """Fill the composer's form for one article."""
    return {"article": "0", "headline-0": "Thaw", "body-0": "The locks open.", **fields}


def test_what_is_typed_is_rendered_and_not_saved(desk: Desk, writer: Browser) -> None:
    path = drafted(desk)
    typed = form(**{"lead-0": "Spring came.", "body-0": "The locks open. " * 6_000})
    answer = writer.send(f"{path}/preview/live?scheme=dark", **typed)
    shown = answer.get_json()
    assert "The locks open." in shown["html"]
    assert "The locks open." in shown["text"]
    assert "prefers-color-scheme" not in shown["html"]
    assert (shown["subject"], shown["beginning"]) == ("Thaw", "Spring came.")
    assert shown["octets"] > 90_000
    assert "The locks close." in framed(writer.get(f"{path}/preview").text)
    own = writer.send(f"{path}/preview/live", **form(subject="Ice is gone")).get_json()
    assert own["subject"] == "Ice is gone"


def test_the_press_check_goes_along(desk: Desk, writer: Browser) -> None:
    typed = form(**{"body-0": "At TK, the locks open."})
    shown = writer.send(f"{drafted(desk)}/preview/live", **typed).get_json()
    assert shown["verdict"] == "bad"
    assert shown["said"] == "1 thing has to be mended before this issue can be approved."
    found = {finding["message"]: finding for finding in shown["findings"]}
    leftover = found["The text still says “TK”"]
    assert (leftover["place"], leftover["found"], leftover["blocks"]) == ("body-0", "TK", False)


def test_what_cannot_be_read_yet_gets_nothing(desk: Desk, writer: Browser) -> None:
    path = f"{drafted(desk)}/preview/live"
    assert writer.send(path, **form(**{"headline-0": " "})).status_code == 204
    assert writer.send(path).status_code == 204
    assert writer.send("/desk/issues/999/preview/live", **form()).status_code == 404


def test_what_is_typed_stays_text_too(desk: Desk, writer: Browser) -> None:
    typed = form(**{"headline-0": HOSTILE.headline, "body-0": HOSTILE.body, "lead-0": HOSTILE.lead})
    html = writer.send(f"{drafted(desk)}/preview/live", **typed).get_json()["html"]
    assert "<script" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
