"""The pictures of an article: which they are, and the same article with other names of files."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from newsletter.manuscripts.article import Article, Picture

_MARKDOWN = MarkdownIt("commonmark")


def pictures_in(article: Article) -> tuple[Picture, ...]:
    """Return the lead picture and those of the body, in order."""
    lead = [article.picture] if article.picture else []
    body = (picture for token in _paragraphs(article.body) for picture in pictures_of(token))
    return (*lead, *body)


def picture_files(article: Article) -> tuple[str, ...]:
    """Return the files that the pictures of an article name, each once."""
    return tuple(dict.fromkeys(each.file for each in pictures_in(article) if each.file))


def with_picture_files(article: Article, names: Mapping[str, str]) -> Article:
    """Return ``article`` with its pictures renamed; one that ``names`` does not hold stays."""
    lines = article.body.split("\n")
    for token in reversed(_paragraphs(article.body)):
        pictures = pictures_of(token)
        if token.map and any(picture.file in names for picture in pictures):
            renamed = (replace(p, file=names.get(p.file, p.file)) for p in pictures)
            lines[slice(*token.map)] = [picture_markdown(picture) for picture in renamed]
    lead = article.picture
    if lead:
        lead = replace(lead, file=names.get(lead.file, lead.file))
    return replace(article, picture=lead, body="\n".join(lines))


def picture_markdown(picture: Picture) -> str:
    """Write a picture as the paragraph that stands for it in a body."""
    file = _escaped(picture.file.replace("%", "%25"))  # reading decodes it
    credit = f' "{_escaped(picture.credit)}"' if picture.credit else ""
    return f"![{_escaped(picture.alt)}](<{file}>{credit})"


def pictures_of(paragraph: Token) -> tuple[Picture, ...]:
    """Return the pictures of an inline token that holds nothing else."""
    seen = [token for token in paragraph.children or [] if token.type != "softbreak"]
    if any(token.type != "image" for token in seen):
        return ()
    return tuple(
        Picture(
            credit=str(image.attrs.get("title", "")),
            file=unquote(str(image.attrs["src"])),
            alt=alt_of(image),
        )
        for image in seen
    )


def alt_of(image: Token) -> str:
    """Return what an image token says to those who do not see it, without its markup."""
    return "".join(
        " " if token.type in {"softbreak", "hardbreak"} else token.content
        for token in image.children or []
    )


def _paragraphs(body: str) -> list[Token]:
    """Return every paragraph that may be pictures and stands in no list, quotation or table."""
    tokens = _MARKDOWN.parse(body) if "![" in body else ()  # else there is no picture to find
    return [token for token in tokens if token.type == "inline" and token.level == 1]


def _escaped(text: str) -> str:
    return "".join("\\" + letter if letter in '\\[]<>"*_`&!' else letter for letter in text)
