"""The QR code of a SEPA credit transfer (EPC069-12, version 002): its payload and its drawing.

A banking app that scans it has the transfer filled in; nothing about the giver is in it.
"""

import io
from dataclasses import dataclass
from decimal import Decimal

import segno

from newsletter.errors import Invalid
from newsletter.support import iban as ibans

MOST_OCTETS = 331
"""Octets of a payload, so that its code is of version 13 at most."""

_ECI_OCTETS = 2  # what saying UTF-8 takes from them

_LONGEST = {"name": 70, "reference": 35, "message": 140, "note": 70}
_LEAST, _MOST = Decimal("0.01"), Decimal("999999999.99")


@dataclass(frozen=True, slots=True)
class Transfer:
    """A credit transfer in euros to ``iban``, as it is to be filled in.

    Without an ``amount`` the giver chooses one. ``reference`` is a creditor reference (ISO 11649,
    RF…), ``message`` free words; a transfer has one of them. ``note`` is shown to the giver and
    stays with them.
    """

    name: str
    iban: str
    amount: Decimal | None = None
    reference: str = ""
    message: str = ""
    note: str = ""
    bic: str = ""


def payload(transfer: Transfer) -> str:
    """Write ``transfer`` as the standard has it, line by line; raise Invalid naming the field."""
    for field, most in _LONGEST.items():
        _check_text(field, getattr(transfer, field), most)
    if not transfer.name.strip():
        raise Invalid("name: the holder of the account is missing")
    if transfer.reference and transfer.message:
        raise Invalid("message: a transfer has a reference or a message, not both")
    account = ibans.parse(transfer.iban)
    if not ibans.is_sepa(account):
        raise Invalid(f"iban: no SEPA transfer reaches {account[:2]}")
    lines = [
        *("BCD", "002", "1", "SCT"),  # 1 is UTF-8
        parse_bic(transfer.bic),
        transfer.name.strip(),
        account,
        _amount(transfer.amount),
        "",  # the purpose, a code that banks between themselves use
        _reference(transfer.reference),
        transfer.message.strip(),
        transfer.note.strip(),
    ]
    written = "\n".join(lines).rstrip("\n")
    most = MOST_OCTETS if written.isascii() else MOST_OCTETS - _ECI_OCTETS
    if (octets := len(written.encode())) > most:
        raise Invalid(f"message: the code holds {most} octets, this would be {octets}; shorten it")
    return written


def svg(payload: str) -> str:
    """Draw ``payload`` as an SVG element that scales to the room it has.

    It is black on white in light and in dark, with the quiet zone that readers need, and without
    style or script.
    """
    return _code(payload).svg_inline(omitsize=True, dark="#000", light="#fff", svgclass="qr")


def png(payload: str, scale: int = 8) -> bytes:
    """Draw ``payload`` as a PNG image, ``scale`` pixels for each module."""
    out = io.BytesIO()
    _code(payload).save(out, kind="png", scale=scale)
    return out.getvalue()


def _code(payload: str) -> segno.QRCode:
    """Encode with level M, which the standard asks for.

    Letters beyond ASCII are declared as UTF-8 (ECI 26), for readers of codes look into no field
    for the character set and take many a Polish word for Shift JIS.
    """
    has_eci = not payload.isascii()
    return segno.make_qr(payload, error="m", encoding="utf-8", eci=has_eci, boost_error=False)


def _check_text(field: str, text: str, most: int) -> None:
    if len(text.strip()) > most:
        raise Invalid(f"{field}: {len(text.strip())} characters are too many, it takes {most}")
    if any(not letter.isprintable() for letter in text):
        raise Invalid(f"{field}: it is one line, without control characters")


def _amount(amount: Decimal | None) -> str:
    if amount is None:
        return ""
    if not amount.is_finite() or not _LEAST <= amount <= _MOST:
        raise Invalid(f"amount: {amount} is not between {_LEAST} and {_MOST} euros")
    if amount != amount.quantize(_LEAST):
        raise Invalid(f"amount: {amount} is not in whole cents")
    return f"EUR{amount:.2f}"


def parse_bic(text: str) -> str:
    """Return a BIC (ISO 9362) in capitals; within SEPA it may be left out."""
    bic = "".join(text.split()).upper()
    is_well_formed = bic.isascii() and bic.isalnum() and bic[:6].isalpha() and len(bic) in {8, 11}
    if bic and not is_well_formed:
        raise Invalid(f"bic: “{text}” is not one; write one like COBADEFFXXX, or leave it out")
    return bic


def _reference(text: str) -> str:
    """Return a creditor reference in capitals without spaces, its check digits verified."""
    reference = "".join(text.split()).upper()
    if not reference:
        return ""
    is_well_formed = (
        reference.isascii()
        and reference.isalnum()
        and reference[:2] == "RF"
        and reference[2:4].isdecimal()
        and 5 <= len(reference) <= 25
    )
    if not is_well_formed or ibans.remainder(reference) != 1:
        raise Invalid(
            f"reference: “{text}” is not a creditor reference (RF and two check digits first);"
            " free words go into the message"
        )
    return reference
