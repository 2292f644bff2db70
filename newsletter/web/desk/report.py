"""What became of an issue, as a page and as a table for spreadsheets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from flask import Response

from newsletter import desk, issues, model
from newsletter.desk import Permission, Report, may
from newsletter.errors import NotFound
from newsletter.issues import Result
from newsletter.language import marked as _
from newsletter.language import say_number
from newsletter.model import DeliveryState
from newsletter.web.context import database, reader_language
from newsletter.web.desk import brought
from newsletter.web.desk.guard import bp, needs, presence
from newsletter.web.desk.issue_frame import issue_page
from newsletter.web.desk.sending import WHY
from newsletter.web.desk.tables import Row, table

MOST = 20
"""Rows of a table of the page; the rest is in the file, and in a sum below."""
MOST_BARS = 72
WIDTH, HEIGHT = 1_000, 200
"""The drawing of the course, in its own measure: it is stretched to its place."""
WIDEST = 60
"""Of a bar, in that measure: few of them are no walls."""
ENDS = (
    DeliveryState.SENT,
    DeliveryState.REFUSED,
    DeliveryState.SKIPPED,
    DeliveryState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Chart:
    """How many mails were sent over time, as a line; ``top`` is what the upper edge stands for."""

    line: str
    top: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Some hours or days, and what was counted in them."""

    begin: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Bars:
    """What was counted over time, as a bar for each span of ``units``: of hours, or of days."""

    spans: Sequence[Span]
    units: int
    most: int
    bars: Sequence[Sequence[float]]


@bp.get("/issues/<int:number>/report")
@needs(Permission.SENDING)
def report_page(number: int) -> Response:
    """Show what became of an issue."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        report = desk.report(session, issue)
        return issue_page(
            "report.html",
            session,
            issue,
            report=report,
            why=WHY,
            most=MOST,
            variants=_variants(issue, report) if report else (),
            shares=_shares(report) if report else {},
            chart=_chart(report) if report else None,
            clicked=_clicked(report) if report else None,
            left=_left(report) if report else None,
            comparison=desk.compare(session, issue),
            appeal=desk.brought_in(session, issue) if report else None,
            rate=rate,
            **brought.facts(),
            may_see_donations=may(presence.role, Permission.DONATIONS),
        )


@bp.get("/issues/<int:number>/report.csv")
@needs(Permission.SENDING)
def report_table(number: int) -> Response:
    """Give every number of the report in a file."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        report = desk.report(session, issue)
        if report is None:
            raise NotFound
        appeal = desk.brought_in(session, issue)
    return table(f"report-{number}.csv", _rows(issue, report, appeal))


def rate(number: float | None) -> str:
    """Write how many there are of a thousand; a dash where nobody knows."""
    if number is None:
        return "–"
    return say_number(round(number, 1 if number < 100 else None), reader_language())


def _variants(issue: model.Issue, report: Report) -> Sequence[tuple[str, str, Result]]:
    """List the variants of an issue's mail: what each is called, its subject, what became of it."""
    waves = report.waves
    if waves is None:
        return []
    found = [(_("Under embargo"), "", waves.embargoed)] if waves.embargoed else []
    if waves.test is None:
        rest = waves.rest
        others = Result(rest.sent if rest else 0, waves.a.clicks)
        return [*found, (_("The rest"), "", others)]
    return [
        *found,
        (_("Subject A"), issue.subject, waves.a),
        (_("Subject B"), waves.test.subject, waves.b),
    ]


