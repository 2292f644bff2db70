from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import ConfigurationError
from newsletter.smtp import RelayAddress
from newsletter.smtp.address import Encryption, Mechanism


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


@given(st.text())
def test_any_text_is_either_an_address_or_a_configuration_error(text: str) -> None:
    for url in (text, f"smtp://{text}", f"smtp://user:{text}@relay.example.org?{text}"):
        with suppress(ConfigurationError):
            RelayAddress.parse(url)
