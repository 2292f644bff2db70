"""The pictures of an article: found where they stand, renamed, written and read back."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from documents import read_markdown
from newsletter.manuscripts import (
    Article,
    Picture,
    characters,
    picture_files,
    pictures_in,
    with_picture_files,
    write,
)
from newsletter.manuscripts.pictures import picture_markdown

HOSTILE = st.one_of(
    st.text(),
    st.text(st.sampled_from("ab -#:'\"|>&*!_`[](){}<>%\\/~.=;0ż 😀")),
    st.sampled_from(
        ["](x)", '" onerror="x', "&amp;", "&#34;", "\\", '\\"', "%20", "%", "<!-- appeal -->"]
    ),
)
LINES = HOSTILE.map(characters.line)
FILES = st.text(st.sampled_from("ab-.#?%25() [<>]&;'\"\\ż😀")).map(characters.line)
PICTURES = st.builds(Picture, LINES, FILES, LINES)


def article(body: str, picture: Picture | None = None) -> Article:
    return Article("Ice on the canal", body, picture=picture)


def test_pictures_come_in_order_the_lead_first() -> None:
    body = '![A lock](lock.png "Us")\n\nText.\n\n![A gate](<two words.png>)\n![](<> "Them")'
    lead = Picture("We", "lead.png", "Snow")
    assert pictures_in(article(body, lead)) == (
        lead,
        Picture("Us", "lock.png", "A lock"),
        Picture("", "two words.png", "A gate"),
        Picture("Them", "", ""),
    )


@pytest.mark.parametrize(
    "body",
    [
        "Text with ![a picture](lock.png) in it.",
        "- ![a picture](lock.png)",
        "> ![a picture](lock.png)",
        "    ![a picture](lock.png)",
        "```\n![a picture](lock.png)\n```",
        "[![a picture](lock.png)](https://example.org)",
        "## ![a picture](lock.png) and a heading",
        "\\![a picture](lock.png)",
        "No picture.",
    ],
)
def test_what_stands_in_other_text_is_no_picture_of_the_article(body: str) -> None:
    assert pictures_in(article(body)) == ()
    assert with_picture_files(article(body), {"lock.png": "new.png"}).body == body


def test_every_file_is_named_once_and_a_missing_one_not_at_all() -> None:
    body = '![](a.png)\n\n![](b%20c.png)\n\n![](a.png)\n\n![](<> "Us")'
    assert picture_files(article(body, Picture(file="b c.png"))) == ("b c.png", "a.png")
    assert picture_files(article(body, Picture(credit="Us"))) == ("a.png", "b c.png")


def test_pictures_are_renamed_and_all_else_stays() -> None:
    body = '# One\n\n![A *lock*](a.png "Us")\n\n![](b.png)\n\n![See](a.png) the text.'
    renamed = with_picture_files(article(body, Picture("We", "a.png", "Snow")), {"a.png": "1.png"})
    assert renamed.picture == Picture("We", "1.png", "Snow")
    assert renamed.body == (
        '# One\n\n![A lock](<1.png> "Us")\n\n![](b.png)\n\n![See](a.png) the text.'
    )


def test_pictures_that_share_a_paragraph_are_renamed_each() -> None:
    body = "Text.\n\n![One](a.png)\n![Two](b.png)![Three](c.png)\n\nText."
    renamed = with_picture_files(article(body), {"a.png": "1.png", "c.png": "3.png"})
    assert pictures_in(renamed) == (
        Picture("", "1.png", "One"),
        Picture("", "b.png", "Two"),
        Picture("", "3.png", "Three"),
    )
    assert renamed.body.startswith("Text.\n\n!")
    assert renamed.body.endswith("\n\nText.")


@settings(max_examples=50)
@given(PICTURES)
@example(Picture('5" & <b>', "a%20b (1).png", "![x](y) *a* _b_ `c` \\"))
@example(Picture("&quot;", "C:\\new\\a.png", "&amp;copy; ~~x~~"))
@example(Picture("", "zażółć.png", "https://example.org"))
def test_a_picture_that_is_written_reads_back(picture: Picture) -> None:
    assert pictures_in(article(f"Text.\n\n{picture_markdown(picture)}\n\nText.")) == (picture,)


@settings(max_examples=50)
@given(PICTURES, PICTURES)
def test_renaming_keeps_credit_and_description_whatever_they_are(
    lead: Picture, inner: Picture
) -> None:
    before = article(f"Text.\n\n{picture_markdown(inner)}\n\nText.", lead)
    names = {file: f"{number}.png" for number, file in enumerate(picture_files(before))}
    after = read_markdown(write(with_picture_files(before, names))).article
    wanted = tuple(replace(p, file=names.get(p.file, p.file)) for p in (lead, inner))
    assert pictures_in(after) == wanted
