"""The press check of an issue: with all kinds of findings, and with none."""

from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.orm import Session

import make
from newsletter.manuscripts import Article, Picture
from newsletter.model import Image, Publication
from newsletter.outward import Trouble
from scenes.preview import article, draft

BODY = """On Monday, 19 November the harbour masters met in the old customs house, TK where exactly.

## What they agreed on

#### Who pays

The tariff stands [here](http://harbour.example/tariff), with a note.[^dues] It follows the
[agreement of 2019](https://harbour.example/agreement-2019) and the
[minutes](https://harbour.example/minutes), and differs from the
[first draft](https://harbour.example/draft).

![](harbour.jpg "Own drawing")

[^dues]: Dues are set each year.
[^gone]: Nobody refers to this.
"""


def findings(session: Session) -> str:
    """Make an edition in which much is amiss."""
    first = article(session)
    given = first.picture or Picture()
    bare = replace(first, lead="", picture=replace(given, credit="", alt=""))
    file = given.file
    second = Article(
        "A TARIFF FOR ALL PORTS!!", BODY.replace("harbour.jpg", file), dated=first.dated
    )
    issue = draft(session, second, bare)
    known = {"agreement-2019": Trouble.GONE, "minutes": Trouble.SLOW, "draft": ""}
    for page, trouble in known.items():
        make.link_check(session, f"https://harbour.example/{page}", trouble=trouble)
    publication = session.get_one(Publication, issue.publication_id)
    publication.licence_id, publication.postal_address = None, ""
    return f"/desk/issues/{issue.id}/check"


def clean(session: Session) -> str:
    """Make an issue in which nothing is amiss."""
    issue = draft(session, article(session))
    session.execute(update(Image).values(permission="own"))
    make.subscription(session, publication_id=issue.publication_id)
    return f"/desk/issues/{issue.id}/check"


SCENES = {"findings": findings, "clean": clean}
