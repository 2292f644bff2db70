"""The texts of a month: which they are, what a list says of each, and how they make a text.

What is made here is a pure function of what is public; ``monthlies`` keeps who chose what.
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model, rendering
from newsletter.issues.public import published, read_source
from newsletter.language import say_date, say_period, translations
from newsletter.links import Links
from newsletter.manuscripts import commonmark
from newsletter.manuscripts.article import APPEAL_SLOT

MOST_TEXTS = 100
"""Texts of one monthly."""


@dataclass(frozen=True, slots=True)
class Text:
    """A public issue as a monthly lists it; ``corrected`` is the day of its latest correction."""

    number: int
    publication: str
    headline: str
    lead: str
    dated: date
    signed: str
    url: str
    corrected_at: datetime | None


def last_day(month: date) -> date:
    """Return the last day of the month that begins on ``month``."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def texts(sources: Sequence[int], *columns: Any) -> Select[Any]:
    """Select ``columns`` of public texts: no monthlies, and no mails that tell of a correction."""
    monthlies = select(model.Monthly.issue_id)
    telling = select(model.Erratum.told_by_id).where(model.Erratum.told_by_id.is_not(None))
    return published(*columns).where(
        model.Issue.publication_id.in_(sources),
        model.Issue.id.not_in(monthlies),
        model.Issue.id.not_in(telling),
    )


def collectable(session: Session, sources: Sequence[int], month: date) -> list[int]:
    """Return the numbers of the texts of a month, by their dates."""
    query = (
        texts(sources, model.Issue.id)
        .where(model.Article.dated.between(month, last_day(month)))
        .order_by(model.Article.dated, model.Issue.id)
        .limit(MOST_TEXTS)
    )
    return [row[0] for row in session.execute(query)]


def read(session: Session, numbers: Iterable[int], links: Links) -> Mapping[int, Text]:
    """Read the public issues among ``numbers``."""
    placed = model.IssueArticle.issue_id == model.Issue.id
    count = select(func.count()).where(placed).correlate(model.Issue).scalar_subquery()
    rows = session.execute(
        published(
            model.Issue.id,
            model.Issue.slug,
            model.Issue.subject,
            count,
            model.Issue.corrected_at,
            model.Article.source,
            model.Article.dated,
            model.Publication.slug,
            model.Publication.name,
        )
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(model.Issue.id.in_(list(numbers)))
    )
    found = {}
    for number, slug, subject, articles, corrected_at, source, dated, publication, name in rows:
        article = read_source(source)
        found[number] = Text(
            number=number,
            publication=name,
            headline=article.headline if articles == 1 else subject,
            lead=article.lead,
            dated=dated,
            signed=", ".join(
                rendering.Author.parse(each).spoken_name for each in article.authors if each.strip()
            ),
            url=links.issue(publication, slug),
            corrected_at=corrected_at,
        )
    return found


def write(
    session: Session, article: manuscripts.Article, monthly: model.Monthly, links: Links
) -> manuscripts.Article:
    """Return ``article`` with the lead and the body of a monthly."""
    language, known = article.language, read(session, monthly.texts, links)
    texts = [known[number] for number in monthly.texts if number in known]
    words = translations(language)
    month = say_period(monthly.month, last_day(monthly.month), language)
    count = words.ngettext(
        "One text of %(month)s, with its lead and a link.",
        "%(count)s texts of %(month)s, each with its lead and a link.",
        len(texts),
    ) % {"count": len(texts), "month": month}
    preface = [" ".join(each.split()) for each in monthly.preface.split("\n\n") if each.strip()]
    several = len(monthly.sources) > 1
    lines = [f"- {say_date(each.dated, language)}: {_link(each)}" for each in texts]
    parts = [
        *map(commonmark.paragraph, preface[1:]),
        f"## {words.gettext('Contents')}",
        "\n".join(lines),
        APPEAL_SLOT,
    ]
    for each in texts:
        facts = [each.publication if several else "", say_date(each.dated, language), each.signed]
        if each.corrected_at:
            said = words.gettext("corrected on %(date)s")
            facts.append(said % {"date": say_date(each.corrected_at.date(), language)})
        told = commonmark.words(", ".join(filter(None, facts)))
        parts += [f"## {_link(each)}", f"*{told}*"]
        parts += [commonmark.paragraph(" ".join(each.lead.split()))] if each.lead.strip() else []
    return replace(article, lead=preface[0] if preface else count, body="\n\n".join(parts))


def _link(text: Text) -> str:
    return f"[{commonmark.words(' '.join(text.headline.split()))}](<{text.url}>)"
