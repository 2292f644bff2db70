"""Rates as operators write them, and the limits of single domains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import ConfigurationError
from newsletter.mail import Limit, Rate, parse_limits


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/s", Rate(10, 1)),
        ("300/min", Rate(300, 60)),
        ("2000/h", Rate(2000, 3600)),
        ("5000/day", Rate(5000, 86400)),
    ],
)
def test_a_rate_is_written_as_it_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate
    assert str(rate) == text
    assert rate.daily == text.endswith("day")


@pytest.mark.parametrize(
    "text", ["", "10", "/s", "0/s", "-1/s", "1.5/s", "10/week", "10 /s", "10/s/s", "٣/s", "10/S"]
)
def test_what_is_no_rate_is_refused_in_plain_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a rate; write one like 10/s"):
        Rate.parse(text)


@given(st.builds(Rate, st.integers(1, 999_999_999), st.sampled_from([1, 60, 3600, 86400])))
def test_any_rate_survives_being_written(rate: Rate) -> None:
    assert Rate.parse(str(rate)) == rate


def test_each_domain_has_its_limits() -> None:
    assert parse_limits("Gmail.com=20/s,connections=4\n outlook.com=600/min,20000/day") == {
        "gmail.com": Limit((Rate(20, 1),), 4),
        "outlook.com": Limit((Rate(600, 60), Rate(20000, 86400))),
    }
    assert parse_limits("web.de=connections=2") == {"web.de": Limit((), 2)}
    assert parse_limits(" ") == {}


@pytest.mark.parametrize(
    "text",
    [
        "gmail.com",
        "gmail.com=",
        "gmail.com:20/s",
        "=20/s",
        "gmail=20/s",
        "łódź.pl=20/s",
        "gmail.com=20",
        "gmail.com=20/s,",
        "gmail.com=20/s, connections=4",
        "gmail.com=connections=0",
        "gmail.com=connections=four",
        "gmail.com=weight=4",
        "gmail.com=20/s gmail.com=30/s",
    ],
)
def test_wrong_limits_are_refused_by_the_setting_with_an_example(text: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^NEWSLETTER_DOMAIN_RATES .+gmail\.com=20/s,conn"
    ):
        parse_limits(text)
