"""Monthlies: one issue for what a month brought, with contents, leads and links.

It is an issue like any other: its text is made from the month's public texts, and can be written on
before it is checked, approved and sent. Its PDF holds every text in full, as that stands then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model, rendering
from newsletter.errors import Conflict, Invalid, IssueNotEditable
from newsletter.issues import revisions
from newsletter.issues.collecting import MOST_TEXTS, Text, collectable, last_day, read, texts, write
from newsletter.issues.drafts import draft, publication_of
from newsletter.issues.editions import editions
from newsletter.issues.public import published
from newsletter.issues.publications import publications
from newsletter.issues.writing import is_open, save
from newsletter.language import marked as _
from newsletter.language import say_period, translations
from newsletter.links import Links

LONGEST_PREFACE = 4_000
"""Characters of a preface."""
SHOWN = 12
"""So many months are offered."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a publication: how many texts it has, and the monthly that was made of it."""

    first: date
    count: int
    issue: int | None
    is_running: bool

    @property
    def last(self) -> date:
        """Return its last day."""
        return last_day(self.first)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a monthly is from what it collects.

    ``new`` came after it was made, ``corrected`` were corrected since, so many are ``gone``: they
    are not public any more. ``is_changed`` says that somebody has written on its text by hand.
    """

    new: Sequence[Text]
    corrected: Sequence[Text]
    gone: int
    is_changed: bool
    is_running: bool

    @property
    def is_outdated(self) -> bool:
        """Tell whether making it anew would make another."""
        return bool(self.new or self.corrected or self.gone)


def last_month(publication: model.Publication, now: datetime) -> date:
    """Return the first day of the last month that has ended where ``publication`` is at home."""
    today = now.astimezone(ZoneInfo(publication.zone)).date()
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def months(session: Session, publication: model.Publication, now: datetime) -> Sequence[Month]:
    """List the latest months in which ``publication`` has texts, newest first."""
    this = now.astimezone(ZoneInfo(publication.zone)).date().replace(day=1)
    counts: dict[date, int] = {}
    for dated in session.scalars(
        texts([publication.id], model.Article.dated)
        .where(model.Article.dated <= last_day(this))
        .order_by(model.Article.dated.desc())
        .limit(SHOWN * MOST_TEXTS)
    ):
        counts.setdefault(dated.replace(day=1), 0)
        counts[dated.replace(day=1)] += 1
    made = _made(session, publication)
    return [
        Month(first, count, made.get(first), first == this)
        for first, count in list(counts.items())[:SHOWN]
    ]


def make_monthly(
    session: Session,
    publication: model.Publication,
    month: date,
    now: datetime,
    editor: model.Editor | None,
    links: Links,
    *,
    sources: Sequence[int] = (),
) -> model.Issue:
    """Draft the monthly of ``publication`` for the month that begins on ``month``.

    It gathers from it and from the publications numbered in ``sources``. Raises Invalid where the
    month has no text, Conflict where there is a monthly already.
    """
    session.refresh(publication, with_for_update=True)
    if issue := _made(session, publication).get(month):
        raise Conflict(_("There is a monthly for this month already."), issue=issue)
    gathered = sorted({publication.id, *sources})
    numbers = collectable(session, gathered, month)
    if not numbers:
        raise Invalid(_("Nothing was published in this month."))
    monthly = model.Monthly(
        issue_id=0,
        publication_id=publication.id,
        month=month,
        sources=gathered,
        texts=numbers,
        left_out=[],
        made_at=now,
    )
    blank = manuscripts.Article("", "", kicker=publication.kicker, language=publication.language)
    headline = translations(publication.language).gettext("Monthly of %(month)s") % {
        "month": say_period(month, last_day(month), publication.language)
    }
    article = write(session, replace(blank, headline=headline), monthly, links)
    issue_made = draft(session, publication, [article], now, editor)
    session.execute(
        delete(model.Monthly).where(  # of an issue that was cancelled
            model.Monthly.publication_id == publication.id, model.Monthly.month == month
        )
    )
    monthly.issue_id = issue_made.id
    monthly.written = _digest(revisions.current(session, issue_made)[0])
    session.add(monthly)
    session.flush()
    return issue_made


def find_monthly(session: Session, issue: model.Issue) -> model.Monthly | None:
    """Return what ``issue`` collects, if it is a monthly."""
    return session.get(model.Monthly, issue.id)


def contents(
    session: Session, monthly: model.Monthly, links: Links
) -> tuple[Sequence[Text], Sequence[Text]]:
    """List the texts of a monthly in their order, and those left out; both without what is gone."""
    known = read(session, [*monthly.texts, *monthly.left_out], links)
    shown = [known[number] for number in monthly.texts if number in known]
    return shown, [known[number] for number in monthly.left_out if number in known]


def standing(
    session: Session, issue: model.Issue, monthly: model.Monthly, now: datetime, links: Links
) -> Standing:
    """Compare a monthly with what was published and corrected since it was made."""
    listed = {*monthly.texts, *monthly.left_out}
    new = [each for each in collectable(session, monthly.sources, monthly.month)
           if each not in listed]  # fmt: skip
    known = read(session, [*monthly.texts, *new], links)
    shown = [known[number] for number in monthly.texts if number in known]
    zone = ZoneInfo(publication_of(session, issue).zone)
    current = revisions.current(session, issue)[:1]
    return Standing(
        new=[known[number] for number in new],
        corrected=[
            each for each in shown if each.corrected_at and each.corrected_at > monthly.made_at
        ],
        gone=len(monthly.texts) - len(shown),
        is_changed=any(_digest(each) != monthly.written for each in current),
        is_running=now.astimezone(zone).date() <= last_day(monthly.month),
    )


def arrange(
    session: Session,
    issue: model.Issue,
    order: Sequence[int],
    preface: str,
    now: datetime,
    editor: model.Editor | None,
    links: Links,
    *,
    base: int,
) -> None:
    """Make the text of a monthly anew: with its texts in this ``order``, and a ``preface``.

    Those of its texts that are not named are left out. Headline, picture and tags stay as they are,
    and what somebody wrote by hand is among the revisions. Raises what ``save`` does, Invalid where
    nothing would be left, and IssueNotEditable.
    """
    monthly = session.get_one(model.Monthly, issue.id)
    if not is_open(issue):
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; its text cannot be changed")
    known = [*monthly.texts, *monthly.left_out]
    chosen = [number for number in dict.fromkeys(order) if number in known]
    if not chosen:
        raise Invalid(_("A monthly needs one text at least."))
    if len(preface) > LONGEST_PREFACE:
        raise Invalid(_("This preface is too long."))
    monthly.texts = chosen
    monthly.left_out = [number for number in known if number not in chosen]
    monthly.preface = preface.strip()
    first, *others = revisions.current(session, issue)
    article = write(session, first, monthly, links)
    own = issue.subject if issue.subject != first.headline else ""
    save(
        *(session, issue.id, [article, *others], now, editor),
        base=base,
        subject=own,
        licence_id=issue.licence_id,
    )
    monthly.made_at, monthly.written = now, _digest(revisions.current(session, issue)[0])
    session.flush()


def refresh(
    session: Session,
    issue: model.Issue,
    now: datetime,
    editor: model.Editor | None,
    links: Links,
    *,
    base: int,
) -> None:
    """Make a monthly anew of what is public now: new texts come in, those that are gone go.

    Where the texts stand by date the new ones take their places, else they come last.
    """
    monthly = session.get_one(model.Monthly, issue.id)
    public = collectable(session, monthly.sources, monthly.month)
    there = read(session, [*monthly.texts, *monthly.left_out], links)
    kept = [number for number in monthly.texts if number in there]
    out = [number for number in monthly.left_out if number in there]
    by_date = [number for number in public if number not in out]
    if kept == [number for number in public if number in kept]:
        kept = by_date
    else:
        kept += [number for number in by_date if number not in kept]
    monthly.texts, monthly.left_out = kept, out
    arrange(session, issue, kept, monthly.preface, now, editor, links, base=base)


def collection(
    session: Session, issue: model.Issue, links: Links, now: datetime
) -> rendering.Collection | None:
    """Gather all that a monthly collects, in full, as it is public now; None for other issues."""
    monthly = find_monthly(session, issue)
    if monthly is None:
        return None
    rows = session.scalars(published(model.Issue).where(model.Issue.id.in_(monthly.texts)))
    found = {each.id: each for each in rows}
    shown = [found[number] for number in monthly.texts if number in found]
    return rendering.Collection(
        first=monthly.month,
        last=last_day(monthly.month),
        preface=monthly.preface,
        editions=tuple(editions(session, shown, links, now)),
        withdrawn=len(monthly.texts) - len(shown),
    )


def due_monthlies(
    session: Session, now: datetime
) -> Sequence[tuple[model.Publication, tuple[date, date]]]:
    """List publications whose last month has ended and has no monthly yet, where one is usual.

    It is where the publication has had one before.
    """
    usual = set(session.scalars(select(model.Monthly.publication_id).distinct()))
    due = []
    for publication in publications(session) if usual else ():
        if publication.id not in usual:
            continue
        last = last_month(publication, now)
        if last not in _made(session, publication) and collectable(session, [publication.id], last):
            due.append((publication, (last, last_day(last))))
    return due


def _made(session: Session, publication: model.Publication) -> dict[date, int]:
    """Return the monthlies of a publication by their months; one that was cancelled is none."""
    rows = session.execute(
        select(model.Monthly.month, model.Monthly.issue_id)
        .join(model.Issue, model.Issue.id == model.Monthly.issue_id)
        .where(
            model.Monthly.publication_id == publication.id,
            model.Issue.state != model.IssueState.CANCELLED,
        )
    )
    return {row.month: row.issue_id for row in rows}


def _digest(article: manuscripts.Article) -> str:
    """Return a digest of what a monthly has from its texts."""
    return sha256(f"{article.lead}\n\n{article.body.strip()}".encode()).hexdigest()
