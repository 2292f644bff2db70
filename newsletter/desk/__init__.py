"""The desk: editors, what each role may do, how they sign in, the audit trail, today; the door.

``permissions`` is the one table of what each role may do. No function commits; each takes the
session first and the time as ``now``. Hashing a password takes long, and takes no session.
"""

from newsletter.desk import audit, bringing, codes, gate, keys, passkeys, passwords, sign_ins, team
from newsletter.desk.audit import OPERATOR, Action, Actor, note, trail
from newsletter.desk.brought import (
    CLICKS,
    AppealIn,
    AppealReport,
    Brought,
    Compared,
    Part,
    brought_by,
    brought_by_appeals,
    brought_in,
    compared,
)
from newsletter.desk.growth import Audience, audiences, count_sizes, note_sizes
from newsletter.desk.inviting import mail_invitation
from newsletter.desk.movement import Period, count_movement, movement, note_movement
from newsletter.desk.permissions import ALLOWED, Permission, may
from newsletter.desk.report import Report, report
from newsletter.desk.reports import Comparison, Summary, compare, reports
from newsletter.desk.sending import Sending, sending
from newsletter.desk.sign_ins import Presence
from newsletter.desk.team import Teammate
from newsletter.desk.today import Line, Today, house_zone, today
from newsletter.desk.waves import Prospect, Waves, prospect, waves

__all__ = [
    "ALLOWED",
    "CLICKS",
    "OPERATOR",
    "Action",
    "Actor",
    "AppealIn",
    "AppealReport",
    "Audience",
    "Brought",
    "Compared",
    "Comparison",
    "Line",
    "Part",
    "Period",
    "Permission",
    "Presence",
    "Prospect",
    "Report",
    "Sending",
    "Summary",
    "Teammate",
    "Today",
    "Waves",
    "audiences",
    "audit",
    "bringing",
    "brought_by",
    "brought_by_appeals",
    "brought_in",
    "codes",
    "compare",
    "compared",
    "count_movement",
    "count_sizes",
    "gate",
    "house_zone",
    "keys",
    "mail_invitation",
    "may",
    "movement",
    "note",
    "note_movement",
    "note_sizes",
    "passkeys",
    "passwords",
    "prospect",
    "report",
    "reports",
    "sending",
    "sign_ins",
    "team",
    "today",
    "trail",
    "waves",
]
