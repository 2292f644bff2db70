"""What must come along: each mail's three templates, and a README that knows its program."""

import ast
import re
from pathlib import Path

import pytest

from newsletter.config import PREFIX, folder
from sources import CHECKOUT, Source, program, source

TRIO = {"subject.txt", "body.txt", "body.html"}


def test_every_mail_has_its_three_templates() -> None:
    assert incomplete(folder("templates") / "emails") == {}


def test_a_mail_without_its_text_is_found(tmp_path: Path) -> None:
    (tmp_path / "_parts").mkdir()
    (tmp_path / "welcome").mkdir()
    for name in ("subject.txt", "body.html"):
        (tmp_path / "welcome" / name).touch()
    assert incomplete(tmp_path) == {"welcome": {"body.txt"}}


def incomplete(emails: Path) -> dict[str, set[str]]:
    """Tell which of the three each mail lacks."""
    return {
        mail.name: lacking
        for mail in emails.iterdir()
        if not mail.name.startswith("_")
        and (lacking := TRIO - {file.name for file in mail.iterdir()})
    }


def test_every_setting_is_in_the_readme_and_the_other_way_round() -> None:
    (config,) = (one for one in program() if one.name == "config")
    assert settings_explained(readme()) == settings_read(config)


def test_settings_are_found_where_they_are_read_and_where_they_are_explained() -> None:
    assert settings_read(source("config", 'value("HOME", "x")')) == {"NEWSLETTER_HOME"}
    assert settings_explained("| `NEWSLETTER_HOME` | `newsletter-data` | where | ") == {
        "NEWSLETTER_HOME"
    }


def settings_read(config: Source) -> set[str]:
    """Return the settings whose names are handed to ``value``."""
    found = set()
    for node in ast.walk(config.tree):
        match node:
            case ast.Call(func=ast.Name(id="value"), args=[ast.Constant(value=str(name)), *_]):
                found.add(PREFIX + name)
            case _:
                pass
    return found


def settings_explained(text: str) -> set[str]:
    """Return the settings that begin a row of a table."""
    return set(re.findall(rf"^\| *`({PREFIX}\w+)`", text, re.MULTILINE))


def test_every_part_of_the_program_is_on_the_readmes_map() -> None:
    parts = {one.part for one in program()} - {"__init__", "__main__"}
    words = set(re.findall(r"\w+", readme()))
    assert parts - words == set()


@pytest.mark.parametrize("one", program(), ids=lambda one: one.name)
def test_a_module_says_what_it_is_for(one: Source) -> None:
    assert ast.get_docstring(one.tree)


def readme() -> str:
    return (CHECKOUT / "README.md").read_text(encoding="utf-8")
