"""Confirming: one press, one welcome, whatever comes twice or late."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model, subscriptions
from newsletter.model import SubscriptionState, SuppressionReason
from newsletter.rendering import Related
from newsletter.subscriptions import letters
from signups import LINKS, log, mails, reader, sign_up, size, suppressed, wish, words_of

LATER = NOW + timedelta(days=1)


def test_who_confirms_gets_all_that_waits_and_a_welcome_to_each(session: Session) -> None:
    both = [make.publication(session, name="A"), make.publication(session, name="B")]
    person = sign_up(session, *both)
    assert person is not None
    assert subscriptions.confirm(session, person.id, LATER, LINKS, origin="192.0.2.0/24") == both
    assert {wish(session, person, each).state for each in both} == {SubscriptionState.ACTIVE}
    assert mails(session) == ["confirm", "welcome", "welcome"]
    assert subscriptions.waiting(session, person.id) == []
    lines = session.scalars(select(model.Consent).where(model.Consent.action == "confirmed")).all()
    assert [(line.origin, line.at) for line in lines] == [("192.0.2.0/24", LATER)] * 2


def test_twice_is_once(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    assert subscriptions.confirm(session, person.id, LATER, LINKS) == [publication]
    assert mails(session) == ["confirm", "welcome"]
    assert log(session) == ["asked page", "confirmed page"]
    assert wish(session, person, publication).changed_at == NOW


def test_an_old_link_does_not_bring_back_who_left(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    subscriptions.leave(session, wish(session, person, publication).id, LATER, form="one-click")
    assert subscriptions.confirm(session, person.id, LATER, LINKS) == []
    assert wish(session, person, publication).state is SubscriptionState.UNSUBSCRIBED


def test_who_left_comes_back_by_asking_and_confirming_in_the_same_row(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    number = wish(session, person, publication).id
    subscriptions.leave(session, number, LATER, form="one-click")
    sign_up(session, publication, now=LATER)
    assert subscriptions.confirm(session, person.id, LATER, LINKS) == [publication]
    assert wish(session, person, publication).id == number
    assert size(session, model.Subscription) == 1


def test_a_person_who_is_gone_confirms_nothing(session: Session) -> None:
    assert subscriptions.confirm(session, 4711, NOW, LINKS) == []
    assert subscriptions.waiting(session, 4711) == []


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        (SuppressionReason.HARD_BOUNCE, 0),
        (SuppressionReason.ERASED, 0),
        (SuppressionReason.COMPLAINT, 1),
        (SuppressionReason.MANUAL, 1),
    ],
)
def test_confirming_lifts_what_mail_taught_us_and_not_what_people_said(
    session: Session, reason: SuppressionReason, kept: int
) -> None:
    person = sign_up(session, make.publication(session))
    assert person is not None
    suppressed(session, person.address, reason)
    suppressed(session, "another@example.org", reason)
    subscriptions.confirm(session, person.id, NOW, LINKS)
    assert size(session, model.Suppression) == kept + 1


def test_the_welcome_has_the_latest_issue_and_ways_out(session: Session) -> None:
    publication = make.publication(session)
    for day, headline in ((19, "Thaw"), (20, "Ice on the canal")):
        article = make.article(
            session,
            publication_id=publication.id,
            headline=headline,
            dated=date(2026, 11, day),
        )
        state = model.IssueState.SENT
        make.issue(session, article, state=state, content_hash="0" * 64, slug=f"issue-{day}")
    person = reader(session, publication)
    number = wish(session, person, publication).id
    # How a welcome looks is its template's concern; what it may rely on is ours.
    facts = letters.welcome_facts(session, publication, number, LINKS)
    newest = LINKS.issue(publication.slug, "issue-20")
    assert facts["latest"] == Related("Ice on the canal", date(2026, 11, 20), newest)
    assert facts["unsubscribe_url"] == LINKS.unsubscribe(number, publication.id)
    assert facts["preferences_url"] == LINKS.preferences(number, publication.id)
    assert LINKS.archive(publication.slug) in words_of(session, "welcome")
