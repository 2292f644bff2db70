"""Copies to republish, citations, pointers to embed: their terms, and what is counted."""

import json
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select

import make
from newsletter import feedback, manuscripts, model
from newsletter.database import Database
from newsletter.model import ReuseForm
from web.conftest import BODY, Site, publish

PARAGRAPHS = [line for line in BODY.splitlines() if line.startswith("The ")]
REPUBLISH = "/russia-monitor/ties/republish"
CITE = "/russia-monitor/ties/cite"
URL = "http://localhost:8000/russia-monitor/ties"


def copy(kind: str) -> str:
    return f"/russia-monitor/ties/copy.{kind}"


def counts(database: Database, site: Site) -> dict[ReuseForm, int]:
    with database.reading() as session:
        found = feedback.reuses_of(session, [site.issue_number])
    return dict(found.get(site.issue_number, {}))


@pytest.fixture
def reserved(site: Site, database: Database) -> None:
    """Take back the leave to republish."""
    with database.transaction() as session:
        session.scalars(select(model.Licence)).one().reuse = False


@pytest.mark.parametrize("kind", ["html", "md", "txt", "json"])
def test_a_copy_holds_the_whole_text_its_credit_and_its_address(
    client: FlaskClient, site: Site, kind: str
) -> None:
    answer = client.get(copy(kind))
    assert answer.status_code == 200
    words = json.loads(answer.text)["text"] if kind == "json" else answer.text
    flat = " ".join(words.split())
    assert all(paragraph in flat for paragraph in PARAGRAPHS)
    assert "Russia Monitor" in flat
    assert URL in flat
    assert "This text may be republished with credit to the institute and a link." in flat
    assert "Support" not in answer.text
    assert "<script" not in answer.text
    assert site.image.rpartition("/")[2] not in answer.text
    assert f'<{URL}>; rel="canonical"' in answer.headers.getlist("Link")
    assert '<https://example.org/licence>; rel="license"' in answer.headers.getlist("Link")
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_machines_get_all_forms_and_the_terms(client: FlaskClient, site: Site) -> None:
    answer = client.get(copy("json"))
    told = json.loads(answer.text)
    assert told["canonical"] == URL
    assert told["licence"]["url"] == "https://example.org/licence"
    assert told["left_out"] == [{"credit": "Wikimedia Commons", "alt": "A bridge over a river"}]
    assert told["html"] in client.get(copy("html")).text
    assert told["markdown"] == client.get(copy("md")).text
    assert told["text"] == client.get(copy("txt")).text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_copy_comes_as_a_file_named_after_the_issue(client: FlaskClient, site: Site) -> None:
    for kind in ("html", "md", "txt"):
        disposition = client.get(copy(kind)).headers["Content-Disposition"]
        assert disposition == f'attachment; filename="ties.{kind}"'


def test_the_page_shows_the_copies_and_the_terms(client: FlaskClient, site: Site) -> None:
    page = client.get(REPUBLISH).text
    told = json.loads(client.get(copy("json")).text)
    assert escape(told["html"]) in page
    assert "1 picture of the original is left out" in page
    assert 'rel="license"' in page
    assert REPUBLISH in client.get(site.issue).text


@pytest.mark.usefixtures("reserved")
def test_without_leave_there_is_no_copy_and_the_page_says_whom_to_ask(
    client: FlaskClient, site: Site, database: Database
) -> None:
    page = client.get(REPUBLISH)
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert "mailto:" in page.text
    assert [client.get(copy(kind)).status_code for kind in ("html", "md", "txt", "json")] == [
        404
    ] * 4
    assert REPUBLISH not in client.get(site.issue).text.partition("</head>")[2]
    assert counts(database, site) == {}


