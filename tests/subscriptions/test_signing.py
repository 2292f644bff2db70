"""Signing up: what a form comes to, whoever is behind the address."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import deliveries, model, subscriptions
from newsletter.errors import Invalid, InvalidAddress
from newsletter.model import SubscriptionState, SuppressionReason
from newsletter.subscriptions import Form
from newsletter.subscriptions.steps import version
from signups import (
    LINKS,
    NETWORK,
    WORDING,
    ask,
    counted,
    form,
    log,
    mails,
    reader,
    sign_up,
    size,
    suppressed,
    wish,
    words_of,
    work_off,
)

LATER = NOW + timedelta(days=2)


def test_a_form_comes_to_a_question_and_a_line_with_its_wording(session: Session) -> None:
    publication = make.publication(session)
    person = sign_up(session, publication)
    assert person is not None
    assert (person.address, person.name, person.language) == ("anna@example.org", "Anna", "en")
    assert wish(session, person, publication).state is SubscriptionState.PENDING
    line = session.scalars(select(model.Consent)).one()
    assert (line.action, line.form, line.at) == ("asked", "page", NOW)
    assert (line.wording, line.version, line.origin) == (WORDING, version(WORDING), NETWORK)
    assert mails(session) == ["confirm"]
    assert LINKS.confirm(person.id, NOW) in words_of(session, "confirm")
    assert size(session, model.SignUp) == 0


def test_a_form_that_had_to_wait_has_its_own_time_in_the_log_and_a_whole_month(
    session: Session,
) -> None:
    publication = make.publication(session)
    ask(session, form(publication))
    work_off(session, LATER)
    assert session.scalars(select(model.Consent.at)).one() == NOW
    assert session.scalars(select(model.Subscription.changed_at)).one() == LATER


def test_one_form_may_ask_for_several_publications(session: Session) -> None:
    both = [make.publication(session), make.publication(session)]
    person = sign_up(session, *both)
    assert person is not None
    assert set(subscriptions.waiting(session, person.id)) == set(both)
    assert mails(session) == ["confirm"]


def test_who_asked_and_did_not_confirm_is_asked_again(session: Session) -> None:
    publication = make.publication(session)
    sign_up(session, publication)
    person = sign_up(session, publication, now=LATER)
    assert person is not None
    assert wish(session, person, publication).changed_at == LATER
    assert mails(session) == ["confirm", "confirm"]
    assert log(session) == ["asked page", "asked page"]


def test_who_gets_it_already_is_told_so_and_nothing_else_happens(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    sign_up(session, publication, now=LATER)
    assert mails(session) == ["confirm", "welcome", "already-subscribed"]
    assert LINKS.manage(person.id, LATER) in words_of(session, "already-subscribed")
    assert wish(session, person, publication).state is SubscriptionState.ACTIVE
    assert log(session) == ["asked page", "confirmed page"]


def test_who_gets_one_and_asks_for_two_is_asked_about_the_other(session: Session) -> None:
    one, other = make.publication(session), make.publication(session)
    person = reader(session, one)
    sign_up(session, one, other, now=LATER)
    assert subscriptions.waiting(session, person.id) == [other]
    assert wish(session, person, one).state is SubscriptionState.ACTIVE
    assert mails(session)[-1] == "confirm"


def test_a_stranger_cannot_rename_a_reader_by_the_form(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    ask(session, Form(person.address, (make.publication(session).id,), "pl", name="Mallory"))
    work_off(session)
    session.refresh(person)
    assert (person.name, person.language) == ("Anna", "en")


def test_of_those_who_never_confirmed_the_newest_form_is_believed(session: Session) -> None:
    publication = make.publication(session)
    sign_up(session, publication)
    ask(session, Form("anna@example.org", (publication.id,), "pl", name="Anna Nowak"))
    work_off(session)
    person = subscriptions.find(session, "anna@example.org", secret_key=SECRET_KEY)
    assert person is not None
    session.refresh(person)
    assert (person.name, person.language) == ("Anna Nowak", "pl")


@pytest.mark.parametrize("name", ["Win at http://spam.example", "www.spam.example", "<b>", "a@b"])
def test_a_name_that_is_a_lure_is_left_out(session: Session, name: str) -> None:
    publication = make.publication(session)
    ask(session, Form("anna@example.org", (publication.id,), "en", name=name))
    work_off(session)
    assert session.scalars(select(model.Subscriber.name)).one() == ""


@pytest.mark.parametrize("reason", [SuppressionReason.COMPLAINT, SuppressionReason.MANUAL])
def test_who_must_not_be_mailed_is_not_even_asked(
    session: Session, reason: SuppressionReason
) -> None:
    suppressed(session, "anna@example.org", reason)
    assert sign_up(session, make.publication(session)) is None
    assert mails(session) == []
    assert counted(session)["sign-up-suppressed"] == 1
    assert size(session, model.SignUp) == 0


@pytest.mark.parametrize("reason", [SuppressionReason.HARD_BOUNCE, SuppressionReason.ERASED])
def test_whose_mail_came_back_once_or_who_was_erased_may_ask_anew(
    session: Session, reason: SuppressionReason
) -> None:
    suppressed(session, "anna@example.org", reason)
    person = sign_up(session, make.publication(session))
    assert person is not None
    held = deliveries.claim(session, NOW, notices=True)
    assert held is not None
    assert [parcel.address for parcel in held.parcels] == ["anna@example.org"]
    assert size(session, model.Suppression) == 1
    subscriptions.confirm(session, person.id, NOW, LINKS)
    assert size(session, model.Suppression) == 0


def test_forms_for_one_address_that_are_there_together_come_to_one_mail(session: Session) -> None:
    one, other = make.publication(session), make.publication(session)
    for sent in (form(one), form(other), form(one), form(one, address="ANNA@example.org")):
        ask(session, sent)
    assert work_off(session) == 4
    assert mails(session) == ["confirm"]
    assert log(session) == ["asked page", "asked page"]


def test_forms_are_worked_off_oldest_first_and_a_few_at_a_time(session: Session) -> None:
    publication = make.publication(session)
    for number in range(3):
        ask(session, form(publication, address=f"reader{number}@example.org"))
    assert work_off(session, limit=2) == 2
    asked = session.scalars(select(model.Subscriber.address)).all()
    assert set(asked) == {"reader0@example.org", "reader1@example.org"}
    assert [work_off(session, limit=2) for _ in range(2)] == [1, 0]
    assert len(mails(session)) == 3


@pytest.mark.parametrize("publications", [(), (4711,)])
def test_a_form_for_nothing_is_refused(session: Session, publications: tuple[int, ...]) -> None:
    with pytest.raises(Invalid, match="at least one publication"):
        ask(session, Form("anna@example.org", publications, "en"))


def test_what_is_no_address_is_refused(session: Session) -> None:
    publication = make.publication(session)
    with pytest.raises(InvalidAddress):
        ask(session, form(publication, address="anna at example"))
    with pytest.raises(InvalidAddress):
        subscriptions.send_manage_link(
            session, "anna", NOW, LINKS, secret_key=SECRET_KEY, network=NETWORK
        )


def test_letters_beyond_ascii_are_kept_as_they_are_written(session: Session) -> None:
    person = sign_up(session, make.publication(session), address="zoë@bücher.example")
    assert person is not None
    assert person.address == "zoë@bücher.example"
    assert mails(session) == ["confirm"]


def manage(session: Session, address: str) -> None:
    subscriptions.send_manage_link(
        session, address, NOW, LINKS, secret_key=SECRET_KEY, network=NETWORK
    )
    work_off(session)


def test_the_link_to_everything_goes_to_who_is_known(session: Session) -> None:
    person = reader(session, make.publication(session))
    manage(session, "ANNA@example.org")
    assert mails(session)[-1] == "manage"
    assert LINKS.manage(person.id, NOW) in words_of(session, "manage")


def test_to_who_is_not_known_no_link_is_sent(session: Session) -> None:
    make.publication(session)
    manage(session, "nobody@example.org")
    assert mails(session) == []
    assert size(session, model.SignUp) == size(session, model.Subscriber) == 0


def test_a_mail_that_is_asked_for_by_the_link_in_an_issue_goes_to_the_reader(
    session: Session,
) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    number = wish(session, person, publication).id
    for _ in range(5):
        subscriptions.send_manage_link_for(session, number, NOW, LINKS)
        session.flush()
    assert mails(session, person) == ["confirm", "welcome", "manage", "manage"]
    subscriptions.send_manage_link_for(session, 4711, NOW, LINKS)
    assert len(mails(session)) == 4
