"""Putting a picture into an article: from the library, or a new one with its rights.

The address says where: ``article`` by its place, ``at`` is lead for the picture on top, or the
number of characters before the caret in the text. A picture goes between two paragraphs.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.desk import Action, Permission, note
from newsletter.errors import IssueNotEditable, NotFound
from newsletter.issues import Rights
from newsletter.manuscripts import Article, Picture, picture_markdown
from newsletter.web.context import database
from newsletter.web.desk.composer import own_subject, writing
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page
from newsletter.web.desk.library import say_rights, shelf
from newsletter.web.desk.rights import BASES, LARGEST_FORM, PLACES, described, fields_of, uploaded

_BREAK = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a picture goes: into which article, on top of it or after so many characters."""

    article: int
    at: str

    @classmethod
    def asked(cls) -> Self:
        """Read the address of the page."""
        at = request.args.get("at", "lead")
        article = request.args.get("article", 0, type=int)
        return cls(article, at if re.fullmatch("[0-9]{1,7}", at) else "lead")

    def with_picture(self, articles: tuple[Article, ...], picture: Picture) -> tuple[Article, ...]:
        """Return ``articles`` with ``picture`` in its place."""
        if not 0 <= self.article < len(articles):
            raise NotFound
        changed = list(articles)
        article = articles[self.article]
        if self.at == "lead":
            changed[self.article] = replace(article, picture=picture)
        else:
            body = _between(article.body, int(self.at), picture_markdown(picture))
            changed[self.article] = replace(article, body=body)
        return tuple(changed)

    @property
    def anchor(self) -> str:
        """Where in the composer one sees the picture."""
        return f"#{'alt' if self.at == 'lead' else 'body'}-{self.article}"


@bp.get("/issues/<int:number>/picture")
@needs(Permission.WRITE)
def choose_picture(number: int) -> Response:
    """Show the library and a form for a new picture, or the picture that was chosen."""
    chosen = request.args.get("image", 0, type=int)
    with database.reading() as session:
        issue = _open(session, number)
        image = issues.fetch_shelved(session, chosen) if chosen else None
        return _page(session, issue, image, fields_of(image) if image else {}, {})


@bp.post("/issues/<int:number>/picture")
@needs(Permission.WRITE, largest=LARGEST_FORM)
def put_picture(number: int) -> Response:
    """Keep a new picture, or take one from the library, and put it into the text."""
    now = datetime.now(UTC)
    chosen = request.args.get("image", 0, type=int)
    about = described()
    prepared, file_name, wrong = (None, "", "") if chosen else uploaded()
    troubles = {**({"file": wrong} if wrong else {}), **about.troubles}
    spot = Spot.asked()
    if troubles:
        with database.reading() as session:
            image = issues.fetch_shelved(session, chosen) if chosen else None
            issue = _open(session, number)
            return _page(session, issue, image, about.given, troubles, status=422)
    with database.transaction() as session:
        issue = _open(session, number)
        if prepared:
            image = issues.keep_image(
                session, prepared, now, about.rights, file_name=file_name, who=presence.name
            )
            note(session, presence.actor, Action.PICTURE_ADDED, now, image.name)
        else:
            image = issues.fetch_shelved(session, chosen)
            say_rights(session, image, _mended(image, about.rights), now)
        picture = Picture(about.rights.credit, image.name, about.rights.alt)
        before = issues.revisions.current(session, issue)
        issues.save(
            session,
            number,
            spot.with_picture(before, picture),
            now,
            writing(session),
            base=issue.version,
            subject=own_subject(issue, before),
            licence_id=issue.licence_id,
        )
    return lead(to("issue_text", number=number, done="picture-put-in") + spot.anchor)


def _mended(image: model.Image, rights: Rights) -> Rights:
    """Return the rights of a picture of the library after ``rights`` were said for one text.

    Its own credit and description stay, for they are said anew for each text.
    """
    return replace(rights, credit=image.credit or rights.credit, alt=image.alt or rights.alt)


def _open(session: Session, number: int) -> model.Issue:
    issue = issues.fetch(session, number)
    if not issues.is_open(issue):
        raise IssueNotEditable
    return issue


def _between(body: str, at: int, paragraph: str) -> str:
    """Put ``paragraph`` into ``body`` after the paragraph in which character ``at`` stands."""
    gap = _BREAK.search(body, min(at, len(body)))
    end = gap.start() if gap else len(body)
    parts = (body[:end].rstrip("\n"), paragraph, body[end:].strip("\n"))
    return "\n\n".join(filter(None, parts))


def _page(
    session: Session,
    issue: model.Issue,
    image: model.Image | None,
    given: Any,
    troubles: Any,
    *,
    status: int = 200,
) -> Response:
    spot = Spot.asked()
    return issue_page(
        "picture.html",
        session,
        issue,
        status=status,
        image=image,
        given=given,
        troubles=troubles,
        bases=BASES,
        appears_in=PLACES,
        spot=spot,
        **(
            {}
            if image
            else shelf("choose_picture", number=issue.id, article=spot.article, at=spot.at)
        ),
    )
