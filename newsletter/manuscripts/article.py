"""What every manuscript becomes: one structured text and what was recognised in it.

Values only. ``body`` is CommonMark. Three things stand in it as paragraphs of their own:
``![alt](file "credit")`` is a picture, ``<!-- appeal -->`` the place of the appeal; a picture whose
file has not come yet is ``![alt](<> "credit")``.
"""

import enum
from dataclasses import dataclass
from datetime import date

APPEAL_SLOT = "<!-- appeal -->"
"""The paragraph of a body at which the appeal stands."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by the name of its file, empty until it has come."""

    credit: str = ""
    file: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Appeal:
    """The words of a call for donations."""

    title: str
    text: str
    button: str


@dataclass(frozen=True, slots=True)
class Licence:
    """The republication terms of texts, and what holds for images; ``name`` is short, as CC BY."""

    text_terms: str
    image_terms: str = ""
    url: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One structured text. ``headline`` is never empty, ``body`` only while it is being written.

    ``authors`` are names as one says them, or with a comma as they are sorted; one in braces is of
    an institution.
    """

    headline: str
    body: str
    kicker: str = ""
    dated: date | None = None
    language: str = "en"
    lead: str = ""
    picture: Picture | None = None
    tags: tuple[str, ...] = ()
    appeal: Appeal | None = None
    licence: Licence | None = None
    related: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


class Part(enum.StrEnum):
    """What a passage of a manuscript was recognised as."""

    KICKER = "kicker"
    DATE = "date"
    HEADLINE = "headline"
    LEAD = "lead"
    PICTURE = "picture"
    BODY = "body"
    APPEAL = "appeal"
    LICENCE = "licence"
    RELATED = "related"
    TAGS = "tags"
    FURNITURE = "furniture"
    UNSURE = "unsure"
    """Kept as body, because nothing said what else it might be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One passage of the manuscript, at ``line`` counted from 1, and what it was taken for."""

    line: int
    part: Part
    excerpt: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a manuscript."""

    article: Article
    findings: tuple[Finding, ...]
