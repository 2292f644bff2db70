"""Specimens: a mail of an issue, whole, as one reader would get it; made as the engine makes all.

It is composed for nobody: its links open their pages and change nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import cast

from newsletter import deliveries, model, rendering
from newsletter.links import NOBODY, Links
from newsletter.mail import Composer, Parcel

ADDRESS = "reader@example.org"
"""Where a specimen goes: nowhere (RFC 2606)."""
_BEGINNING = 140
"""Characters of a mail's first words that an inbox shows beside its subject, at most."""
_MARKUP = re.compile(r"(?s)<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)")
_FILLER = "\u034f\u200c"
"""What stands behind a preheader, so that inboxes show nothing after it."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """What a mail program shows of a mail: its headers, as text, and its two parts.

    ``author`` is the name behind From; ``beginning`` is what an inbox shows beside the subject.
    """

    author: str
    sender: str
    recipient: str
    subject: str
    beginning: str
    html: str
    text: str


def specimen(
    words: rendering.Words,
    publication: model.Publication,
    links: Links,
    return_domain: str,
    now: datetime,
    *,
    name: str = "",
    issue: int = 0,
) -> Specimen:
    """Compose the mail of ``words`` for a reader called ``name``, and open it again."""
    heading = deliveries.heading_of(
        publication,
        links,
        return_domain,
        language=publication.language,
        date=now,
        issue=issue,
    )
    parcel = Parcel(0, 0, NOBODY, ADDRESS, name)
    envelope = Composer(words, heading, links).envelope(parcel)
    mail = message_from_bytes(envelope.content, policy=default)
    html = _part(mail, "html")
    return Specimen(
        author=publication.author_name,
        sender=str(mail["From"]),
        recipient=str(mail["To"]),
        subject=str(mail["Subject"]),
        beginning=beginning(html),
        html=html,
        text=_part(mail, "plain"),
    )


def beginning(html: str) -> str:
    """Return the first words of a mail: its preheader, or where it has none what comes first."""
    _, _, body = html.partition("<body")
    words = unescape(_MARKUP.sub(" ", body[body.find(">") + 1 :][: 40 * _BEGINNING]))
    shown = words.partition(_FILLER)[0]
    return " ".join(shown.split())[:_BEGINNING]


def _part(mail: EmailMessage, subtype: str) -> str:
    part = cast("EmailMessage", mail.get_body((subtype,)))
    return str(part.get_content()).replace("\r\n", "\n")
