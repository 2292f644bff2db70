"""Search in what is published: one interface over FTS5 on SQLite and tsvector on PostgreSQL.

The index is a cache. Issues enter it when they are published, and whatever is missing, as after an
upgrade, when the clock starts. Who may be seen is asked of the issues themselves at every search.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    cast,
    column,
    delete,
    exists,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from newsletter import manuscripts, model
from newsletter.database import insert_missing
from newsletter.issues.public import Listed, articles_of, cursor, is_public, published
from newsletter.issues.terms import STOP, fold, stem, weigh

MOST_WORDS = 12
"""Words of a question that are looked for."""
MOST_FOUND = 200
"""How deep one may page into what was found."""

_WEIGHTS = (8.0, 4.0, 1.0)
"""What a word counts in headline, lead and body."""
_EXCERPT = 220
_HIGHEST_POSITION = 16_383  # of a lexeme, as PostgreSQL counts

_index = table("search_index", column("issue_id"), column("words"))
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_MARKUP = re.compile(
    r"!?\[(?P<words>[^\]\n]{0,500})\]\([^)\n]{0,2000}\)"  # links and pictures keep their words
    r"|\[\^[^\]\s]{1,100}\]:?|<!--.*?-->|^\s*(?:#{1,6}|>|[-+*]|\d+\.)\s|[*_`]{1,3}|\|[-:| ]*",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """An issue that was found; its headline and excerpt in pieces, with those asked for marked."""

    publication: model.Publication
    issue: Listed
    headline: tuple[tuple[str, bool], ...]
    excerpt: tuple[tuple[str, bool], ...]


def search(
    session: Session,
    words: str,
    publication: model.Publication | None = None,
    *,
    start: int = 0,
    limit: int = 20,
) -> Sequence[Found]:
    """Find published issues that have all ``words``, best first, from the place ``start`` on.

    Marks, capitals and endings do not matter, and what begins with a word has it. Every string is
    a question; one without a word, and a place that is too deep, find nothing.
    """
    asked = _asked(words)
    if not asked or not 0 <= start < MOST_FOUND:
        return []
    number, matching, order = _matching(session, asked)
    query = (
        published(model.Issue.id, model.Issue.slug, model.Article, model.Publication)
        .join(_index, number == model.Issue.id)
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(matching)
        .order_by(order, model.Article.dated.desc(), model.Issue.id.desc())
        .offset(start)
        .limit(limit)
    )
    if publication:
        query = query.where(model.Issue.publication_id == publication.id)
    return [_found(asked, *row) for row in session.execute(query)]


def index(session: Session, issue: model.Issue) -> None:
    """Enter an issue into the index, and what it is about beside it; again replaces both."""
    articles = articles_of(session, [issue])[issue.id]
    headlines = fold(" ".join((issue.subject, *(article.headline for article in articles))))
    leads = [word for article in articles for word in fold(" ".join((article.lead, *article.tags)))]
    bodies = [word for article in articles for word in fold(_plain(article.body))]
    _enter(session, issue.id, (headlines, leads, bodies))
    session.execute(delete(model.Subject).where(model.Subject.issue_id == issue.id))
    rows = [
        {"issue_id": issue.id, "term": term, "weight": weight}
        for term, weight in about(articles).items()
    ]
    insert_missing(session, model.Subject, rows)


def index_missing(session: Session, *, limit: int = 50) -> int:
    """Enter published issues that the index lacks, ``limit`` at most; return how many."""
    number = _number(session)
    missing = session.scalars(
        select(model.Issue)
        .where(is_public(), ~exists(select(1).select_from(_index).where(number == model.Issue.id)))
        .limit(limit)
    ).all()
    for issue in missing:
        index(session, issue)
    return len(missing)


def about(articles: Sequence[manuscripts.Article]) -> dict[str, float]:
    """Say what articles are about: terms and their weights."""
    passages: list[tuple[str, float]] = []
    for article in articles:
        passages += [(article.headline, 4), (" ".join(article.tags), 4), (article.lead, 2)]
        passages.append((_plain(article.body), 1))
    return dict(weigh(passages))


def _asked(words: str) -> list[str]:
    """Return the folded words of a question; those that say nothing only if there are no others."""
    every = list(dict.fromkeys(fold(words[:1000])))
    telling = [word for word in every if word not in STOP and (len(word) > 1 or word.isdigit())]
    return (telling or every)[:MOST_WORDS]


def _number(session: Session) -> ColumnElement[int]:
    """Return the column of the index that holds the issue's number."""
    return literal_column("search_index.rowid") if _is_sqlite(session) else _index.c.issue_id


