"""The preview: the mail of an issue as readers will get it, its text part, its page on the web."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from newsletter import issues, model, rendering
from newsletter.desk import Action, Permission, may, note
from newsletter.errors import Invalid, LimitReached
from newsletter.language import marked as _
from newsletter.model import Frequency
from newsletter.rendering import press
from newsletter.web import framing, printing, public
from newsletter.web.context import asset_text, database, links, reader_language, settings
from newsletter.web.desk.checking import finding, verdict_on
from newsletter.web.desk.composing import MOST_OCTETS
from newsletter.web.desk.composing import typed as read_form
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import asks_of, issue_page
from newsletter.web.typed import typed

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
VARIANTS = {
    issues.MAIN: _("Subject A"),
    issues.SECOND: _("Subject B"),
    issues.EMBARGOED: _("Under embargo"),
}
"""Which of the mails of an issue that has several."""

_TOO_MANY = _("You sent many tests within the last hour. Wait a little, then send this one.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the mail is shown, how, as whom, and which of them if there are several."""

    show: str
    scheme: framing.Scheme
    reader: str
    variant: str
    asking: str = ""

    @classmethod
    def asked(cls) -> "Choice":
        """Read the choice from the address; what it does not say is the first of each."""
        words = request.args
        return cls(
            show=words["show"] if words.get("show") in VIEWS else "phone",
            scheme="dark" if words.get("scheme") == "dark" else "light",
            reader=words["reader"] if words.get("reader") in READERS else "named",
            variant=words["variant"] if words.get("variant") in VARIANTS else issues.MAIN,
            asking=number if (number := words.get("asking", "")) and _counts(number) else "",
        )

    @property
    def saying(self) -> int | None:
        """The variant of the appeal by its number, 0 for whoever is not asked, if one is named."""
        return int(self.asking) if self.asking else None

    @property
    def words(self) -> Mapping[str, str]:
        """What an address says of it."""
        return {name: word for name, word in asdict(self).items() if word}


@bp.get("/issues/<int:number>/preview")
@needs(Permission.PREVIEW)
def preview(number: int) -> Response:
    """Show the mail of an issue, by switches that are links."""
    with database.reading() as session:
        return _page(session, issues.fetch(session, number), presence.address)


@bp.post("/issues/<int:number>/preview/test")
@needs(Permission.TEST)
def send_test(number: int) -> Response:
    """Send the mail as a test to the addresses that were typed."""
    now = datetime.now(UTC)
    given = typed("to")
    try:
        with database.transaction() as session:
            issue = issues.fetch(session, number)
            sent = issues.send_test(
                session,
                issue,
                given,
                links,
                now,
                editor=presence.editor_id,
                subject=Choice.asked().variant,
                saying=Choice.asked().saying,
            )
            about = f"{number}: {issue.subject} ({len(sent)})"
            note(session, presence.actor, Action.TEST_SENT, now, about)
    except (Invalid, LimitReached) as error:
        words = _TOO_MANY if isinstance(error, LimitReached) else error.message
        trouble = say(words) % {"address": getattr(error, "address", "")}
        status = 429 if isinstance(error, LimitReached) else 422
        with database.reading() as session:
            return _page(session, issues.fetch(session, number), given, trouble, status=status)
    return lead(to("preview", number=number, done="test-sent", **Choice.asked().words))


@bp.post("/issues/<int:number>/preview/live")
@needs(Permission.PREVIEW, largest=MOST_OCTETS)
def live_preview(number: int) -> Response:
    """Render what stands in the composer's form, for its script; nothing is saved.

    ``html`` fills a frame, in light or dark as the argument ``scheme`` says, and ``text`` is the
    text part; ``verdict`` is what the press check comes to, and ``said`` the same in words. A form
    that cannot be read, such as one without a headline, gets nothing.
    """
    language = reader_language()
    with database.reading() as session:
        issue = issues.fetch(session, number)
        before = issues.revisions.current(session, issue)
        given = read_form(request.form, request.form.getlist("article"), before)
        if not given.articles:
            return Response(status=204)
        edition = issues.edition_with(
            session, issue, given.articles, links, datetime.now(UTC), subject=given.subject
        )
        publication = issues.publication_of(session, issue)
    words = rendering.mail(edition)
    now = datetime.now(UTC)
    shown = issues.specimen(words, publication, links, settings.return_domain, now)
    found = rendering.press_check(edition, words, language, now.date())
    with database.reading() as session:
        shelf = issues.image_numbers(session, (remark.picture for remark in found))
    blocking = sum(remark.blocks for remark in found)
    verdict, said = verdict_on(blocking, len(found) - blocking)
    return jsonify(
        html=framing.with_new_tabs(framing.in_scheme(shown.html, Choice.asked().scheme)),
        text=shown.text,
        subject=shown.subject,
        beginning=shown.beginning,
        octets=len(shown.html.encode()),
        verdict=verdict,
        said=said,
        findings=[{"blocks": each.blocks, **asdict(finding(each, issue, shelf))} for each in found],
    )


def _page(
    session: Session, issue: model.Issue, given: str, trouble: str = "", *, status: int = 200
) -> Response:
    choice = Choice.asked()
    facts: dict[str, Any] = {
        "choice": choice,
        "views": VIEWS,
        "schemes": SCHEMES,
        "readers": READERS,
        "addresses": given,
        "trouble": trouble,
        "may_test": may(presence.role, Permission.TEST),
        "has_pdf": issue.frequency is Frequency.EACH and printing.is_offered(),
    }
    if not issues.has_text(session, issue):
        return issue_page("preview.html", session, issue, status=status, specimen=None, **facts)
    shown = _specimen(session, issue, choice)
    has = issues.subjects_of(session, issue)
    answer = issue_page(
        "preview.html",
        session,
        issue,
        status=status,
        specimen=shown,
        framed=_framed(session, issue, shown, choice),
        octets=len(shown.html.encode()),
        most_octets=press.MOST_OCTETS,
        variants={name: words for name, words in VARIANTS.items() if name in has},
        askings=_askings(session, issue),
        asks=asks_of(session, issue, datetime.now(UTC)),
        may_choose_appeal=issue.frequency is Frequency.EACH
        and may(presence.role, Permission.WRITE),
        sandbox=framing.SANDBOX,
        **facts,
    )
    return framing.allow_frames(answer)


def _counts(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _askings(session: Session, issue: model.Issue) -> Mapping[str, str]:
    """Say which variants of its appeal the mails of an issue have, and whether some have none."""
    numbers = issues.sayings_in(session, issue, links, datetime.now(UTC))
    found = {}
    for number in numbers:
        variant = session.get(model.AppealVariant, number)
        words = _("Appeal %(name)s") if variant else _("No appeal")
        found[str(number)] = say(words) % {"name": variant.name if variant else ""}
    return found


def _specimen(session: Session, issue: model.Issue, choice: Choice) -> issues.Specimen:
    now = datetime.now(UTC)
    return issues.specimen(
        issues.words(session, issue, links, now, choice.variant, choice.saying),
        issues.publication_of(session, issue),
        links,
        settings.return_domain,
        now,
        name=READERS[choice.reader][0],
        issue=issue.id,
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
