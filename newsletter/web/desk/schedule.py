"""The schedule of an issue: when it leaves, what that means elsewhere, and sending it now.

What an editor types is shown first, as what it means: the moment, the clocks of readers, what
daylight saving does. The button beside that sends what is shown, and says so in its words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import deliveries, desk, issues, model
from newsletter.deliveries.windows import Window
from newsletter.desk import Action, Permission
from newsletter.errors import Conflict, Invalid
from newsletter.issues import Timing
from newsletter.language import marked as _
from newsletter.model import IssueState
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page
from newsletter.web.desk.timing import typed_timing
from newsletter.web.desk.wave_form import WaveForm, shown_waves, trouble_with_embargo
from newsletter.web.typed import cleaned

PLACES = (
    (_("New York"), "America/New_York"),
    (_("London"), "Europe/London"),
    (_("Warsaw"), "Europe/Warsaw"),
    (_("Kyiv"), "Europe/Kyiv"),
    (_("Delhi"), "Asia/Kolkata"),
    (_("Tokyo"), "Asia/Tokyo"),
)
"""Where one looks at the clock: we know no zones of readers."""
LATE = (15, 30, 60, 120, 240, 720, 1440)
"""Minutes that an issue may be late without asking."""
USUAL = time(8)
"""When an issue leaves, if none of the publication has left before."""
OPEN = (IssueState.APPROVED, IssueState.SCHEDULED)
PUBLICATIONS, ANY, OWN = "publication", "any", "own"
"""Whose hours hold for an issue."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the clock shows somewhere; ``days`` is how many days the date there is ahead."""

    name: str
    wall_time: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What was typed, and what it means; there is no ``timing`` where it means nothing.

    ``is_new`` where it is not what the issue has already.
    """

    given: Mapping[str, str]
    troubles: Mapping[str, str]
    is_new: bool
    timing: Timing | None = None
    latest_start: timedelta = timedelta()
    window: str | None = None
    hours: str = ""
    opens_at: datetime | None = None
    places: Sequence[Place] = ()
    offset_changes: bool = False

    @property
    def local(self) -> datetime | None:
        """The moment on the clock of the zone that is meant."""
        if self.timing is None:
            return None
        return self.timing.due_at.astimezone(ZoneInfo(self.timing.zone))

    @property
    def latest(self) -> datetime | None:
        """The latest start on the same clock."""
        if self.timing is None:
            return None
        latest = self.timing.due_at + self.latest_start
        return latest.astimezone(ZoneInfo(self.timing.zone))


@bp.get("/issues/<int:number>/schedule")
@needs(Permission.SCHEDULE)
def schedule(number: int) -> Response:
    """Show when an issue leaves, or ask for it."""
    now = datetime.now(UTC)
    with database.reading() as session:
        issue = issues.fetch(session, number)
        plan = _plan(session, issue, request.args, now) if issue.state in OPEN else None
        return _page(session, issue, plan)


@bp.get("/issues/<int:number>/schedule/meaning")
@needs(Permission.SCHEDULE)
def schedule_meaning(number: int) -> Response:
    """Show what the fields mean as they are being filled in: a part of the page."""
    now = datetime.now(UTC)
    with database.reading() as session:
        issue = issues.fetch(session, number)
        plan = _plan(session, issue, request.args, now)
        reach = deliveries.reach(session, issue)
        return page("issue/_meaning.html", issue=issue, plan=plan, reach=reach)


@bp.post("/issues/<int:number>/schedule")
@needs(Permission.SCHEDULE)
def set_schedule(number: int) -> Response:
    """Schedule an issue, or move it."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        was_scheduled = issue.state is IssueState.SCHEDULED
        if issue.state not in OPEN:
            return _page(session, issue, None, status=409)
        plan = _plan(session, issue, request.form, now)
        if plan.timing is None:
            return _page(session, issue, plan, status=422)
        timing = plan.timing
        issues.schedule(
            session,
            issue,
            timing.wall_time,
            timing.zone,
            now,
            latest_start=plan.latest_start,
            window=plan.window,
        )
        about = f"{issue.subject}: {timing.wall_time:%Y-%m-%d %H:%M} {timing.zone}"
        desk.note(session, presence.actor, Action.SCHEDULED, now, about)
    return lead(to("schedule", number=number, done="moved" if was_scheduled else "scheduled"))


