"""The preview: the mail of an issue as readers will get it, its text part, its page on the web."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, model, rendering
from newsletter.desk import Permission
from newsletter.language import marked as _
from newsletter.model import Frequency
from newsletter.rendering.press import MOST_OCTETS
from newsletter.web import framing, public
from newsletter.web.context import asset_text, database, links, settings
from newsletter.web.desk.guard import bp, needs
from newsletter.web.desk.issue_frame import issue_page

VIEWS = {
    "phone": _("Phone"),
    "desktop": _("Desktop"),
    "text": _("Text"),
    "web": _("Web page"),
}
"""What can be shown, and what each is called; the first where nothing is chosen."""
SCHEMES: Mapping[framing.Scheme, str] = {"light": _("Light"), "dark": _("Dark")}
READERS = {
    "named": ("Anna Kowalska", _("Anna Kowalska")),
    "nameless": ("", _("A reader without a name")),
    "foreign": ("Ελένη Παπαδοπούλου", _("A name in other letters")),
}
"""As whom the mail can be read: a name, and what the choice is called."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the mail is shown, how, and as whom."""

    show: str
    scheme: framing.Scheme
    reader: str

    @classmethod
    def asked(cls) -> "Choice":
        """Read the choice from the address; what it does not say is the first of each."""
        words = request.args
        return cls(
            show=words["show"] if words.get("show") in VIEWS else "phone",
            scheme="dark" if words.get("scheme") == "dark" else "light",
            reader=words["reader"] if words.get("reader") in READERS else "named",
        )


@bp.get("/issues/<int:number>/preview")
@needs(Permission.PREVIEW)
def preview(number: int) -> Response:
    """Show the mail of an issue, by switches that are links."""
    choice = Choice.asked()
    with database.reading() as session:
        issue = issues.fetch(session, number)
        facts: dict[str, Any] = {
            "choice": choice,
            "views": VIEWS,
            "schemes": SCHEMES,
            "readers": READERS,
        }
        if not issues.has_text(session, issue):
            return issue_page("preview.html", session, issue, specimen=None, **facts)
        shown = _specimen(session, issue, READERS[choice.reader][0])
        answer = issue_page(
            "preview.html",
            session,
            issue,
            specimen=shown,
            framed=_framed(session, issue, shown, choice),
            octets=len(shown.html.encode()),
            most_octets=MOST_OCTETS,
            sandbox=framing.SANDBOX,
            **facts,
        )
    return framing.allow_frames(answer)


def _specimen(session: Session, issue: model.Issue, name: str) -> issues.Specimen:
    return issues.specimen(
        issues.words(session, issue, links),
        issues.publication_of(session, issue),
        links,
        settings.return_domain,
        datetime.now(UTC),
        name=name,
    )


def _framed(session: Session, issue: model.Issue, shown: issues.Specimen, choice: Choice) -> str:
    """Return what stands in the frame; nothing where there is none."""
    if choice.show == "text":
        return ""
    if choice.show != "web":
        return framing.with_new_tabs(framing.in_scheme(shown.html, choice.scheme))
    if issue.frequency is not Frequency.EACH:
        return ""
    publication = issues.publication_of(session, issue)
    page = public.show_issue(session, publication, issue).get_data(as_text=True)
    style = asset_text("house.css") + rendering.theme_css(publication.accent)
    return framing.with_new_tabs(framing.in_scheme(framing.with_style(page, style), choice.scheme))
