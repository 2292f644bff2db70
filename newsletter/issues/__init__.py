"""Issues from manuscript to sent: draft, approve, schedule, publish, finish; this is the door.

Publications, articles and images belong here too, since issues are made of them. No function
commits; each takes the session first and the time as ``now``.
"""

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
from newsletter.issues.checking import remarks
from newsletter.issues.control import cancel, cancelled, pause, resume, send_again, wind_up
from newsletter.issues.digests import Period, digest, due_digests
from newsletter.issues.drafts import (
    approve,
    draft,
    fetch,
    has_text,
    latest,
    picture_size,
    publication_of,
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
from newsletter.issues.specimens import Specimen, specimen
from newsletter.issues.trials import send_test

__all__ = [
    "MOST_FOUND",
    "Found",
    "Listed",
    "Page",
    "Period",
    "Section",
    "Specimen",
    "Timing",
    "add_publication",
    "approve",
    "archive",
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
    "has_text",
    "index",
    "index_missing",
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
    "resume",
    "revise",
    "schedule",
    "search",
    "sections",
    "send_again",
    "send_test",
    "slugify",
    "specimen",
    "state_of",
    "store_image",
    "unfinished",
    "when",
    "wind_up",
    "words",
]
