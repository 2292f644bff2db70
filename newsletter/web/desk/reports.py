"""What became of all issues that have left: a list, and a table for spreadsheets."""

from collections.abc import Iterator

from flask import Response
from sqlalchemy.orm import Session

from newsletter import desk, issues
from newsletter.desk import Permission, Summary
from newsletter.web.context import database
from newsletter.web.desk.guard import bp, needs
from newsletter.web.desk.leafing import leaf
from newsletter.web.desk.report import ENDS, rate
from newsletter.web.desk.reports_frame import asked_for, reports_page
from newsletter.web.desk.tables import Row, table

PER_PAGE = 30
AT_ONCE = 500
"""Issues that are asked for at a time, for the table."""


@bp.get("/reports")
@needs(Permission.SENDING)
def reports() -> Response:
    """List the issues that have left, the latest first."""
    with database.reading() as session:
        publications = issues.publications(session)
        chosen = asked_for(publications)
        number = chosen.id if chosen else None
        found = leaf(
            lambda before, most: desk.reports(
                session, publication=number, before=before, limit=most
            ),
            PER_PAGE,
        )
    return reports_page(
        "list.html",
        found=found.rows,
        most=max((each.clicks_per_thousand or 0 for each in found.rows), default=0),
        older=found.older,
        before=found.before,
        chosen=chosen,
        publications=publications,
        rate=rate,
    )


@bp.get("/reports.csv")
@needs(Permission.SENDING)
def reports_table() -> Response:
    """Give the sums of every issue in a file."""
    with database.reading() as session:
        chosen = asked_for(issues.publications(session))
        return table("reports.csv", _rows(session, chosen.id if chosen else None))


def _rows(session: Session, publication: int | None) -> Iterator[Row]:
    yield (
        *("number", "issue", "publication", "frequency", "state", "began", "finished"),
        *(state.value for state in ENDS),
        *("clicks", "clicks per 1000 sent", "donate clicks", "left", "gifts", "given"),
    )
    before: int | None = None
    while found := desk.reports(session, publication=publication, before=before, limit=AT_ONCE):
        yield from map(_row, found)
        before = found[-1].id


def _row(issue: Summary) -> Row:
    finished, per_thousand = issue.finished_at, issue.clicks_per_thousand
    return (
        *(issue.id, issue.subject, issue.publication, issue.frequency.value, issue.state.value),
        issue.began_at.isoformat(timespec="seconds"),
        finished.isoformat(timespec="seconds") if finished else "",
        *(issue.tally.counts[state] for state in ENDS),
        issue.clicks if issue.is_counted else "",
        "" if per_thousand is None else round(per_thousand, 2),
        issue.donate if issue.is_counted else "",
        issue.goodbyes,
        sum(each.count for each in issue.given),
        "; ".join(f"{each.amount} {each.currency}" for each in issue.given),
    )
