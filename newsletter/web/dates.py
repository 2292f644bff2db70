"""Until when a pause lasts, as a form says it: a day where the publication is at home."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Self

from newsletter import issues, model
from newsletter.subscriptions import LONGEST_PAUSE


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day on which a pause may end."""

    first: date
    last: date

    @classmethod
    def after(cls, now: datetime) -> Self:
        """Return the days that a form offers: from tomorrow on."""
        today = now.date()
        return cls(today + timedelta(days=1), today + LONGEST_PAUSE - timedelta(days=1))


def is_date(text: str) -> bool:
    """Tell whether a field for dates can show ``text``; a browser would leave anything else out."""
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def read_day(text: str, publication: model.Publication | None, now: datetime) -> date | None:
    """Return the day that ``text`` names, when a pause may last until then."""
    days = Days.after(now.astimezone(_zone(publication)))
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if days.first <= day <= days.last else None


def start_of(day: date, publication: model.Publication) -> datetime:
    """Return the moment at which ``day`` begins where the publication is at home."""
    return datetime.combine(day, time(), _zone(publication)).astimezone(UTC)


def day_of(moment: datetime, publication: model.Publication) -> date:
    """Return the day of ``moment`` where the publication is at home."""
    return moment.astimezone(_zone(publication)).date()


def _zone(publication: model.Publication | None) -> tzinfo:
    return issues.find_zone(publication.zone) if publication else UTC
