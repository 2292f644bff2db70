"""What appeals brought: sums by appeal, issue and variant, and what can be told from them.

Sent is counted from the deliveries, clicks and gifts by the tags of donate links: no reader is in
any of it. Currencies are never added up.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

from sqlalchemy import ColumnElement, Float, and_, cast, func, select
from sqlalchemy.orm import Session

from newsletter import deliveries, model, support
from newsletter.feedback import DONATE
from newsletter.model import Tracking
from newsletter.support import Estimate, Sum

CLICKS = ""
"""In the place of a currency: what is compared is how often the link was followed."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of mails with an appeal.

    ``sent`` is how many relays have taken; of these, the links of ``counted`` are counted.
    """

    sent: int = 0
    counted: int = 0
    clicks: int = 0
    sums: Mapping[str, Sum] = field(default_factory=dict)

    @property
    def gifts(self) -> int:
        """How many gifts came by the link, in whatever currency."""
        return sum(each.count for each in self.sums.values())

    @property
    def clicked(self) -> Estimate | None:
        """How often the link was followed for a thousand mails; None where that is no share."""
        found = support.share(self.clicks, self.counted)
        return found.times(1_000) if found else None

    @property
    def gave(self) -> Estimate | None:
        """How many gifts came of a thousand mails; None of fewer than can be told."""
        found = support.share(self.gifts, self.sent) if self.gifts >= support.ENOUGH else None
        return found.times(1_000) if found else None

    @property
    def incomes(self) -> Sequence[tuple[str, Sum, Estimate | None]]:
        """What a thousand mails brought in each currency, the one with most gifts first."""
        ordered = sorted(self.sums.items(), key=lambda pair: (-pair[1].count, pair[0]))
        return [(name, given, support.income(given, self.sent)) for name, given in ordered]

    def plus(self, other: "Brought") -> "Brought":
        """Return both together."""
        sums = {
            name: self.sums.get(name, Sum()).plus(other.sums.get(name, Sum()))
            for name in {**self.sums, **other.sums}
        }
        return Brought(
            self.sent + other.sent,
            self.counted + other.counted,
            self.clicks + other.clicks,
            sums,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What one variant brought; ``variant`` is its number and ``name`` what it is called."""

    variant: int
    name: str
    brought: Brought


@dataclass(frozen=True, slots=True)
class Compared:
    """Two variants beside each other, of a thousand mails: by income or by ``CLICKS``.

    ``more`` is that one of which more came. There is no ``apart`` where too little came to tell.
    """

    more: Part
    less: Part
    currency: str
    apart: Estimate | None


@dataclass(frozen=True, slots=True)
class AppealIn:
    """What an appeal brought in one issue."""

    issue: int
    subject: str
    publication: str
    began_at: datetime
    appeal: int
    parts: Sequence[Part]

    @property
    def total(self) -> Brought:
        """All variants together."""
        return _together(self.parts)

    @property
    def compared(self) -> Sequence[Compared]:
        """Its variants beside each other."""
        return compared(self.parts)


@dataclass(frozen=True, slots=True)
class AppealReport:
    """What an appeal brought, by variant and by issue, the latest issue first.

    ``beside`` are gifts that name it and no mail of these: they came by the page on the web, or by
    mails from before it had variants.
    """

    parts: Sequence[Part]
    issues: Sequence[AppealIn]
    beside: Sequence[support.Given]

    @property
    def total(self) -> Brought:
        """All variants together."""
        return _together(self.parts)

    @property
    def compared(self) -> Sequence[Compared]:
        """Its variants beside each other."""
        return compared(self.parts)


def brought_by_appeals(session: Session) -> Mapping[int, Brought]:
    """Sum up what each appeal brought that was ever shown."""
    appeals = dict(
        session.execute(select(model.AppealVariant.id, model.AppealVariant.appeal_id)).all()
    )
    found: dict[int, Brought] = defaultdict(Brought)
    for (_issue, variant), brought in _cells(session).items():
        found[appeals[variant]] = found[appeals[variant]].plus(brought)
    return found


def brought_by(session: Session, appeal: model.Appeal) -> AppealReport:
    """Tell what an appeal brought."""
    names = _names(session, model.AppealVariant.appeal_id == appeal.id)
    cells = _cells(session, model.Showing.variant_id.in_(names))
    by_variant: dict[int, Brought] = defaultdict(Brought)
    for (_issue, variant), brought in cells.items():
        by_variant[variant] = by_variant[variant].plus(brought)
    return AppealReport(
        [Part(number, name, by_variant[number]) for number, name in names.items()],
        _by_issue(session, appeal.id, names, cells),
        _beside(session, appeal),
    )


def brought_in(session: Session, issue: model.Issue) -> AppealIn | None:
    """Tell what the appeal of an issue brought in it; None where it had none."""
    cells = _cells(session, model.Showing.issue_id == issue.id)
    names = _names(session, model.AppealVariant.id.in_([variant for _issue, variant in cells]))
    number = session.scalar(
        select(model.AppealVariant.appeal_id).where(model.AppealVariant.id.in_(names)).limit(1)
    )
    return next(iter(_by_issue(session, number, names, cells)), None) if number else None


