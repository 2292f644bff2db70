"""Editions to render."""

from datetime import date
from typing import Any

from newsletter.manuscripts import Appeal, Article, Licence, Picture
from newsletter.rendering import Edition, Masthead, Related, Shown

MASTHEAD = Masthead(
    name="Baltic Monitor",
    kicker="BALTIC MONITOR",
    language="en",
    url="https://monitor.example.org/baltic-monitor/",
    postal_address="Institute of Examples\n1 Quay Street\n00-001 Port",
)
APPEAL = Appeal("Support us", "Help us to write the next one.", "Support our work")
LICENCE = Licence(
    "Texts may be republished if their origin is credited.",
    "Images may not be used without permission.",
    "https://monitor.example.org/terms",
)
HARBOUR = Picture(credit="Own drawing", file="harbour.jpg", alt="A harbour at dusk")
BODY = """\
Pilots board outside the [breakwater](https://example.org/breakwater) and leave again.[^dues]

## Who decides

Every harbour serves its own queue.

> “For fifty weeks we pay for the other two.”

- grain in autumn
- ferries in summer

![Cranes on the quay](cranes.jpg "Press office")

| Port | Calls |
|:-----|------:|
| North | 1,204 |

A letter would do for the trial.

[^dues]: Dues are set each [year](https://example.org/dues).
"""
ARTICLE = Article(
    headline="Three Ports, One Pilot Watch",
    body=BODY,
    kicker="BALTIC MONITOR",
    dated=date(2026, 11, 19),
    lead="Three harbours weigh a common roster.",
    picture=HARBOUR,
)
SECOND = Article(
    headline="Tory i porty",
    body="Pierwszy akapit.\n\nDrugi akapit.[^1]\n\n[^1]: Przypis.",
    dated=date(2026, 11, 12),
    language="pl",
    lead="Dwa porty leżą na końcu linii.",
)
IMAGES = {
    "harbour.jpg": Shown("https://monitor.example.org/i/harbour.jpg", 1200, 675),
    "cranes.jpg": Shown("https://monitor.example.org/i/cranes.jpg", 400, 300),
}
RELATED = (
    Related("Locks and Tides", date(2026, 10, 1), "https://monitor.example.org/locks"),
    Related("Ice on the Fairway", date(2026, 2, 1), "https://monitor.example.org/ice"),
)


def edition(*articles: Article, **changes: Any) -> Edition:
    """Make an edition of ``articles`` with everything that one can show, but for ``changes``."""
    facts: dict[str, Any] = {
        "masthead": MASTHEAD,
        "subject": "Ports in November" if len(articles) > 1 else "",
        "articles": articles or (ARTICLE,),
        "url": "https://monitor.example.org/baltic-monitor/7",
        "donate_url": "https://monitor.example.org/give",
        "appeal": APPEAL,
        "licence": LICENCE,
        "related": RELATED,
        "images": IMAGES,
    }
    return Edition(**facts | changes)
