"""The library: all pictures with their rights, where they are shown, and new ones."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from newsletter import desk, issues
from newsletter.desk import Action, Permission, note
from newsletter.manuscripts import characters
from newsletter.rendering import Permission as Right
from newsletter.web.context import database
from newsletter.web.desk.frame import page
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.rights import BASES, LARGEST_FORM, described, fields_of, uploaded
from newsletter.web.typed import counted

PER_PAGE = 24
LONGEST_QUESTION = 200


@bp.get("/library")
@needs(Permission.WRITE)
def library() -> Response:
    """Show the pictures, newest first, or those that are looked for."""
    return page("library.html", **shelf("library"))


@bp.get("/library/new")
@needs(Permission.WRITE)
def new_picture() -> Response:
    """Ask for a picture and its rights."""
    return page("library-new.html", given={}, troubles={}, bases=BASES)


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
            "library-new.html", status=422, given=about.given, troubles=troubles, bases=BASES
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
        issues.change_rights(session, image, about.rights)
        note(session, presence.actor, Action.RIGHTS_CHANGED, now, image.name)
    return lead(to("picture", number=number, done="rights"))


def shelf(view: str, **place: Any) -> dict[str, Any]:
    """Gather a page of the library for ``view``, by what its address asks for."""
    words = characters.line(request.args.get("q", "")[:LONGEST_QUESTION])
    unclear = request.args.get("unclear") == "1"
    before = request.args.get("before", type=counted)
    with database.reading() as session:
        found = issues.library(
            session,
            words=words,
            unclear=unclear,
            before=before,
            limit=PER_PAGE + 1,
        )
    shown = found[:PER_PAGE]
    return {
        "shelf": shown,
        "words": words,
        "unclear": unclear,
        "before": before,
        "older": shown[-1].id if len(found) > PER_PAGE else 0,
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
            shown_in=issues.issues_with(session, image),
            zone=desk.house_zone(session),
        )
