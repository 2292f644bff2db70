from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import ConfigurationError
from newsletter.mail import Rate
from newsletter.mail.relays import Encryption, Mechanism, RelayAddress


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtp://user:password@relay.example.org",
            RelayAddress("relay.example.org", 587, Encryption.VERIFIED, "user", "password"),
        ),
        (
            "smtp://relay.example.org",
            RelayAddress("relay.example.org", 25, Encryption.VERIFIED),
        ),
        (
            "smtps://user:password@relay.example.org",
            RelayAddress("relay.example.org", 465, Encryption.TLS, "user", "password"),
        ),
        (
            "smtp://relay.example.org:2525?starttls=required",
            RelayAddress("relay.example.org", 2525, Encryption.REQUIRED),
        ),
        (
            "smtp://relay.example.org?starttls=off",
            RelayAddress("relay.example.org", 25, Encryption.OFF),
        ),
        ("smtp://localhost:25", RelayAddress("localhost", 25, Encryption.OFF)),
        ("smtp://127.0.0.1:25", RelayAddress("127.0.0.1", 25, Encryption.OFF)),
        ("smtp://[::1]:2525/", RelayAddress("::1", 2525, Encryption.OFF)),
        (
            "smtp://localhost?starttls=verified",
            RelayAddress("localhost", 25, Encryption.VERIFIED),
        ),
        (
            "smtp://me%40example.org:p%2F%3Aw%20%C3%BC@relay.example.org",
            RelayAddress("relay.example.org", 587, user="me@example.org", password="p/:w ü"),
        ),
        (
            "smtp://u:token@relay.example.org?auth=xoauth2&connections=3&messages=20",
            RelayAddress(
                "relay.example.org",
                587,
                Encryption.VERIFIED,
                "u",
                "token",
                Mechanism.XOAUTH2,
                connections=3,
                messages=20,
            ),
        ),
        (
            "smtp://relay.example.org?name=first.relay:1&weight=3"
            "&publications=baltic-monitor,russia-monitor&rate=10/s,5000/day&warmup=50,100,200",
            RelayAddress(
                "relay.example.org",
                25,
                name="first.relay:1",
                weight=3,
                publications=("baltic-monitor", "russia-monitor"),
                rates=(Rate(10, 1), Rate(5000, 86400)),
                warmup=(50, 100, 200),
            ),
        ),
    ],
)
def test_a_url_says_everything_about_the_relay(url: str, expected: RelayAddress) -> None:
    assert RelayAddress.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "relay.example.org",
        "http://user:SECRET@relay.example.org",
        "user:SECRET@relay.example.org:587",
        "smtp://",
        "smtp://user:SECRET@",
        "smtp://user:SEC/RET@relay.example.org",
        "smtp://user:SEC?RET@relay.example.org",
        "smtp://user:SEC#RET@relay.example.org",
        "smtp://user:SEC[RET@relay.example.org",
        "smtp://user:SECRET@relay.example.org:smtp",
        "smtp://user:SECRET@relay.example.org:99999",
        "smtp://user:SECRET@relay.example.org/folder",
        "smtp://user:SECRET@relay.example.org#top",
        "smtp://user:SECRET@relay_ä.example.org",
        "smtp://user@relay.example.org",
        "smtp://:SECRET@relay.example.org",
        "smtp://user:SEC%00RET@relay.example.org",
        "smtp://user:SECRET@relay.example.org?starttls=maybe",
        "smtp://user:SECRET@relay.example.org?starttls=off",
        "smtp://user:SECRET@relay.example.org?starttls=tls",
        "smtps://user:SECRET@relay.example.org?starttls=off",
        "smtp://user:SECRET@relay.example.org?auth=SECRET",
        "smtp://user:SECRET@relay.example.org?SECRET=1",
        "smtp://user:SECRET@relay.example.org?connections=ten",
        "smtp://user:SECRET@relay.example.org?connections=-1",
        "smtp://user:SECRET@relay.example.org?messages=0",
        "smtp://user:SECRET@relay.example.org?messages=",
        "smtp://user:SECRET@relay.example.org?name=",
        "smtp://user:SECRET@relay.example.org?name=SECRET!",
        "smtp://user:SECRET@relay.example.org?weight=0",
        "smtp://user:SECRET@relay.example.org?weight=heavy",
        "smtp://user:SECRET@relay.example.org?publications=",
        "smtp://user:SECRET@relay.example.org?publications=SECRET",
        "smtp://user:SECRET@relay.example.org?publications=a,,b",
        "smtp://user:SECRET@relay.example.org?rate=",
        "smtp://user:SECRET@relay.example.org?rate=SECRET/s",
        "smtp://user:SECRET@relay.example.org?rate=10/s,,5/min",
        "smtp://user:SECRET@relay.example.org?warmup=",
        "smtp://user:SECRET@relay.example.org?warmup=0,100",
    ],
)
def test_a_wrong_url_is_refused_with_an_example_and_without_the_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        RelayAddress.parse(url)
    message = str(caught.value)
    assert "NEWSLETTER_RELAY_URL=smtp://user:password@relay.example.org:587" in message
    assert "SEC" not in message
    assert "RET" not in message
    assert caught.value.__suppress_context__


def test_the_password_is_not_in_the_repr_nor_in_the_words() -> None:
    address = RelayAddress.parse("smtp://user:SECRET@relay.example.org")
    assert "SECRET" not in repr(address)
    assert str(address) == "relay.example.org:587"


def test_a_relay_without_a_name_is_called_by_its_host_and_port() -> None:
    assert RelayAddress.parse("smtp://user:SECRET@relay.example.org").name == (
        "relay.example.org:587"
    )
    assert RelayAddress.parse("smtp://[::1]").name == "[::1]:25"


def test_several_relays_stand_with_white_space_between_them() -> None:
    first, second = "smtp://one.example.org?name=primary", "smtps://two.example.org?weight=2"
    for text in (f"{first} {second}", f"\n  {first}\n\t{second}\n"):
        assert RelayAddress.parse_all(text) == (
            RelayAddress.parse(first),
            RelayAddress.parse(second),
        )
    assert RelayAddress.parse_all(first) == (RelayAddress.parse(first),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "smtp://one.example.org smtp://u:SECRET@two.example.org?weight=0",
        "smtp://u:SEC RET@one.example.org",
        "smtp://u:SECRET@one.example.org smtp://v:SECRET@one.example.org",
        "smtp://u:SECRET@one.example.org?name=a smtp://v:SECRET@two.example.org?name=a",
    ],
)
def test_several_relays_are_refused_for_one_wrong_url_or_a_name_that_comes_twice(
    text: str,
) -> None:
    with pytest.raises(ConfigurationError, match="NEWSLETTER_RELAY_URL") as caught:
        RelayAddress.parse_all(text)
    assert "SEC" not in str(caught.value)
    assert "RET" not in str(caught.value)


@given(st.text())
def test_any_text_is_either_an_address_or_a_configuration_error(text: str) -> None:
    for url in (text, f"smtp://{text}", f"smtp://user:{text}@relay.example.org?{text}"):
        with suppress(ConfigurationError):
            RelayAddress.parse(url)
