"""What every manuscript becomes: one structured text and what was recognised in it.

Values only. ``body`` is CommonMark. Three things stand in it as paragraphs of their own:
``![alt](file "credit")`` is a picture, ``<!-- appeal -->`` the place of the appeal; a picture whose
file has not come yet is ``![alt](<> "credit")``.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from newsletter.manuscripts.characters import excerpt

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
    an institution. ``licence`` are words that a manuscript brought; ``terms`` is the name, in the
    list of licences, of the one that this text has of its own in an issue of several.
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
    terms: str = ""


class Part(enum.StrEnum):
    """What a passage of a manuscript was recognised as."""

    KICKER = "kicker"
    DATE = "date"
    HEADLINE = "headline"
    AUTHOR = "author"
    LEAD = "lead"
    PICTURE = "picture"
    """The lead picture, its credit or its alt text."""
    BODY = "body"
    SUBHEADING = "subheading"
    FIGURE = "figure"
    """A picture in the text, its credit or its alt text."""
    NOTE = "note"
    """A footnote."""
    APPEAL = "appeal"
    LICENCE = "licence"
    RELATED = "related"
    TAGS = "tags"
    FURNITURE = "furniture"
    UNSURE = "unsure"
    """Kept as body, because nothing said what else it might be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One passage of the manuscript, at ``line`` counted from 1, and what it was taken for.

    ``text`` is what stands there, in plain words; ``markdown`` how it stands in a body, if its
    words alone do not say that; ``picture`` what it shows. A ``fixed`` one was said by the
    manuscript itself, in its front matter, and not recognised.
    """

    line: int
    part: Part
    text: str
    markdown: str = ""
    picture: Picture | None = None
    fixed: bool = False

    @property
    def excerpt(self) -> str:
        """The beginning of the passage, short enough for a table or a message."""
        shown = f"## {self.text}" if self.part is Part.SUBHEADING else self.text
        return excerpt(shown or (self.picture.file or self.picture.alt if self.picture else ""))


@dataclass(frozen=True, slots=True)
class Recognised:
    """What each passage was taken for; ``given`` is what no passage says.

    ``pictures`` are files that came along, by the names that the passages have for them.
    """

    findings: tuple[Finding, ...]
    given: Article
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a manuscript; ``pictures`` came in it, by their names."""

    article: Article
    findings: tuple[Finding, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
