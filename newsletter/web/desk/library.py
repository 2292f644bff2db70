"""The library: all pictures with their rights, where they are shown, and new ones."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import desk, issues, model
from newsletter.desk import Action, Permission, note
from newsletter.issues import Doubt
from newsletter.language import marked as _
from newsletter.manuscripts import characters
from newsletter.rendering import Permission as Right
from newsletter.web.context import database
from newsletter.web.desk.composer import writing
from newsletter.web.desk.frame import page
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.leafing import leaf
from newsletter.web.desk.rights import BASES, LARGEST_FORM, PLACES, described, fields_of, uploaded

PER_PAGE = 24
LONGEST_QUESTION = 200

DOUBTS: Mapping[Doubt, str] = {
    Doubt.UNCLEAR: _("Those without a credit or a right"),
    Doubt.OVER: _("Shown, but the right has run out"),
    Doubt.ENDING: _("Shown, and the right ends within 30 days"),
    Doubt.PUBLISHED: _("Published, but by what right is not clear"),
}
"""What the library can be narrowed to."""


@bp.get("/library")
@needs(Permission.WRITE)
def library() -> Response:
    """Show the pictures, newest first, or those that are looked for."""
    return page("library.html", appears_in=PLACES, **shelf("library"))


@bp.get("/library/new")
@needs(Permission.WRITE)
def new_picture() -> Response:
    """Ask for a picture and its rights."""
    return page("library-new.html", given={}, troubles={}, bases=BASES, appears_in=PLACES)


@bp.post("/library/new")
@needs(Permission.WRITE, largest=LARGEST_FORM)
def add_picture() -> Response:
    """Keep a picture with its rights."""
    now = datetime.now(UTC)
    about = described()
    prepared, file_name, wrong = uploaded()
    troubles = {**({"file": wrong} if wrong else {}), **about.troubles}
    if troubles or prepared is None:
        return page(
            "library-new.html",
            status=422,
            given=about.given,
            troubles=troubles,
            bases=BASES,
            appears_in=PLACES,
        )
    with database.transaction() as session:
        image = issues.keep_image(
            session, prepared, now, about.rights, file_name=file_name, who=presence.name
        )
        note(session, presence.actor, Action.PICTURE_ADDED, now, image.name)
        number = image.id
    return lead(to("picture", number=number, done="picture-added"))


@bp.get("/library/<int:number>")
@needs(Permission.WRITE)
def picture(number: int) -> Response:
    """Show a picture, its rights, and the issues that show it."""
    with database.reading() as session:
        return _picture_page(number, fields_of(issues.fetch_shelved(session, number)), {})


@bp.post("/library/<int:number>")
@needs(Permission.WRITE)
def change_picture(number: int) -> Response:
    """Change the rights of a picture."""
    now = datetime.now(UTC)
    about = described()
    if about.troubles:
        return _picture_page(number, about.given, about.troubles, status=422)
    with database.transaction() as session:
        image = issues.fetch_shelved(session, number)
        done = say_rights(session, image, about.rights, now)
    return lead(to("picture", number=number, done=done))


def say_rights(session: Session, image: model.Image, rights: issues.Rights, now: datetime) -> str:
    """Change the rights of a picture, and return what is said when it is done.

    Nobody may mail what may not be mailed: approved issues that show it are drafts again, whoever
    it is that knows of the right.
    """
    issues.change_rights(session, image, rights, now)
    note(session, presence.actor, Action.RIGHTS_CHANGED, now, image.name)
    recalled = issues.recall(session, image, now, writing(session))
    for issue in recalled:
        note(session, presence.actor, Action.REOPENED, now, issue.subject)
    return "rights-recalled" if recalled else "rights"


def shelf(view: str, **place: Any) -> dict[str, Any]:
    """Gather a page of the library for ``view``, by what its address asks for."""
    words = characters.line(request.args.get("q", "")[:LONGEST_QUESTION])
    doubt = next((each for each in DOUBTS if each == request.args.get("doubt")), None)
    with database.reading() as session:
        found = leaf(
            lambda before, most: issues.library(
                session,
                words=words,
                doubt=(doubt, datetime.now(UTC).date()) if doubt else None,
                before=before,
                limit=most,
            ),
            PER_PAGE,
        )
    return {
        "shelf": found.rows,
        "words": words,
        "doubt": doubt or "",
        "doubts": DOUBTS,
        "before": found.before,
        "older": found.older,
        "view": view,
        "place": place,
        "right_of": right_of,
    }


def right_of(image: Any) -> Right:
    """Return by what right an image is shown."""
    return Right.parse(image.permission)


def _picture_page(number: int, given: Any, troubles: Any, *, status: int = 200) -> Response:
    with database.reading() as session:
        image = issues.fetch_shelved(session, number)
        return page(
            "library-picture.html",
            status=status,
            image=image,
            given=given,
            troubles=troubles,
            bases=BASES,
            appears_in=PLACES,
            shown_in=issues.issues_with(session, image),
            zone=desk.house_zone(session),
        )
