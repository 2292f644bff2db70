"""Markdown as people write it, without front matter -> its passages, each as it stands.

Blocks are found as a Markdown parser finds them; then they are recognised as those of a Word
document are. Within a paragraph, a line that is furniture parts from the others.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from newsletter.manuscripts import characters, commonmark, language, markup, passages
from newsletter.manuscripts.article import APPEAL_SLOT, Article, Part, Recognised
from newsletter.manuscripts.pictures import pictures_of
from newsletter.manuscripts.recognition import Piece
from newsletter.manuscripts.refusals import HEADLINE_TOO_LONG, LONGEST_HEADLINE, refusal

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_SIGNS = re.compile(
    r"^#{1,6} \S"
    r"|(?<=\w)\n={3,} *$"
    r"|^```"
    r"|^\[\^[^\]\s]+\]: "
    r"|^[ |]*:?-{2,}:? *\|[ |:-]*$"
    r"|(?<!\\)\[[^\[\]\n]{0,300}\]\((?:<|https?:|mailto:|[/#]|[\w./%-]+\.(?:png|jpe?g|gif|webp)\b)"
    r"|\*\*[^\s*](?:[^*\n]{0,300}[^\s*])?\*\*"
    rf"|^{re.escape(APPEAL_SLOT)}$",
    re.MULTILINE | re.IGNORECASE,
)
"""What stands in no plain text: a heading, a table, a footnote, a link, strong words."""
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]+\]:")
_MARK = re.compile(r"[\[\]*_`<&!\\~]")
_LONGEST_ALONE = 300
_ITEMS = {"bullet_list_open": "list_item_open", "ordered_list_open": "list_item_open"}
_ITEMS["table_open"] = "tr_open"


def is_markdown(text: str) -> bool:
    """Tell whether a text that does not say what it is has marks that only Markdown has."""
    return bool(_SIGNS.search(text))


def recognise(text: str) -> Recognised:
    """Say what the passages of Markdown are."""
    pieces = list(pieces_of(characters.composed(characters.legible(text)).split("\n"), 1))
    title = next((piece for piece in pieces if piece.level == 1), None)
    if title:
        if len(title.text) > LONGEST_HEADLINE:
            raise refusal(title.line, HEADLINE_TOO_LONG)
        title.hint = Part.HEADLINE
    markup.recognise(pieces, counted=True)
    given = Article(headline="", body="", language=language.detect(text))
    return Recognised(tuple(piece.finding() for piece in pieces), given)


def pieces_of(lines: Sequence[str], first: int, *, parted: bool = True) -> Iterator[Piece]:
    """Yield the blocks of ``lines``, of which the first is ``first``; every word is in one.

    Unless they are ``parted``, paragraphs stay as they are.
    """
    above: Piece | None = None
    for start, end, tokens in _blocks(lines):
        is_head = above is None if parted else None
        for piece in _pieces(lines[start:end], first + start, tokens, is_head):
            if above and above.part is Part.NOTE and tokens and tokens[0].type == "code_block":
                above.markdown += "\n\n" + piece.markdown  # set in, and so the note goes on
                above.text += " " + commonmark.shown(_set_out(piece.markdown))
                above.lines = (above.text,)
                continue
            if above:
                yield above
            above = piece
    if above:
        yield above


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int, list[Token]]]:
    """Yield where each block begins and ends, with its tokens; references to links have none."""
    at = 0
    tokens = _MARKDOWN.parse("\n".join(lines))
    for start, end, inside in _tops(tokens):
        yield from ((one, other, []) for one, other in _filled(lines, at, start))
        yield start, end, inside
        at = max(at, end)
    yield from ((one, other, []) for one, other in _filled(lines, at, len(lines)))


def _tops(tokens: Sequence[Token]) -> Iterator[tuple[int, int, list[Token]]]:
    inside: list[Token] = []
    for token in tokens:
        inside.append(token)
        if token.level == 0 and token.nesting <= 0:
            start, end = inside[0].map or (0, 0)
            yield start, end, inside
            inside = []


def _filled(lines: Sequence[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of lines between ``start`` and ``end`` that are not empty."""
    for filled, run in groupby(range(start, end), lambda at: bool(lines[at].strip())):
        if filled:
            places = list(run)
            yield places[0], places[-1] + 1


