"""Bringing in a manuscript at the desk: what comes, what it is taken for, the draft of it."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select
from werkzeug.test import TestResponse

import documents
import make
from newsletter import issues, model
from newsletter.desk import bringing
from newsletter.model import Role
from newsletter.outward import Network, is_public
from newsletter.web.context import Context
from newsletter.web.desk.bringing import LARGEST_FORM
from web.desk.conftest import OURS, Browser, Desk
from website import Site, answer, leads_to, page

TEXT = "RIVER MONITOR\n\n31 March 2020\n\nIce Leaves\n\nIt went at night.\n\nShare\n\nA barge came."
PAGE = (
    "<h1>Ice Leaves</h1><p>It went at night.</p><p>A barge came at noon, says the log.</p>"
    "<img src='/lock.png' alt='A lock'><img src='/gone.png' alt='Gone'>"
)


@pytest.fixture
def writer(desk: Desk) -> Browser:
    return desk.enter(Role.WRITER)


@pytest.fixture
def site(app: Flask) -> Iterator[Site]:
    """A site that is all there is of the web."""
    with Site({"/ice": page(PAGE), "/lock.png": answer(documents.picture())}) as site:
        context: Context = app.extensions[Context.name]
        context.network = site.network
        yield site


@pytest.fixture
def river(desk: Desk) -> int:
    with desk.database.transaction() as session:
        river = make.publication(
            session, name="River Monitor", kicker="RIVER MONITOR", slug="river"
        )
        return river.id


def upload(browser: Browser, content: bytes, name: str, **more: Any) -> TestResponse:
    return browser.send("/desk/bring-in", file=(io.BytesIO(content), name), **more)


def place_of(answer: TestResponse) -> str:
    """Return where one is led, which is the page of a manuscript."""
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"].split("?")[0]
    assert re.fullmatch(r"/desk/bring-in/\d+", path)
    return path


def parts(text: str) -> dict[int, str]:
    """Return what a page says of its passages."""
    selects = re.findall(r'<select id="part-(\d+)".*?</select>', text, re.DOTALL)
    chosen = re.findall(r'id="part-\d+".*?value="([a-z]+)" selected', text, re.DOTALL)
    return dict(zip(map(int, selects), chosen, strict=True))


def articles(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list(session.scalars(select(model.Article.source)))


@pytest.mark.usefixtures("river")
def test_a_text_is_read_as_the_clipboard_had_it_formatted(desk: Desk, writer: Browser) -> None:
    formatted = (
        "<h1>Ice leaves</h1><p>It is early.</p><p>The <a href='https://a.example'>bay</a></p>"
    )
    given = {"text": "Ice leaves\n\nIt is early.\n\nThe bay\n", "formatted": formatted}
    both = writer.send("/desk/bring-in", address="https://b.example", **given)
    assert both.status_code == 422
    assert str(escape(formatted)) in both.text
    place = place_of(writer.send("/desk/bring-in", **given))
    writer.send(place, act="draft", publication="river")
    (source,) = articles(desk)
    assert source.endswith("The [bay](https://a.example)\n")


def test_a_text_is_pasted_corrected_and_made_a_draft_of(
    desk: Desk, writer: Browser, river: int
) -> None:
    place = place_of(writer.send("/desk/bring-in", text=TEXT))
    shown = writer.get(place).text
    assert parts(shown) == {
        1: "kicker",
        3: "date",
        5: "headline",
        7: "lead",
        9: "body",
        11: "body",
    }
    assert "Kept as text. Is it?" in shown
    assert '<option value="river" selected>' in shown
    looked = writer.send(place, act="look", **{"part-9": "furniture", "part-1": "nonsense"})
    assert place_of(looked) == place
    assert parts(writer.get(place).text)[9] == "furniture"
    made = writer.send(place, act="draft", publication="river")
    assert made.status_code == 303
    (source,) = articles(desk)
    assert "headline: Ice Leaves" in source
    assert source.endswith("A barge came.\n")
    assert "Share" not in source
    assert desk.told() == ["brought-in"]
    assert writer.get(place).status_code == 404


def test_a_word_document_comes_with_its_pictures(desk: Desk, writer: Browser, river: int) -> None:
    place = place_of(upload(writer, documents.river_monitor(), "C:\\texts\\monitor.docx"))
    shown = writer.get(place).text
    (image,) = re.findall(r'<img src="(/image/[^"]+)"', shown)
    assert desk.browser().get(image).status_code == 200
    assert "- sand\n- salt" in shown
    writer.send(place, act="draft", publication="river")
    (source,) = articles(desk)
    assert f"file: {image.removeprefix('/image/')}" in source
    assert "> Nobody had feared for the gates." in source


def test_a_page_is_fetched_with_the_pictures_that_can_be_had(
    desk: Desk, writer: Browser, river: int, site: Site
) -> None:
    place = place_of(writer.send("/desk/bring-in", address=site.url("/ice"), publication="river"))
    shown = writer.get(place).text
    assert shown.count('<img src="/image/') == 1
    assert "The file of this picture could not be had" in shown
    writer.send(place, act="draft", publication="river")
    (source,) = articles(desk)
    assert re.search(r"!\[A lock\]\(<[0-9a-f]{20}\.jpeg>\)\n\n!\[Gone\]\(<>\)", source)


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>River Office</title>
<item><title>Ice Leaves</title><link>{site}/ice</link><guid>1</guid>
<pubDate>Tue, 31 Mar 2020 10:00:00 GMT</pubDate><description>It went &lt;b&gt;at&lt;/b&gt; night.
</description></item>
<item><title>Whole</title><link>{site}/none</link><guid>2</guid><description>{whole}</description>
</item></channel></rss>"""
WHOLE = "&lt;p&gt;A lead it is.&lt;/p&gt;" + "&lt;p&gt;A long paragraph.&lt;/p&gt;" * 80


