"""The preview of an issue: each thing that it shows, and an issue without a text."""

from dataclasses import replace
from importlib.resources import files

from sqlalchemy.orm import Session

import make
from newsletter import issues, manuscripts, model
from newsletter.manuscripts import Article, Picture
from scenes import Scene


def article(session: Session) -> Article:
    """Read the manuscript of the demonstration, with its picture."""
    folder = files("newsletter") / "demo"
    read = manuscripts.read((folder / "baltic-monitor.txt").read_bytes()).article
    file = issues.store_image(session, (folder / "baltic-monitor.jpg").read_bytes(), make.NOW)
    given = read.picture or Picture()
    alt = "A harbour at dusk: cranes on the quay, a laden ship in the roads."
    return replace(read, picture=replace(given, file=file, alt=given.alt or alt))


def draft(session: Session, *articles: Article) -> model.Issue:
    """Make an issue of a monitor that lacks nothing."""
    monitor = make.publication(
        session,
        name="Baltic Monitor",
        kicker="BALTIC MONITOR",
        author_name="Institute of Examples",
        author_address="monitor@institute.example",
        donate_url="https://institute.example/donate",
    )
    return issues.draft(session, monitor, articles or [article(session)], make.NOW)


def showing(choice: str) -> Scene:
    """Return the scene in which ``choice`` is made."""
    return lambda session: f"/desk/issues/{draft(session).id}/preview?{choice}"


def empty(session: Session) -> str:
    return f"/desk/issues/{make.issue(session, subject='An issue to come').id}/preview"


SCENES = {
    "phone": showing(""),
    "desktop": showing("show=desktop&scheme=dark"),
    "text": showing("show=text"),
    "web": showing("show=web&scheme=dark"),
    "empty": empty,
}