def _pieces(
    lines: Sequence[str], line: int, tokens: Sequence[Token], is_head: bool | None
) -> Iterator[Piece]:
    """Yield the passages of one block; None for ``is_head`` leaves a paragraph whole."""
    markdown = "\n".join(lines).rstrip()
    kind = tokens[0].type if tokens else ""
    if any(map(_NOTE.match, lines)) and kind in {"", "paragraph_open"}:
        yield from _notes(lines, line)
    elif kind == "heading_open":
        content = " ".join(tokens[1].content.split("\n"))
        level = int(tokens[0].tag[1:])
        piece = _piece(line, commonmark.words_in(tokens), f"{'#' * level} {content}")
        piece.level = level
        if piece.text:
            yield piece
    elif kind == "paragraph_open":
        yield from _paragraph(lines, line, tokens, is_head)
    elif kind in {"", "hr"}:
        yield _piece(line, markdown, markdown, Part.BODY)
    else:
        piece = _piece(line, commonmark.words_in(tokens), markdown)
        piece.lines = tuple(_items(tokens, _ITEMS[kind])) if kind in _ITEMS else piece.lines
        piece.solid = True
        if piece.text:
            yield piece


def _piece(line: int, text: str, markdown: str, part: Part | None = None) -> Piece:
    return Piece(line, (text,), text, part, markdown)


def _items(tokens: Sequence[Token], opening: str) -> Iterator[str]:
    """Yield the words of each item of a list or row of a table."""
    inside: list[Token] = []
    top = 1 if opening == "list_item_open" else 2
    for token in tokens[1:]:
        if token.type == opening and token.level == top:
            if words := commonmark.words_in(inside):
                yield words
            inside = []
        inside.append(token)
    if words := commonmark.words_in(inside):
        yield words


def _notes(lines: Sequence[str], line: int) -> Iterator[Piece]:
    """Yield what stands above the first footnote, and then each."""
    starts = [at for at, each in enumerate(lines) if _NOTE.match(each)]
    for start, end in zip([0, *starts], [*starts, len(lines)], strict=True):
        markdown = "\n".join(lines[start:end]).strip()
        if mark := _NOTE.match(markdown):
            yield _piece(
                line + start, commonmark.shown(markdown[mark.end() :]), markdown, Part.NOTE
            )
        elif markdown:
            yield _piece(line + start, commonmark.shown(markdown), markdown)


def _paragraph(
    lines: Sequence[str], line: int, tokens: Sequence[Token], is_head: bool | None
) -> Iterator[Piece]:
    markdown = "\n".join(lines).rstrip()
    if markdown.strip() == APPEAL_SLOT:
        yield _piece(line, APPEAL_SLOT, APPEAL_SLOT, Part.APPEAL)
        return
    pictures = pictures_of(tokens[1])
    if pictures and len(pictures) in {1, len(lines)}:
        for at, picture in enumerate(pictures):
            yield Piece(line + at, (picture.alt,), picture.alt, Part.FIGURE, "", picture)
        return
    text = commonmark.words_in(tokens)
    may_part = is_head is not None and len(lines) > 1
    parts = list(_parts(lines, is_head=bool(is_head))) if may_part else []
    if len(parts) > 1 and " ".join(words for _at, _raw, words in parts) == text:
        for at, raw, words in parts:
            yield _piece(line + at, words, raw)
        return
    piece = _piece(line, text, markdown)
    piece.strong = _is_strong(tokens[1])
    if text:
        yield piece


def _parts(lines: Sequence[str], *, is_head: bool) -> Iterator[tuple[int, str, str]]:
    """Part a paragraph where a line stands alone: yield the place, what stands there, its words."""
    shown = [_shown(_unbroken(each)) for each in lines]
    start = 0
    alone = passages.alone(shown, is_head=is_head)
    for at in range(1, len(lines) + 1):
        if at == len(lines) or alone[at] or alone[at - 1]:
            raw = _unbroken("\n".join(lines[start:at]).strip())
            yield start, raw, commonmark.shown(raw) if at - start > 1 else shown[start]
            start = at


def _unbroken(line: str) -> str:
    """Return a line without the mark of a break at its end."""
    return line.rstrip(" ").removesuffix("\\")


def _shown(line: str) -> str:
    is_plain = len(line) > _LONGEST_ALONE or not _MARK.search(line)
    return " ".join(line.split()) if is_plain else commonmark.shown(line)


def _set_out(markdown: str) -> str:
    return "\n".join(re.sub(r"^(?: {1,4}|\t)", "", line) for line in markdown.split("\n"))


def _is_strong(inline: Token) -> bool:
    """Tell whether all the words of a paragraph are strong."""
    seen = [each.type for each in inline.children or () if each.type != "text" or each.content]
    return (
        seen[:1] == ["strong_open"]
        and seen[-1:] == ["strong_close"]
        and (seen.count("strong_open") == 1)
    )
