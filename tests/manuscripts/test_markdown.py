from datetime import date
from pathlib import Path

import pytest

from documents import read_markdown
from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import Appeal, Article, Licence, Part, Picture, write

SAMPLE = (Path(__file__).parent / "samples" / "canal.md").read_text("utf-8")
CANAL = Article(
    headline="Locks Reopen on the Middle Canal",
    body="The gates were cast in *two* halves.\n\n<!-- appeal -->\n\nA lock <b>leaks</b>.",
    kicker="Inland Monitor",
    dated=date(2021, 3, 4),
    lead="A frozen winter closed eleven locks for nine weeks. They open again on Monday, with new"
    " gates and an old quarrel about water.",
    picture=Picture(
        "SOURCE: CANAL OFFICE ARCHIVE", "gate.jpg", "A wooden lock gate, half open, under snow."
    ),
    tags=("canals", "water law"),
    appeal=Appeal(
        "Support Us",
        "This canal diary lives on gifts.\n\nEach of them is read aloud at the lock.",
        "Support",
    ),
    licence=Licence(
        "All texts published by the Canal Diary may be republished on the condition that the source"
        " is credited.",
        "Photographs may not be used without permission.",
    ),
    related=("The Year Without Ice",),
)


def test_front_matter_and_body_make_an_article() -> None:
    assert read_markdown(SAMPLE).article == CANAL


def test_an_article_is_written_as_people_would_write_it() -> None:
    assert write(CANAL) == SAMPLE


def test_polish_stays_legible_in_what_is_written() -> None:
    written = write(Article("Zażółć gęślą jaźń", "„Tak” – rzekł.", language="pl"))
    assert written == "---\nheadline: Zażółć gęślą jaźń\nlanguage: pl\n---\n\n„Tak” – rzekł.\n"


def test_each_field_and_block_is_reported_with_its_line() -> None:
    findings = read_markdown(SAMPLE).findings
    assert [(finding.line, finding.part) for finding in findings] == [
        (2, Part.HEADLINE),
        (3, Part.LEAD),
        (5, Part.KICKER),
        (6, Part.DATE),
        (7, Part.FURNITURE),
        (8, Part.PICTURE),
        (12, Part.TAGS),
        (15, Part.APPEAL),
        (22, Part.LICENCE),
        (26, Part.RELATED),
        (30, Part.BODY),
        (32, Part.APPEAL),
        (34, Part.BODY),
    ]


@pytest.mark.parametrize(
    ("text", "headline", "body"),
    [
        ("# Ice\n\nOne.", "Ice", "One."),
        ("# *Ice* & `snow` #\n\nOne.", "Ice & snow", "One."),
        ("# Ice\n\n> Before.\n\nOne.\n\n# Two", "Ice", "> Before.\n\nOne.\n\n## Two"),
        ("- a\n- b\n\n# Ice\n\nOne.", "Ice", "- a\n- b\n\nOne."),
        ("```\n# no\n```\n\n# Ice", "Ice", "```\n# no\n```"),
        ("---\nkicker: K\n---\n\n# Ice\n\n    code", "Ice", "    code"),
        ("---\nheadline: Ice\n---\n# One", "Ice", "# One"),
    ],
)
def test_without_a_headline_the_first_heading_is_it(text: str, headline: str, body: str) -> None:
    article = read_markdown(text).article
    assert (article.headline, article.body) == (headline, body)


@pytest.mark.parametrize(
    "value", ["2020-03-31", "31 March 2020", "'31 marca 2020 r.'", "31.03.2020"]
)
def test_a_date_may_be_written_in_any_form(value: str) -> None:
    article = read_markdown(f"---\nheadline: Ice\ndate: {value}\n---\nOne.").article
    assert article.dated == date(2020, 3, 31)


@pytest.mark.parametrize("value", ["1984", "no", "3.10", "~x", "2020-02-31", '"null"', "=", "<<"])
def test_a_headline_is_what_stands_there_and_no_number(value: str) -> None:
    article = read_markdown(f"---\nheadline: {value}\n---\nOne.").article
    assert article.headline == value.strip('"')


def test_the_language_is_heard_where_it_is_not_said() -> None:
    assert read_markdown("# Lód\n\nLód nie jest wieczny.").article.language == "pl"
    assert read_markdown("---\nlanguage: de\n---\n# Eis\n\nDas Eis.").article.language == "de"


@pytest.mark.parametrize(
    ("front", "line", "message"),
    [
        ("headline: Ice\ncolour: red", 3, "“colour” is no field"),
        ("headline: Ice\npicture:\n  alt: A\n  size: 3", 5, "“picture.size” is no field"),
        ("headline: Ice\nheadline: Snow", 3, "stands there twice"),
        ("headline: [a, b]", 2, "“headline” must be plain text"),
        ("headline: Ice\ntags: ice, snow", 3, "must be a list"),
        ("headline: Ice\ntags:\n  - [a]", 4, "must be plain text"),
        ("headline: Ice\nappeal: Give", 3, "must have fields of its own"),
        ("headline: Ice\ndate: 2020-02-31", 3, "no 2020-02-31"),
        ("headline: Ice\ndate: soon", 3, "write it as 31 March 2020"),
        ("headline: Ice: the story", 2, "double quotes"),
        ("headline: !!python/object/apply:os.getcwd []", 2, "must be plain text"),
        ("kicker: K\nheadline: !!python/name:os.sep x", 3, "must be plain text"),
        ("headline: *nowhere", 2, "not valid YAML"),
        ("- headline", 2, "no fields"),
        ("kicker: K", 4, "no headline"),
        ("headline:", 4, "no headline"),
        ("headline: " + "[" * 5000, 1, "not valid YAML"),
        ('headline: "\\UFFFFFFFF"', 1, "not valid YAML"),
        ("headline: " + "x" * 100_000, 1, "too long"),
    ],
)
def test_wrong_front_matter_is_refused_with_line_and_way_out(
    front: str, line: int, message: str
) -> None:
    with pytest.raises(InvalidManuscript) as refused:
        read_markdown(f"---\n{front}\n---\n\nOne.\n")
    assert message in refused.value.message
    assert f"line {line}:" in refused.value.message
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\nheadline: Ice\n", "never ends"),
        ("---\nheadline: Ice\n---\n\n", "no text under the headline"),
        ("# Ice\n", "no text under the headline"),
        ("# " + "x" * 1001, "too long"),
        ("", "The manuscript is empty"),
    ],
)
def test_what_is_missing_is_named(text: str, message: str) -> None:
    with pytest.raises(InvalidManuscript, match=message):
        read_markdown(text)


def test_slots_cannot_come_in_by_an_escape() -> None:
    article = read_markdown('---\nheadline: "I\\ue000c\\x00e\\ue001"\n---\nOne.').article
    assert article.headline == "Ice"
