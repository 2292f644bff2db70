"""Issues from manuscript to sent: draft, approve, schedule, publish, finish; this is the door.

Publications, articles and images belong here too, since issues are made of them. No function
commits; each takes the session first and the time as ``now``.
"""

from newsletter.issues import revisions
from newsletter.issues.archive import (
    Page,
    Section,
    archive,
    donation_target,
    fetch_image,
    fetch_published,
    front_page,
    neighbours,
    newest,
    pages,
    sections,
    state_of,
)
from newsletter.issues.audience import TO_COME, choose_audience
from newsletter.issues.checking import remarks
from newsletter.issues.control import cancel, cancelled, pause, resume, send_again, wind_up
from newsletter.issues.details import LONGEST_PASSAGE, faults, find_zone, zones
from newsletter.issues.digests import Period, digest, due_digests
from newsletter.issues.drafts import (
    approve,
    draft,
    fetch,
    has_text,
    latest,
    picture_size,
    publication_of,
    reopen,
    revise,
    store_image,
    words,
)
from newsletter.issues.editions import edition, editions, masthead
from newsletter.issues.furniture import (
    LONGEST_TERMS,
    Kind,
    add_furniture,
    change_furniture,
    fetch_furniture,
    furniture,
    furniture_faults,
)
from newsletter.issues.public import Listed
from newsletter.issues.publications import (
    add_publication,
    change_publication,
    fetch_publication,
    find_by_slug,
    find_publication,
    find_publication_for,
    publications,
    slugify,
)
from newsletter.issues.revisions import NOBODY, Writer
from newsletter.issues.schedule import (
    Timing,
    due,
    finish,
    publish,
    schedule,
    send_now,
    sending,
    unfinished,
    unschedule,
    usual_time,
    when,
)
from newsletter.issues.schedule import Timing, due, finish, publish, schedule, unfinished, when
from newsletter.issues.search import MOST_FOUND, Found, index, index_missing, search
from newsletter.issues.specimens import Specimen, specimen
from newsletter.issues.trials import send_test
from newsletter.issues.writing import bring_back, is_open, save

__all__ = [
    "LONGEST_PASSAGE",
    "LONGEST_TERMS",
    "MOST_FOUND",
    "NOBODY",
    "TO_COME",
    "Found",
    "Kind",
    "Listed",
    "Page",
    "Period",
    "Section",
    "Specimen",
    "Timing",
    "Writer",
    "add_furniture",
    "add_publication",
    "approve",
    "archive",
    "bring_back",
    "cancel",
    "cancelled",
    "change_furniture",
    "change_publication",
    "choose_audience",
    "digest",
    "donation_target",
    "draft",
    "due",
    "due_digests",
    "edition",
    "editions",
    "faults",
    "fetch",
    "fetch_furniture",
    "fetch_image",
    "fetch_publication",
    "fetch_published",
    "find_by_slug",
    "find_publication",
    "find_publication_for",
    "find_zone",
    "finish",
    "front_page",
    "furniture",
    "furniture_faults",
    "has_text",
    "index",
    "index_missing",
    "is_open",
    "latest",
    "masthead",
    "neighbours",
    "newest",
    "pages",
    "pause",
    "picture_size",
    "publication_of",
    "publications",
    "publish",
    "remarks",
    "reopen",
    "resume",
    "revise",
    "revisions",
    "save",
    "schedule",
    "search",
    "sections",
    "send_again",
    "send_test",
    "send_now",
    "sending",
    "slugify",
    "specimen",
    "state_of",
    "store_image",
    "unfinished",
    "unschedule",
    "usual_time",
    "when",
    "wind_up",
    "words",
    "zones",
]
