"""The domains that publications send from: keys that sign, records that name servers should have.

A look at a domain takes seconds and is the clock's; what was seen last is kept. Keys are files in
the installation's home.
"""

from newsletter.domains import keys
from newsletter.domains.checks import (
    Finding,
    PublicKey,
    Sender,
    Subject,
    Verdict,
    examine,
    worst,
)
from newsletter.domains.keys import load_signers
from newsletter.domains.looking import Examiner, State, ask_for_look, keep_look, states
from newsletter.domains.names import Ask, Unanswered, name_servers

__all__ = [
    "Ask",
    "Examiner",
    "Finding",
    "PublicKey",
    "Sender",
    "State",
    "Subject",
    "Unanswered",
    "Verdict",
    "ask_for_look",
    "examine",
    "keep_look",
    "keys",
    "load_signers",
    "name_servers",
    "states",
    "worst",
]
