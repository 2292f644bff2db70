"""Running text with its emphasis, links and code -> Markdown that shows exactly its words.

What was written is read back; where emphasis or a link would change a word, it is left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from newsletter.manuscripts import characters, commonmark

LONGEST_ADDRESS = 2000


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one kind; a newline is a break, and ``note`` calls a footnote in their place."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    address: str = ""
    note: str = ""

    @property
    def is_break(self) -> bool:
        """Tell whether a new line begins here."""
        return self.text == "\n"


def text(spans: Iterable[Span]) -> str:
    """Return the words of ``spans``, with single spaces."""
    return " ".join("".join(span.text for span in spans).split())


def lines(spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the words of ``spans``, line by line."""
    parts = ("".join(span.text for span in spans)).split("\n")
    return tuple(line for part in parts if (line := " ".join(part.split())))


def tidied(spans: Iterable[Span]) -> list[Span]:
    """Return ``spans`` as they are shown: one space between words, none at the ends of a line."""
    kept: list[Span] = []
    after_space = True
    for span in spans:
        if span.is_break:
            _strip_end(kept)
            kept.append(span)
            after_space = True
            continue
        said = characters.composed(characters.legible(span.text)).replace("\n", " ")
        said = " ".join(said.replace("\t", " ").split(" ")) if span.code else _single(said)
        if after_space:
            said = said.lstrip(" ")
        if said or span.note:
            kept.append(replace(span, text=said))
            after_space = said.endswith(" ")
    _strip_end(kept)
    while kept and kept[0].is_break:
        del kept[0]
    while kept and kept[-1].is_break:
        del kept[-1]
        _strip_end(kept)
    return kept


def _single(words: str) -> str:
    parts = [part for part in words.replace("\t", " ").split(" ") if part]
    ends = (" " if words[:1].isspace() else "", " " if words[-1:].isspace() else "")
    return f"{ends[0]}{' '.join(parts)}{ends[1]}" if parts else words[:1] and " "


def _strip_end(kept: list[Span]) -> None:
    while kept and not kept[-1].is_break and not kept[-1].note:
        words = kept[-1].text.rstrip(" ")
        if words:
            kept[-1] = replace(kept[-1], text=words)
            return
        del kept[-1]


def write(spans: Sequence[Span]) -> str:
    """Return tidied ``spans`` as one paragraph of Markdown."""
    wanted = text(replace(span, text=f"[^{span.note}]") if span.note else span for span in spans)
    for simpler in (_as_they_are, _without_emphasis, _without_links):
        markdown = _written([simpler(span) for span in spans])
        if commonmark.shown(markdown) == wanted:
            return markdown
    return commonmark.paragraph(text(spans))


def _as_they_are(span: Span) -> Span:
    return span


def _without_emphasis(span: Span) -> Span:
    return replace(span, strong=False, emphasis=False, code=False)


def _without_links(span: Span) -> Span:
    return replace(_without_emphasis(span), address="")


def _written(spans: Sequence[Span]) -> str:
    parts: list[str] = []
    begins = True
    for address, group in groupby(spans, key=lambda span: span.address):
        linked = list(group)
        if address:
            said = _link(address, linked, begins=begins and not parts)
            if parts and parts[-1].endswith("!"):
                parts[-1] = f"{parts[-1][:-1]}\\!"  # else it would be a picture
            parts.append(said)
            begins = False
        else:
            for part in _runs(linked, begins=begins):
                parts.append(_apart(parts[-1] if parts else "", part))
            begins = linked[-1].is_break
    return "".join(parts)


def _apart(before: str, part: str) -> str:
    is_note = before.startswith("[^") and before.endswith("]")
    return f"\\{part}" if is_note and part.startswith((":", "(")) else part


def _link(address: str, spans: Sequence[Span], *, begins: bool) -> str:
    words = "".join(span.text for span in spans)
    if words.strip() == address and not any(span.note for span in spans):
        return words.replace(address, f"<{address}>")
    lead = words[: len(words) - len(words.lstrip(" "))]
    trail = words[len(words.rstrip(" ")) :]
    inner = "".join(_runs([replace(span, address="") for span in spans], begins=False)).strip(" ")
    destination = f"<{address}>" if set("() ") & set(address) else address
    return f"{lead}[{inner}]({destination}){trail}" if inner.strip() else words


def _runs(spans: Sequence[Span], *, begins: bool) -> Iterator[str]:
    """Write words without a link, those of one kind together."""
    for kind, group in groupby(spans, key=lambda s: (s.strong, s.emphasis, s.code, s.is_break)):
        strong, emphasis, is_code, is_break = kind
        run = list(group)
        if is_break:
            yield "\\\n"
            begins = True
            continue
        mark = "**" * strong + "*" * emphasis
        for note, same in groupby(run, key=lambda span: span.note):
            if note:
                yield f"[^{note}]"
                continue
            words = "".join(span.text for span in same)
            core = words.strip(" ")
            if not core:
                yield words
                continue
            at = words.index(core)
            if is_code:
                said = commonmark.code(core)
            elif begins and not mark and not words[:at]:
                said = commonmark.paragraph(core)
            else:
                said = commonmark.words(core)
            yield f"{words[:at]}{mark}{said}{mark}{words[at + len(core) :]}"
            begins = False


def is_whole(spans: Sequence[Span]) -> bool:
    """Tell whether all of ``spans`` is strong, as a heading that was made by hand is."""
    said = [span for span in spans if span.text.strip()]
    return bool(said) and all(span.strong for span in said)


def harmless_address(address: str) -> str:
    """Return an address that a link may have: of the web or of a mailbox; else nothing."""
    clean = re.sub(r"[\t\r\n]", "", characters.legible(address)).strip().replace(" ", "%20")
    is_known = clean.lower().startswith(("http://", "https://", "mailto:"))
    if not is_known or len(clean) > LONGEST_ADDRESS or set("<>\\") & set(clean):
        return ""
    return clean
