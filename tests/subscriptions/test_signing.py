"""Signing up: what a form comes to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.links import Links
from newsletter.model import SubscriptionState

LINKS = Links("https://monitor.example.org", SECRET_KEY)


def test_a_form_becomes_a_question_and_its_answer_a_subscription(session: Session) -> None:
    publication = make.publication(session)
    form = subscriptions.Form("anna@example.org", (publication.id,), "en", wording="Yes")
    subscriptions.ask(session, form, NOW, secret_key=SECRET_KEY, network="192.0.2.0/24")
    assert subscriptions.work_off(session, NOW, LINKS, secret_key=SECRET_KEY) == 1
    person = session.scalars(select(model.Subscriber)).one()
    assert subscriptions.waiting(session, person.id) == [publication]
    assert subscriptions.confirm(session, person.id, NOW, LINKS) == [publication]
    wish = session.scalars(select(model.Subscription)).one()
    assert wish.state is SubscriptionState.ACTIVE
    mails = session.scalars(select(model.Content.variant).order_by(model.Content.id)).all()
    assert mails == ["confirm", "welcome"]
