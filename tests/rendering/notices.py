"""Notices and digests to render: every kind, in both languages."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from newsletter.rendering import Digest, Entry, Masthead, Related, Words, digest, notice
from rendering.editions import MASTHEAD

SITE = "https://monitor.example.org"
SIGNED = "18273-1764000000.8f0b2c7d9e1a4f5b6c7d8e9f0a1b2c3d"
LATEST = Related("Locks and Tides", date(2026, 10, 1), f"{SITE}/baltic-monitor/locks")
LEAD = "Why a canal that nobody wanted is now the shortest way."
FACTS: dict[str, dict[str, Any]] = {
    "confirm": {
        "publications": ("Baltic Monitor",),
        "confirm_url": f"{SITE}/confirm/{SIGNED}",
        "days": 30,
    },
    "already-subscribed": {
        "publications": ("Baltic Monitor", "Arctic Monitor"),
        "manage_url": f"{SITE}/manage/{SIGNED}",
    },
    "welcome": {
        "archive_url": f"{SITE}/baltic-monitor/",
        "latest": LATEST,
        "lead": LEAD,
        "unsubscribe_url": f"{SITE}/unsubscribe/{SIGNED}",
        "preferences_url": f"{SITE}/preferences/{SIGNED}",
    },
    "goodbye": {
        "undo_url": f"{SITE}/undo/{SIGNED}",
        "days": 30,
        "archive_url": f"{SITE}/baltic-monitor/",
    },
    "manage": {"manage_url": f"{SITE}/manage/{SIGNED}", "minutes": 60},
    "address-change": {"agree_url": f"{SITE}/agree/{SIGNED}", "new": True, "hours": 24},
    "invitation": {"join_url": f"{SITE}/desk/join/{SIGNED}", "editor": "Anna Nowak", "days": 7},
}
BUTTONS = {
    "confirm": "confirm_url",
    "already-subscribed": "manage_url",
    "goodbye": "undo_url",
    "manage": "manage_url",
    "address-change": "agree_url",
    "invitation": "join_url",
}
"""The fact that a notice's button leads to; a welcome's leads to the latest issue."""
ENTRIES = (
    Entry("BALTIC MONITOR", date(2026, 11, 17), "Locks and Tides", LEAD, LATEST.url, "en"),
    Entry("MORZE", date(2026, 11, 19), "Lód na torze", "Promy czekają.", f"{SITE}/lod", "pl"),
)


def made(name: str, language: str = "en", masthead: Masthead = MASTHEAD, **changes: Any) -> Words:
    """Render the notice ``name`` with its facts, but for ``changes``."""
    return notice(name, masthead, language, **FACTS[name] | changes)


def week(*entries: Entry, language: str = "en", **changes: Any) -> Digest:
    """Make the digest of a week, but for ``changes``."""
    facts: dict[str, Any] = {
        "masthead": replace(MASTHEAD, language=language),
        "is_monthly": False,
        "first": date(2026, 11, 16),
        "last": date(2026, 11, 22),
        "entries": entries or ENTRIES,
    }
    return Digest(**facts | changes)


def every(language: str) -> dict[str, Words]:
    """Render every kind of mail but issues, in ``language``."""
    several: dict[str, Any] = {
        "publications": ("Baltic Monitor", "Arctic Monitor", "Black Sea Monitor")
    }
    return {
        **{name: made(name, language) for name in FACTS},
        "confirm several": made("confirm", language, **several),
        "welcome before the first issue": made("welcome", language, latest=None, lead=""),
        "address-change, the old one": made("address-change", language, new=False),
        "weekly": digest(week(language=language)),
        "monthly": digest(month(language=language)),
    }


def month(count: int = 3, language: str = "en", lead: str = LEAD) -> Digest:
    """Make the digest of a month in which ``count`` issues went out."""
    entries = [
        replace(
            ENTRIES[0],
            dated=date(2026, 12, 1) + timedelta(number),
            headline=f"Number {number}",
            lead=lead,
        )
        for number in range(count)
    ]
    days = {"first": date(2026, 12, 1), "last": date(2026, 12, 31)}
    return week(*entries, language=language, is_monthly=True, **days)
