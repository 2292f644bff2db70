"""Test mail: an issue as it stands goes to a few chosen addresses, the way that all mail goes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import addresses, deliveries, model
from newsletter.deliveries import rates
from newsletter.deliveries.rates import Want
from newsletter.errors import Invalid, InvalidAddress, LimitReached
from newsletter.issues.appeals import MAIN
from newsletter.issues.drafts import has_text, publication_of, words
from newsletter.language import marked as _
from newsletter.links import Links
from newsletter.mail import Rate

MOST = 5
"""Addresses that a test goes to."""
ALLOWED = (Rate.parse("20/h"),)
"""Test mails that one editor may send."""
_BETWEEN = re.compile(r"[\s,;]+")


def send_test(
    session: Session,
    issue: model.Issue,
    to: str,
    links: Links,
    now: datetime,
    *,
    editor: int,
    subject: str = MAIN,
    saying: int | None = None,
) -> Sequence[str]:
    """Put the mail of an issue into the outbox for each of the addresses ``to``; return these.

    They stand with commas or blanks between them. The subject is marked; the mail's links are made
    for nobody. Raises Invalid, whose fact ``address`` is the one in the way if it is one, and
    LimitReached for an editor who sent too many.
    """
    if not has_text(session, issue):
        raise Invalid(_("There is nothing to send yet: the issue has no text."))
    chosen = _chosen(session, to, links)
    key = f"test editor:{editor}"
    if rates.take(session, {key: Want(len(chosen), ALLOWED)}, now)[key].granted < len(chosen):
        raise LimitReached
    publication = publication_of(session, issue)
    mail = words(session, issue, links, now, subject, saying)
    marked = replace(mail, subject=f"[Test] {mail.subject}")
    for address in chosen:
        deliveries.notify_address(
            session, publication.id, address, deliveries.TEST, publication.language, marked, now
        )
    return chosen


def _chosen(session: Session, to: str, links: Links) -> Sequence[str]:
    """Read the addresses, each once, that may get mail."""
    chosen: dict[bytes, str] = {}
    for written in filter(None, _BETWEEN.split(to)):
        try:
            address = addresses.parse(written)
        except InvalidAddress as error:
            raise Invalid(_("“%(address)s” is no e-mail address."), address=written) from error
        chosen.setdefault(addresses.digest(address, links.secret_key), address)
    if not chosen:
        raise Invalid(_("Enter an e-mail address like anna@institute.example."))
    if len(chosen) > MOST:
        raise Invalid(_("A test goes to five addresses at most."))
    suppressed = session.scalar(
        select(model.Suppression.digest).where(model.Suppression.digest.in_(chosen)).limit(1)
    )
    if suppressed:
        message = _("“%(address)s” is on the list of addresses that get no mail.")
        raise Invalid(message, address=chosen[suppressed])
    return list(chosen.values())
