"""Why an issue waits for a person: kept as words with facts, said in the reader's language."""

from newsletter.deliveries import reasons
from newsletter.language import keep_words, say_kept
from newsletter.language import marked as _

CHANGED = _("What would leave is not what was approved. Approve it again.")
LATE = _(
    "Nothing could be sent at the scheduled time, %(due)s, and the latest start, %(latest)s"
    " (%(zone)s), has passed. Schedule it again, or send it now."
)
SHUT_OUT = _(
    "The relay does not let us in: “%(words)s”. Whoever runs this service is to mend"
    " NEWSLETTER_RELAY_URL and to restart it; then let the issue go on."
)
UNWELCOME = _(
    "The relay refuses us, not the readers: %(against_us)s of the last %(count)s answers, the"
    " last of them “%(words)s”. Ask whoever runs it, let the issue go on, and then send it"
    " again to those refused."
)


def obstacle(words: str, /, **facts: object) -> str:
    """Write what stands in an issue's way so that it can be kept."""
    return keep_words(words, {name: str(fact) for name, fact in facts.items()})


def say_obstacle(kept: str | None, language: str) -> str:
    """Say why an issue waits, if it does, and name nobody's address.

    The words of a person are said as they stand.
    """
    return reasons.without_addresses(say_kept(kept or "", language))
