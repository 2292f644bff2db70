"""Monthlies at the desk: from one button to the page, the mail and the PDF."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import make
from newsletter import issues, model, typesetting
from newsletter.issues import monthlies
from newsletter.model import IssueState, Role
from scenes import monthlies as scene
from web.desk.conftest import Desk

MONTH = f"{scene.MONTH:%Y-%m}"


def test_a_monthly_is_made_put_in_order_made_anew_and_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers: list[str] = []

    def typeset(html: str, pictures: object, *, universal: bool) -> bytes:
        papers.append(html)
        return b"%PDF-1.7"

    monkeypatch.setattr(typesetting, "lacking", tuple)
    monkeypatch.setattr(typesetting, "typeset", typeset)
    with desk.database.transaction() as session:
        scene.texts(session)
        other = session.scalars(
            select(model.Publication.id).where(model.Publication.slug == "canals")
        ).one()
    writer, place = desk.enter(Role.WRITER), "/desk/issues/monthlies"
    page = writer.get(place).text
    assert f'value="{MONTH}"' in page
    assert "Nothing has been published here yet." in page
    for form, status in (
        ({"publication": "baltic-monitor", "month": "2001-01"}, 422),
        ({"publication": "canals", "month": MONTH}, 422),
        ({"publication": "none", "month": MONTH}, 404),
        ({"publication": "baltic-monitor", "month": "October"}, 404),
    ):
        assert writer.send(place, **form).status_code == status, form
    made = writer.send(
        place, publication="baltic-monitor", month=MONTH, source=[str(other), "99", "x"]
    )
    own, _, done = made.location.partition("?")
    assert done == "done=monthly-made"
    number = int(own.split("/")[3])
    again = writer.send(place, publication="baltic-monitor", month=MONTH)
    assert again.location == f"/desk/issues/{number}"

    with desk.database.reading() as session:
        monthly = session.get_one(model.Monthly, number)
        first, second, third, fourth = monthly.texts
        assert len(monthly.sources) == 2
    shown = writer.get(own)
    assert shown.text.count('name="text"') == 4
    assert 'aria-current="page">Monthly</a>' in shown.text
    order = {
        "base": "1",
        "text": [str(each) for each in monthly.texts],
        "preface": "We look back.\r\n\r\nAnd ahead.",
        **{f"in-{each}": "on" for each in (first, second, fourth)},
        **{f"place-{each}": str(at) for at, each in enumerate(monthly.texts, 1)},
        f"place-{fourth}": "1",
        f"place-{second}": "x",
    }
    late = writer.send(own, **{**order, "base": "0"})
    assert late.status_code == 409
    assert "We look back." in late.text
    bare = writer.send(own, base="1", text=[str(first)], preface="Kept <words>")
    assert bare.status_code == 422
    assert "Kept &lt;words&gt;" in bare.text
    assert writer.send(own, **{**order, "preface": "x" * 4_001}).status_code == 422
    assert writer.send(own, **order).location == f"{own}?done=monthly-arranged"
    with desk.database.reading() as session:
        monthly = session.get_one(model.Monthly, number)
        assert (monthly.texts, monthly.left_out) == ([fourth, first, second], [third])
        assert monthly.preface == "We look back.\n\nAnd ahead."

    assert writer.get(f"/desk/issues/{number}/pdf").mimetype == "application/pdf"
    assert papers[-1].count('class="text"') == 3
    assert papers[-1].count("Pilotage is the part of a port that nobody sees") == 3
    assert "And ahead." in papers[-1]
    with desk.database.transaction() as session:
        text = session.get_one(model.Issue, first)
        issues.correct(session, text, "It was Tuesday.", datetime.now(UTC) + timedelta(hours=1))
    assert "This monthly is out of date." in writer.get(own).text
    base = {"base": "2"}
    assert writer.send(f"{own}/refresh", base="0").status_code == 409
    assert writer.send(f"{own}/refresh", **base).location == f"{own}?done=monthly-refreshed"

    with desk.database.transaction() as session:
        issue = session.get_one(model.Issue, number)
        issue.state, issue.content_hash, issue.published_at = IssueState.SENT, "0" * 64, make.NOW
        slug = issue.slug
    assert "Mail and page stay as they were sent" in writer.get(own).text
    reader = desk.app.test_client()
    page = reader.get(f"/baltic-monitor/{slug}").text
    for said in ("Contents", "We look back.", scene.HEADLINES[3], f"/{slug}.pdf"):
        assert said in page
    assert scene.HEADLINES[2] not in page.partition("<nav")[0]
    assert reader.get(f"/baltic-monitor/{slug}.pdf").data == b"%PDF-1.7"
    for other_page in (f"/desk/issues/{first}/monthly", "/desk/issues/9999/pdf"):
        assert writer.get(other_page).status_code == 404
    assert ">Monthly</a>" not in writer.get(f"/desk/issues/{first}").text


def test_the_first_page_reminds_of_a_monthly_where_one_is_usual(desk: Desk) -> None:
    with desk.database.transaction() as session:
        publication = make.publication(session, name="Baltic Monitor")
        last = monthlies.last_month(publication, datetime.now(UTC))
        article = make.article(session, publication_id=publication.id, dated=last)
        make.issue(
            session, article, state=IssueState.SENT, content_hash="0" * 64, published_at=make.NOW
        )
        number = publication.id
    writer = desk.enter(Role.WRITER)
    assert "has no monthly yet" not in writer.get("/desk").text
    with desk.database.transaction() as session:
        earlier = make.issue(session, publication_id=number)
        make.monthly(session, issue_id=earlier.id, month=last.replace(year=2020))
    assert "The month is over and has no monthly yet." in writer.get("/desk").text
