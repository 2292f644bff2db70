"""A site with everything: all that Markdown says, long words, a script from right to left."""

from sqlalchemy.orm import Session

import make
from newsletter import issues, manuscripts, model
from newsletter.model import IssueState
from web.conftest import Site, publish

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3
EVERYTHING = """A paragraph with a [link](https://example.org/a?b=c&d=e) and a note.[^n]

## A heading & “quotes”

<!-- appeal -->

> Quoted <b>words</b>.

1. one
2. two

| Port | Calls |
|:-----|------:|
| North | 1,204 |

![A dot](none.png "Nobody")

---

    code

### Deeper

- a

  - b

[^n]: What is noted, [at length](https://example.org/note).
"""


PATHS = (
    *("/", "/russia-monitor/", "/russia-monitor/ties", "/russia-monitor/both"),
    *("/russia-monitor/long", "/arabic/", "/arabic/rtl", "/empty/"),
    *("/search", "/search?q=nothing+found", "/search?q=article", "/search?q=%22%3E&in=empty"),
    *("/search?q=article&in=russia-monitor&start=20", "/russia-monitor/?before=2020-01-01.1"),
)
"""The public pages in each of their states."""


def fill(session: Session, site: Site) -> None:
    """Publish beside the issue of ``site`` what PATHS show."""
    monitor = session.get_one(model.Publication, site.publication)
    everything(session, monitor)
    publish(session, monitor, "long", headline=LONG, lead=LONG)
    arabic = make.publication(
        session, slug="arabic", name="مرصد", kicker="مرصد", language="ar", description="وصف"
    )
    picture = site.image.removeprefix("/image/")
    publish(session, arabic, "rtl", headline="عنوان طويل", lead="مقدمة", picture=picture)
    make.publication(session, slug="empty", name="Pusty", language="pl")
    issues.index_missing(session)


def everything(session: Session, monitor: model.Publication) -> None:
    """Publish two articles in one issue, with all that Markdown can say."""
    rows = []
    for number in (1, 2):
        written = manuscripts.Article(
            headline=f"Article <{number}> & more",
            body=EVERYTHING,
            dated=make.NOW.date(),
            lead="The lead.",
            language="en" if number == 1 else "pl",
            tags=("a & b",),
            picture=manuscripts.Picture("Somebody", "none.png", "Alt"),
        )
        rows.append(
            make.article(
                session,
                publication_id=monitor.id,
                headline=written.headline,
                source=manuscripts.write(written),
            )
        )
    make.issue(
        session,
        *rows,
        slug="both",
        subject="Both </script> & <!-- more",
        state=IssueState.SENT,
        content_hash="0" * 64,
        published_at=make.NOW,
    )
