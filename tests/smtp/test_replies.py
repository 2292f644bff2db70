import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.smtp import enhanced
from newsletter.smtp.replies import Garbage, Replies, Reply


def read(data: bytes) -> list[Reply]:
    replies = Replies()
    replies.feed(data)
    return list(iter(replies.next, None))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"250 2.1.0 Ok\r\n", [Reply(250, ("2.1.0 Ok",))]),
        (b"250\r\n", [Reply(250, ("",))]),
        (b"250 \r\n", [Reply(250, ("",))]),
        (b"250 bare line feed\n", [Reply(250, ("bare line feed",))]),
        (b"250-relay\r\n250-SIZE 10\r\n250 HELP\r\n", [Reply(250, ("relay", "SIZE 10", "HELP"))]),
        (b"250 a\r\n550 b\r\n", [Reply(250, ("a",)), Reply(550, ("b",))]),
        ("550 Adresse ungültig\r\n".encode(), [Reply(550, ("Adresse ungültig",))]),
        (b"550 caf\xe9 \x1b[1m\r\n", [Reply(550, ("caf\ufffd \ufffd[1m",))]),
        (b"250 not all ther", []),
        (b"", []),
    ],
)
def test_replies_are_read_as_they_are_meant(data: bytes, expected: list[Reply]) -> None:
    assert read(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n",
        b"\r\n",
        b"25 Ok\r\n",
        b"2500 Ok\r\n",
        b"150 preliminary\r\n",
        b"650 Ok\r\n",
        b"250_Ok\r\n",
        b" 250 Ok\r\n",
        b"\xff\xfe\x00\r\n",
        b"250 " + b"x" * 3000 + b"\r\n",
        b"x" * 3000,
        b"250-more\r\n" * 1000,
    ],
)
def test_what_is_not_a_reply_is_garbage(data: bytes) -> None:
    with pytest.raises(Garbage):
        read(data)


@given(
    st.lists(
        st.tuples(
            st.integers(200, 599),
            st.lists(
                st.text(st.characters(codec="ascii", categories=["L", "N", "Zs"])), min_size=1
            ),
        )
    ),
    st.data(),
)
def test_replies_do_not_depend_on_how_they_are_cut(
    wanted: list[tuple[int, list[str]]], data: st.DataObject
) -> None:
    wire = b"".join(
        f"{code}{' ' if last else '-'}{line}\r\n".encode()
        for code, lines in wanted
        for line, last in zip(lines, [*[False] * (len(lines) - 1), True], strict=True)
    )
    replies, found = Replies(), []
    while wire:
        cut = data.draw(st.integers(1, len(wire)))
        replies.feed(wire[:cut])
        wire = wire[cut:]
        found += list(iter(replies.next, None))
    assert found == [Reply(code, tuple(lines)) for code, lines in wanted]
    assert not replies.pending()


def test_the_words_of_a_reply_are_one_line() -> None:
    (reply,) = read(b"550-5.1.1 No such user\r\n550-\r\n550 5.1.1 See the manual\r\n")
    assert reply.words == "5.1.1 No such user 5.1.1 See the manual"
    assert str(reply) == "550 5.1.1 No such user 5.1.1 See the manual"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("5.1.1 No such user", "5.1.1"),
        ("4.7.1", "4.7.1"),
        ("2.0.0: taken", "2.0.0"),
        ("5.999.999 odd", "5.999.999"),
        ("5.1.1.1 an address", None),
        ("5.1 short", None),
        ("3.1.1 no such class", None),
        ("5.1000.1 too long", None),
        ("see 5.1.1", None),
        ("No such user", None),
        ("", None),
    ],
)
def test_the_enhanced_status_code_is_found_at_the_beginning(
    words: str, expected: str | None
) -> None:
    assert enhanced(words) == expected
