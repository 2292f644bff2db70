"""What readers find who use a text elsewhere: its page, a ready copy, no copy, citations."""

from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from newsletter import issues, manuscripts, model, rendering
from newsletter.model import IssueState

SLUG = "three-ports"


def issue(
    session: Session, *, reuse: bool = True, language: str = "en", texts: int = 1, own: str = ""
) -> str:
    """Publish the demo's manuscript under a licence; return the path of its page.

    All texts but the first have a licence of their ``own``, if that is named.
    """
    manuscript = (files("newsletter") / "demo" / "baltic-monitor.txt").read_text(encoding="utf-8")
    written = manuscripts.read_text(manuscript).article
    terms = rendering.MANAGED[1 if reuse else -1].in_language(language, "Institute of Examples")
    licence = make.licence(
        session,
        name=terms.name,
        text_terms=terms.text_terms,
        image_terms=terms.image_terms,
        url=terms.url,
        reuse=reuse,
    )
    publication = make.publication(
        session,
        name="Baltic Monitor",
        slug="baltic-monitor",
        author_name="Institute of Examples",
        language=language,
        licence_id=licence.id,
    )
    content = (files("newsletter") / "demo" / "baltic-monitor.jpg").read_bytes()
    picture = make.image(session, content=content, width=1200, height=675)
    assert written.picture
    written = replace(
        written, picture=replace(written.picture, file=picture.name), authors=("Anna Nowak",)
    )
    articles = []
    for number in range(texts):
        headline = written.headline if number == 0 else f"Ice, Part {number}"
        text = replace(written, headline=headline, terms=own if number else "")
        articles.append(
            make.article(
                session,
                publication_id=publication.id,
                headline=headline,
                dated=written.dated,
                source=manuscripts.write(text),
            )
        )
    make.issue(
        session,
        *articles,
        slug=SLUG,
        subject=written.headline,
        state=IssueState.SENT,
        content_hash="0" * 64,
        published_at=make.NOW,
    )
    return f"/baltic-monitor/{SLUG}"


def page(session: Session) -> str:
    return issue(session)


def copy(session: Session) -> str:
    return f"{issue(session)}/republish"


def own_terms(session: Session) -> str:
    """Have a second text under a licence that lets nobody republish it."""
    terms = rendering.MANAGED[-1].in_language("pl", "Instytut Przykładów")
    make.licence(
        session,
        slug="reserved",
        name=terms.name,
        text_terms=terms.text_terms,
        image_terms=terms.image_terms,
        url="https://example.org/prawa",
        reuse=False,
    )
    return issue(session, language="pl", texts=2, own="reserved")


def withheld(session: Session) -> str:
    return f"{own_terms(session)}/republish"


def refused(session: Session) -> str:
    return f"{issue(session, reuse=False, language='pl')}/republish"


def citations(session: Session) -> str:
    return f"{issue(session, texts=2)}/cite"


def corrected(session: Session) -> str:
    path = issue(session)
    published = session.scalars(select(model.Issue)).one()
    text = "The text said that the trial begins in spring. It begins on 1 December."
    issues.correct(session, published, text, make.NOW + timedelta(days=2))
    return path


def old(session: Session) -> str:
    return f"{corrected(session)}/v1"


def old_cited(session: Session) -> str:
    return f"{corrected(session)}/cite?version=1"


def corrections(session: Session) -> str:
    corrected(session)
    return f"/desk/issues/{session.scalars(select(model.Issue.id)).one()}/corrections"


def uncorrected(session: Session) -> str:
    sent = make.issue(session, state=IssueState.SENT, content_hash="0" * 64)
    return f"/desk/issues/{sent.id}/corrections"


SCENES = {
    "page": page,
    "copy": copy,
    "refused": refused,
    "own-terms": own_terms,
    "withheld": withheld,
    "citations": citations,
    "corrected": corrected,
    "old": old,
    "old-cited": old_cited,
    "corrections": corrections,
    "uncorrected": uncorrected,
}
