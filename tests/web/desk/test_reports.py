"""Reports: issues side by side, what is usual for one, and the table for spreadsheets."""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, desk, model
from newsletter.model import DeliveryState, Frequency, IssueState, Role, Tracking
from web.desk.conftest import Desk

LINK = "https://example.org/"


def ended(
    session: Session,
    publication: int,
    began: datetime,
    *,
    sent: int = 1_000,
    clicks: int = 0,
    goodbyes: int = 0,
    **columns: Any,
) -> model.Issue:
    """Make an issue that came to its end in half an hour, of which five mails were refused."""
    facts = {"state": IssueState.SENT, "content_hash": "0" * 64, "published_at": began}
    facts |= {"finished_at": began + timedelta(minutes=30), "audience": {"frozen": sent + 5}}
    issue = make.issue(session, publication_id=publication, **{**facts, **columns})
    make.waypoint(session, issue_id=issue.id, at=began)
    end = began + timedelta(minutes=30)
    make.waypoint(session, issue_id=issue.id, at=end, sent=sent, refused=5)
    if clicks:
        make.click(session, issue.id, LINK, count=clicks)
    if goodbyes:
        make.goodbye(session, issue.id, count=goodbyes)
    return issue


def test_what_has_ended_is_summed_up_by_what_was_written_down_last(session: Session) -> None:
    monitor = make.publication(session).id
    issue = ended(session, monitor, NOW, sent=900)
    going = ended(session, monitor, NOW, finished_at=None, state=IssueState.SENDING)
    make.batch(session, issue_id=going.id, last_delivery=1_005, sent=40)
    facts: dict[str, Any] = {"state": IssueState.SENT, "content_hash": "0" * 64}
    facts |= {"published_at": NOW, "finished_at": NOW, "audience": {"frozen": 7}}
    old = make.issue(session, **facts)
    make.batch(session, issue_id=old.id, last_delivery=7, sent=7)
    draft = make.issue(session)
    found = deliveries.tallies(session, [issue, going, old, draft])
    assert {number: tally.counts[DeliveryState.SENT] for number, tally in found.items()} == {
        issue.id: 900,
        going.id: 40,
        old.id: 7,
    }
    assert (found[issue.id].total, found[issue.id].open, found[going.id].open) == (905, 0, 965)


def test_reports_come_latest_first_page_by_page_and_by_publication(session: Session) -> None:
    one, other = make.publication(session).id, make.publication(session).id
    make.issue(session, publication_id=one)
    numbers = [
        ended(session, publication, NOW + timedelta(days=day)).id
        for day, publication in enumerate((one, one, other, one))
    ]
    numbers.append(ended(session, one, NOW + timedelta(days=3)).id)
    latest = numbers[::-1]
    assert [each.id for each in desk.reports(session)] == latest
    assert [each.id for each in desk.reports(session, limit=2)] == latest[:2]
    assert [each.id for each in desk.reports(session, before=latest[1])] == latest[2:]
    assert [each.id for each in desk.reports(session, publication=other)] == [numbers[2]]
    assert desk.reports(session, before=10**6) == []


def test_a_line_tells_rates_of_a_thousand_and_no_clicks_where_none_are_counted(
    session: Session,
) -> None:
    monitor = make.publication(session).id
    ended(session, monitor, NOW, sent=500, clicks=40, goodbyes=2)
    make.click(session, ended(session, monitor, NOW - timedelta(days=1), sent=0).id, count=3)
    silent = make.publication(session, tracking=Tracking.NONE).id
    ended(session, silent, NOW - timedelta(days=2))
    line, nothing, quiet = desk.reports(session)
    assert (line.sent, line.refused, line.clicks) == (500, 5, 40)
    assert line.clicks_per_thousand == 80
    assert line.goodbyes_per_thousand == 4
    assert line.refused_per_thousand == pytest.approx(1000 * 5 / 505)
    assert (nothing.donate, nothing.donate_per_thousand) == (3, None)
    assert (quiet.is_counted, quiet.clicks_per_thousand) == (False, None)


def test_an_issue_is_compared_with_the_median_of_the_ten_of_its_kind_before_it(
    session: Session,
) -> None:
    monitor = make.publication(session).id
    first = ended(session, monitor, NOW)
    for day in range(1, 13):
        clicks = 10 * day if day != 7 else 5_000
        ended(session, monitor, NOW + timedelta(days=day), clicks=clicks)
    digest: dict[str, Any] = {"frequency": Frequency.WEEKLY}
    ended(session, monitor, NOW + timedelta(days=12, hours=1), clicks=9_000, **digest)
    ended(session, make.publication(session).id, NOW + timedelta(days=12, hours=2), clicks=9_000)
    going: dict[str, Any] = {"state": IssueState.PAUSED, "finished_at": None}
    ended(session, monitor, NOW + timedelta(days=12, hours=3), clicks=9_000, **going)
    issue = ended(session, monitor, NOW + timedelta(days=13), clicks=99, goodbyes=1)
    compared = desk.compare(session, issue)
    assert compared
    assert len(compared.before) == 10
    told = {each.name: (each.this, each.usual) for each in compared.measures}
    # Of 30, 40, 50, 60, 80 … 120 and 5,000.
    assert told["clicks"] == (99.0, 85.0)
    assert told["sent"] == (1_000.0, 1_000.0)
    assert told["goodbyes"] == (1.0, 0.0)
    assert desk.compare(session, first) is None
    assert desk.compare(session, make.issue(session)) is None


