"""Links that are counted: in the HTML of a mail another address stands for that of each.

The text part keeps the addresses as they are, for there people read them. What a reader can only
have alone (unsubscribing, preferences) is a slot, and is let be; so is where gifts are taken, which
has a signed address of its own.
"""

import html
import re

from newsletter.rendering.edition import Counted

_LINK = re.compile(r'(<a(?:\s+[\w:-]+(?:="[^"]*")?)*?\s+href=")(https?://[^"]*)(")')


def count_links(
    mail: str, counted: Counted | None, *, but: str = ""
) -> tuple[str, tuple[str, ...]]:
    """Replace the addresses of links in a ``mail``; return it, and what was replaced, in order."""
    if counted is None:
        return mail, ()
    targets: dict[str, None] = {}

    def stand_in(match: re.Match[str]) -> str:
        url = html.unescape(match[2])
        if url == but:
            return match[0]
        targets[url] = None
        return f"{match[1]}{html.escape(counted(url))}{match[3]}"

    replaced = _LINK.sub(stand_in, mail)
    return replaced, tuple(targets)