def test_without_any_licence_there_is_no_copy(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        session.get_one(model.Publication, site.publication).licence_id = None
    assert "<textarea" not in client.get(REPUBLISH).text
    assert client.get(copy("txt")).status_code == 404


def test_what_is_taken_is_counted_by_form_and_looks_ahead_are_not(
    client: FlaskClient, site: Site, database: Database
) -> None:
    client.get(REPUBLISH)
    client.get(copy("html"))
    client.get(copy("html"))
    client.get(copy("md"), headers={"Sec-Purpose": "prefetch"})
    client.head(copy("txt"))
    client.get(f"{CITE}.bib")
    client.get(f"/oembed?url={URL}")
    assert counts(database, site) == {
        ReuseForm.PAGE: 1,
        ReuseForm.HTML: 2,
        ReuseForm.CITATION: 1,
        ReuseForm.EMBED: 1,
    }
    with database.reading() as session:
        assert set(session.scalars(select(model.Reuse.day))) == {datetime.now(UTC).date()}


def test_a_draft_offers_nothing(client: FlaskClient, site: Site, database: Database) -> None:
    with database.transaction() as session:
        monitor = session.get_one(model.Publication, site.publication)
        publish(session, monitor, "later", state=model.IssueState.DRAFT)
    for last in ("republish", "copy.txt", "cite", "cite.bib"):
        assert client.get(f"/russia-monitor/later/{last}").status_code == 404
    assert client.get("/oembed?url=http://localhost:8000/russia-monitor/later").status_code == 404


def test_the_page_of_citations_has_two_manuals_and_three_files(
    client: FlaskClient, site: Site
) -> None:
    page = client.get(CITE).text
    assert "“Russia Seeks Good Ties with Taliban.”" in page
    assert "(2020, March 31)" in page
    assert client.get(f"{CITE}.bib").text.startswith("@article{")
    assert client.get(f"{CITE}.ris").text.startswith("TY  - MGZN")
    (item,) = json.loads(client.get(f"{CITE}.json").text)
    assert item["URL"] == URL
    assert client.get(f"{CITE}.bib?article=2").status_code == 404


def test_each_text_of_an_edition_is_cited_by_itself(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        issue = session.get_one(model.Issue, site.issue_number)
        written = manuscripts.Article("Ice on the Canal", BODY, lead="A lead.")
        article = make.article(
            session,
            publication_id=site.publication,
            headline="Ice on the Canal",
            source=manuscripts.write(written),
        )
        session.add(model.IssueArticle(issue_id=issue.id, article_id=article.id, position=1))
    assert "Ice on the Canal" in client.get(CITE).text
    assert f"{URL}#article-2" in client.get(f"{CITE}.ris?article=2").text


def test_a_pointer_is_embedded_with_headline_lead_and_origin(
    client: FlaskClient, site: Site
) -> None:
    page = client.get(site.issue).text
    assert 'type="application/json+oembed" href="http://localhost:8000/oembed?url=' in page
    told = json.loads(client.get(f"/oembed?url={URL}&maxwidth=300").text)
    assert (told["version"], told["type"], told["width"]) == ("1.0", "rich", 300)
    assert f'<a href="{URL}">Russia Seeks Good Ties with Taliban</a>' in told["html"]
    assert "31 March 2020" in told["html"]
    assert client.get(f"/oembed?url={URL}&format=xml").status_code == 501


@pytest.mark.parametrize(
    "url",
    ["", "https://evil.example/russia-monitor/ties", f"{URL}/republish", "http://localhost:8000/"],
)
def test_a_pointer_to_anything_else_is_not_known(client: FlaskClient, site: Site, url: str) -> None:
    assert client.get("/oembed", query_string={"url": url}).status_code == 404


def test_the_page_of_an_issue_tells_machines_who_wrote_it_and_on_what_terms(
    client: FlaskClient, site: Site
) -> None:
    answer = client.get(site.issue)
    assert (
        '<meta name="citation_title" content="Russia Seeks Good Ties with Taliban">' in answer.text
    )
    assert '<meta name="DC.rights" content="https://example.org/licence">' in answer.text
    assert answer.headers["Link"] == '<https://example.org/licence>; rel="license"'


def test_a_text_that_may_not_be_republished_stays_out_of_the_copy(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        closed = make.licence(
            session, slug="closed", text_terms="Ask us first.", url="", reuse=False
        )
        name = closed.slug
        written = manuscripts.Article("Grain", "Kept back.", terms=name)
        article = make.article(
            session,
            publication_id=session.scalars(select(model.Publication.id)).first(),
            source=manuscripts.write(written),
        )
        session.add(
            model.IssueArticle(issue_id=site.issue_number, position=1, article_id=article.id)
        )
    page = client.get(REPUBLISH).text
    assert "1 text of the original is left out, for it may not be republished." in page
    assert "Not in this copy: Grain" in page
    assert "It holds the whole text" not in page
    told = json.loads(client.get(copy("json")).text)
    assert told["withheld"] == ["Grain"]
    assert told["licence"]["url"] == "https://example.org/licence"
    assert "Kept back." not in told["text"]
    assert "Licence of this text:" in client.get("/russia-monitor/ties").text
    cited = client.get("/russia-monitor/ties/cite.json?article=2")
    assert 'rel="license"' not in " ".join(cited.headers.getlist("Link"))
    assert "license" in cited.text
    with database.transaction() as session:
        session.scalars(
            select(model.Licence).where(model.Licence.slug != "closed")
        ).one().reuse = False
    refused = client.get(REPUBLISH).text
    assert "No ready copy of this text is offered." in refused
    assert "For “Grain”: Ask us first." in " ".join(refused.split())
    assert client.get(copy("md")).status_code == 404
