"""How a reader says no: what is wrong, at which line, and the next step."""

from newsletter.errors import InvalidManuscript
from newsletter.language import marked as _

EMPTY = _("The manuscript is empty; write its text and bring it in again")
NO_TEXT = _("there is no text under the headline; write it there")

HEADLINE_TOO_LONG = _("the headline is too long; shorten it to a line or two")
LONGEST_HEADLINE = 1000


def refusal(line: int | None, words: str, **facts: str) -> InvalidManuscript:
    """Return the error that says ``words``, which are marked, filled with ``facts``.

    Its message begins with the ``line``, counted from 1, if there is one.
    """
    said = words % facts if facts else words
    message = said if line is None else f"line {line}: {said}"
    return InvalidManuscript(message, line=line, words=words, facts=facts)
