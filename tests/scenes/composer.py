"""The composer: an issue just begun, one that is written, and one that is no draft."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.manuscripts import Article, Picture
from scenes import library

BODY = """The canal has been closed to barges since Tuesday, and the locks at Hel are frozen shut.

## What the port says

The harbour master expects two weeks. *Ferries* still run, [as the timetable shows](https://example.org).

<!-- appeal -->

> We have not seen ice like this since 2010.

Whoever ships grain waits.
"""


def begun(
    session: Session, headline: str = "Harbours Prepare for Ice", body: str = ""
) -> model.Issue:
    monitor = make.publication(session, name="Baltic Monitor", kicker="BALTIC MONITOR")
    article = Article(headline, body, lead="Barges wait; ferries run." if body else "")
    return issues.draft(session, monitor, [article], make.NOW)


def new(session: Session) -> str:
    make.publication(session, name="Baltic Monitor", description="Ports, fleets and straits.")
    make.publication(session, name="Russia Monitor", description="What Moscow does.")
    return "/desk/issues/new"


def empty(session: Session) -> str:
    return f"/desk/issues/{begun(session).id}"


def monthly(session: Session) -> str:
    issue = begun(session, body=BODY)
    three = [
        *issues.revisions.current(session, issue),
        Article("Ferries Return", "They do."),
        Article("Grain", ""),
    ]
    issues.save(session, issue.id, three, make.NOW, make.editor(session, name="Jan Writer"), base=1)
    return f"/desk/issues/{issue.id}"


def terms(session: Session) -> str:
    """Give the second of two articles a licence of its own, as the managed list words it."""
    issue = begun(session, body=BODY)
    usual = make.licence(session, slug="cc-by-4.0", name="CC BY 4.0")
    make.licence(session, slug="reserved", name="All rights reserved")
    issues.publication_of(session, issue).licence_id = usual.id
    two = [
        *issues.revisions.current(session, issue),
        Article("Ferries Return", "They do.", lead="The first left on Monday.", terms="reserved"),
    ]
    issues.save(session, issue.id, two, make.NOW, make.editor(session, name="Jan Writer"), base=1)
    return f"/desk/issues/{issue.id}"


def scheduled(session: Session) -> str:
    issue = begun(session, body=BODY)
    issue.state, issue.content_hash = model.IssueState.SCHEDULED, "0" * 64
    issue.due_at = make.NOW
    return f"/desk/issues/{issue.id}"


def revisions(session: Session) -> str:
    return f"/desk/issues/{rewritten(session).id}/revisions"


def changes(session: Session) -> str:
    return f"/desk/issues/{rewritten(session).id}/changes?old=1&new=4"


def rewritten(session: Session) -> model.Issue:
    """Have two editors save by hand and by itself."""
    issue = begun(session, body=BODY)
    (article,) = issues.revisions.current(session, issue)
    longer = replace(article, body=BODY.replace("two weeks", "three weeks, perhaps four"))
    thawed = replace(longer, lead="Barges wait, and ferries run late.", tags=("ice", "ports"))
    eva, jan = (make.editor(session, name=name) for name in ("Eva Editor", "Jan Writer"))
    later = make.NOW + timedelta(minutes=20)
    issues.save(session, issue.id, [longer], make.NOW, eva, base=1, automatic=True)
    issues.save(session, issue.id, [thawed], later, jan, base=2)
    grain = Article("Grain", "Prices rise.")
    issues.save(session, issue.id, [grain, thawed], later, eva, base=3, subject="Ice, grain")
    return issue


def put(session: Session) -> str:
    issue = begun(session, body=BODY)
    library.full(session)
    return f"/desk/issues/{issue.id}/picture?article=0&at=lead"


def full(session: Session) -> str:
    """Show a picture on top and one in the text, which has notes and a list too."""
    issue = begun(session, body=BODY)
    (article,) = issues.revisions.current(session, issue)
    image = library.picture(session, 1)
    lead = Picture("Anna Nowak / The Institute", image.name, "A barge in the ice")
    body = (
        article.body
        + f'\n\n![Ice on a rope](<{image.name}> "Anna Nowak")\n\n- One\n- Two[^1]\n\n[^1]: A note.'
    )
    shown = [replace(article, picture=lead, body=body)]
    issues.save(session, issue.id, shown, make.NOW, make.editor(session, name="Jan"), base=1)
    return f"/desk/issues/{issue.id}"


SCENES = {
    "new": new,
    "empty": empty,
    "full": full,
    "monthly": monthly,
    "terms": terms,
    "scheduled": scheduled,
    "revisions": revisions,
    "changes": changes,
    "picture": put,
}
