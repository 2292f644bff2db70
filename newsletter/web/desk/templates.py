"""Mail templates: list the pieces, write one anew, see its mail, compare and bring back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.desk import Action, Permission, note
from newsletter.errors import Invalid, NotFound, Outdated
from newsletter.issues.templates import Place
from newsletter.language import LANGUAGES, say_language
from newsletter.language import marked as _
from newsletter.manuscripts import compare
from newsletter.rendering import PIECES, Fault, Piece
from newsletter.rendering.grammar import FILTERS, LONGEST
from newsletter.web import framing
from newsletter.web.context import database, links, reader_language, settings
from newsletter.web.desk import frame
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.preview import SCHEMES

LARGEST_FORM = 512 * 1024
"""Bytes of a form: three templates, each longer than it may be, as browsers write them."""
PER_PAGE = 50

SHOWS = {"phone": _("Phone"), "desktop": _("Desktop"), "text": _("Text")}
SIDES = {"subject": _("Subject"), "html": _("HTML"), "text": _("Text part")}
"""The forms in which a piece is written, and what each is called."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the mail is looked at, and how."""

    mail: str
    show: str
    scheme: framing.Scheme

    @classmethod
    def asked(cls, piece: Piece) -> Self:
        """Read the choice from form or address; of several values the last, a button's, holds."""
        said = {name: values[-1] for name, values in request.values.lists() if values}
        return cls(
            mail=said["mail"] if said.get("mail") in piece.mails else piece.mails[0],
            show=said["show"] if said.get("show") in SHOWS else "phone",
            scheme="dark" if said.get("scheme") == "dark" else "light",
        )


@bp.get("/settings/templates")
@needs(Permission.SETTINGS)
def mail_templates() -> Response:
    """List the pieces, and where each is written anew."""
    with database.reading() as session:
        written = issues.templates.written(session, reader_language())
        return page(
            "settings/templates.html",
            pieces=PIECES.values(),
            written={
                name: [each for each in written if each.piece.name == name] for name in PIECES
            },
            broken=[each for each in written if each.faults],
            called=_Places(session),
            is_ready=bool(issues.publications(session)),
        )


@bp.get("/settings/templates/<name>")
@needs(Permission.SETTINGS)
def mail_template(name: str) -> Response:
    """Show a piece as it is written for some readers, and the mail that it makes."""
    piece, place = issues.templates.fetch_piece(name), _place()
    with database.reading() as session:
        issues.templates.check_place(session, place)
        newest = issues.templates.latest(session, piece, place)
        given = issues.templates.sources_of(session, piece, place, newest)
        return _form(session, piece, place, given, newest.number if newest else 0)


@bp.post("/settings/templates/<name>")
@needs(Permission.SETTINGS, largest=LARGEST_FORM)
def write_mail_template(name: str) -> Response:
    """Keep what was written, or only show the mail that it makes."""
    now = datetime.now(UTC)
    piece, place, given = issues.templates.fetch_piece(name), _place(), {}
    base = request.form.get("base", 0, type=int)
    with database.reading() as session:
        issues.templates.check_place(session, place)
        given = _written(piece, issues.templates.around(session, piece, place))
        if request.form.get("act") != "save":
            return _form(session, piece, place, given, base)
    try:
        with database.transaction() as session:
            changed = _save(session, piece, place, given, base, now)
    except Outdated:
        words = say(
            _("Somebody has saved meanwhile. What you wrote stands here; compare, then save.")
        )
        return _again(piece, place, given, words, 409)
    except Invalid:
        return _again(piece, place, given, "", 422, base)
    done = "template" if changed else "unchanged"
    return lead(_to("mail_template", piece, place, done=done))


@bp.post("/settings/templates/<name>/bring-back")
@needs(Permission.SETTINGS)
def bring_template_back(name: str) -> Response:
    """Make an old revision the newest, or give the piece back: revision 0."""
    now = datetime.now(UTC)
    piece, place = issues.templates.fetch_piece(name), _place()
    number = request.form.get("revision", 0, type=int)
    base = request.form.get("base", 0, type=int)
    with database.reading() as session:
        revision = issues.templates.fetch_revision(session, piece, place, number)
        given = issues.templates.sources_of(session, piece, place, revision)
    try:
        with database.transaction() as session:
            _save(session, piece, place, given, base, now)
    except Outdated:
        words = say(_("Somebody has saved meanwhile. Look at what there is now, and decide anew."))
        return _again(piece, place, given, words, 409)
    except Invalid:
        return _again(piece, place, given, "", 422, base)
    done = "template" if number else "template-back"
    return lead(_to("mail_template", piece, place, done=done))


@bp.get("/settings/templates/<name>/revisions")
@needs(Permission.SETTINGS)
def template_revisions(name: str) -> Response:
    """List what a piece was, newest first."""
    piece, place = issues.templates.fetch_piece(name), _place()
    before = request.args.get("before", type=int)
    until = None if before is None else min(before, 2**31 - 1)
    with database.reading() as session:
        issues.templates.check_place(session, place)
        found = issues.templates.history(session, piece, place, before=until, limit=PER_PAGE + 1)
        shown = found[:PER_PAGE]
        return _page(
            "template-revisions.html",
            session,
            piece,
            place,
            revisions=shown,
            newest=issues.templates.latest(session, piece, place),
            older=shown[-1].number if len(found) > PER_PAGE else 0,
            before=before,
        )


