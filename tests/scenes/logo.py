"""The logo of a publication: none yet, one with an edge, one that is lost on dark paper."""

from sqlalchemy.orm import Session

import logos
import make
from newsletter import issues, model
from scenes.settings import publications


def _monitor(session: Session) -> model.Publication:
    publications(session)
    return session.query(model.Publication).filter_by(slug="baltic-monitor").one()


def none(session: Session) -> str:
    return f"/desk/settings/publications/{_monitor(session).id}/logo"


def edged(session: Session) -> str:
    monitor = _monitor(session)
    made = issues.prepare_logo(logos.logo())
    issues.set_logo(session, monitor, made, "Baltic Institute", make.NOW)
    return f"/desk/settings/publications/{monitor.id}/logo"


def lost(session: Session) -> str:
    monitor = _monitor(session)
    made = issues.prepare_logo(logos.logo(logos.PALE, size=(160, 40)))
    issues.set_logo(session, monitor, made, "Baltic Institute", make.NOW)
    return f"/desk/settings/publications/{monitor.id}/logo"


def in_the_form(session: Session) -> str:
    edged(session)
    return f"/desk/settings/publications/{_only(session)}"


def _only(session: Session) -> int:
    return session.query(model.Publication).filter(model.Publication.logo != "").one().id


def in_the_mail(session: Session) -> str:
    edged(session)
    return f"/desk/settings/templates/welcome?publication={_only(session)}&scheme=dark"


def on_the_web(session: Session) -> str:
    edged(session)
    return "/baltic-monitor/"


SCENES = {
    "none": none,
    "edged": edged,
    "lost": lost,
    "in-the-form": in_the_form,
    "in-the-mail": in_the_mail,
    "on-the-web": on_the_web,
}
