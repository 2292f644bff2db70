"""Ways to give: the page that readers see, and the settings."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

import make
from newsletter import model
from newsletter.links import DonateTag
from newsletter.model import HookKind, WayKind
from signups import LINKS


def ways(session: Session, language: str = "en") -> model.Publication:
    publication = make.publication(
        session, name="Baltic Monitor", slug="baltic-monitor", language=language
    )
    url = "https://pay.example.org/give?amount={amount}&reference={reference}"
    make.way(session, kind=WayKind.LINK, title="By card", url=url, holder="", iban="")
    make.way(session, bic="COBADEFFXXX")
    return publication


def page(session: Session) -> str:
    publication = ways(session)
    words = "Gifts of readers pay for the next one."
    appeal = make.appeal(session, title="Support us", text=words, destination="")
    issue = make.issue(session, publication_id=publication.id)
    tag = LINKS.donate(publication.slug, issue.id, appeal.id).rpartition("/")[2]
    assert LINKS.read_donate(tag) == DonateTag(issue.id, appeal.id)
    return f"/donate/{publication.slug}/{tag}?amount=25"


def plain(session: Session) -> str:
    return f"/donate/{ways(session, 'pl').slug}"


def settings(session: Session) -> str:
    ways(session)
    return "/desk/settings/giving"


def empty(session: Session) -> str:
    return "/desk/settings/giving"


def account(session: Session) -> str:
    ways(session)
    return "/desk/settings/giving/2"


def hooks(session: Session) -> str:
    monitor = ways(session)
    heard = make.NOW - timedelta(hours=2)
    columns = {"publication_id": monitor.id, "heard_at": heard}
    make.hook(session, kind=HookKind.STRIPE, source="Stripe", **columns)
    make.hook(session, source="Przelewy24", fault="forged", fault_at=make.NOW, **columns)
    make.hook(session, source="PayU", publication_id=monitor.id, secret="")
    return "/desk/settings/giving"


def stripe(session: Session) -> str:
    hooks(session)
    return "/desk/settings/giving/hooks/1"


def refused(session: Session) -> str:
    hooks(session)
    hook = session.get_one(model.Hook, 2)
    hook.fault = "invalid: amount, currency"
    hook.old_secret, hook.old_until = "nlh_old", datetime.now(UTC) + timedelta(hours=20)
    return "/desk/settings/giving/hooks/2"


def new(session: Session) -> str:
    hooks(session)
    return "/desk/settings/giving/hooks/new/stripe"


def remove(session: Session) -> str:
    hooks(session)
    return "/desk/settings/giving/hooks/1/remove"


SCENES = {
    "page": page,
    "plain": plain,
    "settings": settings,
    "empty": empty,
    "account": account,
    "hooks": hooks,
    "stripe": stripe,
    "refused": refused,
    "new": new,
    "remove": remove,
}