@bp.post("/issues/<int:number>/schedule/off")
@needs(Permission.SCHEDULE)
def unschedule(number: int) -> Response:
    """Take an issue off the schedule."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        try:
            issues.unschedule(session, issue)
        except Conflict:
            return _page(session, issue, _plan_of_open(session, issue, now), status=409)
        desk.note(session, presence.actor, Action.UNSCHEDULED, now, issue.subject)
    return lead(to("schedule", number=number, done="unscheduled"))


@bp.get("/issues/<int:number>/schedule/now")
@needs(Permission.SCHEDULE)
def sending_now(number: int) -> Response:
    """Ask whether an issue is to leave now, in numbers."""
    with database.reading() as session:
        return _now_page(session, issues.fetch(session, number))


@bp.post("/issues/<int:number>/schedule/now")
@needs(Permission.SCHEDULE)
def send_now(number: int) -> Response:
    """Have an issue leave now, if it is still what the editor saw."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        if issue.state not in OPEN or request.form.get("content") != issue.content_hash:
            return _now_page(session, issue, status=409)
        issues.send_now(session, issue, now)
        desk.note(session, presence.actor, Action.SENT_NOW, now, issue.subject)
    return lead(to("schedule", number=number, done="leaving"))


def schedule_page(
    session: Session, issue: model.Issue, form: WaveForm, *, status: int = 200
) -> Response:
    """Answer with the page, and with what was typed about waves."""
    return _page(
        session, issue, _plan_of_open(session, issue, datetime.now(UTC)), form, status=status
    )


def _page(
    session: Session,
    issue: model.Issue,
    plan: Plan | None,
    waves: WaveForm | None = None,
    *,
    status: int = 200,
) -> Response:
    """Answer with the page; without a ``plan`` it says what stands in the way of one."""
    publication = issues.publication_of(session, issue)
    due = issue.due_at and issue.due_at.astimezone(ZoneInfo(issue.zone or publication.zone))
    return issue_page(
        "schedule.html",
        session,
        issue,
        status=status,
        plan=plan,
        due=due,
        reach=deliveries.reach(session, issue) if issue.published_at is None else None,
        monitor=publication,
        zones=_zones(),
        late=sorted({*LATE, *(_minutes(plan.given["late"]) if plan else ())}),
        began=issue.published_at and issue.published_at.astimezone(ZoneInfo(publication.zone)),
        waves=waves or shown_waves(session, issue, publication, datetime.now(UTC)),
        prospect=desk.prospect(session, issue) if issue.published_at is None else None,
        home=ZoneInfo(publication.zone),
        segments=deliveries.segments(session, issue.publication_id),
    )


def _now_page(session: Session, issue: model.Issue, *, status: int = 200) -> Response:
    if issue.state not in OPEN:
        return _page(session, issue, None, status=409)
    publication = issues.publication_of(session, issue)
    window = publication.window if issue.window is None else issue.window
    zone = ZoneInfo(publication.zone)
    opens_at = Window.parse(window).opens_at(zone, datetime.now(UTC))
    return issue_page(
        "send-now.html",
        session,
        issue,
        status=status,
        reach=deliveries.reach(session, issue),
        window=window,
        opens_at=opens_at and opens_at.astimezone(zone),
        prospect=desk.prospect(session, issue),
    )


def _plan_of_open(session: Session, issue: model.Issue, now: datetime) -> Plan | None:
    return _plan(session, issue, {}, now) if issue.state in OPEN else None


