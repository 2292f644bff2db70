"""Why an issue waits for a person: kept as a word with its facts, said in the reader's language."""

import enum
import json
from collections.abc import Mapping

from newsletter.deliveries import reasons
from newsletter.language import marked as _
from newsletter.language import translations


class Obstacle(enum.StrEnum):
    """What stands in the way of an issue, as far as the house knows such things."""

    CHANGED = "changed"
    LATE = "late"
    SHUT_OUT = "shut-out"
    UNWELCOME = "unwelcome"


_SAID: Mapping[str, str] = {
    Obstacle.CHANGED: _("What would leave is not what was approved. Approve it again."),
    Obstacle.LATE: _(
        "Nothing could be sent at the scheduled time, %(due)s, and the latest start, %(latest)s"
        " (%(zone)s), has passed. Schedule it again, or send it now."
    ),
    Obstacle.SHUT_OUT: _(
        "The relay does not let us in: “%(words)s”. Whoever runs this service is to mend"
        " NEWSLETTER_RELAY_URL and to restart it; then let the issue go on."
    ),
    Obstacle.UNWELCOME: _(
        "The relay refuses us, not the readers: %(against_us)s of the last %(count)s answers, the"
        " last of them “%(words)s”. Ask whoever runs it, let the issue go on, and then send it"
        " again to those refused."
    ),
}


def obstacle(what: Obstacle, **facts: object) -> str:
    """Write an obstacle with its facts so that it can be kept."""
    return json.dumps({"what": what, **facts}, ensure_ascii=False)


def say_obstacle(kept: str | None, language: str) -> str:
    """Say why an issue waits, if it does, and name nobody's address.

    The words of a person are said as they stand.
    """
    try:
        facts = json.loads(kept or "")
        said = _SAID[facts["what"]]
        words = translations(language).gettext(said) % facts
    except (ValueError, TypeError, KeyError):
        words = kept or ""
    return reasons.without_addresses(words)
