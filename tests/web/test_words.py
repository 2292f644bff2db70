from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from newsletter.config import folder
from newsletter.language import translations

PAGES = sorted((folder("templates") / "pages").rglob("*.html"))
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true"}


@pytest.mark.parametrize("template", PAGES, ids=lambda template: template.name)
def test_every_word_of_a_page_is_said_in_polish(template: Path) -> None:
    polish = translations("pl")
    same = {"Bank (BIC)", "HTML", "Import", "Lead", "Logo", "Segment"}
    assert [w for w in words(template) if polish.gettext(w) == w and w not in same] == []


def words(template: Path) -> Iterator[str]:
    with template.open("rb") as file:
        for _, _, message, _ in babel_extract(file, ("_", "gettext"), (), OPTIONS):
            first = message[0] if isinstance(message, tuple) else message
            if first:
                yield first
