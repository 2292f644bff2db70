"""Subscribers, from the form to goodbye; this is the door.

Each step goes by the table in ``states`` and leaves a line in the consent log. No function commits;
each takes the session first and the time as ``now``. People and subscriptions are named by their
numbers, as in signed links.
"""

from newsletter.sheets import Chunk, Error, safe
from newsletter.subscriptions.blocking import block, blocks, unblock
from newsletter.subscriptions.challenges import spend
from newsletter.subscriptions.confirming import confirm, waiting
from newsletter.subscriptions.counters import count, counters, lately
from newsletter.subscriptions.directory import (
    BEGINNING,
    LOOKED_AT,
    Entry,
    LookedUp,
    Place,
    Wanted,
    index,
    is_waiting,
    keep_search,
    kept_search,
    look_up,
)
from newsletter.subscriptions.dossier import LATEST, Dossier, dossier, fetch_wish
from newsletter.subscriptions.exporting import FORMATS, exported
from newsletter.subscriptions.holding import Evidence, erase, evidence, find, held
from newsletter.subscriptions.importing import (
    Job,
    begin_import,
    finish_import,
    keep_chunk,
    prepared,
    processes,
    rehearse_chunk,
)
from newsletter.subscriptions.leaving import (
    LONGEST_PAUSE,
    WHYS,
    leave,
    pause,
    resume,
    say_why,
    set_frequency,
    undo,
)
from newsletter.subscriptions.limits import admit_unsolved
from newsletter.subscriptions.moving import agree, ask_address_change
from newsletter.subscriptions.people import add, correct, listed
from newsletter.subscriptions.preferences import (
    Choice,
    Profile,
    Wish,
    profile,
    save,
    send_manage_link_for,
    send_manage_link_to,
)
from newsletter.subscriptions.signing import Form, ask, propose, send_manage_link, work_off
from newsletter.subscriptions.suppressing import (
    Suppressed,
    lift_manual,
    suppress,
    suppress_subscriber,
    suppressions,
)
from newsletter.subscriptions.tagging import tag, tag_name, tags, tags_of, untag
from newsletter.subscriptions.upkeep import due, purge, wake
from newsletter.subscriptions.uploads import KEPT as UPLOADS_KEPT
from newsletter.subscriptions.uploads import (
    cancel_upload,
    check_upload,
    drop_upload,
    end_upload,
    fetch_upload,
    let_go,
    note_progress,
    receive_upload,
    run_upload,
    take_upload,
    uploads,
    waiting_uploads,
)
from newsletter.wishes import MOST_NAME

__all__ = [
    "BEGINNING",
    "FORMATS",
    "LATEST",
    "LONGEST_PAUSE",
    "LOOKED_AT",
    "MOST_NAME",
    "UPLOADS_KEPT",
    "WHYS",
    "Choice",
    "Chunk",
    "Dossier",
    "Entry",
    "Error",
    "Evidence",
    "Form",
    "Job",
    "LookedUp",
    "Place",
    "Profile",
    "Suppressed",
    "Wanted",
    "Wish",
    "add",
    "admit_unsolved",
    "agree",
    "ask",
    "ask_address_change",
    "begin_import",
    "block",
    "blocks",
    "cancel_upload",
    "check_upload",
    "confirm",
    "correct",
    "count",
    "counters",
    "dossier",
    "drop_upload",
    "due",
    "end_upload",
    "erase",
    "evidence",
    "exported",
    "fetch_upload",
    "fetch_wish",
    "find",
    "finish_import",
    "held",
    "index",
    "is_waiting",
    "keep_chunk",
    "keep_search",
    "kept_search",
    "lately",
    "leave",
    "let_go",
    "lift_manual",
    "listed",
    "look_up",
    "note_progress",
    "pause",
    "prepared",
    "processes",
    "profile",
    "propose",
    "purge",
    "receive_upload",
    "rehearse_chunk",
    "resume",
    "run_upload",
    "safe",
    "save",
    "say_why",
    "send_manage_link",
    "send_manage_link_for",
    "send_manage_link_to",
    "set_frequency",
    "spend",
    "suppress",
    "suppress_subscriber",
    "suppressions",
    "tag",
    "tag_name",
    "tags",
    "tags_of",
    "take_upload",
    "unblock",
    "undo",
    "untag",
    "uploads",
    "waiting",
    "waiting_uploads",
    "wake",
    "work_off",
]
