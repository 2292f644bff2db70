"""Every word for people has its translation."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import newsletter
from newsletter.config import folder
from newsletter.language import LANGUAGES, catalogue

PROGRAM = Path(newsletter.__file__).parent
METHODS = [("**.py", "python"), *((f"**.{end}", "jinja2") for end in ("html", "txt", "xml"))]
PLACE = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_string_is_translated(language: str) -> None:
    assert list(untranslated((folder("templates"), PROGRAM), catalogue(language))) == []


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_nothing_is_translated_in_two_places(language: str) -> None:
    known: list[object] = []
    for file in (PROGRAM / "translations" / language).glob("*.po"):
        with file.open("rb") as source:
            known += [(each.context, each.id) for each in read_po(source, language) if each.id]
    assert [each for each, count in Counter(map(repr, known)).items() if count > 1] == []


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_translation_names_the_same_facts(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            assert set(PLACE.findall(str(message.id))) == set(PLACE.findall(str(message.string)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_parts/page.html", '<p>{{ _("Nowhere translated") }}</p>'),
        ("page.html", "{% trans %}Nowhere translated{% endtrans %}"),
        ("body.txt", '{{ _("Nowhere translated") | fold }}'),
        ("module.py", 'words = _("Nowhere translated")'),
        ("module.py", 'words = translations("pl").ngettext("%(n)s reader", "%(n)s readers", 2)'),
        ("module.py", 'words = _("Doubtful")'),
        ("module.py", 'words = _("Empty")'),
    ],
)
def test_a_string_without_a_translation_is_found(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    known = Catalog(locale="pl")
    known.add("Doubtful", "Wątpliwe", flags=["fuzzy"])
    known.add("Empty", "")
    assert len(list(untranslated([tmp_path], known))) == 1


def untranslated(folders: Iterable[Path], known: Catalog) -> Iterator[str]:
    """Name every string for people in ``folders`` that ``known`` has no sure translation of."""
    for place in folders:
        for file, line, message, _, context in extract_from_dir(
            place, METHODS, directory_filter=lambda _: True
        ):
            found = known.get(message if isinstance(message, str) else message[0], context)
            words = found.string if found and not found.fuzzy else ""
            if not words or (isinstance(words, tuple) and "" in words):
                yield f"{file}:{line}: {message}"