@bp.get("/settings/templates/<name>/changes")
@needs(Permission.SETTINGS)
def template_changes(name: str) -> Response:
    """Show what changed from one revision to another; 0 is what holds around."""
    piece, place = issues.templates.fetch_piece(name), _place()
    new = min(request.args.get("new", 0, type=int), 2**31 - 2)
    old = min(request.args.get("old", new - 1, type=int), 2**31 - 2)
    with database.reading() as session:
        issues.templates.check_place(session, place)
        before, after = (
            issues.templates.fetch_revision(session, piece, place, number)
            for number in sorted((max(old, 0), max(new, 0)))
        )
        was, now_is = (
            issues.templates.sources_of(session, piece, place, each) for each in (before, after)
        )
        return _page(
            "template-changes.html",
            session,
            piece,
            place,
            before=before,
            after=after,
            newest=issues.templates.latest(session, piece, place),
            changes={
                side: compare(was[side], now_is[side])
                for side in piece.files
                if was[side] != now_is[side]
            },
        )


class _Places:
    """Says for whom a template is."""

    def __init__(self, session: Session) -> None:
        self.publications = {each.id: each.name for each in issues.publications(session)}

    def __call__(self, place: Place) -> str:
        words = self.publications.get(place.publication or 0, say(_("All publications")))
        return f"{words}, {_tongue(place.language)}" if place.language else words


def _tongue(language: str) -> str:
    return say_language(language, reader_language())


def _place() -> Place:
    number = request.args.get("publication", 0, type=int)
    if not 0 <= number < 2**63:
        raise NotFound
    return Place(number or None, request.args.get("language", ""))


def _to(view: str, piece: Piece, place: Place, **more: Any) -> str:
    where = {"publication": place.publication or "", "language": place.language}
    return to(view, name=piece.name, **where, **more)


def _written(piece: Piece, around: Mapping[str, str]) -> dict[str, str]:
    """Read the form; what it does not say stays as it is around, ends of lines are ours."""
    given = {}
    for side in piece.files:
        words = request.form.get(side, around[side])[: 2 * LONGEST].replace("\r\n", "\n")
        given[side] = words.rstrip("\n") + "\n" if words.strip() else ""
    return given


def _save(
    session: Session,
    piece: Piece,
    place: Place,
    given: Mapping[str, str],
    base: int,
    now: datetime,
) -> bool:
    editor = session.get(model.Editor, presence.editor_id)
    changed = issues.templates.save(session, piece, place, given, now, editor, base=base)
    if changed:
        newest = issues.templates.latest(session, piece, place)
        holds = newest and newest.sources
        action = Action.TEMPLATE_CHANGED if holds else Action.TEMPLATE_GIVEN_BACK
        about = f"{piece.name}: {_Places(session)(place)}"
        note(session, presence.actor, action, now, about)
    return changed


def _again(
    piece: Piece,
    place: Place,
    given: Mapping[str, str],
    trouble: str,
    status: int,
    base: int | None = None,
) -> Response:
    """Show the form again with what was written; without a ``base``, on what there is now."""
    with database.reading() as session:
        if base is None:
            newest = issues.templates.latest(session, piece, place)
            base = newest.number if newest else 0
        return _form(session, piece, place, given, base, trouble, status)


def _form(
    session: Session,
    piece: Piece,
    place: Place,
    given: Mapping[str, str],
    base: int,
    trouble: str = "",
    status: int = 200,
) -> Response:
    choice = Choice.asked(piece)
    faults = issues.templates.prove(session, piece, place, given, reader_language())
    now = datetime.now(UTC)
    look = None if faults else issues.look(session, piece, place, given, choice.mail, links, now)
    shown = look and issues.specimen(
        look.words, look.publication, links, settings.return_domain, now
    )
    framed = ""
    if shown and choice.show != "text":
        framed = framing.with_new_tabs(framing.in_scheme(shown.html, choice.scheme))
    answer = _page(
        "template.html",
        session,
        piece,
        place,
        status=status,
        given=given,
        shipped=issues.templates.around(session, piece, place),
        base=base,
        newest=issues.templates.latest(session, piece, place),
        trouble=trouble,
        faults={side: [each for each in faults if each.side == side] for side in piece.files},
        troubles=_summed(faults),
        choice=choice,
        shows=SHOWS,
        schemes=SCHEMES,
        look=look,
        specimen=shown,
        framed=framed,
        sandbox=framing.SANDBOX,
        filters=sorted(FILTERS),
        pieces=PIECES,
        tongues=[(tag, _tongue(tag)) for tag in LANGUAGES],
        publications=issues.publications(session),
    )
    return framing.allow_frames(answer)


def _summed(faults: Sequence[Fault]) -> Mapping[str, str]:
    """Say on top what is wrong with each side: the first of it."""
    summed: dict[str, str] = {}
    for fault in faults:
        words = say(SIDES[fault.side])
        if fault.line:
            words = say(_("%(part)s, line %(line)s")) % {"part": words, "line": fault.line}
        summed.setdefault(fault.side, f"{words}: {fault.message}")
    return summed


def _page(
    template: str, session: Session, piece: Piece, place: Place, *, status: int = 200, **facts: Any
) -> Response:
    return page(
        f"settings/{template}",
        status=status,
        piece=piece,
        place=place,
        called=_Places(session),
        sides=SIDES,
        there=_to,
        zone=frame.zone(),
        **facts,
    )
