from datetime import date
from pathlib import Path

import pytest

from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import APPEAL_SLOT, Appeal, Article, Licence, Part, Picture, Reading
from newsletter.manuscripts.text import read

SAMPLES = Path(__file__).parent / "samples"

ENGLISH = """\
RIVER MONITOR

Date: 31 March 2020

Ice Leaves the Upper Locks

The ice went out in one night.

SOURCE: OWN WORK

The first barge came at noon.

Support Us

We live on gifts.

Support

The second came at dusk.

All texts published by the River Office may be reproduced on the condition that their source is \
credited. Images may not be used without permission.

Related posts
Top
"""


def _parts(reading: Reading) -> list[tuple[int, Part]]:
    return [(finding.line, finding.part) for finding in reading.findings]


def test_each_passage_finds_its_slot() -> None:
    assert read(ENGLISH).article == Article(
        headline="Ice Leaves the Upper Locks",
        body=f"The first barge came at noon.\n\n{APPEAL_SLOT}\n\nThe second came at dusk.",
        kicker="RIVER MONITOR",
        dated=date(2020, 3, 31),
        language="en",
        lead="The ice went out in one night.",
        picture=Picture(credit="SOURCE: OWN WORK"),
        appeal=Appeal("Support Us", "We live on gifts.", "Support"),
        licence=Licence(
            "All texts published by the River Office may be reproduced on the condition that their"
            " source is credited.",
            "Images may not be used without permission.",
        ),
    )


def test_what_was_recognised_is_reported_line_by_line() -> None:
    assert _parts(read(ENGLISH)) == [
        (1, Part.KICKER),
        (3, Part.DATE),
        (5, Part.HEADLINE),
        (7, Part.LEAD),
        (9, Part.PICTURE),
        (11, Part.BODY),
        (13, Part.APPEAL),
        (15, Part.APPEAL),
        (17, Part.APPEAL),
        (19, Part.BODY),
        (21, Part.LICENCE),
        (23, Part.RELATED),
        (24, Part.FURNITURE),
    ]


def test_a_wrapped_english_manuscript_is_read_whole() -> None:
    article = read((SAMPLES / "canal.txt").read_text("utf-8")).article
    assert article.kicker == "Inland Monitor"
    assert article.dated == date(2021, 3, 4)
    assert article.picture == Picture(
        "SOURCE: CANAL OFFICE ARCHIVE", alt="A wooden lock gate, half open, under snow."
    )
    assert article.body.split("\n\n") == [
        "The gates were cast in two halves and hung within four days. “We had feared a month,” the"
        " engineer said.",
        '![](<> "Photo: Line \\& Level Studio")',
        "## How the water is shared",
        "1\\. Barges come first by day. Farms come first by night, and nobody has yet asked the"
        " fish.",
        APPEAL_SLOT,
        "Source of the quarrel is a meter that two towns read differently. Top officials Support a"
        " second meter; the Source: a drawer in the archive, is of no help. A price of 5\\*3 crowns"
        " was named_in_passing.",
    ]
    assert article.tags == ("canals", "water law", "locks")
    assert article.related == ("The Year Without Ice", "Who Owns a Towpath?")
    assert article.licence
    assert article.licence.image_terms == "Photographs may not be used without permission."


def test_a_polish_manuscript_is_read_whole() -> None:
    article = read((SAMPLES / "kanal.txt").read_text("utf-8")).article
    assert (article.language, article.kicker) == ("pl", "MONITOR ŻEGLUGI")
    assert article.dated == date(2020, 3, 31)
    assert article.picture == Picture("Źródło: Archiwum Zarządu Kanału")
    assert article.appeal == Appeal(
        "Wesprzyj nas",
        "Ten dziennik żyje z darowizn. Każdą z nich odczytujemy przy śluzie.",
        "Wesprzyj",
    )
    assert article.licence == Licence(
        "Wszystkie teksty publikowane przez Dziennik Kanału mogą być rozpowszechniane pod warunkiem"
        " podania źródła.",
        "Zdjęć nie wolno wykorzystywać bez zgody.",
    )
    assert article.body.split("\n\n")[1:] == [
        APPEAL_SLOT,
        "Źródło sporu to licznik, który dwa miasta odczytują inaczej. Wesprzyj nas, wołają jedni, a"
        " drudzy milczą.",
        '![](<> "Fot. Zofia Żak")',
        "Nocą pierwszeństwo mają pola, za dnia barki.",
    ]
    assert (article.tags, article.related) == (("kanały", "prawo wodne"), ("Rok bez lodu",))


