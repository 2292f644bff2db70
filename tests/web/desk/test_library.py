"""The library and pictures in texts: rights are asked for, wrong files are refused, all is kept."""

import io
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

import make
from issues.test_images import header_of, picture
from newsletter import issues, model
from newsletter.desk import Action
from newsletter.issues import Rights
from newsletter.manuscripts import Article, Picture
from newsletter.model import IssueState, Role
from newsletter.rendering import Place
from newsletter.web.desk.rights import LARGEST_FORM, LARGEST_PICTURE
from web.desk.conftest import OURS, Browser, Desk
from web.desk.test_composer import begun, change, send, version, written
from web.desk.test_in_the_browser import database

__all__ = ["database"]

SAID = {
    "alt": "A barge in the ice",
    "credit": "Anna Nowak",
    "source": "https://commons.example.org/barge",
    "basis": "licence",
    "whose": "CC BY 4.0",
}
EVERYWHERE = {"reach": "chosen"} | dict.fromkeys(Place, "yes")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def writer(desk: Desk) -> Browser:
    return desk.enter(Role.WRITER)


def upload(content: bytes = picture(), name: str = "ice.png") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def shelved(desk: Desk, rights: Rights = Rights(), content: bytes = picture()) -> int:  # noqa: B008
    with desk.database.transaction() as session:
        prepared = issues.prepare_image(content)
        return issues.keep_image(session, prepared, make.NOW, rights).id


def images(desk: Desk) -> list[model.Image]:
    with desk.database.reading() as session:
        return [issues.fetch_shelved(session, each.id) for each in issues.library(session)]


def test_a_picture_comes_in_with_its_rights(desk: Desk, writer: Browser) -> None:
    assert "There is no picture yet" in writer.get("/desk/library").text
    answer = writer.send("/desk/library/new", file=upload(name="../ice.png"), **SAID)
    (image,) = images(desk)
    assert answer.headers["Location"] == f"/desk/library/{image.id}?done=picture-added"
    assert (image.alt, image.credit, image.source) == (SAID["alt"], SAID["credit"], SAID["source"])
    assert (image.permission, image.who) == ("licence CC BY 4.0", "The writer")
    page = writer.get(f"/desk/library/{image.id}").text
    assert f'src="/image/{image.name}"' in page
    assert 'value="licence" checked' in page
    shelf = writer.get("/desk/library").text
    assert f'src="/image/{image.name}/small"' in shelf
    assert "CC BY 4.0" in shelf
    small = writer.client.get(f"/image/{image.name}/small")
    assert small.headers["Cache-Control"].startswith("public")
    assert issues.picture_size(small.data) == (40, 30)
    assert writer.client.get("/image/none.png/small").status_code == 404
    assert desk.told() == [Action.PICTURE_ADDED]


HOSTILE = {
    "no file": ({"file": ""}, "Choose a picture."),
    "a drawing": ({"file": upload(SVG, "ice.svg")}, "An SVG drawing cannot be read"),
    "a drawing in disguise": ({"file": upload(SVG, "ice.png")}, "An SVG drawing cannot be read"),
    "no picture": ({"file": upload(b"%PDF-1.7", "ice.jpg")}, "The picture cannot be read"),
    "half a picture": ({"file": upload(picture()[:60])}, "The picture cannot be read"),
    "too many pixels": ({"file": upload(header_of(8000, 8000))}, "8,000 × 8,000 pixels"),
    "a bomb": ({"file": upload(header_of(50_000, 50_000))}, "far more than 60 million pixels"),
    "no description": ({"alt": " \u200b"}, "Say what the picture shows"),
    "no credit": ({"credit": ""}, "Say whose picture it is"),
    "a long credit": ({"credit": "x" * 301}, "This is too long; 300 characters"),
    "no right": ({"basis": ""}, "Choose by what right"),
    "another right": ({"basis": "stolen"}, "Choose by what right"),
    "no licence": ({"whose": ""}, "Name the licence"),
    "a made-up licence": ({"whose": "free"}, "Write the licence as CC BY 4.0"),
    "a date in the name": (
        {"basis": "licensed", "whose": "Agency until 2027-01-31"},
        "Write only a name here",
    ),
    "no place": ({"reach": "chosen"}, "Choose at least one place"),
    "no date": ({"until": "2027-02-31"}, "Write the date as"),
}