def test_what_nobody_counts_is_not_compared(session: Session) -> None:
    monitor = make.publication(session, tracking=Tracking.NONE).id
    ended(session, monitor, NOW)
    compared = desk.compare(session, ended(session, monitor, NOW + timedelta(days=7)))
    assert compared
    assert [each.name for each in compared.measures] == ["sent", "goodbyes", "refused"]


def test_the_list_leads_to_reports_and_on_to_older_ones(desk: Desk) -> None:
    with desk.database.transaction() as session:
        monitor = make.publication(session, name="Canals").id
        for day in range(31):
            ended(session, monitor, NOW + timedelta(days=day), subject=f"Lock {day}", clicks=56)
        make.publication(session, name="Rivers", slug="rivers")
    writer = desk.enter(Role.WRITER)
    page = writer.get("/desk/reports").text
    assert ("Lock 30" in page, "Lock 1<" in page, "Lock 0<" in page) == (True, True, False)
    assert 'class="number">56<' in page
    (older,) = (part for part in page.split('"') if "before=" in part)
    page = writer.get(older).text
    assert ("Lock 0<" in page, "Lock 1<" in page) == (True, False)
    assert "Newest" in page
    assert "No issue of Rivers has left yet." in writer.get("/desk/reports?publication=rivers").text


def test_before_anything_has_left_the_list_teaches(desk: Desk) -> None:
    assert "No issue has left yet." in desk.enter(Role.WRITER).get("/desk/reports").text


def test_the_table_has_every_issue_and_no_formula(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.web.desk.reports.AT_ONCE", 2)
    with desk.database.transaction() as session:
        monitor = make.publication(session, name="Canals", slug="canals").id
        for day in range(4):
            ended(session, monitor, NOW + timedelta(days=day), subject="=1+1", sent=800, clicks=20)
        ended(session, make.publication(session, tracking=Tracking.NONE).id, NOW)
    writer = desk.enter(Role.WRITER)
    header, *rows = csv.reader(writer.get("/desk/reports.csv").text.splitlines())
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert len(told) == 5
    assert told[0]["issue"] == "'=1+1"
    assert told[0]["began"] == "2026-11-26T10:00:00+01:00"
    assert (told[0]["sent"], told[0]["refused"], told[0]["clicks per 1000 sent"]) == (
        *("800", "5", "25.0"),
    )
    assert [row["clicks"] for row in told].count("") == 1
    answer = writer.get("/desk/reports.csv?publication=canals")
    assert len(answer.text.splitlines()) == 5
    assert "filename=reports.csv" in answer.headers["Content-Disposition"]


def test_a_report_stands_beside_the_ones_before(desk: Desk) -> None:
    with desk.database.transaction() as session:
        monitor = make.publication(session).id
        before = ended(session, monitor, NOW, clicks=30).id
        issue = ended(session, monitor, NOW + timedelta(days=7), clicks=45).id
    writer = desk.enter(Role.WRITER)
    page = writer.get(f"/desk/issues/{issue}/report").text
    assert "Beside the issue before it" in page
    assert '<td class="number">45</td><td class="number muted">30</td>' in page
    assert "Beside the" not in writer.get(f"/desk/issues/{before}/report").text


def grown(desk: Desk) -> None:
    """Note that four joined canals this week, of whom one left, and that one bounced away."""
    today = datetime.now(UTC).date()
    with desk.database.transaction() as session:
        canals = make.publication(session, name="Canals", slug="canals").id
        make.publication(session, name="Rivers", slug="rivers")
        for kind, count in (("joined", 4), ("left", 1), ("bounced", 1), ("size", 1_250)):
            make.counter(session, name=f"{kind}-{canals}", day=today, count=count)


def test_growth_is_drawn_and_told_as_a_table(desk: Desk) -> None:
    grown(desk)
    writer = desk.enter(Role.WRITER)
    page = writer.get("/desk/reports/growth").text
    row = "".join(f'<td class="number">{number}</td>' for number in ("4", "1", "1", "1,250"))
    assert row in page
    # The last of twelve: up to the top, then down, end to end.
    assert '<rect class="growth-joined" x="933.3" y="0.0" width="50.0" height="133.3"/>' in page
    assert '<rect class="growth-left" x="933.3" y="0.0" width="50.0" height="33.3"/>' in page
    assert '<rect class="growth-bounced" x="933.3" y="33.3" width="50.0" height="33.3"/>' in page
    page = writer.get("/desk/reports/growth?publication=canals&by=month").text
    assert row in page
    assert 'name="by" value="month"' in page
    page = writer.get("/desk/reports/growth?publication=rivers").text
    assert "Nobody came or went" in page
    assert "<rect" not in page.partition("report-chart")[0]


def test_before_there_is_a_publication_growth_teaches(desk: Desk) -> None:
    assert "no publication yet" in desk.enter(Role.WRITER).get("/desk/reports/growth").text


@pytest.mark.parametrize("by", ["week", "month"])
def test_the_file_of_growth_has_every_publication(desk: Desk, by: str) -> None:
    grown(desk)
    answer = desk.enter(Role.WRITER).get(f"/desk/reports/growth.csv?by={by}")
    _, *rows = csv.reader(answer.text.splitlines())
    assert [row[0] for row in rows] == ["Canals"] * 12 + ["Rivers"] * 12
    assert rows[11][3:] == ["4", "1", "1", "1250"]
    assert rows[0][3:] == ["0", "0", "0", ""]
