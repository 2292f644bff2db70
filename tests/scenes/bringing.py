"""Bringing in a manuscript: the first page, what was recognised, and what is wrong with it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

import documents
import make
from newsletter import issues, model

PROSE = """RIVER MONITOR
31 March 2020

Ice Leaves the Upper Locks

The ice went out in one night, and nobody on the river had expected it before the end of the month.

SOURCE: OWN WORK
ALT: A wooden lock gate, half open, under snow.

The first barge came at noon. It carried sand, says the log, and two crates that the log does not
name.

What it carried

Salt came next. The second barge came at dusk and left before anybody had written down its name,
which the keeper of the middle lock has not forgiven to this day.

Share

Support Us

This diary lives on gifts. Each of them is read aloud at the lock.

Support

All texts published by the River Office may be reproduced on the condition that their source is
credited. Images may not be used without permission.

Related posts
The Year Without Ice
Who Owns a Towpath?
Top
"""


def _me(session: Session) -> int:
    return session.scalars(select(model.Editor.id)).one()


def empty(session: Session) -> str:
    return "/desk/bring-in"


def full(session: Session) -> str:
    """Show manuscripts that wait, feeds that are known, and issues whose text may be replaced."""
    me = _me(session)
    for title in ("Ice Leaves the Upper Locks", "A Year Without Ice on the Middle Canal"):
        make.manuscript(session, editor_id=me, title=title)
    make.feed(session, title="River Office – Analyses")
    make.feed(
        session, title="Instytut Rzeczny – komentarze i analizy", url="https://rzeka.example/"
    )
    publication = make.publication(session, name="River Monitor")
    make.issue(session, publication_id=publication.id, subject="Harbours Prepare for Winter")
    return "/desk/bring-in"


def recognised(session: Session) -> str:
    """Show a Word document with everything in it."""
    publication = make.publication(session, name="River Monitor", kicker="RIVER MONITOR")
    picture = issues.store_image(session, documents.picture(), make.NOW)
    kept = make.manuscript(
        session,
        editor_id=_me(session),
        content=documents.river_monitor(),
        name="monitor.docx",
        publication_id=publication.id,
        pictures={"picture-1.png": picture},
    )
    return f"/desk/bring-in/{kept.id}"


def doubtful(session: Session) -> str:
    """Show a text with a stray line and a picture without a file."""
    make.publication(session, name="River Monitor", kicker="RIVER MONITOR")
    me = _me(session)
    kept = make.manuscript(session, editor_id=me, content=PROSE.encode(), name="ice.txt")
    return f"/desk/bring-in/{kept.id}"


def trouble(session: Session) -> str:
    """Show a text without a headline, and with a day that no calendar has."""
    content = PROSE.replace("31 March", "31 February").encode()
    kept = make.manuscript(session, editor_id=_me(session), content=content, name="ice.txt")
    return f"/desk/bring-in/{kept.id}"


SCENES = {
    "empty": empty,
    "full": full,
    "recognised": recognised,
    "doubtful": doubtful,
    "trouble": trouble,
}
