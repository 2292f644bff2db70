from datetime import date

import pytest

from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import dates


@pytest.mark.parametrize(
    "written",
    [
        "31 March 2020",
        "31st March 2020",
        "31 MARCH 2020",
        "31 Mar. 2020",
        "March 31, 2020",
        "Mar 31 2020",
        "Tuesday, 31 March 2020",
        "Tuesday 31 March 2020",
        "Warsaw, 31 March 2020",
        "31 marca 2020",
        "31 marca 2020 r.",
        "wtorek, 31 marca 2020 roku",
        "Warszawa, 31 marca 2020 r.",
        "31 III 2020",
        "2020-03-31",
        "2020-03-31 09:30",
        "31.03.2020",
        "31.3.2020 r.",
        "31. 03. 2020",
    ],
)
def test_a_day_is_understood_as_people_write_it(written: str) -> None:
    assert dates.find(written, 1) == date(2020, 3, 31)


@pytest.mark.parametrize(
    ("written", "month"),
    [("4 września 2021", 9), ("4 paź 2021", 10), ("4 maja 2021", 5), ("Sept. 4, 2021", 9)],
)
def test_months_are_known_in_both_languages(written: str, month: int) -> None:
    assert dates.find(written, 1) == date(2021, month, 4)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "March 2020",
        "4/3/2021",
        "31 March",
        "31 Smarch 2020",
        "On 31 March 2020 it rained",
        "20",
    ],
)
def test_a_day_is_never_guessed(written: str) -> None:
    assert dates.find(written, 1) is None


@pytest.mark.parametrize(
    "written", ["31 February 2020", "2021-02-29", "31 kwietnia 2020 r.", "0.1.2020"]
)
def test_a_day_in_no_calendar_is_refused_with_its_line_and_itself(written: str) -> None:
    with pytest.raises(InvalidManuscript) as refused:
        dates.find(written, 7)
    assert refused.value.line == 7
    assert "line 7" in refused.value.message
    assert written in refused.value.message


def test_what_must_be_a_date_is_refused_with_an_example() -> None:
    with pytest.raises(InvalidManuscript, match="write it as 31 March 2020"):
        dates.fetch("March 2020", 3)
