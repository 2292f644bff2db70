"""What changed between two texts: article by article, field by field, word by word.

Paragraphs are compared first, then the words of those that changed. Two stretches with next to
nothing in common are shown one after the other, for then words beside words would be confetti.
"""

import enum
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from newsletter.manuscripts.article import Article


class Kind(enum.StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some words, and what became of them."""

    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs that belong together; without ``stretches``, ``skipped`` unchanged ones."""

    stretches: tuple[Stretch, ...]
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an article that changed."""

    name: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one article: without ``old`` it is new, without ``new`` it is gone."""

    old: Article | None
    new: Article | None
    fields: tuple[Field, ...]
    moved: bool = False

    @property
    def headline(self) -> str:
        """The headline by which the article is known now, or was."""
        article = self.new or self.old
        return article.headline if article else ""


_MOST_PAIRS = 40_000
"""Pairs of the same word that are compared; beyond that, all of both is shown."""
_ALIKE = 0.35
_WORD = re.compile(r"\S+\s*|\s+")
_BREAK = re.compile(r"\n[ \t]*\n\s*")


def changes(old: Sequence[Article], new: Sequence[Article]) -> tuple[Change, ...]:
    """Return what changed between two versions of the articles of an issue, in their new order."""
    pairs = _pairs(old, new)
    kept = [at for at in pairs if at is not None]
    settled = sorted(kept)
    found = []
    place = 0
    for at, article in zip(pairs, new, strict=True):
        before = None if at is None else old[at]
        moved = False
        if at is not None:
            moved = settled[place] != at
            place += 1
        fields = tuple(_fields(before, article))
        if fields or moved:
            found.append(Change(before, article, fields, moved))
    gone = [article for at, article in enumerate(old) if at not in kept]
    found += [Change(article, None, tuple(_fields(article, None))) for article in gone]
    return tuple(found)


def compare(old: str, new: str) -> tuple[Passage, ...]:
    """Return ``new`` beside what it was, in passages; one next to a change is shown whole."""
    before, after = _BREAK.split(old), _BREAK.split(new)
    passages: list[Passage | str] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, before, after).get_opcodes():
        if what == "equal":
            passages.extend(after[j1:j2])
        else:
            gone, come = "\n\n".join(before[i1:i2]), "\n\n".join(after[j1:j2])
            passages.append(Passage(_by_word(gone, come)))
    return tuple(_shortened(passages))


def _pairs(old: Sequence[Article], new: Sequence[Article]) -> list[int | None]:
    """Say for each new article which old one it was: the same, by its headline, by its place."""
    pairs: list[int | None] = [None] * len(new)
    for alike in (
        lambda at, to: old[at] == new[to],
        lambda at, to: old[at].headline == new[to].headline,
        lambda at, to: at == to,
    ):
        for to in range(len(new)):
            free = (at for at in range(len(old)) if at not in pairs)
            if pairs[to] is None:
                pairs[to] = next((at for at in free if alike(at, to)), None)
    return pairs


def _fields(old: Article | None, new: Article | None) -> Iterator[Field]:
    before, after = _texts(old), _texts(new)
    names = before if old and new else ("headline", "lead", "body")
    for name in names:
        if before[name] != after[name]:
            yield Field(name, compare(before[name], after[name]))


def _texts(article: Article | None) -> dict[str, str]:
    """Return what is compared of an article, in the order of reading."""
    if article is None:
        return dict.fromkeys(_texts(Article("", "")), "")
    picture = article.picture
    return {
        "kicker": article.kicker,
        "date": article.dated.isoformat() if article.dated else "",
        "headline": article.headline,
        "lead": article.lead,
        "picture": picture.file if picture else "",
        "alt": picture.alt if picture else "",
        "credit": picture.credit if picture else "",
        "body": article.body,
        "authors": ", ".join(article.authors),
        "tags": ", ".join(article.tags),
        "language": article.language,
        "terms": article.terms,
    }


def _by_word(old: str, new: str) -> tuple[Stretch, ...]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    whole = tuple(
        Stretch(kind, words) for kind, words in ((Kind.GONE, old), (Kind.NEW, new)) if words
    )
    counts = Counter(before)
    if not old or not new or sum(counts[word] for word in after) > _MOST_PAIRS:
        return whole
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return whole
    stretches: list[Stretch] = []
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        gone, come = "".join(before[i1:i2]), "".join(after[j1:j2])
        if what == "equal":
            stretches.append(Stretch(Kind.SAME, come))
            continue
        ends = _same_space(gone, come)
        for kind, words in ((Kind.GONE, gone), (Kind.NEW, come)):
            if bare := words.removesuffix(ends):
                stretches.append(Stretch(kind, bare))
        if ends:
            stretches.append(Stretch(Kind.SAME, ends))
    return tuple(stretches)


def _same_space(gone: str, come: str) -> str:
    """Return the space at the end of both, which did not change."""
    space = come[len(come.rstrip()) :]
    return space if gone.rstrip() and gone == gone.rstrip() + space else ""


def _shortened(passages: Sequence[Passage | str]) -> Iterator[Passage]:
    """Keep of what is unchanged the paragraphs beside a change; count the others."""
    shown = {
        beside
        for at, passage in enumerate(passages)
        if isinstance(passage, Passage)
        for beside in (at - 1, at, at + 1)
    }
    skipped = 0
    for at, passage in enumerate(passages):
        if at not in shown:
            skipped += 1
            continue
        if skipped:
            yield Passage((), skipped)
            skipped = 0
        if isinstance(passage, Passage):
            yield passage
        else:
            yield Passage((Stretch(Kind.SAME, passage),))
    if skipped:
        yield Passage((), skipped)