@pytest.mark.parametrize(("place", "headline"), [(0, "Ice Leaves"), (1, "Whole")])
def test_an_entry_of_a_feed_is_chosen(
    writer: Browser, site: Site, place: int, headline: str
) -> None:
    text = FEED.format(site=site.url(""), whole=WHOLE)
    site.paths["/feed"] = answer(text.encode(), Content_Type="application/rss+xml")
    address = site.url("/feed")
    choice = writer.send("/desk/bring-in", address=address).text
    assert "It went at night." in choice
    assert "31 March 2020" in choice
    entry = re.findall(r'name="entry" value="([^"]+)"', choice)[place]
    chosen = writer.send("/desk/bring-in", address=address, entry=entry)
    shown = writer.get(place_of(chosen)).text
    assert re.search(rf'"headline".*?<p>{headline}</p>', shown, re.DOTALL)
    assert "River Office" in writer.get("/desk/bring-in").text
    gone = writer.send("/desk/bring-in", address=address, entry="9")
    assert "That entry is not in the feed any more" in gone.text


def test_a_feed_is_forgotten(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        number = make.feed(session, title="River Office").id
    assert "River Office" in writer.get("/desk/bring-in").text
    writer.send(f"/desk/bring-in/feeds/{number}/forget")
    assert "River Office" not in writer.get("/desk/bring-in").text


def test_the_text_takes_the_place_of_an_issues(desk: Desk, writer: Browser, river: int) -> None:
    first = place_of(writer.send("/desk/bring-in", text=TEXT))
    writer.send(first, act="draft", publication="river")
    place = place_of(writer.send("/desk/bring-in", text=TEXT.replace("A barge", "No barge")))
    taken = writer.send(place, act="draft", publication="river")
    assert taken.status_code == 422
    assert "has an issue with this date and headline already" in taken.text
    with desk.database.reading() as session:
        number = session.scalars(select(model.Issue.id)).one()
    writer.send(place, act="draft", publication="river", issue=str(number))
    (source,) = articles(desk)
    assert "No barge came." in source


def test_an_issue_that_is_under_way_is_not_offered_and_not_replaced(
    desk: Desk, writer: Browser, river: int
) -> None:
    with desk.database.transaction() as session:
        sent = make.issue(
            session,
            publication_id=river,
            state=model.IssueState.SENT,
            content_hash="0" * 64,
            subject="Long gone",
        ).id
    place = place_of(writer.send("/desk/bring-in", text=TEXT, issue=str(sent)))
    assert "Long gone" not in writer.get(place).text
    writer.send(place, act="draft", publication="river", issue=str(sent))
    with desk.database.reading() as session:
        assert issues.fetch(session, sent).subject == "Long gone"
        assert len(session.scalars(select(model.Issue.id)).all()) == 2


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("One sentence. And another.", "part-1", "There is no headline; put one on a line"),
        ("Ice Leaves", "part-1", "There is no text under the headline"),
        ("M\n\n31 February 2020\n\nIce\n\nOne.", "part-3", "There is no 31 February 2020"),
        ("# Ice\n\nOne.", "publication", "Choose the publication"),
    ],
)
def test_what_is_missing_is_said_beside_its_passage(
    writer: Browser, text: str, place: str, message: str
) -> None:
    path = place_of(writer.send("/desk/bring-in", text=text))
    refused = writer.send(path, act="draft")
    assert refused.status_code == 422
    assert message in refused.text
    assert f'<a href="#{place}">' in refused.text
    assert f'id="{place}-wrong"' in refused.text


