"""Links come back as they left, and nothing else comes in."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import LinkInvalid
from newsletter.links import DonateTag, LeaveTag, Links

LINKS = Links("https://monitor.example.org", "a secret of thirty-two characters")
NUMBERS = st.integers(min_value=0, max_value=2**63 - 1)
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
READERS: list[Callable[[str], object]] = [
    LINKS.read_unsubscribe,
    LINKS.read_donate,
    LINKS.read_bounce,
    lambda tag: LINKS.read_confirm(tag, AT),
    lambda tag: LINKS.read_manage(tag, AT),
    lambda tag: LINKS.read_undo(tag, AT),
    lambda tag: LINKS.read_agree(tag, AT),
    lambda tag: LINKS.read_press(tag, AT),
]


@given(NUMBERS)
def test_a_tag_is_read_back_as_the_number_it_was_made_for(number: int) -> None:
    assert LINKS.read_unsubscribe(LINKS.unsubscribe_tag(number, 3)) == LeaveTag(number, 3)
    assert LINKS.read_bounce(LINKS.bounce_tag(number)) == number


@given(NUMBERS, NUMBERS)
def test_a_donate_link_knows_its_issue_and_appeal(issue: int, appeal: int) -> None:
    tag = LINKS.donate("russia-monitor", issue, appeal).rpartition("/")[2]
    assert LINKS.read_donate(tag) == DonateTag(issue=issue, appeal=appeal)


@given(NUMBERS)
def test_links_that_do_more_live_for_a_while(number: int) -> None:
    def tag(link: str) -> str:
        return link.rpartition("/")[2]

    confirm, manage = tag(LINKS.confirm(number, AT)), tag(LINKS.manage(number, AT))
    undo, agree = tag(LINKS.undo(number, 3, AT)), tag(LINKS.agree(number, new=True, at=AT))
    soon = AT + timedelta(minutes=59)
    assert LINKS.read_confirm(confirm, soon) == LINKS.read_manage(manage, soon) == number
    assert LINKS.read_undo(undo, soon) == (LeaveTag(number, 3), AT)
    assert LINKS.read_agree(agree, soon) == (number, True)
    with pytest.raises(LinkInvalid):
        LINKS.read_manage(manage, AT + timedelta(hours=1))
    with pytest.raises(LinkInvalid):
        LINKS.read_agree(agree, AT + timedelta(days=1))
    pressed = LINKS.press_tag(number, AT)
    assert LINKS.read_press(pressed, soon) == (number, AT)
    with pytest.raises(LinkInvalid):
        LINKS.read_press(pressed, AT + timedelta(hours=2))
    for read, long in ((LINKS.read_confirm, confirm), (LINKS.read_undo, undo)):
        read(long, AT + timedelta(days=29))
        with pytest.raises(LinkInvalid):
            read(long, AT + timedelta(days=30))


@given(NUMBERS)
def test_a_tag_survives_urls_and_mail_systems_that_change_its_case(number: int) -> None:
    tag = LINKS.bounce_tag(number)
    assert re.fullmatch(r"[a-z0-9.-]{1,60}", tag)
    assert LINKS.read_bounce(tag.upper()) == number


@pytest.mark.parametrize("made_for", range(3))
def test_a_tag_for_one_purpose_opens_nothing_else(made_for: int) -> None:
    tags = [
        LINKS.unsubscribe_tag(7, 3),
        LINKS.donate("x", 7, 1).split("/")[-1],
        LINKS.bounce_tag(7),
    ]
    for reads, read in enumerate(READERS):
        if reads == made_for:
            read(tags[made_for])
        else:
            with pytest.raises(LinkInvalid):
                read(tags[made_for])


@pytest.mark.parametrize("read", READERS)
@given(text=st.text())
def test_any_other_text_is_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(LinkInvalid):
        read(text)


@given(number=NUMBERS, length=st.integers(min_value=0))
def test_a_cut_tag_is_refused(number: int, length: int) -> None:
    tag = LINKS.unsubscribe_tag(number, 3)
    with pytest.raises(LinkInvalid):
        LINKS.read_unsubscribe(tag[: length % len(tag)])


@given(number=NUMBERS, place=st.integers(min_value=0), character=st.characters())
def test_a_garbled_tag_is_refused(number: int, place: int, character: str) -> None:
    tag = LINKS.unsubscribe_tag(number, 3)
    place %= len(tag)
    garbled = tag[:place] + character + tag[place + 1 :]
    if garbled.lower() == tag:
        assert LINKS.read_unsubscribe(tag) == LeaveTag(number, 3)
    else:
        with pytest.raises(LinkInvalid):
            LINKS.read_unsubscribe(garbled)


def test_a_tag_from_another_house_is_refused() -> None:
    foreign = Links(LINKS.base_url, "another secret of thirty-two characters")
    with pytest.raises(LinkInvalid):
        LINKS.read_unsubscribe(foreign.unsubscribe_tag(1, 3))


def test_the_secret_does_not_show() -> None:
    assert LINKS.secret_key not in repr(LINKS)


def test_pages_have_plain_addresses() -> None:
    assert LINKS.home() == "https://monitor.example.org/"
    assert LINKS.archive("russia-monitor") == "https://monitor.example.org/russia-monitor/"
    assert LINKS.issue("russia-monitor", "2020-03-31") == (
        "https://monitor.example.org/russia-monitor/2020-03-31"
    )


def test_a_message_id_is_the_same_for_every_attempt_and_another_for_every_delivery() -> None:
    first = LINKS.message_id(1, "example.org")
    assert first == LINKS.message_id(1, "example.org")
    assert first != LINKS.message_id(2, "example.org")
    assert re.fullmatch(r"<[a-z0-9.-]+@example\.org>", first)
