"""The desk: editors, what each role may do, how they sign in, the audit trail, today; the door.

``permissions`` is the one table of what each role may do. No function commits; each takes the
session first and the time as ``now``. Hashing a password takes long, and takes no session.
"""

from newsletter.desk import audit, bringing, codes, gate, keys, passkeys, passwords, sign_ins, team
from newsletter.desk.audit import OPERATOR, Action, Actor, note, trail
from newsletter.desk.growth import Audience, audiences, note_sizes, unnoted_sizes
from newsletter.desk.permissions import ALLOWED, Permission, may
from newsletter.desk.report import Report, report
from newsletter.desk.sending import Sending, sending
from newsletter.desk.sign_ins import Presence
from newsletter.desk.team import Teammate
from newsletter.desk.today import Line, Today, house_zone, today

__all__ = [
    "ALLOWED",
    "OPERATOR",
    "Action",
    "Actor",
    "Audience",
    "Line",
    "Permission",
    "Presence",
    "Report",
    "Sending",
    "Teammate",
    "Today",
    "audiences",
    "audit",
    "bringing",
    "codes",
    "gate",
    "house_zone",
    "keys",
    "may",
    "note",
    "note_sizes",
    "passkeys",
    "passwords",
    "report",
    "sending",
    "sign_ins",
    "team",
    "today",
    "trail",
    "unnoted_sizes",
]
