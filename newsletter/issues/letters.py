"""Letters: what a mail to one person says, in the name of a publication."""

import logging

from sqlalchemy.orm import Session

from newsletter import model, rendering
from newsletter.issues.editions import masthead
from newsletter.issues.templates import overrides
from newsletter.links import Links

log = logging.getLogger(__name__)


def write_notice(
    session: Session,
    name: str,
    publication: model.Publication,
    language: str,
    links: Links,
    **facts: object,
) -> rendering.Words:
    """Return the words of the notice ``name``, by the desk's own templates where there are some.

    Of one that gives way to that of the house, the log tells.
    """
    own = overrides(session, publication.id, language)
    words = rendering.notice(name, masthead(publication, links), language, own, **facts)
    if words.left_out:
        left = ",".join(words.left_out)
        event = "event=template-left-out mail=%s publication=%d templates=%s"
        log.warning(event, name, publication.id, left)
    return words
