"""The appeal of an issue: what its publication has on the day, or what was chosen for it.

A choice is a part of what is approved, so that another choice needs another approval.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model, rendering, support
from newsletter.deliveries import Asking
from newsletter.issues.public import with_ways
from newsletter.links import Links
from newsletter.model import Frequency
from newsletter.rendering import Edition, Goal, Placement
from newsletter.support import Saying

MAIN = ""
"""The name of an issue's own words."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an issue has in the place of its publication's appeal.

    None if not ``is_shown``; else the ``appeal`` of that number, in its ``variant`` of that number
    alone, at ``placement``; 0 and an empty rule are as without a choice.
    """

    is_shown: bool = True
    appeal: int = 0
    variant: int = 0
    placement: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an issue asks of its readers: an appeal in one variant or several, and where.

    The first variant is the one of most weight, which the page has too. ``has_ways`` tells whether
    a page of ours takes gifts for the publication, ``is_chosen`` that somebody chose the appeal for
    the issue, whatever its dates.
    """

    issue: int
    publication: model.Publication
    appeal: model.Appeal
    sayings: Sequence[Saying]
    placement: Placement
    goal: Goal | None
    has_ways: bool
    is_chosen: bool = False

    def in_variants(self, edition: Edition, links: Links) -> Mapping[int, Edition]:
        """Return the editions that show the appeal, by the number of its variant.

        There is none where its gifts can be taken nowhere, or the text has no place for it.
        """
        shown = {each.variant.id: self._in(edition, each, links) for each in self.sayings}
        shown = {number: each for number, each in shown.items() if each.donate_url}
        # They differ in their words alone: where one has a place, all have.
        return shown if all(map(rendering.has_place_for_appeal, [*shown.values()][:1])) else {}

    def in_first(self, edition: Edition, links: Links) -> Edition:
        """Return an edition with the first variant whose gifts can be taken somewhere.

        Its link names no variant, unless that leads elsewhere: whoever comes by a page was sent no
        mail, and would be counted with those who were.
        """
        made = [self._in(edition, each, links) for each in self.sayings]
        found = next((each for each in made if each.donate_url), made[0])
        language = self.publication.language
        targets = {each.spoken(language)[1].destination for each in self.sayings}
        if not found.donate_url or len(targets) > 1:
            return found
        url = links.donate(self.publication.slug, self.issue, self.appeal.id)
        return replace(found, donate_url=url)

    def _in(self, edition: Edition, saying: Saying, links: Links) -> Edition:
        """Return an edition with the appeal in one of its variants."""
        publication = self.publication
        language, words = saying.spoken(publication.language)
        takes_gifts = bool(words.destination or publication.donate_url or self.has_ways)
        url = links.donate(publication.slug, self.issue, self.appeal.id, saying.variant.id)
        return replace(
            edition,
            appeal=manuscripts.Appeal(words.title, words.text, words.button),
            appeal_language=language,
            donate_url=url if takes_gifts else "",
            placement=self.placement,
            goal=self.goal,
        )


def chosen_of(session: Session, issue: model.Issue) -> Chosen | None:
    """Return what was chosen for an issue, if something was."""
    row = session.get(model.AppealChoice, issue.id, populate_existing=True)
    return _chosen(row) if row else None


def asked(
    session: Session,
    issues: Iterable[model.Issue],
    publications: Mapping[int, model.Publication],
    now: datetime,
) -> Mapping[int, Asked]:
    """Return what issues ask ``now``, by their numbers, with a few statements for them all."""
    wanted = [issue for issue in issues if issue.frequency is Frequency.EACH]
    row = model.AppealChoice
    chosen = {
        each.issue_id: _chosen(each)
        for each in session.scalars(
            select(row).where(row.issue_id.in_([issue.id for issue in wanted]))
        )
    }
    waiting = support.due_appeals(session, publications.values(), now)
    due = {number: first for number, (first, *_others) in waiting.items()}
    named = [each.appeal for each in chosen.values() if each.appeal]
    appeals = {each.id: each for each in due.values()}
    if named:
        others = session.scalars(select(model.Appeal).where(model.Appeal.id.in_(named)))
        appeals |= {each.id: each for each in others}
    sayings = support.sayings(session, appeals)
    goals = _goals(session, appeals.values(), publications.values(), now)
    giving = with_ways(session, publications) if appeals else set()
    found = {}
    for issue in wanted:
        choice = chosen.get(issue.id, Chosen())
        usual = due.get(issue.publication_id)
        appeal = appeals.get(choice.appeal) if choice.appeal else usual
        if not choice.is_shown or appeal is None:
            continue
        said = [
            each
            for each in sayings[appeal.id]
            if each.wordings
            and (each.variant.id == choice.variant if choice.variant else each.variant.is_on)
        ]
        if said:
            found[issue.id] = Asked(
                issue.id,
                publications[issue.publication_id],
                appeal,
                sorted(said, key=lambda each: (-each.variant.weight, each.variant.id)),
                Placement.parse(choice.placement or appeal.placement),
                goals.get((appeal.id, issue.publication_id)),
                has_ways=issue.publication_id in giving,
                is_chosen=bool(choice.appeal),
            )
    return found


