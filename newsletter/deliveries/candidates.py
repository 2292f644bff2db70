"""Candidates: the subscriptions that are to get an issue, and why the others are not.

Conditions for statements about sets; nothing here asks the database.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute

from newsletter import model
from newsletter.deliveries.audience import Rule
from newsletter.model import DeliveryState, SubscriptionState


def candidates(issue: model.Issue, rule: Rule, zone: ZoneInfo) -> Select[int]:
    """Select the subscriptions that are to get ``issue``, whose audience ``rule`` describes."""
    return select(model.Subscription.id).where(
        is_here(issue),
        # That there is no reason to leave them out, in words from which a database can tell how
        # many they are, and how to find them.
        model.Subscription.state == SubscriptionState.ACTIVE,
        model.Subscription.frequency == issue.frequency,
        ~is_suppressed(),
        is_inside(rule, zone),
    )


def is_here(issue: model.Issue) -> ColumnElement[bool]:
    """Tell which subscriptions are those of the issue's publication."""
    return model.Subscription.publication_id == issue.publication_id


def reason_to_leave_out(issue: model.Issue) -> ColumnElement[str | None]:
    """Say what a subscription's own wish is, where it is not to get ``issue``; else null."""
    return case(
        (model.Subscription.state != SubscriptionState.ACTIVE, model.Subscription.state),
        (model.Subscription.frequency != issue.frequency, literal("other frequency")),
        else_=None,
    )


def is_suppressed() -> ColumnElement[bool]:
    """Tell who is suppressed: they are few and found once, and nothing is looked up for each."""
    return model.Subscription.subscriber_id.in_(
        select(model.Subscriber.id).join(
            model.Suppression, model.Suppression.digest == model.Subscriber.digest
        )
    )


def is_inside(rule: Rule, zone: ZoneInfo) -> ColumnElement[bool]:
    """Tell which subscriptions meet ``rule``, whose days are those of ``zone``.

    What the rule does not ask for costs nothing.
    """
    person = and_(
        true(),
        *([model.Subscriber.language.in_(rule.languages)] if rule.languages else []),
        *([model.Subscriber.language.not_in(rule.not_languages)] if rule.not_languages else []),
        *_between(model.Subscriber.created_at, rule.joined_since, rule.joined_before, zone),
    )
    parts = _between(model.Subscription.changed_at, rule.changed_since, rule.changed_before, zone)
    if rule.languages or rule.not_languages or rule.joined_since or rule.joined_before:
        parts.append(
            exists().where(model.Subscriber.id == model.Subscription.subscriber_id, person)
        )
    if rule.received:
        parts.append(has_received(rule.received))
    if rule.tags:
        parts.append(has_tag(rule.tags))
    if rule.not_tags:
        parts.append(~has_tag(rule.not_tags))
    return and_(true(), *parts)


def has_received(issue: int) -> ColumnElement[bool]:
    """Tell to whom the mail of an issue was sent, as long as its deliveries are kept."""
    return exists().where(
        model.Delivery.issue_id == issue,
        model.Delivery.subscriber_id == model.Subscription.subscriber_id,
        model.Delivery.state == DeliveryState.SENT,
    )


def has_tag(names: tuple[str, ...]) -> ColumnElement[bool]:
    """Tell whose person has one of the tags."""
    return exists().where(
        model.SubscriberTag.subscriber_id == model.Subscription.subscriber_id,
        model.SubscriberTag.tag_id.in_(select(model.Tag.id).where(model.Tag.name.in_(names))),
    )


def _between(
    column: InstrumentedAttribute[datetime], since: date | None, before: date | None, zone: ZoneInfo
) -> list[ColumnElement[bool]]:
    ends = ((column.__ge__, since), (column.__lt__, before))
    return [holds(_midnight(day, zone)) for holds, day in ends if day]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
