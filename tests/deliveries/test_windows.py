"""Send windows by the clock on the wall, whatever daylight saving does to it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.deliveries.windows import Window
from newsletter.errors import Invalid

WARSAW = ZoneInfo("Europe/Warsaw")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["07:00-21:00", "22:00-06:00", "00:00-09:30", "18:00-24:00", ""])
def test_a_window_is_written_as_it_is_read(text: str) -> None:
    assert str(Window.parse(text)) == text


def test_the_whole_day_is_a_window() -> None:
    assert Window.parse("00:00-24:00") == Window.parse("") == Window()


@pytest.mark.parametrize(
    "text",
    [
        *("7-21", "7:00-21:00", "07:00", "07:00-21:60", "24:00-06:00", "07:00-24:30"),
        *("07:00-07:00", "07:00 - 21:00", "07:00-21:00 ", "always", "٠٧:00-21:00"),
    ],
)
def test_what_is_no_window_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(Invalid, match="07:00-21:00"):
        Window.parse(text)


@pytest.mark.parametrize(
    ("window", "now", "opening"),
    [
        # In winter Warsaw is an hour ahead of UTC.
        ("", "2026-11-25 03:00", None),
        ("07:00-21:00", "2026-11-25 06:00", None),
        ("07:00-21:00", "2026-11-25 05:59:59.5", "2026-11-25 06:00"),
        ("07:00-21:00", "2026-11-25 19:59:59", None),
        ("07:00-21:00", "2026-11-25 20:00", "2026-11-26 06:00"),
        ("22:00-06:00", "2026-11-25 21:00", None),
        ("22:00-06:00", "2026-11-25 04:59", None),
        ("22:00-06:00", "2026-11-25 05:00", "2026-11-25 21:00"),
        ("18:00-24:00", "2026-11-25 22:59", None),
        ("18:00-24:00", "2026-11-25 23:00", "2026-11-26 17:00"),
        # The night of 29 March 2026 skips 02:00 to 03:00, at 01:00 UTC.
        ("07:00-21:00", "2026-03-28 22:00", "2026-03-29 05:00"),
        ("02:30-21:00", "2026-03-28 22:00", "2026-03-29 01:00"),
        ("02:00-03:00", "2026-03-28 22:00", "2026-03-30 00:00"),
        ("22:00-02:30", "2026-03-29 01:00", "2026-03-29 20:00"),
        # The night of 25 October 2026 has 02:00 to 03:00 twice, from 00:00 and from 01:00 UTC.
        ("07:00-21:00", "2026-10-24 20:00", "2026-10-25 06:00"),
        ("02:30-21:00", "2026-10-24 20:00", "2026-10-25 00:30"),
        ("02:30-21:00", "2026-10-25 01:00", "2026-10-25 01:30"),
        ("01:30-02:15", "2026-10-25 00:15", "2026-10-25 01:00"),
        ("01:30-02:15", "2026-10-25 01:15", "2026-10-26 00:30"),
    ],
)
def test_it_is_open_by_the_clock_on_the_wall(window: str, now: str, opening: str | None) -> None:
    expected = moment(opening) if opening else None
    assert Window.parse(window).opens_at(WARSAW, moment(now)) == expected


def test_a_moment_in_any_zone_is_understood_and_the_answer_is_in_utc() -> None:
    opening = Window.parse("07:00-21:00").opens_at(
        WARSAW, datetime(2026, 11, 24, 23, 0, tzinfo=ZoneInfo("America/New_York"))
    )
    assert opening == moment("2026-11-25 06:00")
    assert opening.utcoffset() == timedelta(0)


# Each sets its clocks in a way of its own: by half an hour, at midnight, over a whole day.
CHANGES = {
    "Europe/Warsaw": ["2026-03-29 01:00", "2026-10-25 01:00"],
    "America/Havana": ["2026-03-08 05:00", "2026-11-01 05:00"],
    "Australia/Lord_Howe": ["2026-04-04 15:00", "2026-10-03 15:30"],
    "Pacific/Apia": ["2011-12-30 10:00"],
    "Asia/Kathmandu": ["2026-11-25 12:00"],
}


@given(
    change=st.sampled_from([(zone, at) for zone, days in CHANGES.items() for at in days]),
    minutes=st.integers(-30 * 60, 30 * 60),
    opens=st.integers(0, 1439),
    length=st.integers(1, 1439),
)
def test_it_opens_at_the_first_minute_that_the_wall_shows_as_inside(
    change: tuple[str, str], minutes: int, opens: int, length: int
) -> None:
    zone, now = ZoneInfo(change[0]), moment(change[1]) + timedelta(minutes=minutes)
    closes = (opens + length) % 1440
    window = Window(time(*divmod(opens, 60)), time(*divmod(closes, 60)))

    def is_open(at: datetime) -> bool:
        wall = at.astimezone(zone)
        return (wall.hour * 60 + wall.minute - opens) % 1440 < length

    minute = (now + timedelta(minutes=ahead) for ahead in range(3 * 1440))
    first = next(at for at in minute if is_open(at))
    assert window.opens_at(zone, now) == (None if first == now else first)
