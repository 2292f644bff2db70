"""The PDF edition on the web: made once, kept, never two at a time, honest where it cannot be."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import make
from newsletter import issues, model, typesetting
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.errors import NotTypeset
from newsletter.web import create_app, prints
from newsletter.web.prints import Busy, Prints
from web.conftest import Site

PDF = "/russia-monitor/ties.pdf"
URL = "http://localhost:8000/russia-monitor/ties"


class Shop:
    """Typesets nothing, and remembers what it was given."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, Mapping[str, bytes]]] = []

    def typeset(self, html: str, pictures: Mapping[str, bytes]) -> bytes:
        self.jobs.append((html, pictures))
        return b"%PDF-1.7 " + str(len(self.jobs)).encode()


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop()
    monkeypatch.setattr(typesetting, "typeset", shop.typeset)
    monkeypatch.setattr(typesetting, "lacking", tuple)
    return shop


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "lacking", lambda: ("weasyprint", "pango-1.0"))


def test_a_pdf_is_made_once_and_kept(
    client: FlaskClient, site: Site, shop: Shop, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        session.scalars(select(model.Image)).one().permission = "own"
    first = client.get(PDF)
    assert (first.status_code, first.mimetype, first.data) == (
        200,
        "application/pdf",
        b"%PDF-1.7 1",
    )
    assert first.headers["Content-Disposition"] == 'inline; filename="russia-monitor-ties.pdf"'
    assert f'<{URL}>; rel="canonical"' in first.headers.getlist("Link")
    assert "X-Robots-Tag" not in first.headers
    ((html, pictures),) = shop.jobs
    assert "The first paragraph of the analysis" in html
    assert "/donate/" in html
    assert "Support Us" not in html
    assert [len(each) > 50 for each in pictures.values()] == [True]

    again = create_app(settings, database).test_client()
    assert again.get(PDF).data == b"%PDF-1.7 1"
    tag = first.headers["ETag"]
    assert again.get(PDF, headers={"If-None-Match": tag}).status_code == 304
    assert len(shop.jobs) == 1

    with database.transaction() as session:
        issue = session.scalars(select(model.Issue)).one()
        issues.correct(session, issue, "It was Tuesday.", make.NOW)
    other = again.get(PDF, headers={"If-None-Match": tag})
    assert (other.status_code, other.data) == (200, b"%PDF-1.7 2")
    assert "It was Tuesday." in shop.jobs[1][0]
    assert other.last_modified == make.NOW


def test_the_page_points_to_the_pdf(client: FlaskClient, site: Site, shop: Shop) -> None:
    page = client.get(site.issue).text
    assert f'<link rel="alternate" type="application/pdf" href="{URL}.pdf"' in page
    assert f'<meta name="citation_pdf_url" content="{URL}.pdf">' in page
    assert f'<a href="{URL}.pdf" type="application/pdf">Read as PDF</a>' in page


def test_without_an_engine_no_page_offers_it_and_its_address_says_what_is_missing(
    client: FlaskClient, site: Site, nothing_installed: None
) -> None:
    assert ".pdf" not in client.get(site.issue).text
    answer = client.get(PDF)
    assert answer.status_code == 501
    assert "weasyprint, pango-1.0 is missing on this machine" in answer.text


def test_who_comes_while_another_is_made_is_asked_to_come_again(
    client: FlaskClient, site: Site, shop: Shop, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = []

    def typeset(html: str, pictures: Mapping[str, bytes]) -> bytes:
        inner.append(app.test_client().get(PDF))
        return b"%PDF-1.7"

    monkeypatch.setattr(typesetting, "typeset", typeset)
    assert client.get(PDF).status_code == 200
    (meanwhile,) = inner
    assert meanwhile.status_code == 503
    assert meanwhile.headers["Retry-After"] == meanwhile.headers["Refresh"] == "5"
    assert "The PDF will be here in a moment" in meanwhile.text


def test_what_cannot_be_made_is_not_tried_again_at_once(
    client: FlaskClient, site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def typeset(html: str, pictures: Mapping[str, bytes]) -> bytes:
        tries.append(html)
        raise NotTypeset("It took longer than 120 seconds")

    monkeypatch.setattr(typesetting, "typeset", typeset)
    for _ in range(3):
        answer = client.get(PDF)
        assert answer.status_code == 500
        assert "The PDF could not be made" in answer.text
    assert len(tries) == 1


def test_only_what_is_public_has_a_pdf(
    client: FlaskClient, site: Site, shop: Shop, database: Database
) -> None:
    with database.transaction() as session:
        session.scalars(select(model.Issue)).one().state = model.IssueState.CANCELLED
    for path in (PDF, "/russia-monitor/none.pdf", "/nothing/ties.pdf"):
        assert client.get(path).status_code == 404
    assert shop.jobs == []


def test_the_folder_is_bounded_and_what_was_asked_for_last_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prints, "MOST", 3)
    kept = Prints(tmp_path / "pdf")
    for number, name in enumerate("abcd"):
        kept.make(name, lambda name=name: name.encode())  # type: ignore[misc]
        os.utime(kept.folder / f"{name}.pdf", (number, number))
        assert kept.find("a") == b"a"
    assert {file.stem for file in kept.folder.iterdir()} == {"a", "c", "d"}
    monkeypatch.setattr(prints, "MOST_OCTETS", 4)
    assert kept.make("e", lambda: b"eeeeeeee") == b"eeeeeeee"
    assert {file.stem for file in kept.folder.iterdir()} == {"e"}
    with pytest.raises(Busy):
        kept.make("f", lambda: kept.make("g", lambda: b""))
