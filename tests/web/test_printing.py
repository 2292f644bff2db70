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

    def typeset(self, html: str, pictures: Mapping[str, bytes], *, universal: bool) -> bytes:
        assert universal
        self.jobs.append((html, pictures))
        return b"%PDF-1.7 " + str(len(self.jobs)).encode()


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop()
    monkeypatch.setattr(typesetting, "typeset", shop.typeset)
    monkeypatch.setattr(typesetting, "lacking", tuple)
    return shop


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
    page = client.get(site.issue).text
    assert f'<link rel="alternate" type="application/pdf" href="{URL}.pdf"' in page
    assert f'<meta name="citation_pdf_url" content="{URL}.pdf">' in page
    assert f'<a href="{URL}.pdf" type="application/pdf">Read as PDF</a>' in page
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

    with database.transaction() as session:
        session.scalars(select(model.Issue)).one().state = model.IssueState.CANCELLED
    for path in (PDF, "/russia-monitor/none.pdf", "/nothing/ties.pdf"):
        assert client.get(path).status_code == 404
    assert len(shop.jobs) == 2


def test_where_there_is_none_it_is_said_why(
    client: FlaskClient, site: Site, shop: Shop, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as bare:
        bare.setattr(typesetting, "lacking", lambda: ("weasyprint", "pango-1.0"))
        assert ".pdf" not in client.get(site.issue).text
        answer = client.get(PDF)
        assert answer.status_code == 501
        assert "weasyprint, pango-1.0 is missing on this machine" in answer.text

    # Who comes while another is made is asked to come again, and one that failed rests.
    tries = []

    def typeset(html: str, pictures: Mapping[str, bytes], *, universal: bool) -> bytes:
        tries.append(app.test_client().get(PDF))
        raise NotTypeset("It took longer than 120 seconds")

    monkeypatch.setattr(typesetting, "typeset", typeset)
    for _ in range(3):
        answer = client.get(PDF)
        assert answer.status_code == 500
        assert "The PDF could not be made" in answer.text
    (meanwhile,) = tries
    assert meanwhile.status_code == 503
    assert meanwhile.headers["Retry-After"] == meanwhile.headers["Refresh"] == "5"
    assert "The PDF will be here in a moment" in meanwhile.text


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
