"""Send windows: between which hours on readers' clocks an issue may leave."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from newsletter.errors import Invalid

_MIDNIGHT = time(0)
_HOUR = r"(2[0-3]|[01][0-9]):([0-5][0-9])"
_FORM = re.compile(rf"{_HOUR}-({_HOUR}|24:00)")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``opens`` up to but not including ``closes``, over midnight if that is the earlier.

    The same hour twice is the whole day. Where daylight saving gives an hour twice, it is inside
    twice or outside twice, for the clock on the wall is all that counts.
    """

    opens: time = _MIDNIGHT
    closes: time = _MIDNIGHT

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a window like 07:00-21:00; an empty text is the whole day. Raises Invalid."""
        if not text:
            return cls()
        opens, _, closes = text.partition("-")
        if not _FORM.fullmatch(text) or opens == closes:
            raise Invalid(
                f"{text!r} is no send window; write one like 07:00-21:00, or 22:00-06:00 over"
                " midnight"
            )
        return cls(
            time.fromisoformat(opens),
            _MIDNIGHT if closes == "24:00" else time.fromisoformat(closes),
        )

    def opens_at(self, zone: ZoneInfo, now: datetime) -> datetime | None:
        """Return when the window opens next in ``zone``, in UTC; None while it is open."""
        at = now.astimezone(UTC)
        if self._has(at.astimezone(zone).time()):
            return None
        while True:
            there = at + self._wait(at.astimezone(zone).time())
            changed = _change_of_offset(zone, at, there)
            if changed is None:
                return there
            # The clocks are set before it opens: perhaps to an hour inside, else reckon from there.
            at = changed
            if self._has(at.astimezone(zone).time()):
                return at

    def _has(self, wall: time) -> bool:
        if self.opens < self.closes:
            return self.opens <= wall < self.closes
        return wall >= self.opens or wall < self.closes

    def _wait(self, wall: time) -> timedelta:
        """Reckon how long it is from ``wall`` until the hands show the opening."""
        return (_since_midnight(self.opens) - _since_midnight(wall)) % _DAY

    def __str__(self) -> str:
        if self.opens == self.closes:
            return ""
        closes = "24:00" if self.closes == _MIDNIGHT else f"{self.closes:%H:%M}"
        return f"{self.opens:%H:%M}-{closes}"


def _since_midnight(wall: time) -> timedelta:
    return timedelta(
        hours=wall.hour, minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond
    )


def _change_of_offset(zone: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """Find the second after one moment and not after another at which the clocks are set.

    The two are at most a day apart, in which no zone sets its clocks twice.
    """
    before = after.astimezone(zone).utcoffset()
    if until.astimezone(zone).utcoffset() == before:
        return None
    early, late = int(after.timestamp()), int(until.timestamp()) + 1
    while late - early > 1:
        middle = (early + late) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return datetime.fromtimestamp(late, UTC)
