"""What things may be called: the glossary's words, and no names that say nothing."""

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from newsletter.model import Base
from sources import Source, program, source

# What the glossary says otherwise: Issue, Issue, Subscriber (thrice), Article, Licence.
FOREIGN = {"campaign", "blast", "contact", "member", "user", "post", "license"}

# What a name says that says nothing.
EMPTY = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

# Names that a library or a protocol dictates, by the part where it may.
DICTATED = {
    *("model.process_bind_param", "model.process_result_value"),
    "mailbox.handle_DATA",
    *("mail.user", "mail.__post_init__", "deliveries.__post_init__"),
    "rendering.handle_starttag",
}


def test_names_are_of_our_words() -> None:
    assert list(ill_named(program())) == []


def test_tables_and_columns_are_of_our_words() -> None:
    tables = Base.metadata.tables
    names = {*tables, *(column.name for table in tables.values() for column in table.columns)}
    assert [name for name in names if not is_ours(name)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("web.utils", ""),
        ("web", "def handle_form(): ..."),
        ("issues", "async def process_issue(): ..."),
        ("issues", "class CampaignState: ..."),
        ("issues", "def pause(campaigns): ..."),
        ("model", "class Reader:\n    contact_list: int"),
        ("engine", "class BatchManager: ..."),
    ],
)
def test_an_ill_name_is_found(name: str, text: str) -> None:
    assert list(ill_named([source(name, text)]))


@pytest.mark.parametrize("name", ["post_box_of_a_user", "LicenseText", "mailBlasts"])
def test_a_foreign_word_is_found_in_a_name(name: str) -> None:
    assert not is_ours(name)


def ill_named(sources: Iterable[Source]) -> Iterator[str]:
    """Name every module, class, function, argument and attribute that has an ill name."""
    for one in sources:
        for name in (*one.name.split("."), *defined(one.tree)):
            if f"{one.part}.{name}" not in DICTATED and not is_ours(name):
                yield f"{one.name}: {name}"


def is_ours(name: str) -> bool:
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    singular = {word.removesuffix("s") for word in words} | set(words)
    return not (singular & FOREIGN or set(words) & EMPTY or re.match(r"_*(process|handle)_", name))


def defined(tree: ast.Module) -> Iterator[str]:
    """Yield what a module gives names to, but for variables that live in one function."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg():
                yield node.arg
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass
