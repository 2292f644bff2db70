"""Notices: mails to one person, in the taste of the issues; ``templates/emails/<name>/``."""

from dataclasses import dataclass

from newsletter.rendering import letter
from newsletter.rendering.colour import dark, light
from newsletter.rendering.edition import Masthead, Words
from newsletter.rendering.issue import INLINER
from newsletter.rendering.templates import render


@dataclass(frozen=True, slots=True)
class NoticeSheet:
    """What the layout of every mail asks for."""

    masthead: Masthead
    title: str
    preview: str


def notice(name: str, masthead: Masthead, language: str, **facts: object) -> Words:
    """Render the notice ``name`` in the reader's ``language``, from the three templates of it.

    ``masthead`` is the publication's in whose name it is sent. The ``facts``, all of which a
    template may rely on, are those of the call; links among them are this reader's own.
    """
    common = {
        "masthead": masthead,
        "light": light(masthead.accent),
        "dark": dark(masthead.accent),
        "form": "mail",
        **facts,
    }
    subject = " ".join(render(f"emails/{name}/subject.txt", language, **common).split())
    sheet = NoticeSheet(masthead, subject, "")
    return Words(
        subject=subject,
        html=INLINER.inline(render(f"emails/{name}/body.html", language, sheet=sheet, **common)),
        text=letter.tidy(render(f"emails/{name}/body.txt", language, sheet=sheet, **common)),
    )
