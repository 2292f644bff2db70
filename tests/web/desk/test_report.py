"""The report of an issue: sums that add up, on the page and in the file, and nobody's name."""

import csv
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, desk, model
from newsletter.deliveries.reasons import Ended
from newsletter.feedback import Followed
from newsletter.model import DeliveryState, IssueState, ReasonKind, ReuseForm, Role, Tracking
from web.desk.conftest import Desk

FIRST, SECOND = "https://example.org/first", "https://example.org/second"


def ended(session: Session, **columns: Any) -> model.Issue:
    """Make an issue for a thousand that took ten minutes, with clicks, goodbyes and refusals."""
    facts = {"state": IssueState.SENT, "content_hash": "0" * 64, "published_at": NOW}
    facts |= {"finished_at": NOW + timedelta(minutes=10), "audience": {"frozen": 1_000}}
    issue = make.issue(session, **(facts | columns))
    sums = {"sent": 980, "refused": 12, "skipped": 5, "unknown": 3}
    make.batch(session, issue_id=issue.id, last_delivery=1_000, due_at=None, **sums)
    for minute, sent in ((5, 490), (10, 980)):
        make.waypoint(session, issue_id=issue.id, at=NOW + timedelta(minutes=minute), sent=sent)
    make.link(session, issue.id, FIRST)
    make.link(session, issue.id, SECOND, number=2)
    make.click(session, issue.id, SECOND, count=70, peak=9)
    make.click(session, issue.id, count=4)
    make.goodbye(session, issue.id, count=6)
    for form, count in (("html", 3), ("page", 8), ("citation", 2)):
        make.reuse(session, issue.id, form=ReuseForm(form), count=count)
    for kind, domain, words, count in (
        (ReasonKind.REFUSED, "post.example", "550 No such mailbox", 7),
        (ReasonKind.REFUSED, "mail.example", "550 No such mailbox", 3),
        (ReasonKind.REFUSED, "mail.example", "=1+1 refused", 2),
        (ReasonKind.SKIPPED, "", "unsubscribed", 5),
        (ReasonKind.DEFERRED, "slow.example", "451 Later", 90),
    ):
        make.reason(session, issue_id=issue.id, kind=kind, domain=domain, words=words, count=count)
    return issue


def test_a_report_sums_up_what_became_of_an_issue(session: Session) -> None:
    report = desk.report(session, ended(session))
    assert report
    assert (report.frozen, report.tally.total, report.tally.open) == (1_000, 1_000, 0)
    assert report.tally.counts[DeliveryState.SENT] == 980
    assert report.links == [Followed(FIRST, 0, 0), Followed(SECOND, 70, 9)]
    assert (report.clicks, report.donate, report.goodbyes) == (70, 4, 6)
    assert report.by_words("refused") == [("550 No such mailbox", 10), ("=1+1 refused", 2)]
    assert report.by_domain("refused") == [("post.example", 7), ("mail.example", 5)]
    assert report.ended[1] == Ended(ReasonKind.SKIPPED, "", "unsubscribed", 5)
    assert sum(each.count for each in report.ended) == 17
    assert (report.copies, report.reuses) == (11, {"html": 3, "page": 8, "citation": 2})
    assert [point.sent for point in report.course] == [490, 980]


def test_what_has_not_begun_has_no_report(session: Session) -> None:
    assert desk.report(session, make.issue(session)) is None


@pytest.mark.parametrize("count", [1, 2, 60, 61, 500])
def test_a_long_course_is_told_in_some_points_with_both_its_ends(
    session: Session, count: int
) -> None:
    issue = make.issue(session).id
    for second in range(count):
        make.waypoint(session, issue_id=issue, at=NOW + timedelta(seconds=second), sent=second)
    points = [point.sent for point in deliveries.course(session, issue)]
    assert (points[0], points[-1]) == (0, count - 1)
    assert points == sorted(set(points))
    assert min(count, 30) <= len(points) <= 62


