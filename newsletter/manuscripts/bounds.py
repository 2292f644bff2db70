"""How much a manuscript may hold, so that reading one takes a moment, whatever it is made of.

The bounds lie far above what anyone mails: half a million characters are a book. What is beyond
them is refused before it is looked into, by the bound that it breaks and with the way out.
"""

import re

from newsletter.language import marked as _
from newsletter.manuscripts.refusals import refusal

MOST_CHARACTERS = 500_000
MOST_ELEMENTS = 20_000
MOST_LINES = 20_000
"""Lines of Markdown that are not empty; each may be a block."""
MOST_MARKS = 50_000

_MARKS = re.compile(r"[\[\]*_`<&!\\~|]")


_TOO_LONG = _("The manuscript has more than 500,000 characters; bring it in in parts")
_TOO_MANY_LINES = _("The manuscript has more than 20,000 lines of Markdown; bring it in in parts")
_TOO_MANY_MARKS = _(
    "The manuscript has more than 50,000 marks such as * and [ in its text; take out what is no"
    " text"
)
_TOO_MANY_ELEMENTS = _(
    "The manuscript has more than 20,000 elements (paragraphs, links, cells and so on); copy the"
    " text of the article and paste it"
)


def check_text(text: str) -> None:
    """Refuse words of more characters than any manuscript has."""
    if len(text) > MOST_CHARACTERS:
        raise refusal(None, _TOO_LONG)


def check_marks(text: str) -> None:
    """Refuse words with more of the marks of Markdown among them than any manuscript has."""
    check_text(text)
    if len(_MARKS.findall(text)) > MOST_MARKS:
        raise refusal(None, _TOO_MANY_MARKS)


def check_markdown(text: str) -> None:
    """Refuse Markdown of more lines or marks than any manuscript has."""
    check_marks(text)
    if sum(1 for line in text.split("\n") if line and not line.isspace()) > MOST_LINES:
        raise refusal(None, _TOO_MANY_LINES)


def check_elements(count: int) -> None:
    """Refuse a page or a Word document of more elements than any article has."""
    if count > MOST_ELEMENTS:
        raise refusal(None, _TOO_MANY_ELEMENTS)
