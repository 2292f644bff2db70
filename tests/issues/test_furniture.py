"""Licences: kept once, carried by many."""

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import issues, model, rendering
from newsletter.errors import Invalid, NotFound
from newsletter.links import Links
from newsletter.manuscripts import Article

LINKS = Links("https://news.example.org", SECRET_KEY)

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


def test_a_licence_speaks_the_language_of_the_publication_and_falls_back_to_its_own(
    session: Session,
) -> None:
    polish = {"text_terms": "Teksty wolno przedrukować.", "url": "https://example.org/pl"}
    licence = make.licence(
        session,
        name="Free with credit",
        text_terms="Texts may be republished.",
        image_terms="Images may not.",
        url="https://example.org/en",
        translations={"pl": polish},
    )
    table = {
        "en": ("Texts may be republished.", "https://example.org/en"),
        "pl": ("Teksty wolno przedrukować.", "https://example.org/pl"),
        "pl-PL": ("Teksty wolno przedrukować.", "https://example.org/pl"),
        "sv": ("Texts may be republished.", "https://example.org/en"),
    }
    for language, (terms, url) in table.items():
        monitor = make.publication(session, language=language, licence_id=licence.id)
        issue = issues.draft(session, monitor, [Article("Ice", "Text.", language=language)], NOW)
        edition = issues.edition(session, issue, LINKS, NOW)
        assert edition.reuse
        assert edition.licence is not None
        said = edition.licence
        assert (said.name, said.image_terms) == ("Free with credit", "Images may not.")
        assert (said.text_terms, said.url) == (terms, url), language
        mail = rendering.mail(edition)
        assert terms in mail.html
        for form in (mail.text, rendering.article_html(edition), rendering.linked_data(edition)):
            assert url in form
        own = make.licence(session, text_terms="For this text alone.", url="", reuse=False)
        issue.licence_id = own.id
        edition = issues.edition(session, issue, LINKS, NOW)
        assert (edition.reuse, edition.licence and edition.licence.text_terms) == (
            False,
            "For this text alone.",
        )
    wrong = {"translations": {"pl": {"url": "http://a", "text_terms": "x" * 2001, "name": "N"}}}
    assert set(issues.furniture_faults(model.Licence, wrong)) == {"url_pl", "text_terms_pl"}
