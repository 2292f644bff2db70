import io
from datetime import date

import docx
import pytest

import documents
from documents import plain, repacked, river_monitor, saved, with_footnote
from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import APPEAL_SLOT, Appeal, Part, Picture, read, recognise


def test_a_word_document_is_read_whole() -> None:
    reading = read(river_monitor(), "monitor.docx")
    article = reading.article
    assert article.kicker == "RIVER MONITOR"
    assert article.dated == date(2020, 3, 31)
    assert article.headline == "Ice Leaves the Upper Locks"
    assert article.lead == "The ice went out in one night."
    assert article.picture == Picture("SOURCE: OWN WORK", "picture-1.png")
    assert reading.pictures == {"picture-1.png": documents.picture()}
    assert article.body.split("\n\n") == [
        "The first barge came **at noon**, says [the log](https://river.example/log?day=1&boat=2).",
        "## What it carried",
        "- sand\n- salt",
        "| Lock | Barges |\n| --- | --: |\n| Upper \\| lower | 12 |\n| Middle | 1 200 |",
        "> Nobody had feared for the gates.",
        APPEAL_SLOT,
        "The second came at dusk.",
    ]
    assert article.appeal == Appeal("Support Us", "We live on gifts.", "Support")
    assert article.licence
    assert article.licence.image_terms == "Images may not be used without permission."
    assert article.related == ("The Year Without Ice",)


def test_each_passage_is_numbered_and_said_what_it_was_taken_for() -> None:
    findings = recognise(river_monitor()).findings
    assert [finding.line for finding in findings] == list(range(1, len(findings) + 1))
    assert [finding.part for finding in findings][:8] == [
        *(Part.KICKER, Part.DATE, Part.HEADLINE, Part.LEAD, Part.PICTURE, Part.PICTURE),
        *(Part.BODY, Part.SUBHEADING),
    ]


def test_a_document_without_styles_is_recognised_as_plain_text_is() -> None:
    document = docx.Document()
    for words in ("River Monitor", "Date: 31 March 2020", "Ice Leaves", "It went at night."):
        document.add_paragraph(words)
    document.add_paragraph().add_run("What came then").bold = True
    document.add_paragraph("A barge came.")
    article = read(saved(document)).article
    assert (article.kicker, article.headline) == ("River Monitor", "Ice Leaves")
    assert (article.lead, article.body) == (
        "It went at night.",
        "## What came then\n\nA barge came.",
    )


def test_a_footnote_stands_below_and_is_called_where_it_was() -> None:
    body = read(with_footnote(plain(), "A barge came.", "Log of &lt;noon&gt;.")).article.body
    assert body == "A barge came.[^1]\n\n[^1]: Log of \\<noon>."


def test_a_footnote_that_the_lead_calls_keeps_its_words() -> None:
    article = read(with_footnote(plain(), "It went at night.", "Log of noon.")).article
    assert article.lead == "It went at night."
    assert article.body == "A barge came.\n\nLog of noon."


def test_a_caption_that_names_nobody_stands_below_the_picture() -> None:
    document = docx.Document()
    document.add_heading("Ice Leaves", level=1)
    for words in ("One.", "Two.", "Three."):
        document.add_paragraph(words)
    document.add_picture(io.BytesIO(documents.picture()))
    document.add_paragraph("A lock under snow", style="Caption")
    document.add_paragraph("Four.")
    assert read(saved(document)).article.body == (
        "Two.\n\nThree.\n\n![](<picture-1.png>)\n\n*A lock under snow*\n\nFour."
    )


def test_the_words_of_a_picture_are_its_alt_text_unless_a_machine_wrote_them() -> None:
    document = docx.Document()
    for words in ("Ice", "One.", "Two.", "Three."):
        document.add_paragraph(words)
    for colour in ("navy", "red"):
        document.add_picture(io.BytesIO(documents.picture(colour)))
    described = repacked(
        saved(document),
        lambda _name, text: text.replace(
            '<wp:docPr id="1" ', '<wp:docPr id="1" descr="A lock" '
        ).replace(
            '<wp:docPr id="2" ',
            '<wp:docPr id="2" descr="Ice. AI-generated content may be incorrect." ',
        ),
    )
    body = read(described).article.body
    assert body.endswith("![A lock](<picture-1.png>)\n\n![](<picture-2.png>)")


def test_a_picture_that_stands_outside_the_document_is_not_fetched() -> None:
    document = docx.Document()
    for words in ("Ice", "One.", "Two.", "Three."):
        document.add_paragraph(words)
    document.add_picture(io.BytesIO(documents.picture()))
    outside = repacked(
        saved(document),
        lambda _name, text: text.replace("r:embed=", "r:link=").replace(
            'Target="media/image1.png"', 'Target="file:///etc/passwd" TargetMode="External"'
        ),
    )
    reading = read(outside)
    assert reading.pictures == {}
    assert "passwd" not in reading.article.body


@pytest.mark.parametrize("kind", documents.HOSTILE)
def test_a_package_that_means_harm_is_refused_in_words(kind: str) -> None:
    make, message = documents.HOSTILE[kind]
    with pytest.raises(InvalidManuscript) as refused:
        read(make(), "monitor.docx")
    assert message in refused.value.message
