"""What is held: given in full, shown to an authority, erased but for a keyed hash."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import addresses, deliveries, model, subscriptions
from newsletter.errors import InvalidAddress
from newsletter.mail import Outcome, Verdict
from newsletter.model import Base, SuppressionReason
from signups import LINKS, NETWORK, WORDING, ask, form, log, reader, sign_up, size, suppressed, wish

LATER = NOW + timedelta(hours=1)
GONE = Outcome(Verdict.PERMANENT, 550, "5.2.2 <anna@example.org> mailbox full")


@pytest.fixture
def publication(session: Session) -> model.Publication:
    return make.publication(session, slug="baltic-monitor")


def mailed(session: Session, publication: model.Publication) -> None:
    """Have an issue sent to everyone, and refused with the address in the relay's words."""
    issue = make.issue(
        session,
        publication_id=publication.id,
        slug="ice",
        state=model.IssueState.SENDING,
        content_hash="0" * 64,
        published_at=NOW,
        tries_since=NOW,
    )
    content = make.content(session, issue_id=issue.id)
    deliveries.freeze(session, issue, content.id, NOW, batch_size=500)
    held = deliveries.claim(session, NOW)
    assert held is not None
    deliveries.settle(session, [(parcel.delivery, GONE) for parcel in held.parcels], NOW)


def test_everything_held_can_be_written_as_json(
    session: Session, publication: model.Publication
) -> None:
    person = reader(session, publication)
    mailed(session, publication)
    held = json.loads(json.dumps(subscriptions.held(session, person.id)))
    assert held["subscriber"] == {
        "address": "anna@example.org",
        "name": "Anna",
        "language": "en",
        "since": "2026-11-23T09:00:00+00:00",
        "tags": [],
    }
    (subscription,) = held["subscriptions"]
    assert (subscription["publication"], subscription["state"]) == ("baltic-monitor", "active")
    assert [(line["action"], line["wording"], line["origin"]) for line in held["consents"]] == [
        ("asked", WORDING, NETWORK),
        ("confirmed", "", ""),
    ]
    assert [(mail["name"], mail["state"]) for mail in held["deliveries"]] == [
        ("confirm", "queued"),
        ("welcome", "queued"),
        ("ice", "refused"),
    ]
    assert held["deliveries"][2]["words"] == GONE.words


def test_of_who_is_gone_nothing_is_held(session: Session) -> None:
    assert subscriptions.held(session, 4711) == {}


def everything(session: Session) -> str:
    """Return all rows of all tables as text, with the bytes that stand in them."""
    found = []
    for table in Base.metadata.tables.values():
        rows = session.execute(text(f"select * from {table.name}"))
        found += [repr(tuple(row)) for row in rows]
    return "\n".join(found)


def test_erasing_leaves_a_keyed_hash_and_lines_that_name_nobody(
    session: Session, publication: model.Publication
) -> None:
    person = reader(session, publication)
    mailed(session, publication)
    ask(session, form(make.publication(session)))
    make.consent(
        session,
        subscriber_id=person.id,
        publication_id=publication.id,
        action="imported",
        details={"source": "list.csv", "attributes": {"nickname": "anna"}},
    )
    said = log(session)
    number = person.id
    assert "anna" in everything(session).lower()
    subscriptions.erase(session, number, NOW)
    assert "anna" not in everything(session).lower()
    assert LINKS.confirm(number, NOW) not in everything(session)
    suppression = session.scalars(select(model.Suppression)).one()
    assert suppression.digest == addresses.digest("anna@example.org", SECRET_KEY)
    assert (suppression.reason, suppression.at) == (SuppressionReason.ERASED, NOW)
    assert log(session) == said
    assert set(session.scalars(select(model.Consent.subscriber_id))) == {None}
    assert WORDING in session.scalars(select(model.Consent.wording)).all()
    assert size(session, model.Subscription) == size(session, model.SignUp) == 0


def test_erasing_twice_is_once(session: Session, publication: model.Publication) -> None:
    number = reader(session, publication).id
    subscriptions.erase(session, number, NOW)
    subscriptions.erase(session, number, LATER)
    assert session.scalars(select(model.Suppression.at)).one() == NOW