def compared(parts: Sequence[Part]) -> Sequence[Compared]:
    """Put each two variants beside each other: by income where there is some, and by clicks.

    All that is told holds together in 95 of a hundred cases, however many variants there are.
    """
    shown = [each for each in parts if each.brought.sent]
    together = _together(shown)
    measures = [currency for currency, _given, _income in together.incomes]
    asked = [
        (one, other, measure)
        for measure in (*measures, *([CLICKS] if together.counted else ()))
        for one, other in combinations(shown, 2)
    ]
    told = [
        all(_estimate(each.brought, measure, support.LEVEL) for each in (one, other))
        for one, other, measure in asked
    ]
    level = support.level_for(sum(told))
    return [_compare(one, other, measure, level) for one, other, measure in asked]


def _compare(one: Part, other: Part, measure: str, level: float) -> Compared:
    first, second = (_estimate(each.brought, measure, level) for each in (one, other))
    if first is None or second is None:
        return Compared(one, other, measure, None)
    if first.value < second.value:
        one, other, first, second = other, one, second, first
    return Compared(one, other, measure, support.difference(first, second))


def _estimate(brought: Brought, measure: str, level: float) -> Estimate | None:
    if measure != CLICKS:
        return support.income(brought.sums.get(measure, Sum()), brought.sent, level)
    found = support.share(brought.clicks, brought.counted, level)
    return found.times(1_000) if found else None


def _together(parts: Sequence[Part]) -> Brought:
    total = Brought()
    for part in parts:
        total = total.plus(part.brought)
    return total


def _names(session: Session, mine: ColumnElement[bool]) -> Mapping[int, str]:
    row = model.AppealVariant
    return dict(session.execute(select(row.id, row.name).where(mine).order_by(row.id)).all())


_Cells = Mapping[tuple[int, int], Brought]


def _cells(session: Session, *which: ColumnElement[bool]) -> _Cells:
    """Gather what came of each variant in each issue, by their numbers."""
    showing, click, gift = model.Showing, model.Click, model.Donation
    shown = session.execute(
        select(showing.issue_id, showing.variant_id, showing.sent, model.Publication.tracking)
        .join(model.Issue, model.Issue.id == showing.issue_id)
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(*which)
    ).all()
    underway = {issue for issue, _variant, sent, _tracking in shown if sent is None}
    going = {issue: deliveries.shown(session, issue) for issue in underway}
    mine = and_(click.issue_id == showing.issue_id, click.variant == showing.variant_id)
    clicks = {
        (issue, variant): int(count)
        for issue, variant, count in session.execute(
            select(showing.issue_id, showing.variant_id, func.sum(click.count))
            .join(click, mine)
            .where(click.key == DONATE, *which)
            .group_by(showing.issue_id, showing.variant_id)
        )
    }
    # Squares outgrow a whole number of the database; nothing here needs the last unit.
    left = cast(gift.amount - gift.returned, Float)
    mine = and_(gift.issue_id == showing.issue_id, gift.appeal_variant_id == showing.variant_id)
    sums: dict[tuple[int, int], dict[str, Sum]] = defaultdict(dict)
    for issue, variant, currency, count, total, squares, largest in session.execute(
        select(
            *(showing.issue_id, showing.variant_id, gift.currency, func.count()),
            *(func.sum(left), func.sum(left * left), func.max(left)),
        )
        .join(gift, mine)
        .where(gift.amount > gift.returned, *which)
        .group_by(showing.issue_id, showing.variant_id, gift.currency)
    ):
        unit = float(support.of_units(1, currency))
        given = Sum(count, total * unit, squares * unit * unit, largest * unit)
        sums[issue, variant][currency] = given
    found = {}
    for issue, variant, sent, tracking in shown:
        key = (issue, variant)
        mails = going[issue].get(variant, 0) if sent is None else sent
        is_counted = tracking is Tracking.CLICKS or key in clicks
        found[key] = Brought(
            mails, mails if is_counted else 0, clicks.get(key, 0), sums.get(key, {})
        )
    return found


def _by_issue(
    session: Session, appeal: int, names: Mapping[int, str], cells: _Cells
) -> Sequence[AppealIn]:
    parts: dict[int, list[Part]] = defaultdict(list)
    for (issue, variant), brought in sorted(cells.items()):
        parts[issue].append(Part(variant, names[variant], brought))
    rows = session.execute(
        select(
            model.Issue.id, model.Issue.subject, model.Issue.published_at, model.Publication.name
        )
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(
            model.Issue.id.in_(
                select(model.Showing.issue_id).where(model.Showing.variant_id.in_(names))
            ),
            model.Issue.published_at.is_not(None),
        )
        .order_by(model.Issue.published_at.desc(), model.Issue.id.desc())
    )
    return [
        AppealIn(number, subject, publication, at, appeal, parts[number])
        for number, subject, at, publication in rows
        if at and number in parts
    ]


def _beside(session: Session, appeal: model.Appeal) -> Sequence[support.Given]:
    """Sum up the gifts that name the appeal, but no mail in which it was shown."""
    row, showing = model.Donation, model.Showing
    shown = (
        select(showing.issue_id)
        .where(showing.issue_id == row.issue_id, showing.variant_id == row.appeal_variant_id)
        .exists()
    )
    rows = session.execute(
        select(row.currency, func.count(), func.sum(row.amount - row.returned))
        .where(row.appeal_id == appeal.id, row.amount > row.returned, ~shown)
        .group_by(row.currency)
        .order_by(func.count().desc(), row.currency)
    )
    return [support.Given(currency, count, int(units)) for currency, count, units in rows]
