"""Limits: robots get few mails out of us, people get theirs."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.errors import LimitReached
from newsletter.mail import Rate
from newsletter.subscriptions import limits
from newsletter.subscriptions.limits import mailbox
from signups import LINKS, ask, counted, form, mails, reader, sign_up, size, work_off

TOMORROW = NOW + timedelta(days=1)


def flood(session: Session, forms: Sequence[subscriptions.Form], networks: Sequence[str]) -> int:
    """Send forms in, each from its network; return how many were refused to their face."""
    refused = 0
    for sent, network in zip(forms, networks, strict=True):
        try:
            ask(session, sent, network=network)
        except LimitReached:
            refused += 1
    while work_off(session):
        pass
    return refused


def test_500_forms_from_one_network_come_to_as_many_mails_as_a_network_may_ask_for(
    session: Session,
) -> None:
    publication = make.publication(session)
    forms = [form(publication, address=f"victim{n}@place{n}.example") for n in range(500)]
    assert flood(session, forms, ["203.0.113.0/24"] * 500) == 480
    assert len(mails(session)) == size(session, model.Subscriber) == 20


def test_500_forms_from_many_networks_to_one_address_come_to_three_mails(session: Session) -> None:
    publication = make.publication(session)
    networks = [f"2001:db8:{n:x}::/48" for n in range(500)]
    assert flood(session, [form(publication)] * 500, networks) == 0
    assert len(mails(session)) == 3
    assert counted(session)["sign-up-limited"] == 2
    assert size(session, model.SignUp) == 0


def test_one_mailbox_under_many_names_is_one_mailbox(session: Session) -> None:
    publication = make.publication(session)
    names = [f"an.na+{n}@gmail.com" for n in range(50)] + [f"anna+{n}@gmail.com" for n in range(50)]
    networks = [f"2001:db8:{n:x}::/48" for n in range(100)]
    flood(session, [form(publication, address=name) for name in names], networks)
    assert len(mails(session)) == 3


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("Anna+news@Example.org", "anna@example.org"),
        ("a.nn.a+x@gmail.com", "anna@gmail.com"),
        ("a.nna@example.org", "a.nna@example.org"),
        ("+@example.org", "+@example.org"),
    ],
)
def test_a_mailbox_is_told_by_what_is_before_the_tag(address: str, kept: str) -> None:
    assert mailbox(address) == kept


def test_a_domain_takes_as_many_mails_an_hour_as_are_allowed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DOMAIN", (Rate.parse("5/h"),))
    publication = make.publication(session)
    forms = [form(publication, address=f"victim{n}@example.org") for n in range(12)]
    elsewhere = form(publication, address="anna@example.com")
    flood(session, [*forms, elsewhere], [f"2001:db8:{n:x}::/48" for n in range(13)])
    asked = session.scalars(select(model.Subscriber.address)).all()
    assert set(asked) == {*(f"victim{n}@example.org" for n in range(5)), "anna@example.com"}


def test_who_bombs_one_mailbox_does_not_use_up_its_domain(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DOMAIN", (Rate.parse("5/h"),))
    publication = make.publication(session)
    for number in range(20):
        ask(session, form(publication), network=f"2001:db8:{number:x}::/48")
        work_off(session)
    assert len(mails(session)) == 3
    for number in range(3):
        sign_up(session, publication, address=f"reader{number}@example.org")
    assert len(mails(session)) == 5


def test_sign_ups_and_links_to_everything_share_what_a_mailbox_may_get(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    for number in range(4):
        network = f"2001:db8:{number:x}::/48"
        subscriptions.send_manage_link(
            session, person.address, NOW, LINKS, secret_key=SECRET_KEY, network=network
        )
        ask(session, form(publication), network=network)
        work_off(session)
    assert mails(session) == ["confirm", "welcome", "manage", "already-subscribed"]


def test_the_next_day_is_a_new_one(session: Session) -> None:
    publication = make.publication(session)
    for moment in (NOW, NOW, NOW, NOW, TOMORROW):
        sign_up(session, publication, now=moment)
    assert len(mails(session)) == 4


def test_a_network_may_ask_again_an_hour_later(session: Session) -> None:
    publication = make.publication(session)
    for number in range(20):
        ask(session, form(publication, address=f"reader{number}@example.org"))
    with pytest.raises(LimitReached, match="try again later"):
        ask(session, form(publication))
    with pytest.raises(LimitReached):
        subscriptions.send_manage_link(
            session,
            "anna@example.org",
            NOW,
            LINKS,
            secret_key=SECRET_KEY,
            network="192.0.2.0/24",
        )
    ask(session, form(publication), network="198.51.100.0/24")
    ask(session, form(publication), NOW + timedelta(hours=1))


def test_what_buckets_are_called_tells_nobody_who_asked(session: Session) -> None:
    sign_up(session, make.publication(session))
    keys = session.scalars(select(model.Bucket.key)).all()
    assert len(keys) == 4
    for word in ("anna", "example", "192.0.2"):
        assert not [key for key in keys if word in key]
