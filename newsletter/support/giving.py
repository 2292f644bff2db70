"""Giving: the ways to give that an organisation has, each checked before it is kept.

What the page shows of a way is made anew for each visit, from an amount and from where the visitor
comes; nothing about the visitor is kept.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Invalid, NotFound
from newsletter.model import WayKind
from newsletter.support import epc, iban
from newsletter.support.ways import check_link, fill_link

FIELDS: Mapping[WayKind, Sequence[str]] = {
    WayKind.LINK: ("title", "url", "currency"),
    WayKind.TRANSFER: ("title", "holder", "iban", "bic", "currency"),
}
"""What is to be said of a way."""

_LONGEST_TITLE = 80
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Offer:
    """A way as it is offered: where it leads, or what is to be written on a transfer.

    ``code`` draws the transfer as a QR code (EPC069-12), an SVG element; it is empty where no SEPA
    transfer in euros can be made of it.
    """

    title: str
    currency: str
    url: str = ""
    holder: str = ""
    iban: str = ""
    bic: str = ""
    words: str = ""
    code: str = ""


def ways(session: Session) -> Sequence[model.Way]:
    """List all ways to give, in the order in which they are offered."""
    return session.scalars(select(model.Way).order_by(model.Way.id)).all()


def ways_of(session: Session, publication: int) -> Sequence[model.Way]:
    """List the ways to give of a publication: its own, and those of all."""
    mine = or_(model.Way.publication_id == publication, model.Way.publication_id.is_(None))
    return session.scalars(select(model.Way).where(mine).order_by(model.Way.id)).all()


def fetch_way(session: Session, number: int) -> model.Way:
    """Return the way with that number; raise NotFound."""
    found = session.get(model.Way, number)
    if found is None:
        raise NotFound
    return found


def add_way(
    session: Session, kind: WayKind, publication: int | None, said: Mapping[str, str]
) -> model.Way:
    """Add a way to give; raise Invalid naming what is wrong."""
    way = model.Way(kind=kind, title="", currency="")
    _say(way, publication, said)
    session.add(way)
    session.flush()
    return way


def change_way(
    session: Session, way: model.Way, publication: int | None, said: Mapping[str, str]
) -> None:
    """Change what is said of a way; raise Invalid naming what is wrong."""
    _say(way, publication, said)
    session.flush()


def remove_way(session: Session, way: model.Way) -> None:
    """Offer a way no more."""
    session.delete(way)
    session.flush()


def way_faults(kind: WayKind, said: Mapping[str, str]) -> Mapping[str, str]:
    """Say what is wrong with each field of a way."""
    found = {}
    for name in FIELDS[kind]:
        try:
            _read(name, said.get(name, ""))
        except Invalid as error:
            found[name] = error.message
    return found


def offers(
    ways: Collection[model.Way], amount: Decimal | None, reference: str, words: str
) -> Sequence[Offer]:
    """Offer the ways with an ``amount``, where one is chosen, and the ``reference`` filled in.

    ``words`` are the title of a transfer, in which the reference stands.
    """
    return [
        _link(way, amount, reference) if way.kind is WayKind.LINK else _transfer(way, amount, words)
        for way in ways
    ]


def _link(way: model.Way, amount: Decimal | None, reference: str) -> Offer:
    url = fill_link(way.url, amount=amount, currency=way.currency, reference=reference)
    return Offer(way.title, way.currency, url=url)


def _transfer(way: model.Way, amount: Decimal | None, words: str) -> Offer:
    code = ""
    if way.currency == "EUR" and iban.is_sepa(way.iban):
        transfer = epc.Transfer(
            name=way.holder, iban=way.iban, bic=way.bic, amount=amount, message=words
        )
        try:
            code = epc.svg(epc.payload(transfer))
        except Invalid:
            code = ""  # an amount that no transfer can have
    return Offer(
        title=way.title,
        currency=way.currency,
        holder=way.holder,
        iban=iban.spaced(way.iban),
        bic=way.bic,
        words=words,
        code=code,
    )


def _say(way: model.Way, publication: int | None, said: Mapping[str, str]) -> None:
    read = {name: _read(name, said.get(name, "")) for name in FIELDS[way.kind]}
    for name, value in read.items():
        setattr(way, name, value)
    way.publication_id = publication


def _read(name: str, text: str) -> str:
    text = text.strip()
    match name:
        case "url":
            return check_link(text)
        case "iban":
            return iban.parse(text)
        case "bic":
            return epc.parse_bic(text)
        case "currency":
            if not _CURRENCY.fullmatch(text.upper()):
                raise Invalid(f"“{text}” is no currency; write its three letters, such as EUR")
            return text.upper()
    most = 70 if name == "holder" else _LONGEST_TITLE
    if not text:
        raise Invalid("This is missing")
    if len(text) > most:
        raise Invalid(f"This is longer than {most} characters")
    return text
