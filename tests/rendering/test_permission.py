"""By what right a picture is shown, as people write it, and whether it may be passed on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering import Permission

TODAY = date(2026, 11, 25)
LAST = date(2027, 1, 31)


@pytest.mark.parametrize(
    ("text", "permission", "passes_on"),
    [
        ("own", Permission("own", onward=True), True),
        (" Own ", Permission("own", onward=True), True),
        ("CC BY 4.0", Permission("licence", "CC BY 4.0", onward=True), True),
        ("licence CC BY-SA 3.0", Permission("licence", "CC BY-SA 3.0", onward=True), True),
        ("cc-by-nc-nd 4.0", Permission("licence", "cc-by-nc-nd 4.0", onward=True), True),
        ("CC0", Permission("licence", "CC0", onward=True), True),
        ("Public Domain", Permission("licence", "Public Domain", onward=True), True),
        ("licensed", Permission("licensed"), False),
        ("licensed until 2027-01-31", Permission("licensed", until=LAST), False),
        (
            "licensed by Agency until 2027-01-31",
            Permission("licensed", "Agency", LAST),
            False,
        ),
        (
            "licensed by Agency for republication until 2027-01-31",
            Permission("licensed", "Agency", LAST, onward=True),
            True,
        ),
        (
            "licensed by Agency for republication until 2026-11-24",
            Permission("licensed", "Agency", date(2026, 11, 24), onward=True),
            False,
        ),
        ("permission of Anna Nowak", Permission("permission", "Anna Nowak"), False),
        (
            "permission of Anna Nowak for republication",
            Permission("permission", "Anna Nowak", onward=True),
            True,
        ),
        ("", Permission("unknown"), False),
        ("unknown", Permission("unknown"), False),
        ("ownership unclear", Permission("unknown"), False),
        ("not own", Permission("unknown"), False),
        ("for republication", Permission("unknown"), False),
        ("CC BY 4.0 pending", Permission("unknown"), False),
        ("own until 2027-02-30", Permission("unknown"), False),
        ("licensed until soon for republication", Permission("unknown"), False),
    ],
)
def test_a_right_as_it_is_written(text: str, permission: Permission, passes_on: bool) -> None:
    assert Permission.parse(text) == permission
    assert permission.reaches_republication(TODAY) is passes_on


def test_it_holds_to_the_end_of_its_last_day() -> None:
    permission = Permission.parse("own until 2027-01-31")
    assert permission.reaches_republication(LAST)
    assert not permission.has_run_out(LAST)
    assert permission.has_run_out(LAST + timedelta(1))
    assert not permission.reaches_republication(LAST + timedelta(1))


@given(st.text())
def test_whatever_else_is_written_passes_nothing_on(text: str) -> None:
    if not text.split()[:1] or text.split()[0].lower() not in {"own", "cc0", "licence", "public"}:
        assert not Permission.parse(text).reaches_republication(TODAY)
