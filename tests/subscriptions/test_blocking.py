"""The block list: what an operator writes, and whom it keeps out without a word."""

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model, subscriptions
from newsletter.errors import Conflict, Invalid, InvalidAddress, NotFound
from signups import ask, counted, form, mails, reader, sign_up, size, work_off


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Spam@Example.ORG ", "spam@example.org"),
        ("@Example.ORG", "@example.org"),
        ("@bücher.example", "@xn--bcher-kva.example"),
        ("192.0.2.77", "192.0.2.0/24"),
        ("192.0.0.0/16", "192.0.0.0/16"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
    ],
)
def test_a_pattern_is_kept_in_one_form(session: Session, written: str, kept: str) -> None:
    assert subscriptions.block(session, written, NOW, "a robot").pattern == kept
    assert [(row.pattern, row.words) for row in subscriptions.blocks(session)] == [
        (kept, "a robot")
    ]
    with pytest.raises(Conflict, match="already"):
        subscriptions.block(session, kept, NOW)
    assert subscriptions.unblock(session, written) == kept
    with pytest.raises(NotFound, match="not blocked"):
        subscriptions.unblock(session, written)


@pytest.mark.parametrize("written", ["", "example.org", "192.0.2.0/99", "@", "@no domain"])
def test_what_is_no_pattern_is_refused(session: Session, written: str) -> None:
    with pytest.raises(Invalid):
        subscriptions.block(session, written, NOW)
    with pytest.raises(InvalidAddress):
        subscriptions.block(session, "not an@address@", NOW)


@pytest.mark.parametrize(
    ("pattern", "address", "network", "kept_out"),
    [
        ("anna@example.org", "ANNA@example.org", "192.0.2.0/24", True),
        ("anna@example.org", "nanna@example.org", "192.0.2.0/24", False),
        ("@example.org", "anna@example.org", "192.0.2.0/24", True),
        ("@example.org", "anna@mail.example.org", "192.0.2.0/24", True),
        ("@example.org", "anna@notexample.org", "192.0.2.0/24", False),
        ("@bücher.example", "anna@bücher.example", "192.0.2.0/24", True),
        ("192.0.2.9", "anna@example.org", "192.0.2.0/24", True),
        ("192.0.0.0/16", "anna@example.org", "192.0.2.0/24", True),
        ("192.0.3.0/24", "anna@example.org", "192.0.2.0/24", False),
        ("192.0.2.9", "anna@example.org", "2001:db8:1::/48", False),
        ("2001:db8::/32", "anna@example.org", "2001:db8:1::/48", True),
        ("192.0.2.9", "anna@example.org", "", False),
    ],
)
def test_who_is_blocked_gets_no_mail_and_hears_nothing(
    session: Session, pattern: str, address: str, network: str, kept_out: bool
) -> None:
    publication = make.publication(session)
    subscriptions.block(session, pattern, NOW)
    ask(session, form(publication, address=address), network=network)
    work_off(session)
    assert mails(session) == ([] if kept_out else ["confirm"])
    assert size(session, model.Subscriber) == (0 if kept_out else 1)
    assert counted(session).get("sign-up-blocked", 0) == kept_out


def test_who_gets_mail_already_goes_on_getting_it(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    subscriptions.block(session, person.address, NOW)
    sign_up(session, publication)
    assert subscriptions.waiting(session, person.id) == []
    assert size(session, model.Subscription) == 1
