"""International bank account numbers (ISO 13616): checked, and written as people read them.

The table is SWIFT's registry of structures, one for each country. Whether an account exists no
check can tell; a wrong digit or two that are swapped are always found.
"""

import re

from newsletter.errors import Invalid

_STRUCTURES = {
    code: structure
    for line in """
    AD 8n12c, AE 19n, AL 8n16c, AT 16n, AZ 4a20c, BA 16n, BE 12n, BG 4a6n8c, BH 4a14c, BI 23n
    BR 8c15n2c, BY 4c4n16c, CH 5n12c, CR 18n, CY 8n16c, CZ 20n, DE 18n, DJ 23n, DK 14n, DO 4c20n
    EE 16n, EG 25n, ES 20n, FI 14n, FK 2a12n, FO 14n, FR 10n11c2n, GB 4a14n, GE 2a16n, GI 4a15c
    GL 14n, GR 7n16c, GT 24c, HN 4a20n, HR 17n, HU 24n, IE 4a14n, IL 19n, IQ 4a15n, IS 22n
    IT 1a10n12c, JO 4a4n18c, KW 4a22c, KZ 3n13c, LB 4n20c, LC 4a24c, LI 5n12c, LT 16n, LU 3n13c
    LV 4a13c, LY 21n, MC 10n11c2n, MD 20c, ME 18n, MK 3n10c2n, MN 16n, MR 23n, MT 4a5n18c
    MU 4a19n3a, NI 4a20n, NL 4a10n, NO 11n, OM 3n16c, PK 4a16c, PL 24n, PS 4a21c, PT 21n, QA 4a21c
    RO 4a16c, RS 18n, RU 14n15c, SA 2n18c, SC 4a20n3a, SD 14n, SE 20n, SI 15n, SK 20n, SM 1a10n12c
    SO 19n, ST 21n, SV 4a20n, TL 19n, TN 20n, TR 6n16c, UA 6n19c, VA 18n, VG 4a16n, XK 16n
    YE 4a4n18c
    """.strip().splitlines()
    for code, structure in (each.split() for each in line.split(","))
}
"""How an account number goes on after the check digits: n are digits, a letters, c either."""

SEPA = frozenset(
    code
    for line in (
        "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK",
        "MT NL NO PL PT RO RS SE SI SK SM VA",
    )
    for code in line.split()
)
"""The countries whose banks take SEPA credit transfers (EPC409-09)."""

_KINDS = {"n": ("[0-9]", "digits"), "a": ("[A-Z]", "letters"), "c": ("[0-9A-Z]", "either")}
_PART = re.compile(r"([0-9]+)([nac])")
_FOREIGN = re.compile(r"[^0-9A-Z]")


def parse(text: str) -> str:
    """Return the IBAN in ``text`` without spaces, in capitals; raise Invalid with what is wrong."""
    iban = re.sub(r"[\s\u200b\u2060]", "", text).upper().removeprefix("IBAN").removeprefix(":")
    if not iban:
        raise Invalid("There is no IBAN; write one like DE89 3704 0044 0532 0130 00")
    if foreign := _FOREIGN.search(iban):
        raise Invalid(
            f"An IBAN has letters from A to Z and digits only; this one has “{foreign[0]}”"
        )
    country, check = iban[:2], iban[2:4]
    if not country.isalpha():
        raise Invalid(
            f"An IBAN begins with the two letters of its country, this one with “{country}”;"
            " a Polish account number of 26 digits gets PL before it"
        )
    if country not in _STRUCTURES:
        raise Invalid(f"No country that has IBANs is called {country}")
    parts = [(int(count), kind) for count, kind in _PART.findall(_STRUCTURES[country])]
    length = 4 + sum(count for count, _ in parts)
    if len(iban) != length:
        raise Invalid(f"An IBAN from {country} has {length} characters; this one has {len(iban)}")
    _check_kinds(iban, parts)
    # Each of 02 to 98 stands for one remainder; 00, 01 and 99 would let a second one pass.
    if not check.isdecimal() or not 2 <= int(check) <= 98 or remainder(iban) != 1:
        raise Invalid(
            f"The check digits {check} do not fit the number:"
            " a character is wrong, or two are swapped"
        )
    return iban


def spaced(iban: str) -> str:
    """Write a parsed ``iban`` as on paper, in groups of four."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def is_sepa(iban: str) -> bool:
    """Tell whether a SEPA credit transfer can reach a parsed ``iban``."""
    return iban[:2] in SEPA


def _check_kinds(iban: str, parts: list[tuple[int, str]]) -> None:
    """Raise Invalid where a letter stands in the place of a digit, or a digit in a letter's."""
    at = 4
    for count, kind in parts:
        part = iban[at : at + count]
        pattern, name = _KINDS[kind]
        if not re.fullmatch(f"{pattern}*", part):
            raise Invalid(
                f"In an IBAN from {iban[:2]} characters {at + 1} to {at + count} are {name};"
                f" here they are “{part}”"
            )
        at += count


def remainder(text: str) -> int:
    """Return an IBAN or a creditor reference as a number, modulo 97 (ISO 7064); it has to be 1."""
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97