def test_what_is_queued_for_who_was_erased_is_skipped(
    session: Session, publication: model.Publication
) -> None:
    subscriptions.erase(session, reader(session, publication).id, NOW)
    while held := deliveries.claim(session, LATER, notices=True):
        assert held.parcels == ()
    words = session.scalars(select(model.Delivery.words)).all()
    assert words == ["erased", "erased"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SuppressionReason.HARD_BOUNCE, SuppressionReason.ERASED),
        (SuppressionReason.COMPLAINT, SuppressionReason.COMPLAINT),
        (SuppressionReason.MANUAL, SuppressionReason.MANUAL),
    ],
)
def test_who_complained_and_is_erased_is_not_asked_again(
    session: Session,
    publication: model.Publication,
    before: SuppressionReason,
    after: SuppressionReason,
) -> None:
    person = reader(session, publication)
    suppressed(session, person.address, before)
    session.scalars(select(model.Suppression)).one().words = "about <anna@example.org>"
    session.flush()
    subscriptions.erase(session, person.id, LATER)
    row = session.scalars(select(model.Suppression)).one()
    assert (row.reason, row.words) == (after, "")


def test_who_was_erased_may_come_back_as_somebody_new(
    session: Session, publication: model.Publication
) -> None:
    number = reader(session, publication).id
    subscriptions.erase(session, number, NOW)
    person = reader(session, publication)
    assert person.id > number
    assert subscriptions.confirm(session, number, LATER, LINKS) == []
    assert size(session, model.Suppression) == 0


def test_evidence_has_the_whole_story(session: Session, publication: model.Publication) -> None:
    person = reader(session, publication)
    mailed(session, publication)
    subscriptions.leave(session, wish(session, person, publication).id, LATER, form="one-click")
    ask(session, form(publication))
    found = subscriptions.evidence(session, " ANNA@example.org ", secret_key=SECRET_KEY)
    assert (found.address, found.subscriber, found.since) == ("anna@example.org", person.id, NOW)
    assert [(one.publication, one.state) for one in found.holdings] == [
        ("baltic-monitor", "unsubscribed")
    ]
    assert [(line.action, line.form, line.at) for line in found.said] == [
        ("asked", "page", NOW),
        ("confirmed", "page", NOW),
        ("left", "one-click", LATER),
    ]
    assert found.said[0].wording == WORDING
    assert [(mail.name, mail.state, mail.code) for mail in found.mailed][-1] == (
        "ice",
        "refused",
        550,
    )
    assert found.waiting == 1


def test_evidence_of_an_address_that_was_given_up_leads_on(
    session: Session, publication: model.Publication
) -> None:
    person = reader(session, publication)
    subscriptions.ask_address_change(
        session, person.id, "anna@elsewhere.example", NOW, LINKS, secret_key=SECRET_KEY
    )
    change = session.scalars(select(model.AddressChange.id)).one()
    for new in (True, False):
        subscriptions.agree(session, change, new, NOW)
    found = subscriptions.evidence(session, "anna@example.org", secret_key=SECRET_KEY)
    assert (found.subscriber, found.moved_to) == (None, (person.id,))
    there = subscriptions.evidence(session, "anna@elsewhere.example", secret_key=SECRET_KEY)
    assert [line.action for line in there.said] == ["asked", "confirmed", "moved"]
    assert there.moved_to == ()


def test_evidence_of_who_was_erased_is_the_hash_and_the_day(
    session: Session, publication: model.Publication
) -> None:
    subscriptions.erase(session, reader(session, publication).id, LATER)
    found = subscriptions.evidence(session, "anna@example.org", secret_key=SECRET_KEY)
    assert (found.subscriber, found.said, found.mailed) == (None, (), ())
    assert (found.suppressed, found.suppressed_at) == ("erased", LATER)


def test_of_an_address_that_nobody_knows_there_is_no_evidence(session: Session) -> None:
    sign_up(session, make.publication(session))
    found = subscriptions.evidence(session, "nobody@example.org", secret_key=SECRET_KEY)
    assert (found.subscriber, found.suppressed, found.waiting) == (None, "", 0)
    with pytest.raises(InvalidAddress):
        subscriptions.evidence(session, "nobody", secret_key=SECRET_KEY)
