"""Ways to give: the page that readers see, and the settings."""

from sqlalchemy.orm import Session

import make
from newsletter import model
from newsletter.links import DonateTag
from newsletter.model import WayKind
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


SCENES = {"page": page, "plain": plain, "settings": settings, "empty": empty, "account": account}
