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
from newsletter.issues.control import cancel, cancelled, pause, resume, send_again, wind_up
from newsletter.issues.digests import Period, digest, due_digests
from newsletter.issues.drafts import (
    approve,
    draft,
    fetch,
    latest,
    picture_size,
    publication_of,
    remarks,
    reopen,
    revise,
    store_image,
    words,
)
from newsletter.issues.editions import edition, editions, masthead
from newsletter.issues.public import Listed
from newsletter.issues.publications import (
    add_publication,
    change_publication,
    fetch_publication,
    find_publication,
    find_publication_for,
    find_zone,
    publications,
    slugify,
)
from newsletter.issues.schedule import Timing, due, finish, publish, schedule, unfinished, when
from newsletter.issues.search import MOST_FOUND, Found, index, index_missing, search
from newsletter.issues.writing import bring_back, is_open, save

__all__ = [
    "MOST_FOUND",
    "Found",
    "Listed",
    "Page",
    "Period",
    "Section",
    "Timing",
    "add_publication",
    "approve",
    "archive",
    "bring_back",
    "cancel",
    "cancelled",
    "change_publication",
    "digest",
    "donation_target",
    "draft",
    "due",
    "due_digests",
    "edition",
    "editions",
    "fetch",
    "fetch_image",
    "fetch_publication",
    "fetch_published",
    "find_publication",
    "find_publication_for",
    "find_zone",
    "finish",
    "front_page",
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
    "slugify",
    "state_of",
    "store_image",
    "unfinished",
    "when",
    "wind_up",
    "words",
]