def _matching(
    session: Session, asked: Sequence[str]
) -> tuple[ColumnElement[int], ColumnElement[bool], ColumnElement[Any]]:
    """Say by which column the index is joined, what matches, and what comes first.

    ``asked`` are letters and digits only, so that neither language of questions can be broken. A
    short word is meant as it stands, a longer one as the beginning of others.
    """
    if _is_sqlite(session):
        question = " AND ".join(
            f'("{word}" OR "{stem(word)}" *)' if _begins(word) else f'"{word}"' for word in asked
        )
        whole: ColumnElement[Any] = literal_column("search_index")
        return _number(session), whole.op("match")(question), func.bm25(whole, *_WEIGHTS)
    question = " & ".join(
        f"('{word}' | '{stem(word)}':*)" if _begins(word) else f"'{word}'" for word in asked
    )
    query = cast(question, TSQUERY)
    rank = func.ts_rank(text("'{0,0.1,0.4,0.8}'"), _index.c.words, query, 1)
    return _number(session), _index.c.words.op("@@")(query), rank.desc()


def _begins(word: str) -> bool:
    """Tell whether a word is long enough to stand for all that begin with it."""
    return len(word) > 3


def _enter(session: Session, issue_id: int, parts: Sequence[Sequence[str]]) -> None:
    headline, lead, body = (" ".join(part) for part in parts)
    if _is_sqlite(session):
        session.execute(text("delete from search_index where rowid = :id"), {"id": issue_id})
        session.execute(
            text(
                "insert into search_index (rowid, headline, lead, body)"
                " values (:id, :headline, :lead, :body)"
            ),
            {"id": issue_id, "headline": headline, "lead": lead, "body": body},
        )
        return
    session.execute(
        text(
            "insert into search_index (issue_id, words) values (:id, cast(:words as tsvector))"
            " on conflict (issue_id) do update set words = excluded.words"
        ),
        {"id": issue_id, "words": _vector(parts)},
    )


def _vector(parts: Sequence[Sequence[str]]) -> str:
    """Write words and their places as PostgreSQL reads a tsvector; its own parser would split."""
    places: dict[str, list[str]] = {}
    position = 0
    for letter, words in zip("ABD", parts, strict=True):
        for word in words:
            position = min(position + 1, _HIGHEST_POSITION)
            places.setdefault(word, []).append(f"{position}{letter}")
    return " ".join(f"'{word}':{','.join(at[:255])}" for word, at in places.items())


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _found(
    asked: Sequence[str],
    issue_id: int,
    slug: str,
    article: model.Article,
    publication: model.Publication,
) -> Found:
    read = manuscripts.read_article(article.source)
    excerpt = _cut(asked, read.lead)
    if not any(marked for _, marked in excerpt):
        passage = _cut(asked, _plain(read.body))
        excerpt = passage if any(marked for _, marked in passage) else excerpt
    place = cursor(issue_id, article.dated)
    issue = Listed(slug, read.headline, read.lead, article.dated, place)
    return Found(publication, issue, tuple(_pieces(asked, read.headline)), excerpt)


def _cut(asked: Sequence[str], passage: str) -> tuple[tuple[str, bool], ...]:
    """Cut ``passage`` to an excerpt around the first word that was asked for."""
    passage = " ".join(passage.split())
    before, marked = next(iter(_pieces(asked, passage)), ("", True))
    place = 0 if marked else len(before)
    begin = 0
    if place > _EXCERPT // 2 and len(passage) > _EXCERPT:
        begin = passage.rfind(" ", 0, place - _EXCERPT // 4) + 1
    end = len(passage)
    if end - begin > _EXCERPT:
        end = max(passage.rfind(" ", begin, begin + _EXCERPT), begin + _EXCERPT // 2)
    shown = ("… " if begin else "") + passage[begin:end] + (" …" if end < len(passage) else "")
    return tuple(_pieces(asked, shown))


def _pieces(asked: Sequence[str], passage: str) -> Iterator[tuple[str, bool]]:
    """Part ``passage`` into words that were asked for and what stands between them."""
    stems = tuple(stem(word) for word in asked if _begins(word))
    begin = 0
    for match in _WORD.finditer(passage):
        if any(word in asked or word.startswith(stems) for word in fold(match[0])):
            if begin < match.start():
                yield passage[begin : match.start()], False
            yield match[0], True
            begin = match.end()
    if begin < len(passage):
        yield passage[begin:], False


def _plain(body: str) -> str:
    """Return the words of Markdown without its marks and addresses."""
    return _MARKUP.sub(lambda match: match["words"] or " ", body)
