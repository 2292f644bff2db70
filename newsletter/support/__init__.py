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
from newsletter.support.hooks import (
    LONGEST_SOURCE,
    OVERLAP,
    Fate,
    Heard,
    Message,
    add_hook,
    fetch_hook,
    hear,
    hooks,
    is_refused,
    make_secret,
    refused,
    remove_hook,
    set_secret,
)
from newsletter.support.iban import is_sepa, spaced
from newsletter.support.iban import parse as parse_iban
from newsletter.support.messages import STRIPE_EVENTS, message_movement, stripe_movement
from newsletter.support.movements import Balance, Movement, balance
from newsletter.support.ways import check_link, fill_link
from newsletter.support.webhooks import Judgement, Verdict, judge_hmac, judge_stripe, sign

__all__ = [
    "FIELDS",
    "LONGEST_SOURCE",
    "MOST_OCTETS",
    "OVERLAP",
    "STRIPE_EVENTS",
    "Balance",
    "Fate",
    "Fault",
    "Gift",
    "GiftFile",
    "Given",
    "Heard",
    "Judgement",
    "Message",
    "Movement",
    "Offer",
    "Recorded",
    "Told",
    "Transfer",
    "Verdict",
    "add_hook",
    "add_way",
    "balance",
    "change_way",
    "check_link",
    "donations",
    "epc_payload",
    "fetch_hook",
    "fetch_way",
    "fill_link",
    "given_to",
    "hear",
    "hooks",
    "is_refused",
    "is_sepa",
    "judge_hmac",
    "judge_stripe",
    "make_secret",
    "message_movement",
    "of_units",
    "offers",
    "parse_amount",
    "parse_iban",
    "qr_png",
    "qr_svg",
    "read_csv",
    "read_gift",
    "record",
    "refused",
    "remove_hook",
    "remove_way",
    "set_secret",
    "sign",
    "spaced",
    "stripe_movement",
    "way_faults",
    "ways",
    "ways_of",
]