def _plan(session: Session, issue: model.Issue, typed: Mapping[str, str], now: datetime) -> Plan:
    """Read the fields that were ``typed``, or what the issue has, or what is usual."""
    publication = issues.publication_of(session, issue)
    given = _given(session, issue, publication, now)
    had = dict(given) if issue.state is IssueState.SCHEDULED and not issue.held else {}
    given |= {name: cleaned(typed[name]) for name in given if name in typed}
    troubles: dict[str, str] = {}
    timing = typed_timing(given, now, troubles)
    if timing and (words := trouble_with_embargo(session, issue, timing)):
        troubles["date"] = words
    window = _window(given, troubles)
    late = _minutes(given["late"])
    if not late:
        troubles["late"] = say(_("Choose how late the issue may start."))
    if timing is None or troubles:
        return Plan(given, troubles, is_new=given != had)
    hours = publication.window if window is None else window
    home, zone = ZoneInfo(publication.zone), ZoneInfo(timing.zone)
    opens_at = Window.parse(hours).opens_at(home, timing.due_at)
    return Plan(
        given,
        troubles,
        given != had,
        timing,
        timedelta(minutes=late[0]),
        window,
        hours,
        opens_at and opens_at.astimezone(home),
        _places(timing),
        now.astimezone(zone).utcoffset() != timing.due_at.astimezone(zone).utcoffset(),
    )


def _given(
    session: Session, issue: model.Issue, publication: model.Publication, now: datetime
) -> dict[str, str]:
    """Return what the fields hold before anything is typed."""
    _test, embargo = issues.waves_of(session, issue)
    if issue.wall_time and issue.due_at and issue.latest_start and not issue.held:
        wall_time, zone = datetime.fromisoformat(issue.wall_time), issue.zone or publication.zone
        late = round((issue.latest_start - issue.due_at).total_seconds() / 60)
    elif embargo:
        wall_time, zone, late = embargo.wall_time, embargo.zone, publication.latest_start
    else:
        zone, late = publication.zone, publication.latest_start
        usual = issues.usual_time(session, publication) or USUAL
        tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        wall_time = datetime.combine(tomorrow, usual)
    whose = PUBLICATIONS if issue.window is None else OWN if issue.window else ANY
    opens, _dash, closes = (issue.window or publication.window or "07:00-21:00").partition("-")
    return {
        "date": f"{wall_time:%Y-%m-%d}",
        "time": f"{wall_time:%H:%M}",
        "zone": zone,
        "late": str(late),
        "hours": whose,
        "opens": opens,
        "closes": "00:00" if closes == "24:00" else closes,
    }


def _minutes(text: str) -> Sequence[int]:
    """Read how many minutes ``text`` says, if it does: up to ten weeks."""
    return [int(text)] if re.fullmatch("[1-9][0-9]{,4}", text, re.ASCII) else []


def _window(given: Mapping[str, str], troubles: dict[str, str]) -> str | None:
    """Return the hours that were chosen; None for those of the publication."""
    if given["hours"] != OWN:
        return "" if given["hours"] == ANY else None
    try:
        closes = given["closes"]
        written = f"{given['opens']}-{'24:00' if closes == '00:00' else closes}"
        return str(Window.parse(written))
    except Invalid:
        troubles["opens"] = say(_("Enter two different hours, like 07:00 and 21:00."))
        return None


def _places(timing: Timing) -> Sequence[Place]:
    """Tell what the clocks elsewhere show, from west to east; not where they show the same."""
    here = timing.due_at.astimezone(ZoneInfo(timing.zone))
    clocks = [
        (name, timing.due_at.astimezone(ZoneInfo(zone)))
        for name, zone in PLACES
        if zone != timing.zone
    ]
    return [Place(name, there, (there.date() - here.date()).days) for name, there in clocks]


@cache
def _zones() -> Sequence[str]:
    """List the zones that are offered: those named after places, and UTC."""
    odd = ("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Mexico/", "Chile/")
    names = {zone for zone in available_timezones() if "/" in zone and not zone.startswith(odd)}
    return [*sorted(names), "UTC"]
