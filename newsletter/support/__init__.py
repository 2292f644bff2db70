"""Appeals and donations: ways to give, and what was given; this module is the door."""

from newsletter.support.currencies import of_units
from newsletter.support.donations import Given, Recorded, donations, given_to, record
from newsletter.support.epc import Transfer
from newsletter.support.epc import payload as epc_payload
from newsletter.support.epc import png as qr_png
from newsletter.support.epc import svg as qr_svg
from newsletter.support.gifts import (
    MOST_OCTETS,
    Fault,
    Gift,
    GiftFile,
    Told,
    parse_amount,
    read_csv,
    read_gift,
)
from newsletter.support.giving import (
    FIELDS,
    Offer,
    add_way,
    change_way,
    fetch_way,
    offers,
    remove_way,
    way_faults,
    ways,
    ways_of,
)
from newsletter.support.iban import is_sepa, spaced
from newsletter.support.iban import parse as parse_iban
from newsletter.support.messages import gift_of_message, gift_of_stripe
from newsletter.support.ways import check_link, fill_link
from newsletter.support.webhooks import Judgement, Verdict, judge_hmac, judge_stripe, sign

__all__ = [
    "FIELDS",
    "MOST_OCTETS",
    "Fault",
    "Gift",
    "GiftFile",
    "Given",
    "Judgement",
    "Offer",
    "Recorded",
    "Told",
    "Transfer",
    "Verdict",
    "add_way",
    "change_way",
    "check_link",
    "donations",
    "epc_payload",
    "fetch_way",
    "fill_link",
    "gift_of_message",
    "gift_of_stripe",
    "given_to",
    "is_sepa",
    "judge_hmac",
    "judge_stripe",
    "of_units",
    "offers",
    "parse_amount",
    "parse_iban",
    "qr_png",
    "qr_svg",
    "read_csv",
    "read_gift",
    "record",
    "remove_way",
    "sign",
    "spaced",
    "way_faults",
    "ways",
    "ways_of",
]
