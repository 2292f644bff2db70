"""Issues from manuscript to sent: draft, approve, schedule, publish, finish; this is the door.

Publications, articles and images belong here too, since issues are made of them. No function
commits; each takes the session first and the time as ``now``.
"""

from newsletter.issues.archive import (
    Listed,
    archive,
    donation_target,
    fetch_image,
    fetch_published,
    front_page,
)
from newsletter.issues.control import cancel, cancelled, pause, resume, send_again, wind_up
from newsletter.issues.digests import Period, digest, due_digests
from newsletter.issues.drafts import (
    approve,
    draft,
    edition,
    fetch,
    latest,
    picture_size,
    publication_of,
    remarks,
    revise,
    store_image,
    words,
)
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

__all__ = [
    "Listed",
    "Period",
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
    "fetch",
    "fetch_image",
    "fetch_publication",
    "fetch_published",
    "find_publication",
    "find_publication_for",
    "find_zone",
    "finish",
    "front_page",
    "latest",
    "pause",
    "picture_size",
    "publication_of",
    "publications",
    "publish",
    "remarks",
    "resume",
    "revise",
    "schedule",
    "send_again",
    "slugify",
    "store_image",
    "unfinished",
    "when",
    "wind_up",
    "words",
]
