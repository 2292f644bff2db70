"""Mail templates: as they come, written anew, wrong, compared."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.issues.templates import Place
from newsletter.rendering import PIECES
from scenes.settings import publications


def written(session: Session, name: str, *sources: Mapping[str, str]) -> int:
    """Write a piece anew for the first publication, save by save; return its number."""
    publications(session)
    monitor = session.query(model.Publication).filter_by(slug="baltic-monitor").one()
    editor = make.editor(session, name="Olga Owner")
    piece, place = PIECES[name], Place(monitor.id)
    for number, each in enumerate(sources):
        whole = {**issues.templates.around(session, piece, place), **each}
        now = make.NOW + timedelta(hours=number)
        issues.templates.save(session, piece, place, whole, now, editor, base=number)
    return monitor.id


SUBJECT = "{{ masthead.name }}: welcome, and thank you\n"


def welcome(session: Session) -> int:
    shipped = PIECES["welcome"].shipped()
    warm = shipped["html"].replace(
        "{% block words %}\n",
        '{% block words %}\n<p>{{ _("Thank you for reading us.") }} {{ masthead.author }}</p>\n',
    )
    return written(session, "welcome", {"subject": SUBJECT}, {"subject": SUBJECT, "html": warm})


def listed(session: Session) -> str:
    number = welcome(session)
    make.template_revision(session, piece="foot", sources={"html": "<p>{{ nothing }}</p>\n"})
    make.template_revision(
        session, piece="confirm", publication_id=number, language="pl",
        sources={"subject": "{{ masthead.name }}: jeszcze jedno kliknięcie\n"},
    )  # fmt: skip
    return "/desk/settings/templates"


def untouched(session: Session) -> str:
    publications(session)
    return "/desk/settings/templates/foot"


def without_publication(session: Session) -> str:
    return "/desk/settings/templates/goodbye"


def changed(session: Session) -> str:
    return f"/desk/settings/templates/welcome?publication={welcome(session)}"


def desktop(session: Session) -> str:
    publications(session)
    return "/desk/settings/templates/digest?show=desktop&scheme=dark"


def letter(session: Session) -> str:
    publications(session)
    return "/desk/settings/templates/head?mail=confirm&show=text"


def wrong(session: Session) -> str:
    publications(session)
    make.template_revision(
        session,
        piece="goodbye",
        sources={
            "subject": "{{ masthead.nmae }}\n",
            "html": "<p>Goodbye</p>\n<script>x</script>\n{{ undo_link }}\n{{ range(9) }}\n",
        },
    )
    return "/desk/settings/templates/goodbye"


def revisions(session: Session) -> str:
    return f"/desk/settings/templates/welcome/revisions?publication={welcome(session)}"


def changes(session: Session) -> str:
    return f"/desk/settings/templates/welcome/changes?publication={welcome(session)}&new=2&old=0"


SCENES: Mapping[str, Callable[[Session], str]] = {
    "list": listed,
    "untouched": untouched,
    "without-publication": without_publication,
    "changed": changed,
    "desktop": desktop,
    "letter": letter,
    "wrong": wrong,
    "revisions": revisions,
    "changes": changes,
}