def test_the_page_shows_the_sums_the_clicks_and_the_refusals(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = ended(session).id
    page = desk.enter(Role.WRITER).get(f"/desk/issues/{issue}/report").text
    for words in ("98 %", "1,000", "550 No such mailbox", SECOND, "post.example", "has left"):
        assert words in page, words
    assert "counted without readers" in page
    assert "do not agree" not in page
    assert 'd="M0.0 200.0H500.0V102.0H1000.0V4.0"' in page
    assert "slow.example" not in page


@pytest.mark.parametrize("state", [IssueState.SENDING, IssueState.PAUSED, IssueState.CANCELLED])
def test_an_issue_on_its_way_has_a_report_too(desk: Desk, state: IssueState) -> None:
    with desk.database.transaction() as session:
        audience = {"frozen": 1_500}
        issue = ended(session, state=state, finished_at=None, audience=audience).id
    page = desk.enter(Role.WRITER).get(f"/desk/issues/{issue}/report").text
    assert "these numbers still change" in page
    assert 'To do</th><td class="number">500' in page


def test_sums_that_do_not_agree_are_told(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = ended(session, audience={"frozen": 999}).id
    page = desk.enter(Role.WRITER).get(f"/desk/issues/{issue}/report").text
    assert "1,000 mails are accounted for, 999 were frozen" in page


def test_where_nothing_is_counted_the_page_says_so(desk: Desk) -> None:
    with desk.database.transaction() as session:
        publication = make.publication(session, tracking=Tracking.NONE).id
        facts = {"state": IssueState.SENT, "published_at": NOW, "audience": {"frozen": 0}}
        issue = make.issue(session, publication_id=publication, content_hash="0" * 64, **facts).id
    page = desk.enter(Role.WRITER).get(f"/desk/issues/{issue}/report").text
    assert "lead straight to their addresses" in page
    assert "No mail was refused." in page
    assert "Nothing of its course" in page


def test_before_the_first_mail_the_page_teaches_and_there_is_no_file(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = make.issue(session).id
    writer = desk.enter(Role.WRITER)
    assert "Nothing has left yet." in writer.get(f"/desk/issues/{issue}/report").text
    assert writer.get(f"/desk/issues/{issue}/report.csv").status_code == 404
    assert writer.get("/desk/issues/999/report").status_code == 404


def test_the_file_has_every_number_and_no_formula(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = ended(session).id
    answer = desk.enter(Role.WRITER).get(f"/desk/issues/{issue}/report.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"filename=report-{issue}.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(answer.text.splitlines()))
    assert rows[:2] == [["part", "name", "words", "number"], ["sums", "frozen", "", "1000"]]
    sums = sum(int(row[3]) for row in rows[2:] if row[0] == "sums")
    assert sums == 1_000
    assert ["clicks", SECOND, "", "70"] in rows
    assert ["clicks", "donate", "", "4"] in rows
    assert ["left", "", "", "6"] in rows
    assert ["left on a day", "2026-11-23", "", "6"] in rows
    assert ["refused", "mail.example", "'=1+1 refused", "2"] in rows
    assert sum(row[0] == "course" for row in rows) == 8


def test_of_many_domains_the_page_names_those_with_most_and_sums_up_the_rest(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = ended(session).id
        for number in range(25):
            domain = f"{number}.example.net"
            make.reason(
                session, issue_id=issue, kind=ReasonKind.REFUSED, domain=domain, words="554 No"
            )
    writer = desk.enter(Role.WRITER)
    page = writer.get(f"/desk/issues/{issue}/report").text
    assert page.count(".example.net") == 18
    assert 'in the file</th><td class="number">7<' in page
    assert writer.get(f"/desk/issues/{issue}/report.csv").text.count(".example.net") == 25


def test_clicks_are_drawn_by_the_hour_and_over_a_long_time_by_more(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = ended(session)
        begin = NOW.replace(minute=0) - timedelta(hours=1)
        for hours, count in ((3, 20), (4, 35)):
            at = begin + timedelta(hours=hours)
            make.click(session, issue.id, FIRST, hour=at, count=count)
        number = issue.id
    writer = desk.enter(Role.WRITER)
    page, left = writer.get(f"/desk/issues/{number}/report").text.split("Left over time")
    assert "A bar is one day." in left
    assert left.count('class="report-bar"') == 1
    assert re.search(r'23 November 2026</th><td class="number">6<', left)
    assert "A bar is one hour." in page
    assert page.count('class="report-bar"') == 3
    assert "clicks in an hour,2026-11-23T12:00+01:00,,20" in (
        writer.get(f"/desk/issues/{number}/report.csv").text
    )
    with desk.database.transaction() as session:
        make.click(session, number, FIRST, hour=begin + timedelta(days=30), count=1)
        make.goodbye(session, number, day=NOW.date() + timedelta(days=100), count=2)
    page, left = writer.get(f"/desk/issues/{number}/report").text.split("Left over time")
    assert "A bar is 2 days." in left
    assert re.search(r'3 March 2027</th><td class="number">2<', left)
    assert "A bar is 10 hours." in page
    assert page.count('class="report-bar"') == 2
    assert "125</td>" in page