def _rows(issue: model.Issue, report: Report, appeal: desk.AppealIn | None) -> Iterator[Row]:
    yield "part", "name", "words", "number"
    yield "sums", "frozen", "", report.frozen
    for state in ENDS:
        yield "sums", state.value, "", report.tally.counts[state]
    yield "sums", "to do", "", report.tally.open
    if report.is_counted:
        for link in report.links:
            yield "clicks", link.url, "", link.count
        yield "clicks", "donate", "", report.donate
    for name, subject, result in _variants(issue, report):
        yield "variant", name, f"{subject}: sent".removeprefix(": "), result.sent
        if report.is_counted:
            yield "variant", name, f"{subject}: clicks".removeprefix(": "), result.clicks
    yield "left", "", "", report.goodbyes
    for day, count in report.left:
        yield "left on a day", day.isoformat(), "", count
    for form, times in sorted(report.reuses.items()):
        yield "reuse", form, "", times
    for given in report.given:
        yield "gifts", given.currency, str(given.amount), given.count
    for row in brought.numbers(appeal.parts if appeal else ()):
        for name, value in list(zip(brought.COLUMNS, row, strict=True))[1:]:
            yield "appeal", str(row[0]), name, value
    for reason in report.ended:
        yield reason.kind.value, reason.domain, reason.words, reason.count
    for hour in report.hours:
        at = hour.hour.astimezone(report.zone).isoformat(timespec="minutes")
        yield "clicks in an hour", at, "", hour.count
    for point in report.course:
        at = point.at.astimezone(report.zone).isoformat(timespec="seconds")
        for state in ENDS:
            yield "course", at, state.value, getattr(point, state)


def _shares(report: Report) -> Mapping[str, str]:
    """Say for each end how many in a hundred came to it."""
    language = reader_language()
    counts = {state.value: count for state, count in report.tally.counts.items()}
    counts["open"] = report.tally.open
    return {
        state: f"{say_number(round(100 * count / report.frozen, 1), language)} %"
        for state, count in counts.items()
        if report.frozen
    }


def _chart(report: Report) -> Chart | None:
    """Draw the course in steps: a number holds until the next was written down."""
    points = [(report.began_at, 0)]
    points += [(point.at, point.sent) for point in report.course if point.at > report.began_at]
    if report.finished_at and report.finished_at > points[-1][0]:
        points.append((report.finished_at, report.tally.counts[DeliveryState.SENT]))
    first, last = points[0][0], points[-1][0]
    if len(points) < 2 or not report.frozen:
        return None

    def x(at: datetime) -> float:
        return round(WIDTH * ((at - first) / (last - first)), 1)

    def y(sent: int) -> float:
        return round(HEIGHT * (1 - min(1, sent / report.frozen)), 1)

    steps = [f"M{x(first)} {y(0)}"]
    steps += [f"H{x(at)}V{y(sent)}" for at, sent in points[1:]]
    return Chart("".join(steps), report.frozen, first, last)


def _clicked(report: Report) -> Bars | None:
    """Draw in which hours links were followed."""
    began = report.began_at.replace(minute=0, second=0, microsecond=0)
    counted = [(each.hour, each.count) for each in report.hours]
    return _bars(began, counted, timedelta(hours=1))


def _left(report: Report) -> Bars | None:
    """Draw on which days readers left."""
    began = datetime.combine(report.began_at.astimezone(UTC), time(), UTC)
    counted = [(datetime.combine(day, time(), UTC), count) for day, count in report.left]
    return _bars(began, counted, timedelta(days=1))


def _bars(began: datetime, counted: Sequence[tuple[datetime, int]], unit: timedelta) -> Bars | None:
    """Draw what was counted in units of time; where these are many, some together as one bar."""
    if not counted:
        return None
    first = min(began, counted[0][0])
    places = [(at - first) // unit for at, _count in counted]
    units = -(-(places[-1] + 1) // MOST_BARS)
    counts = [0] * (places[-1] // units + 1)
    for place, (_at, count) in zip(places, counted, strict=True):
        counts[place // units] += count
    most, width = max(counts), WIDTH / len(counts)
    breadth = min(width * 0.8, WIDEST)
    bars = [
        (
            round(width * (number + 0.5) - breadth / 2, 1),
            round(HEIGHT * (1 - count / most), 1),
            round(breadth, 1),
            round(HEIGHT * count / most, 1),
        )
        for number, count in enumerate(counts)
        if count
    ]
    spans = [Span(first + number * units * unit, count) for number, count in enumerate(counts)]
    return Bars(spans, units, most, bars)
