"""The logo of a publication: bring one, see it on light and dark paper, remove it."""

from datetime import UTC, datetime

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.desk import Action, Permission, note
from newsletter.errors import Invalid, NotFound
from newsletter.issues import Logo
from newsletter.language import marked as _
from newsletter.manuscripts import characters
from newsletter.rendering import colour
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.rights import LARGEST_FORM, LARGEST_PICTURE

LONGEST_ALT = 120


@bp.get("/settings/publications/<int:number>/logo")
@needs(Permission.SETTINGS)
def logo(number: int) -> Response:
    """Show the logo as readers see it, and ask for another."""
    with database.reading() as session:
        return _page(session, _fetch(session, number))


@bp.post("/settings/publications/<int:number>/logo")
@needs(Permission.SETTINGS, largest=LARGEST_FORM)
def put_logo(number: int) -> Response:
    """Take a logo in, or change what is said of the one that is there."""
    now = datetime.now(UTC)
    alt = characters.line(request.form.get("alt", ""))
    made, wrong = _uploaded()
    with database.transaction() as session:
        publication = _fetch(session, number)
        troubles = {}
        if wrong or not (made or publication.logo):
            troubles["file"] = wrong or say(_("Choose a picture."))
        if not alt or len(alt) > LONGEST_ALT:
            troubles["alt"] = say(_("Say in up to 120 characters what the logo says."))
        if troubles:
            return _page(session, publication, alt, troubles)
        if made:
            issues.set_logo(session, publication, made, alt, now, who=presence.name)
        elif publication.logo_alt == alt:
            return lead(to("logo", number=number, done="unchanged"))
        publication.logo_alt = alt
        note(session, presence.actor, Action.LOGO_CHANGED, now, publication.name)
    return lead(to("logo", number=number, done="logo"))


@bp.post("/settings/publications/<int:number>/logo/remove")
@needs(Permission.SETTINGS)
def remove_logo(number: int) -> Response:
    """Take the logo away."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        publication = _fetch(session, number)
        if publication.logo:
            issues.remove_logo(session, publication)
            note(session, presence.actor, Action.LOGO_REMOVED, now, publication.name)
    return lead(to("logo", number=number, done="logo-removed"))


def _fetch(session: Session, number: int) -> model.Publication:
    found = issues.find_publication(session, number)
    if found is None:
        raise NotFound
    return found


def _uploaded() -> tuple[Logo | None, str]:
    """Return the logo that was sent, and what is wrong with it; neither where there is none."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return None, ""
    with file.stream:
        content = file.stream.read(LARGEST_PICTURE + 1)
    if len(content) > LARGEST_PICTURE:
        return None, say(_("The file has more than 30 MB. Save the logo smaller."))
    try:
        return issues.prepare_logo(content), ""
    except Invalid as error:
        if getattr(error, "pixels", None):
            return None, say(_("The logo has far more pixels than it needs. Save it smaller."))
        return None, say(error.message) + "."


def _page(
    session: Session,
    publication: model.Publication,
    alt: str | None = None,
    troubles: dict[str, str] | None = None,
) -> Response:
    image = issues.fetch_image(session, publication.logo) if publication.logo else None
    return page(
        "settings/logo.html",
        status=422 if troubles else 200,
        shown=publication,
        alt=alt if alt is not None else publication.logo_alt or publication.name,
        verdict=issues.judge(image, publication) if image else None,
        troubles=troubles or {},
        papers=[
            (say(_("On light paper")), colour.light(publication.accent)),
            (say(_("On dark paper")), colour.dark(publication.accent)),
        ],
    )