@pytest.mark.parametrize(("wrong", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_picture_that_cannot_be_taken_says_why_and_keeps_what_was_typed(
    desk: Desk, writer: Browser, wrong: dict[str, Any], words: str
) -> None:
    form = {"file": upload(), **SAID, **wrong}
    if isinstance(form["file"], tuple):
        form["file"] = (io.BytesIO(form["file"][0].getvalue()), form["file"][1])
    answer = writer.send("/desk/library/new", **form)
    assert answer.status_code == 422
    assert words in answer.text
    for name in ("alt", "credit", "source", "whose"):
        assert form[name].replace("\u200b", "") in answer.text.replace("\u200b", "")
    assert images(desk) == []


@pytest.mark.parametrize(
    ("said", "permission"),
    [
        ({"basis": "own", "whose": ""}, "own"),
        ({"basis": "own", "until": "2027-01-31"}, "own until 2027-01-31"),
        ({"basis": "licence", "whose": "public domain"}, "licence public domain"),
        ({"basis": "licensed", "whose": "Agency"}, "licensed by Agency"),
        (
            {"basis": "permission", "whose": "Jan", **EVERYWHERE, "until": "2027-01-31"},
            "permission of Jan for web, mail, print and republication until 2027-01-31",
        ),
        (
            {"basis": "own", "whose": "", "reach": "chosen", "web": "yes", "print": "yes"},
            "own for web and print",
        ),
        ({"basis": "own", **EVERYWHERE}, "own"),
        ({"basis": "own", "reach": "usual", "web": "yes"}, "own"),
        ({"basis": "unknown", "reach": "chosen", "web": "yes"}, "unknown for web"),
        ({"basis": "unknown"}, ""),
    ],
)
def test_a_right_is_kept_as_others_read_it_and_is_changed(
    desk: Desk, writer: Browser, said: dict[str, str], permission: str
) -> None:
    number = shelved(desk, Rights("Old", "Old", "own"))
    answer = writer.send(f"/desk/library/{number}", **(SAID | said))
    assert answer.headers["Location"] == f"/desk/library/{number}?done=rights"
    assert images(desk)[0].permission == permission
    page = writer.get(f"/desk/library/{number}").text
    assert f'value="{said["basis"]}" checked' in page
    chosen = " for " in permission
    assert f'value="{"chosen" if chosen else "usual"}" checked' in page
    assert (page.count('type="checkbox"'), page.count('value="yes" checked') > 0) == (4, True)
    assert desk.told() == [Action.RIGHTS_CHANGED]


def test_the_library_shows_where_a_picture_is_shown_and_is_searched(
    desk: Desk, writer: Browser
) -> None:
    number = shelved(desk, Rights("Anna Nowak", "A barge"))
    shelved(desk, Rights("Wikimedia", "A lock", "own"), picture(size=(50, 30)))
    name = images(desk)[1].name
    begun(desk, Article("Ice", "Text.", picture=Picture("Anna", name, "A barge")))
    assert "in 1 issue" in writer.get("/desk/library").text
    page = writer.get(f"/desk/library/{number}").text
    assert "Ice</a>" in page
    assert "Anna Nowak" not in writer.get("/desk/library?q=lock").text
    assert "Wikimedia" not in writer.get("/desk/library?doubt=unclear").text
    assert "No picture is described like that" in writer.get("/desk/library?q=%00%25").text
    for strange in ("before=x", "before=-1", f"before={10**30}", "q=" + "x" * 5000):
        assert writer.get(f"/desk/library?{strange}").status_code == 200


@pytest.mark.parametrize("number", [0, 99, 2**63, 10**30])
def test_a_picture_that_is_none_is_not_found(desk: Desk, writer: Browser, number: int) -> None:
    issue = begun(desk)
    assert writer.get(f"/desk/library/{number}").status_code == 404
    assert writer.send(f"/desk/library/{number}", **SAID).status_code == 404
    place = f"/desk/issues/{issue}/picture?image={number}"
    assert writer.send(place, file="", **SAID).status_code in {404, 422}
    assert writer.get(f"/desk/issues/{number}/picture").status_code == 404


def lead_to(answer: TestResponse) -> str:
    return answer.headers["Location"]


def test_a_text_is_shown_no_picture_that_is_not_described(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    place = f"/desk/issues/{number}/picture?at=lead"
    for wrong in ({"alt": ""}, {"file": upload(SVG)}):
        answer = writer.send(place, **{"file": upload(), **SAID, **wrong})
        assert answer.status_code == 422
        assert SAID["credit"] in answer.text
    assert version(desk, number) == 1
    assert images(desk) == []


def test_a_new_picture_is_put_on_top_and_taken_out(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    place = lead_to(send(writer, number, act="lead-0", **{"lead-0": "Typed before."}))
    assert place == f"/desk/issues/{number}/picture?article=0&at=lead"
    assert "A new picture" in writer.get(place).text
    answer = writer.send(place, file=upload(), **SAID)
    assert lead_to(answer) == f"/desk/issues/{number}?done=picture-put-in#alt-0"
    (article,) = written(desk, number)
    assert article.picture == Picture(SAID["credit"], images(desk)[0].name, SAID["alt"])
    assert article.lead == "Typed before."
    send(writer, number, **{"alt-0": "A barge", "subject": "A subject"})
    assert written(desk, number)[0].picture == Picture(
        SAID["credit"], images(desk)[0].name, "A barge"
    )
    send(writer, number, act="unlead-0")
    assert written(desk, number)[0].picture is None
    assert len(images(desk)) == 1


@pytest.mark.parametrize(
    ("caret", "body"),
    [
        ("0", "One.\n\nPICTURE\n\nTwo."),
        ("4", "One.\n\nPICTURE\n\nTwo."),
        ("7", "One.\n\nTwo.\n\nPICTURE"),
        ("9999999", "One.\n\nTwo.\n\nPICTURE"),
        ("", "One.\n\nTwo.\n\nPICTURE"),
        ("x", "One.\n\nTwo.\n\nPICTURE"),
    ],
)
def test_a_picture_of_the_library_is_put_where_the_caret_stood(
    desk: Desk, writer: Browser, caret: str, body: str
) -> None:
    image = shelved(desk, Rights("Anna [Nowak]", 'A "barge"', "own"))
    number = begun(desk, Article("Ice", "One.\n\nTwo."), Article("Grain", "Prices."))
    place = lead_to(send(writer, number, act="picture-0", **{"caret-0": caret}))
    page = writer.get(f"{place}&image={image}").text
    assert "Anna [Nowak]" in page
    said = {"alt": 'A "barge"', "credit": "Anna [Nowak]", "basis": "own"}
    assert writer.send(f"{place}&image={image}", **said).status_code == 303
    first, second = written(desk, number)
    name = images(desk)[0].name
    shown = f'![A \\"barge\\"](<{name}> "Anna \\[Nowak\\]")'
    assert first.body == body.replace("PICTURE", shown)
    assert second.body == "Prices."


def test_what_the_library_did_not_know_of_a_picture_it_learns(desk: Desk, writer: Browser) -> None:
    image = shelved(desk, Rights(credit="Anna Nowak"))
    number = begun(desk)
    place = f"/desk/issues/{number}/picture?at=lead&image={image}"
    writer.send(place, **(SAID | {"credit": "A. Nowak", "whose": "CC0"}))
    (known,) = images(desk)
    assert (known.credit, known.alt) == ("Anna Nowak", SAID["alt"])
    assert known.permission == "licence CC0"
    shown = written(desk, number)[0].picture
    assert shown
    assert shown.credit == "A. Nowak"


@pytest.mark.parametrize("address", ["article=7&at=lead", "article=-1&at=3", "article=x&at=lead"])
def test_a_picture_for_an_article_that_is_none_changes_nothing(
    desk: Desk, writer: Browser, address: str
) -> None:
    number = begun(desk)
    answer = writer.send(f"/desk/issues/{number}/picture?{address}", file=upload(), **SAID)
    assert answer.status_code == (303 if "x" in address else 404)
    assert len(images(desk)) == (1 if "x" in address else 0)


def test_no_picture_is_put_into_what_is_no_draft(desk: Desk, writer: Browser) -> None:
    number = begun(desk)
    change(desk, number, state=IssueState.SCHEDULED, content_hash="hash")
    place = f"/desk/issues/{number}/picture"
    assert writer.get(place).status_code == 409
    assert writer.send(place, file=upload(), **SAID).status_code == 409
    assert images(desk) == []


def send_large(browser: Browser, octets: int) -> TestResponse:
    """Send a picture of so many octets, as it goes over the wire."""
    said = {"token": browser.token, **SAID}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in said.items()
    ]
    file = 'Content-Disposition: form-data; name="file"; filename="ice.png"'
    head = "".join([*parts, f"--x\r\n{file}\r\n\r\n"]).encode()
    return browser.client.post(
        "/desk/library/new",
        data=head + b"\xff" * octets + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
        headers=OURS,
    )


def test_a_picture_of_more_than_30_mb_is_refused_and_what_was_typed_is_kept(
    desk: Desk, writer: Browser
) -> None:
    answer = send_large(writer, LARGEST_PICTURE + 1024**2)
    assert answer.status_code == 422
    assert "The picture has 31 MB, and 30 MB are the most." in answer.text
    assert SAID["alt"] in answer.text
    assert images(desk) == []


def test_what_is_far_too_large_is_refused_calmly(desk: Desk, writer: Browser) -> None:
    answer = send_large(writer, LARGEST_FORM)
    assert answer.status_code == 413
    assert "more than the desk takes at once" in answer.text
    assert images(desk) == []


def test_a_last_day_is_shown_in_words(desk: Desk, writer: Browser) -> None:
    day = date(2027, 1, 31)
    shelved(desk, Rights("Agency", "A lock", f"licensed by Agency until {day}"))
    page = writer.get("/desk/library").text
    assert "bought from Agency" in page
    assert "until 31 January 2027" in page


def test_what_may_not_be_mailed_any_more_recalls_the_approved_issues_that_show_it(
    desk: Desk, writer: Browser
) -> None:
    number = shelved(desk, Rights("Anna Nowak", "A barge", "own"))
    name = images(desk)[0].name
    states = [IssueState.SCHEDULED, IssueState.APPROVED, IssueState.SENT]
    with desk.database.transaction() as session:
        publication = make.publication(session)
        shown = []
        for state in states:
            text = Article(f"Ice {state}", "Text.", picture=Picture("Anna", name, "A barge"))
            issue = issues.draft(session, publication, [text], make.NOW)
            issue.state, issue.content_hash = state, "0" * 64
            shown.append(issue.id)
    form = {**SAID, "basis": "own", "whose": "", "reach": "chosen", "web": "yes"}
    print_and_mail = form | {"mail": "yes", "print": "yes"}
    answer = writer.send(f"/desk/library/{number}", **print_and_mail)
    assert answer.headers["Location"].endswith("?done=rights")
    answer = writer.send(f"/desk/library/{number}", **form)
    assert answer.headers["Location"].endswith("?done=rights-recalled")
    assert "drafts again" in writer.get(answer.headers["Location"]).text
    with desk.database.reading() as session:
        now = [issues.fetch(session, issue).state for issue in shown]
    assert now == [IssueState.DRAFT, IssueState.DRAFT, IssueState.SENT]
    assert desk.told()[-2:] == [Action.REOPENED, Action.REOPENED]