def test_a_headline_that_was_not_found_can_be_pointed_at(
    desk: Desk, writer: Browser, river: int
) -> None:
    text = "It went at night. Nobody saw it.\n\nA barge came. It left.\n\nAnother came. It stayed."
    place = place_of(writer.send("/desk/bring-in", text=text))
    writer.send(place, act="draft", publication="river", **{"part-1": "headline"})
    (source,) = articles(desk)
    assert "headline: It went at night. Nobody saw it." in source


@pytest.mark.parametrize(
    ("form", "place", "message"),
    [
        ({}, "file", "Choose a file, paste a text or give the address"),
        ({"text": "a", "address": "b"}, "address", "Give one of the three"),
        ({"text": "---\nheadline: [a]\n---\n"}, "text", "“headline” must be plain text"),
        ({"text": "---\ndate: x\n"}, "text", "never ends"),
        ({"address": "institute.example"}, "address", "That is not a web address"),
        ({"address": "file:///etc/passwd"}, "address", "That is not a web address"),
        ({"address": "https://a:b@x.example/"}, "address", "holds a name or a password"),
        ({"text": "x" * 6_000_000}, "text", "larger than 5 MB"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_nothing_typed_is_lost(
    writer: Browser, form: dict[str, str], place: str, message: str
) -> None:
    refused = writer.send("/desk/bring-in", **form)
    assert refused.status_code == 422
    assert message in refused.text
    assert f'<a href="#{place}">' in refused.text
    for words in form.values():
        assert words[:1000].replace("\n", "\r\n") in refused.text or words[:1000] in refused.text


@pytest.mark.parametrize("kind", documents.HOSTILE)
def test_a_package_that_means_harm_is_refused_at_the_desk(writer: Browser, kind: str) -> None:
    make_it, message = documents.HOSTILE[kind]
    refused = upload(writer, make_it(), "monitor.docx")
    assert refused.status_code == 422
    assert message in refused.text


def test_a_file_that_is_too_large_is_refused_before_it_is_read(writer: Browser) -> None:
    refused = upload(writer, b"x" * LARGEST_FORM, "monitor.docx")
    assert refused.status_code == 413
    assert "That is more than the desk takes at once" in refused.text


def test_an_address_that_leads_inside_is_not_visited(
    app: Flask, writer: Browser, site: Site
) -> None:
    inside = {"inside.example": "10.0.0.1", "mapped.example": "::ffff:127.0.0.1"}
    context: Context = app.extensions[Context.name]
    context.network = Network(
        lambda host: [inside.get(host, "127.0.0.1")],
        lambda address: address == site.address or is_public(address),
    )
    site.paths["/away"] = leads_to("http://inside.example/")
    site.paths["/file"] = leads_to("file:///etc/passwd")
    for address, message in {
        "http://inside.example/": "leads into a private network",
        "http://mapped.example/": "leads into a private network",
        site.url("/away"): "leads into a private network",
        site.url("/file"): "That is not a web address",
        site.url("/none"): "there is nothing at that address",
    }.items():
        refused = writer.send("/desk/bring-in", address=address)
        assert refused.status_code == 422
        assert message in refused.text, address
        assert f'value="{address}"' in refused.text


def test_what_one_editor_brought_in_is_no_others(desk: Desk, writer: Browser) -> None:
    place = place_of(writer.send("/desk/bring-in", text=TEXT))
    owner = desk.enter(Role.OWNER)
    assert owner.get(place).status_code == 404
    assert owner.send(place, act="draft").status_code == 404
    assert owner.send(f"{place}/discard").status_code == 404
    assert "Ice Leaves" not in owner.get("/desk/bring-in").text
    assert "Ice Leaves" in writer.get("/desk/bring-in").text


def test_a_manuscript_is_discarded(desk: Desk, writer: Browser) -> None:
    place = place_of(writer.send("/desk/bring-in", text=TEXT))
    assert writer.send(f"{place}/discard").status_code == 303
    assert writer.get(place).status_code == 404


def test_manuscripts_are_kept_for_a_time_and_a_few_for_each_editor(desk: Desk) -> None:
    later = make.NOW + bringing.KEPT + timedelta(seconds=1)
    editor = desk.editors[Role.WRITER]
    with desk.database.transaction() as session:
        other = make.manuscript(session, editor_id=desk.editors[Role.OWNER], created_at=later)
        for _ in range(bringing.MOST_KEPT + 2):
            bringing.keep(session, editor, b"Ice", make.NOW, name="ice.txt")
        assert len(bringing.waiting(session, editor)) == bringing.MOST_KEPT
        assert bringing.purge(session, later) == bringing.MOST_KEPT
        assert session.scalars(select(model.Manuscript.id)).all() == [other.id]


def test_a_stranger_cannot_send_much(desk: Desk) -> None:
    answered = desk.browser().client.post(
        "/desk/bring-in", data={"text": "x" * 1_000_000}, headers=OURS
    )
    assert answered.status_code in {303, 413}
