"""The calendar: which issues leave or left on which day of a month."""

import calendar as almanac
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request

from newsletter import desk, issues
from newsletter.desk import Permission, may
from newsletter.issues import Entry
from newsletter.model import IssueState
from newsletter.web.context import database
from newsletter.web.desk.frame import page
from newsletter.web.desk.guard import bp, needs, presence

YEARS = range(1990, 2200)
"""In which months are shown."""
STATES = ("scheduled", "sending", "paused", "sent", "cancelled")
"""Of which state alone the issues can be shown: those in which one has a time."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the page, with what leaves or left on it, earliest first."""

    date: date
    in_month: bool
    is_today: bool
    entries: Sequence[Entry]


@bp.get("/calendar")
@needs(Permission.ISSUES)
def calendar() -> Response:
    """Show a month, in the zone in which the desk tells the time."""
    now = datetime.now(UTC)
    wanted, state = request.args.get("publication", ""), request.args.get("state", "")
    state = state if state in STATES else ""
    with database.reading() as session:
        zone = desk.house_zone(session)
        today = now.astimezone(zone).date()
        first = _month(request.args.get("month", "")) or today.replace(day=1)
        weeks = almanac.Calendar().monthdatescalendar(first.year, first.month)
        publications = issues.publications(session)
        chosen = next((each for each in publications if each.slug == wanted), None)
        entries = issues.due_between(
            session,
            _start(weeks[0][0], zone),
            _start(weeks[-1][-1] + timedelta(days=1), zone),
            publication=chosen,
            state=IssueState(state) if state else None,
        )
        timeless = () if state else issues.without_time(session, publication=chosen)
    by_day: defaultdict[date, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.due_at:
            by_day[entry.due_at.astimezone(zone).date()].append(entry)
    return page(
        "calendar.html",
        first=first,
        last=first.replace(day=almanac.monthrange(first.year, first.month)[1]),
        weeks=[
            [Day(day, day.month == first.month, day == today, by_day.get(day, ())) for day in week]
            for week in weeks
        ],
        is_idle=not any((day.year, day.month) == (first.year, first.month) for day in by_day),
        timeless=timeless,
        earlier=_said(first - timedelta(days=1)),
        later=_said(first + timedelta(days=31)),
        this_month=_said(today),
        month=_said(first),
        zone=zone,
        publications=publications,
        chosen=chosen.slug if chosen else "",
        states_shown=STATES,
        state=state,
        may_move=may(presence.role, Permission.SCHEDULE),
    )


def _month(words: str) -> date | None:
    """Return the first day of the month that ``words`` name, like 2026-11."""
    try:
        first = datetime.strptime(words, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
    return first if first.year in YEARS else None


def _said(day: date) -> str:
    """Write the month of ``day`` for an address, if it is shown."""
    return f"{day:%Y-%m}" if day.year in YEARS else ""


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