@pytest.mark.parametrize(
    "head",
    [
        "River Monitor\n\n31 March 2020\n\nIce Leaves",
        "River Monitor\nDate: March 31, 2020\nIce Leaves",
        "RIVER NOTES\nIce Leaves\n2020-03-31",
        "31.03.2020\n\nRIVER MONITOR\n\nIce Leaves",
        "Przegląd Rzeczny\n\nData: 31 marca 2020 r.\n\nIce Leaves",
        "Z biegiem rzeki\n\nwtorek, 31 marca 2020\n\nIce Leaves",
        "River Monitor\n\nIce Leaves\n\nDate: 31 Mar. 2020",
    ],
)
def test_the_head_may_come_in_any_order(head: str) -> None:
    article = read(f"{head}\n\nIt went at night.\n\nA barge came. Another did not.\n").article
    assert article.headline == "Ice Leaves"
    assert article.kicker in head.split("\n")
    assert article.dated == date(2020, 3, 31)
    assert article.lead == "It went at night."


@pytest.mark.parametrize(
    "headline",
    ["ICE LEAVES THE LOCKS", "Ice Leaves", "Why Did the Ice Leave?", "Data: The New Ice"],
)
def test_a_headline_needs_no_kicker(headline: str) -> None:
    article = read(f"{headline}\n\nIt went at night.\n\nA barge came.\n").article
    assert (article.kicker, article.headline) == ("", headline)


@pytest.mark.parametrize(
    ("passages", "lead", "body"),
    [
        (["One.", "Two."], "One.", "Two."),
        (["Alone."], "", "Alone."),
        (["One.", "SOURCE: X", "Two."], "One.", "Two."),
        (["One.", "Two.", "SOURCE: X", "Three."], "One.\n\nTwo.", "Three."),
        (["SOURCE: X", "One.", "Two."], "One.", "Two."),
        (["SOURCE: X", "Alone."], "", "Alone."),
        (["By A. Writer", "One.", "SOURCE: X", "Two."], "One.", "By A. Writer\n\nTwo."),
        (["Small beginnings", "One.", "Two."], "", "## Small beginnings\n\nOne.\n\nTwo."),
    ],
)
def test_the_lead_comes_before_the_picture_or_is_the_first_paragraph(
    passages: list[str], lead: str, body: str
) -> None:
    article = read("\n\n".join(["Ice Leaves", *passages])).article
    assert (article.lead, article.body) == (lead, body)
    assert bool(article.picture) == ("SOURCE: X" in passages)


def test_a_picture_after_the_body_has_begun_stays_where_it_is() -> None:
    article = read("Ice\n\nOne.\n\nTwo.\n\nThree.\n\nALT: A barge\n\nŹRÓDŁO: PORT\n\nFour.").article
    assert article.picture is None
    assert article.lead == "One."
    assert article.body == 'Two.\n\nThree.\n\n![A barge](<> "ŹRÓDŁO: PORT")\n\nFour.'


@pytest.mark.parametrize(
    "prose",
    [
        "Top officials came.",
        "Support for the lock grew.\nSupport is not all.",
        "They reached the\nTop\nof the gate.",
        "She lives for their\nSupport",
        "He named his\nSource: a man from the ministry.\nNobody believed it.",
        "Source: three of the officials who sat at the table and would not be named.",
        "Related posts were moved. See also the map.",
        "Images may not be used without permission. That rule is older than the lock.",
        "All texts in the archive are wet.",
        "On 31 March 2020 it rained.",
        "Tags were hung on each gate: a red one, and a green one.",
    ],
)
def test_words_of_furniture_within_prose_are_prose(prose: str) -> None:
    reading = read(f"Ice\n\nA lead it is.\n\nOne.\n\n{prose}\n\nLast words.")
    assert reading.article.body == f"One.\n\n{' '.join(prose.split())}\n\nLast words."
    assert {finding.part for finding in reading.findings[2:]} == {Part.BODY}


@pytest.mark.parametrize(
    "line", ["Share", "Author: A. Writer", "Support", "Drukuj", "Support Us", "A line at the end"]
)
def test_a_stray_line_stays_in_the_body_and_is_reported(line: str) -> None:
    reading = read(f"Ice\n\nA lead it is.\n\nOne.\n\n{line}")
    assert reading.article.body == f"One.\n\n{line}"
    assert (reading.findings[-1].part, reading.findings[-1].excerpt) == (Part.UNSURE, line)


def test_a_short_line_above_a_paragraph_is_a_heading_and_reported_as_one() -> None:
    reading = read("Ice\n\nA lead it is.\n\nOne.\n\nThe #1 gate #\n\nTwo.")
    assert reading.article.body == "One.\n\n## The #1 gate \\#\n\nTwo."
    assert reading.findings[3].excerpt == "## The #1 gate #"


