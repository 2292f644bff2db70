"""Licences: kept once, carried by many."""

import pytest
from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.errors import Invalid, NotFound

WORDS = {"name": "Łatwa licencja", "text_terms": "Copy it.", "image_terms": "", "url": ""}


def test_each_is_listed_by_name_with_those_who_carry_it(session: Session) -> None:
    second = make.licence(session, name="B")
    first = make.licence(session, name="A")
    for name in ("Zulu", "Alpha"):
        make.publication(session, name=name, licence_id=second.id)
    make.publication(session)
    found = issues.furniture(session, model.Licence)
    assert [(one.row, one.title, list(one.carriers)) for one in found] == [
        (first, "A", []),
        (second, "B", ["Alpha", "Zulu"]),
    ]


def test_what_is_added_is_called_after_its_name_and_never_twice_the_same(session: Session) -> None:
    slugs = [issues.add_furniture(session, model.Licence, **WORDS).slug for _ in range(3)]
    assert slugs == ["latwa-licencja", "latwa-licencja-2", "latwa-licencja-3"]
    greek = issues.add_furniture(session, model.Licence, **WORDS | {"name": "Άδεια"})
    assert greek.slug == "licence"


def test_a_change_tells_what_is_not_as_it_was(session: Session) -> None:
    licence = make.licence(session, name="Free", text_terms="Copy it.")
    words = {"name": "Free", "text_terms": "Please copy it."}
    assert issues.change_furniture(session, licence, **words) == ["text_terms"]
    assert licence.text_terms == "Please copy it."


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("name", " "),
        ("name", "x" * 121),
        ("text_terms", ""),
        ("image_terms", "x" * 2001),
        ("url", "http://example.org"),
        ("url", "javascript:alert(1)"),
    ],
)
def test_what_cannot_be_is_refused_by_column(session: Session, column: str, text: str) -> None:
    words = WORDS | {column: text}
    assert list(issues.furniture_faults(model.Licence, words)) == [column]
    with pytest.raises(Invalid):
        issues.add_furniture(session, model.Licence, **words)
    with pytest.raises(Invalid):
        issues.change_furniture(session, make.licence(session), **words)


def test_one_that_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        issues.fetch_furniture(session, model.Licence, 7)
