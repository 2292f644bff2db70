"""A day, a time and a zone that somebody typed, and what is wrong with them."""

from collections.abc import Mapping
from datetime import datetime

from newsletter import issues
from newsletter.errors import Invalid, InvalidTime
from newsletter.issues import Timing
from newsletter.language import marked as _
from newsletter.web.desk.frame import say


def typed_timing(
    given: Mapping[str, str], now: datetime, troubles: dict[str, str]
) -> Timing | None:
    """Read ``date`` and ``time`` in a ``zone``; what is wrong is added to ``troubles``."""
    try:
        wall_time = datetime.fromisoformat(f"{given['date']}T{given['time']}")
        if wall_time.tzinfo:
            raise ValueError
    except ValueError:
        troubles["date"] = say(_("Enter a day and a time, like 2026-11-24 and 08:00."))
        return None
    zone = given["zone"]
    try:
        issues.find_zone(zone)
    except Invalid:
        troubles["zone"] = say(_("There is no such time zone. Choose one like Europe/Warsaw."))
        return None
    try:
        return issues.when(wall_time, zone, after=now)
    except InvalidTime as trouble:
        facts = {"time": f"{wall_time:%H:%M}", "zone": zone}
        if trouble.later:
            facts["later"] = f"{trouble.later:%H:%M}"
            troubles["time"] = (
                say(
                    _(
                        "There is no %(time)s on that day in %(zone)s: the clocks go forward then."
                        " Choose %(later)s or another time."
                    )
                )
                % facts
            )
        elif trouble.is_past:
            troubles["date"] = say(_("That time is past. Choose one to come."))
        else:
            troubles["date"] = say(_("Look at the year."))
        return None
