"""Asking: which variant of an appeal each reader of an issue is shown, chosen at the freezing.

The choice is one expression for the whole audience, and stands in the delivery from there on. Who
was shown an appeal lately follows from the deliveries; of finished issues it is kept by reader, so
that another freezing looks up one small row for each instead of one in every issue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Join,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased, outerjoin

from newsletter import model
from newsletter.deliveries.keys import of_issue
from newsletter.deliveries.waves import APPEALS, LOTS, lot, lot_of
from newsletter.model import DeliveryState

SHOWN = (DeliveryState.SENT, DeliveryState.UNKNOWN)
"""What became of a mail whose reader has seen what is in it, or may have."""
_NEVER = (DeliveryState.REFUSED, DeliveryState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked in an issue, and how: the contents that ask, with their weights.

    All others get the content ``silent``, everybody where none asks: those who were shown an appeal
    in one of the issues ``lately``, which are finished, or ``underway``, and those who gave on the
    day ``gave_since`` or later.
    """

    weights: Mapping[int, int]
    silent: int
    lately: Sequence[int] = ()
    underway: Sequence[int] = ()
    gave_since: date | None = None

    @property
    def bounds(self) -> Sequence[tuple[int, int]]:
        """Return the contents that ask, of most weight first, each with where its lots end."""
        whole, counted, found = sum(self.weights.values()), 0, []
        for number, weight in sorted(self.weights.items(), key=lambda pair: (-pair[1], pair[0])):
            counted += weight
            found.append((number, LOTS * counted // whole))
        return found

    def content_of(self, issue: int, subscriber: int) -> int:
        """Draw the content of one reader who is asked, as ``chosen`` does for all."""
        drawn = lot_of(issue, APPEALS, subscriber)
        return next(number for number, end in self.bounds if drawn < end)

    def choice(self, session: Session, issue: model.Issue) -> "Choice":
        """Return the choice for the readers of an issue, as parts of a statement."""
        is_small = session.get_bind().dialect.name == "sqlite"
        since, givers, gave = self.gave_since, None, None
        if since and is_small:
            gave = model.Subscription.subscriber_id.in_(_gave(since))
        elif since:
            givers = _givers(issue.publication_id, since)
            gave = givers.c.id.is_not(None)
        return Choice(self, issue.id, givers, gave)


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice in a statement that selects subscriptions: what is joined, and what is chosen."""

    asking: Asking
    issue: int
    givers: Subquery | None
    gave: ColumnElement[bool] | None

    def joined(self) -> Join | type[model.Subscription]:
        """Return the subscriptions with what is known of their readers, a row for each."""
        # Joins by the key of subscriptions, in whose order all rows are read, so that nothing is
        # sorted. For PostgreSQL givers are one, too: as a condition they would have to fit into the
        # memory of one query; SQLite looks each reader up either way, and a condition only of those
        # who are not spared already.
        rows: Join | type[model.Subscription] = model.Subscription
        if not self.asking.weights:
            return rows
        if self.asking.lately:
            # By the key alone: which issue it was is asked of the row, at half the price.
            row = model.LastShown
            rows = outerjoin(rows, row, row.subscription_id == model.Subscription.id)
        if self.givers is not None:
            mine = self.givers.c.id == model.Subscription.id
            rows = outerjoin(rows, self.givers, mine)
        return rows

    def chosen(self) -> ColumnElement[int]:
        """Say which content a subscription's reader gets."""
        silent = literal(self.asking.silent)
        if not self.asking.weights:
            return silent
        quiet: list[ColumnElement[bool]] = []
        if self.asking.lately:
            quiet.append(model.LastShown.issue_id.in_(self.asking.lately))
        if self.gave is not None:
            quiet.append(self.gave)
        if self.asking.underway:
            row = model.Delivery
            quiet.append(
                exists().where(
                    row.issue_id.in_(self.asking.underway),
                    row.subscriber_id == model.Subscription.subscriber_id,
                    row.content_id.in_(_that_ask(self.asking.underway)),
                    row.state.not_in(_NEVER),
                )
            )
        *first, (last, _end) = self.asking.bounds
        drawn = lot(self.issue, APPEALS)
        # One after the other: what is found first is not looked up any further.
        branches: list[tuple[ColumnElement[bool], object]] = [(each, silent) for each in quiet]
        branches += [(drawn < end, literal(number)) for number, end in first]
        return case(*branches, else_=literal(last)) if branches else literal(last)


def _that_ask(issues: Sequence[int]) -> Select[int]:
    """Select the contents of issues in which there is an appeal."""
    row = model.Content
    return select(row.id).where(row.issue_id.in_(issues), row.appeal_variant_id.is_not(None))


def _gave(since: date) -> Select[int | None]:
    """Select those who gave; who got all of it back did not."""
    row = model.Donation
    return select(row.subscriber_id).where(
        row.subscriber_id.is_not(None), row.given_on >= since, row.amount > row.returned
    )


def _givers(publication: int, since: date) -> Subquery:
    """Select the subscriptions of those who gave."""
    wish = aliased(model.Subscription)
    mine = wish.publication_id == publication
    return select(wish.id).where(mine, wish.subscriber_id.in_(_gave(since))).subquery("givers")


def words_of(session: Session, issue: int, decided: int) -> ColumnElement[int]:
    """Say which words a delivery gets: its own appeal, under the subject of the ``decided`` ones.

    Without ``decided`` ones, which is 0, it gets what was frozen.
    """
    row = model.Content
    if not decided:
        return cast("ColumnElement[int]", model.Delivery.content_id)
    words = {
        number: (variant.partition("/")[0], saying)
        for number, variant, saying in session.execute(
            select(row.id, row.variant, row.appeal_variant_id).where(row.issue_id == issue)
        )
    }
    subject, _saying = words[decided]
    wanted = {saying: number for number, (of, saying) in words.items() if of == subject}
    moves = {
        number: wanted[saying]
        for number, (of, saying) in words.items()
        if of != subject and saying in wanted
    }
    mine = cast("ColumnElement[int]", model.Delivery.content_id)
    return case(moves, value=mine, else_=mine) if moves else mine


def note_asking(session: Session, issue: int, asking: Asking) -> None:
    """Keep which variants an issue has, so that it is known whose mails are to be counted."""
    row = model.Content
    variants = session.scalars(
        select(row.appeal_variant_id).where(row.id.in_(asking.weights)).order_by(row.id)
    )
    session.add_all(
        model.Showing(issue_id=issue, variant_id=each) for each in variants if each is not None
    )
    session.flush()


def note_shown(session: Session, issue: int, publication: int) -> None:
    """Count the mails of a finished issue in which each variant was sent, and whose they were."""
    showing = model.Showing
    variants = session.scalars(select(showing).where(showing.issue_id == issue)).all()
    if not variants:
        return
    counts = shown(session, issue)
    for each in variants:
        each.sent = counts.get(each.variant_id, 0)
    session.flush()
    row, kept = model.Delivery, model.LastShown
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    has_seen = and_(row.content_id.in_(_that_ask([issue])), row.state.in_(SHOWN))
    rows = (
        select(model.Subscription.id, case((has_seen, literal(issue)), else_=literal(0)))
        .join(row, row.subscriber_id == model.Subscription.subscriber_id)
        .where(model.Subscription.publication_id == publication, of_issue(session, issue))
        .order_by(model.Subscription.id)
    )
    words = dialect.insert(kept).from_select(["subscription_id", "issue_id"], rows)
    session.execute(
        words.on_conflict_do_update(
            index_elements=[kept.subscription_id],
            set_={"issue_id": words.excluded.issue_id},
            where=and_(words.excluded.issue_id > 0, ~_is_later(publication, issue)),
        )
    )


def _is_later(publication: int, issue: int) -> ColumnElement[bool]:
    """Tell whether what is kept of a reader is of an issue that was published after ``issue``."""
    at = select(model.Issue.published_at).where(model.Issue.id == issue).scalar_subquery()
    later = select(model.Issue.id).where(
        model.Issue.publication_id == publication, model.Issue.published_at > at
    )
    return model.LastShown.issue_id.in_(later)


def recall_shown(session: Session, issue: int) -> None:
    """Take the counts of an issue back that goes on after its end."""
    session.execute(update(model.Showing).where(model.Showing.issue_id == issue).values(sent=None))


def shown(session: Session, issue: int) -> Mapping[int, int]:
    """Count an issue's mails that were sent, by the variant of the appeal in them; one by one."""
    row = model.Delivery
    counts = (
        select(row.content_id, func.count().label("count"))
        .where(of_issue(session, issue), row.state == DeliveryState.SENT)
        .group_by(row.content_id)
        .subquery()
    )
    variant = model.Content.appeal_variant_id
    rows = session.execute(
        select(variant, func.sum(counts.c.count))
        .join(counts, counts.c.content_id == model.Content.id)
        .where(variant.is_not(None))
        .group_by(variant)
    )
    return {number: int(count) for number, count in rows if number}
