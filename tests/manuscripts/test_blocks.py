"""Markdown as people write it is recognised as a Word document is, and its blocks stay whole."""

import pytest

from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import Part, assemble, blocks, read, recognise

BODY = """The first barge came **at noon**, says [the log](https://river.example/log_of_it).[^log]

What it carried
---------------

- sand
- salt, of
  two kinds

| Lock | Barges |
| :--- | ---: |
| Upper | 12 |

> Nobody had feared for the gates.

![The gates](https://river.example/gates.jpg "Own drawing")

```
locks = 3
# no heading
```

[log]: https://river.example/ "Never called by [the log]"

[^log]: The log of the lock.

    It has a second paragraph.
[^two]: Nobody calls this."""
WRITTEN = f"""RIVER MONITOR
31 March 2020

# Ice Leaves the *Upper* Locks

The ice went out in one night, and nobody on the river had expected it so soon.

![](ice.jpg)

*SOURCE: OWN WORK*

{BODY}

### Support Us

We live on gifts.

[Support](https://river.example/give)

The second came at dusk.

All texts published by the River Office may be reproduced on the condition that their source is
credited. Images may not be used without permission.

## Related posts

- [The Year Without Ice](https://river.example/1)
- Who Owns a Towpath?

[Top](#top)
"""
TAKEN = [
    *((1, Part.KICKER), (2, Part.DATE), (4, Part.HEADLINE), (6, Part.LEAD)),
    *((8, Part.PICTURE), (10, Part.PICTURE)),
    *((12, Part.BODY), (14, Part.SUBHEADING), (17, Part.BODY), (21, Part.BODY), (25, Part.BODY)),
    *((27, Part.FIGURE), (29, Part.BODY), (34, Part.BODY), (36, Part.NOTE), (39, Part.NOTE)),
    *((41, Part.APPEAL), (43, Part.APPEAL), (45, Part.APPEAL), (47, Part.BODY)),
    *((49, Part.LICENCE), (52, Part.RELATED), (54, Part.RELATED), (55, Part.RELATED)),
    (57, Part.FURNITURE),
]


@pytest.mark.parametrize("name", ["", "ice.md"])
def test_markdown_is_recognised_whether_pasted_or_a_file(name: str) -> None:
    recognised = recognise(WRITTEN.encode(), name)
    assert [(finding.line, finding.part) for finding in recognised.findings] == TAKEN
    article = assemble(recognised.findings, recognised.given)
    assert article.headline == "Ice Leaves the Upper Locks"
    assert article.lead.startswith("The ice went out in one night")
    assert article.picture
    assert (article.picture.file, article.picture.credit) == ("ice.jpg", "SOURCE: OWN WORK")
    assert article.related == ("The Year Without Ice", "Who Owns a Towpath?")
    head, tail = article.body.split("<!-- appeal -->")
    first, _, notes = BODY.partition("\n\n[^log]: ")
    setext = "What it carried\n---------------"
    assert head.strip() == first.replace(setext, "## What it carried").replace(
        "https://river.example/gates.jpg", "<https://river.example/gates.jpg>"
    )
    called, _, uncalled = f"[^log]: {notes}".partition("\n[^two]")
    assert tail.strip() == f"The second came at dusk.\n\n{called}\n\n{uncalled.removeprefix(': ')}"


def test_a_command_reads_it_as_the_desk_does() -> None:
    recognised = recognise(WRITTEN.encode(), "ice.md")
    assert read(WRITTEN.encode(), "ice.md").article == assemble(
        recognised.findings, recognised.given
    )


def test_front_matter_is_taken_at_its_word_and_the_rest_to_the_letter() -> None:
    written = f"---\nheadline: Ice\nlead: It went.\n---\n\nSupport us, said the lock.\n\n{BODY}\n"
    recognised = recognise(written.encode(), "ice.md")
    article = assemble(recognised.findings, recognised.given)
    assert (article.headline, article.lead) == ("Ice", "It went.")
    assert article.body.startswith("Support us, said the lock.\n\nThe first barge")
    assert "[^log]: The log of the lock.\n\n    It has a second paragraph." in article.body


@pytest.mark.parametrize("text", ["---\nkicker: K\n---\n\nOne came.\n\nTwo came.", "**One** came."])
def test_a_headline_that_is_not_there_can_be_pointed_at(text: str) -> None:
    recognised = recognise(text.encode(), "ice.md")
    with pytest.raises(InvalidManuscript, match="there is no headline"):
        assemble(recognised.findings, recognised.given)


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("# Ice", True),
        ("Ice\n===", True),
        ("It [went](https://river.example).", True),
        ("See ![the gate](gate.jpg)", True),
        ("It **went** out.", True),
        ("| a | b |\n|---|---|", True),
        ("One.[^1]\n\n[^1]: Two.", True),
        ("```\ncode\n```", True),
        ("#ice went out", False),
        ("Item no. # 1", False),
        ("2 ** 3 ** 4", False),
        ("- one\n- two", False),
        ("It went [1] (see the log).", False),
        ("a --- b\n---\nc", False),
        ("*** Stop ***", False),
    ],
)
def test_a_pasted_text_is_markdown_if_only_markdown_has_its_marks(text: str, is_it: bool) -> None:
    assert blocks.is_markdown(text) is is_it
