"""What appeals brought: side by side, each by variant and by issue, and as files."""

from datetime import UTC, datetime

from flask import Response

from newsletter import desk, support
from newsletter.desk import Brought, Permission
from newsletter.web.context import database
from newsletter.web.desk.brought import COLUMNS, facts, numbers
from newsletter.web.desk.guard import bp, needs
from newsletter.web.desk.report import rate
from newsletter.web.desk.reports_frame import reports_page
from newsletter.web.desk.tables import Row, table

MOST_ISSUES = 30
"""Issues in the table of the page; all are in the file."""


@bp.get("/reports/appeals")
@needs(Permission.DONATIONS)
def appeal_reports() -> Response:
    """List what each appeal brought."""
    with database.reading() as session:
        brought = desk.brought_by_appeals(session)
        found = [(each, brought.get(each.id, Brought())) for each in support.appeals(session)]
    found.sort(key=lambda pair: -pair[1].sent)
    return reports_page("appeals.html", found=found, rate=rate, **facts())


@bp.get("/reports/appeals/<int:number>")
@needs(Permission.DONATIONS)
def appeal_report(number: int) -> Response:
    """Show what an appeal brought, by variant and by issue."""
    with database.reading() as session:
        appeal = support.fetch_appeal(session, number)
        report = desk.brought_by(session, appeal)
        goal = support.goals(session, [appeal], datetime.now(UTC)).get(number)
    return reports_page(
        "appeal.html",
        one=appeal,
        report=report,
        goal=goal,
        most=MOST_ISSUES,
        rate=rate,
        **facts(),
    )


@bp.get("/reports/appeals/<int:number>.csv")
@needs(Permission.DONATIONS)
def appeal_table(number: int) -> Response:
    """Give what an appeal brought in a file: a line for each issue, variant and currency."""
    with database.reading() as session:
        appeal = support.fetch_appeal(session, number)
        report = desk.brought_by(session, appeal)
    rows: list[Row] = [("issue", "subject", "publication", "began", *COLUMNS)]
    rows += [("", "", "", "", *row) for row in numbers(report.parts)]
    for each in report.issues:
        began = each.began_at.isoformat(timespec="seconds")
        head = (each.issue, each.subject, each.publication, began)
        rows += [(*head, *row) for row in numbers(each.parts)]
    return table(f"appeal-{number}.csv", rows)