def test_an_appeal_without_a_button_stays_in_the_body() -> None:
    article = read("Ice\n\nA lead it is.\n\nSupport Us\n\nWe live on gifts.\n\nOne.").article
    assert article.appeal is None
    assert article.body == "Support Us\n\nWe live on gifts.\n\nOne."


def test_the_same_appeal_twice_leaves_one_slot() -> None:
    appeal = "Support Us\n\nWe live on gifts.\n\nSupport"
    article = read(f"Ice\n\nA lead it is.\n\n{appeal}\n\nOne.\n\n{appeal}\n\nTwo.").article
    assert article.body == f"{APPEAL_SLOT}\n\nOne.\n\nTwo."


@pytest.mark.parametrize(
    "foot",
    [
        "Related posts\nIce\nWho Owns a Towpath?\nTop",
        "Related posts:\n\nIce\n\nWho Owns a Towpath?\n\nBack to top",
        "Related posts\n\n- Ice\n- Who Owns a Towpath?\n\n↑ Top",
        "Zobacz także\n\nIce\nWho Owns a Towpath?\nDo góry",
    ],
)
def test_related_titles_end_with_the_link_to_the_top(foot: str) -> None:
    article = read(f"Snow\n\nA lead it is.\n\nOne.\n\n{foot}\n").article
    assert article.related == ("Ice", "Who Owns a Towpath?")
    assert article.body == "One."


def test_pieces_of_furniture_side_by_side_are_no_prose() -> None:
    article = read(
        "Snow\n\nA lead it is.\n\nOne.\n\nRelated posts Top\n\nDo góry Wesprzyj nas\n"
    ).article
    assert article.body == "One."


def test_items_of_a_list_stay_apart_and_wrapped_lines_come_together() -> None:
    article = read(
        "Ice\n\nA lead it is.\n\nThree\nthings:\n- a gate\n- a lock and\n  a key\n"
    ).article
    assert article.body == "Three things:\n\n\\- a gate\n\n\\- a lock and a key"


def test_lines_too_wide_to_be_wrapped_are_paragraphs() -> None:
    wide = "Water rose and fell and rose again" * 4 + "."
    article = read(
        f"RIVER MONITOR\n31 March 2020\nIce\n{wide}\n{wide}\nSOURCE: X\n{wide}\nTop"
    ).article
    assert (article.kicker, article.headline) == ("RIVER MONITOR", "Ice")
    assert (article.lead, article.body) == (f"{wide}\n\n{wide}", wide)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a co\u00adop\u200berative", "a cooperative"),
        ("5\u00a0km \u202f on", "5 km on"),
        ("a\ue000b\uf8ff\x07", "ab"),
        ("Za\u017co\u0301\u0142c\u0301", "Zażółć"),
        ("“quoted” – ‘so’…", "“quoted” – ‘so’…"),
    ],
)
def test_characters_are_cleaned_and_typography_kept(raw: str, clean: str) -> None:
    article = read(f"Ice {raw}\r\n\r\nOne {raw}.\r\n\r\nTwo {raw}.\r\n").article
    assert article.headline == f"Ice {clean}"
    assert (article.lead, article.body) == (f"One {clean}.", f"Two {clean}.")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", None, "is empty"),
        ("One sentence. And another.\n", 1, "no headline"),
        ("\n\nOnly prose here.", 3, "no headline"),
        ("Date: 31 March 2020\n", 1, "no headline"),
        ("Ice Leaves\n", 1, "no text under the headline"),
        ("RIVER MONITOR\n\nIce Leaves\n\nTop", 5, "no text under the headline"),
        ("RIVER MONITOR\n\nDate: 31 February 2020\n\nIce", 3, "no 31 February 2020"),
        ("RIVER MONITOR\n\n30 lutego 2020 r.\n\nIce", 3, "no 30 lutego 2020"),
        ("\n\nRIVER MONITOR\n31.02.2020\nIce", 4, "no 31.02.2020"),
        ("Ice\n\nDate: 31.3.20\n\nOne.", 3, "write it as 31 March 2020"),
        ("Ice\n" + "x\n" * 50_001, 50_001, "50,000 lines"),
    ],
)
def test_what_cannot_be_read_is_refused_with_line_and_way_out(
    text: str, line: int | None, message: str
) -> None:
    with pytest.raises(InvalidManuscript) as refused:
        read(text)
    assert message in refused.value.message
    assert refused.value.line == line
    assert line is None or f"line {line}" in refused.value.message