def _goals(
    session: Session,
    appeals: Collection[model.Appeal],
    publications: Collection[model.Publication],
    now: datetime,
) -> Mapping[tuple[int, int], Goal]:
    """Say how far goals are, by appeal and publication, each on its own clock."""
    if not any(each.goal for each in appeals):
        return {}
    ends = {each.id: support.yesterdays_end(each, now) for each in publications}
    by_end = {end: support.goals(session, appeals, end) for end in set(ends.values())}
    return {
        (appeal, publication): goal
        for publication, end in ends.items()
        for appeal, goal in by_end[end].items()
    }


def without(edition: Edition) -> Edition:
    """Return an edition as it is for whoever is not asked."""
    return replace(edition, appeal=None, appeal_language="", donate_url="", goal=None)


def asking_of(
    session: Session, issue: model.Issue, contents: Sequence[model.Content], now: datetime
) -> Asking | None:
    """Work out who is asked in an issue that leaves ``now``; None where its mails have no appeal.

    Its words are those that were approved. Whether the appeal is due, how much its variants weigh
    and who is spared is as the appeal says at this moment.
    """
    own = [each for each in contents if each.variant.partition("/")[0] == MAIN]
    frozen = {each.appeal_variant_id: each.id for each in own if each.appeal_variant_id}
    number = next((each.appeal_id for each in contents if each.appeal_id), None)
    if not frozen or number is None:
        return None
    # What was approved before there were mails without it has it in each.
    silent = next((each.id for each in own if not each.appeal_variant_id), min(frozen.values()))
    appeal = session.get_one(model.Appeal, number)
    publication = session.get_one(model.Publication, issue.publication_id)
    day, chosen = support.day_of(publication, now), chosen_of(session, issue) or Chosen()
    if not chosen.appeal and not support.is_due(appeal, day):
        return Asking({}, silent)
    variants = session.scalars(
        select(model.AppealVariant).where(model.AppealVariant.id.in_(frozen))
    )
    finished, underway = _resting(session, issue, publication, appeal, now)
    return Asking(
        {
            frozen[each.id]: each.weight
            for each in variants
            if each.is_on or each.id == chosen.variant
        },
        silent,
        finished,
        underway,
        day - timedelta(days=appeal.silent_days) if appeal.silent_days else None,
    )


def _resting(
    session: Session,
    issue: model.Issue,
    publication: model.Publication,
    appeal: model.Appeal,
    now: datetime,
) -> tuple[Sequence[int], Sequence[int]]:
    """List the issues that count for an appeal's caps: those finished, and those under way.

    The last ones of the publication, and those of the last days, by its own calendar: what leaves
    every Monday is seven days apart, be it some seconds less. Only those count that had an appeal.
    """
    row, days = model.Issue, timedelta(days=appeal.rest_days)
    before = (
        select(row.id, row.published_at)
        .where(
            row.publication_id == issue.publication_id,
            row.frequency == Frequency.EACH,
            row.published_at.is_not(None),
            row.id != issue.id,
        )
        .order_by(row.published_at.desc(), row.id.desc())
    )
    counted: set[int] = set()
    if appeal.every > 1:
        counted |= set(session.scalars(before.limit(appeal.every - 1)))
    if days:
        day = support.day_of(publication, now)
        lately = before.where(row.published_at > now - days - timedelta(days=1))
        counted |= {
            number
            for number, at in session.execute(lately)
            if at and support.day_of(publication, at) > day - days
        }
    showing = model.Showing
    ends = session.execute(
        select(showing.issue_id, func.min(func.coalesce(showing.sent, -1)))
        .where(showing.issue_id.in_(counted))
        .group_by(showing.issue_id)
        .order_by(showing.issue_id)
    ).all()
    return (
        [number for number, least in ends if least >= 0],
        [number for number, least in ends if least < 0],
    )


def _chosen(row: model.AppealChoice) -> Chosen:
    return Chosen(row.is_shown, row.appeal_id or 0, row.variant_id or 0, row.placement)
