"""What rendering works on: one issue with everything that its mail and its page show.

Values only; the services gather them from the database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from newsletter.manuscripts.article import Appeal, Article, Licence
from newsletter.rendering.overrides import SHIPPED, Overrides
from newsletter.rendering.permission import Permission, Place
from newsletter.rendering.placement import SLOT, Placement

Counted = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Logo:
    """The logo of a publication: absolute ``url``, size in CSS pixels, what it shows."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Masthead:
    """The publication as it shows itself.

    ``accent`` is #rrggbb, ``url`` its archive on the web, ``author`` in whose name it writes.
    """

    name: str
    kicker: str
    language: str
    url: str
    accent: str = "#8a1c2b"
    postal_address: str = ""
    author: str = ""
    logo: Logo | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An image as it can be shown: absolute ``url``, size in CSS pixels.

    ``permission`` says by what right; see ``newsletter.rendering.permission``.
    """

    url: str
    width: int
    height: int
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """A pointer to another issue."""

    headline: str
    dated: date
    url: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What was wrong in an issue that readers have, and when that was said."""

    text: str
    at: datetime
    dated: date


@dataclass(frozen=True, slots=True)
class Goal:
    """How much an appeal is to bring, and how much it had brought at the end of a day.

    That day is ``told_on``. ``gifts`` counts what was recorded; ``until`` is the day by which the
    amount is hoped for.
    """

    amount: Decimal
    currency: str
    given: Decimal
    gifts: int
    until: date | None
    told_on: date

    @property
    def percent(self) -> int:
        """How much of a hundred was given: never all unless it was, nor nothing if it was not."""
        if self.given >= self.amount:
            return 100
        return min(99, max(1 if self.given else 0, int(self.given * 100 / self.amount)))

    @property
    def is_met(self) -> bool:
        """Tell whether it was reached."""
        return self.given >= self.amount


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a published page: as it came out, or as a correction left it.

    It is never changed again, and ``url`` is its own for good.
    """

    number: int
    at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Terms:
    """A licence that a single text may have; with ``reuse`` a ready copy of it is offered."""

    licence: Licence
    reuse: bool


@dataclass(frozen=True, slots=True)
class Edition:
    """One issue of one article or several, with its furniture.

    ``images`` finds what an article's pictures name by file; of those ``withheld`` nothing is
    shown, not even the credit. Without ``donate_url`` no appeal is shown; with it, ``placement``
    says where. The words of the appeal are in ``appeal_language``, which is that of the publication
    where it is empty, and ``goal`` is how far it is. ``counted`` gives the address that stands in
    the mail for that of a link, where it is counted how often links are followed. ``embargo`` is
    until when its readers are asked to publish nothing of it, on the clock of a zone.
    ``corrections`` stand on the page and in feeds, never in the mail; those made after the version
    that this is are ``later``. ``overrides`` are templates of the desk for the mail. With ``reuse``
    a ready copy is offered to everyone. ``own`` are the licences of texts that have one of their
    own, by the name that the text has for it.
    """

    masthead: Masthead
    subject: str
    articles: tuple[Article, ...]
    url: str
    published_at: datetime | None = None
    donate_url: str = ""
    appeal: Appeal | None = None
    appeal_language: str = ""
    goal: Goal | None = None
    licence: Licence | None = None
    reuse: bool = False
    own: Mapping[str, Terms] = field(default_factory=dict)
    related: tuple[Related, ...] = ()
    images: Mapping[str, Shown] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    placement: Placement = SLOT
    counted: Counted | None = None
    embargo: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    later: tuple[Correction, ...] = ()
    overrides: Overrides = SHIPPED

    def own_licence(self, article: Article) -> Licence | None:
        """Return the licence of a text, where it is another than that of the issue."""
        own = self.own.get(article.terms)
        return own.licence if own and own.licence != self.licence else None

    def licence_for(self, article: Article) -> Licence | None:
        """Return the licence that a text is under: its own, or else that of the issue."""
        return self.own_licence(article) or self.licence

    @property
    def reusable(self) -> tuple[Article, ...]:
        """Return the texts of which a ready copy may be offered."""
        return tuple(
            article
            for article in self.articles
            if (article.terms in self.own and self.own[article.terms].reuse)
            or (not article.terms and self.reuse)
        )

    def with_only(self, articles: tuple[Article, ...]) -> "Edition":
        """Return the edition with just these of its texts, under the licence that they share.

        It has none where they share none, and none is under that of the issue.
        """
        licences = {self.licence_for(article) for article in articles}
        if self.licence in licences:
            return replace(self, articles=articles)
        return replace(
            self, articles=articles, licence=licences.pop() if len(licences) == 1 else None
        )

    @property
    def changed_at(self) -> datetime | None:
        """Return when the issue was published, or corrected last."""
        return self.corrections[-1].at if self.corrections else self.published_at

    @property
    def versions(self) -> tuple[Version, ...]:
        """List all versions of the page, the first one first."""
        moments = [self.published_at, *(one.at for one in (*self.corrections, *self.later))]
        return tuple(
            Version(number, at, f"{self.url}/v{number}") for number, at in enumerate(moments, 1)
        )

    @property
    def version(self) -> Version:
        """Return the version that this is."""
        return self.versions[len(self.corrections)]

    @property
    def is_newest(self) -> bool:
        """Tell whether nothing was corrected since."""
        return not self.later

    def in_version(self, number: int) -> "Edition":
        """Return the edition as it was in an earlier version, or in the newest."""
        told = (*self.corrections, *self.later)
        return replace(self, corrections=told[: number - 1], later=told[number - 1 :])

    def at(self, place: Place, today: date | None = None) -> "Edition":
        """Return the edition with the pictures that may appear at ``place``.

        Permissions that have run out count only where ``today`` is told.
        """
        day = today or date.min
        barred = frozenset(
            name
            for name, shown in self.images.items()
            if not Permission.parse(shown.permission).reaches(place, day)
        )
        if not barred:
            return self
        kept = {name: shown for name, shown in self.images.items() if name not in barred}
        return replace(self, images=kept, withheld=self.withheld | barred)


@dataclass(frozen=True, slots=True)
class Entry:
    """One issue in a digest; ``language`` is that of its headline and its lead.

    Its kicker is not shown where it is the publication's own.
    """

    kicker: str
    dated: date | None
    headline: str
    lead: str
    url: str
    language: str


@dataclass(frozen=True, slots=True)
class Digest:
    """The issues of a publication from ``first`` to ``last``, a week's days or a month's."""

    masthead: Masthead
    is_monthly: bool
    first: date
    last: date
    entries: tuple[Entry, ...]
    counted: Counted | None = None
    overrides: Overrides = SHIPPED


@dataclass(frozen=True, slots=True)
class Words:
    """A rendered mail before personalisation: the subject and two bodies that hold slots.

    ``targets`` are the addresses that others stand for in the HTML, where clicks are counted.
    ``left_out`` names templates of the desk that could not be used for it.
    """

    subject: str
    html: str
    text: str
    targets: tuple[str, ...] = field(default=(), compare=False)
    left_out: tuple[str, ...] = field(default=(), compare=False)
