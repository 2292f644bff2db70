"""Search in what is published: the same answers from both databases, and none that fails."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

import make
from newsletter import issues, manuscripts, model
from newsletter.issues.terms import fold, stem
from newsletter.model import Frequency, IssueState


def publish(
    session: Session, headline: str, body: str = "Nothing else.", lead: str = "", **columns: Any
) -> model.Issue:
    article = make.article(
        session,
        headline=headline,
        source=manuscripts.write(
            manuscripts.Article(headline=headline, body=body, lead=lead, dated=date(2026, 11, 23))
        ),
        **(
            {"publication_id": columns.pop("publication_id")} if "publication_id" in columns else {}
        ),
    )
    made = make.issue(
        session,
        article,
        **{
            "slug": article.slug,
            "subject": headline,
            "state": IssueState.SENT,
            "content_hash": "hash",
            "published_at": make.NOW,
        }
        | columns,
    )
    issues.index(session, made)
    return made


def found(session: Session, words: str, **place: Any) -> list[str]:
    return [one.issue.headline for one in issues.search(session, words, **place)]


@pytest.mark.parametrize(
    ("words", "headline"),
    [
        ("zolw", "Żółw na Wiśle"),
        ("ŻÓŁWIA", "Żółw na Wiśle"),
        ("wiśle żółw", "Żółw na Wiśle"),
        ("sankcje", "Nowe sankcje Unii"),
        ("sankcji", "Nowe sankcje Unii"),
        ("sankcjami unii", "Nowe sankcje Unii"),
        ("köln", "A bridge in Cologne (Koeln, Köln)"),
        ("koln", "A bridge in Cologne (Koeln, Köln)"),
        ("bridges", "A bridge in Cologne (Koeln, Köln)"),
        ("the bridge of cologne", "A bridge in Cologne (Koeln, Köln)"),
        ("colog", "A bridge in Cologne (Koeln, Köln)"),
        ("EU", "EU’s 5G and 2026"),
        ("5g", "EU’s 5G and 2026"),
        ("eu's", "EU’s 5G and 2026"),
        ("ελλαδα", "Η Ελλάδα"),
        ("the", "The the"),
    ],
)
def test_a_word_is_found_whatever_its_marks_and_endings(
    session: Session, words: str, headline: str
) -> None:
    for one in (
        *("Żółw na Wiśle", "Nowe sankcje Unii", "A bridge in Cologne (Koeln, Köln)"),
        *("EU’s 5G and 2026", "Η Ελλάδα", "The the", "European matters"),
    ):
        publish(session, one)
    assert found(session, words) == [headline]


def test_every_word_must_be_there(session: Session) -> None:
    publish(session, "Pipelines in the north", "About gas.")
    publish(session, "Pipelines in the south", "About water.")
    assert found(session, "pipelines water") == ["Pipelines in the south"]
    assert found(session, "pipelines fire") == []


def test_a_word_in_the_headline_counts_most(session: Session) -> None:
    publish(session, "A harbour", "Much is said of ships, and once of grain.")
    publish(session, "On grain", "Much is said of ships.")
    publish(session, "A port", "Much is said of ships.", lead="It is about grain.")
    assert found(session, "grain") == ["On grain", "A port", "A harbour"]


def test_marks_and_addresses_in_the_text_are_not_words(session: Session) -> None:
    publish(session, "Ports", "See [the roster](https://hidden.example/path) ![](x.png 'cut').")
    assert found(session, "roster") == ["Ports"]
    assert found(session, "hidden") == []


def test_the_answer_shows_where_it_was_found(session: Session) -> None:
    filling = "Words that say little. " * 40
    publish(session, "Porty", f"{filling}\n\nA **Żółwia** was seen here. {filling}", lead="A lead.")
    (one,) = issues.search(session, "zolw porty")
    assert one.headline == (("Porty", True),)
    assert ("Żółwia", True) in one.excerpt
    words = "".join(piece for piece, _ in one.excerpt)
    assert words.startswith("… ")
    assert words.endswith(" …")
    assert len(words) < 240


def test_a_lead_that_has_the_word_is_the_excerpt(session: Session) -> None:
    publish(session, "Ports", "Grain in the body.", lead="Ships carry grain.")
    (one,) = issues.search(session, "grain")
    assert one.excerpt == (("Ships carry ", False), ("grain", True), (".", False))


@pytest.mark.parametrize(
    "columns",
    [
        *({"state": state} for state in IssueState if state not in ("sending", "paused", "sent")),
        {"frequency": Frequency.WEEKLY},
        {"frequency": Frequency.MONTHLY},
    ],
)
def test_what_has_no_public_page_is_not_found(session: Session, columns: dict[str, Any]) -> None:
    publish(session, "Secret harbour", **columns)
    assert found(session, "harbour") == []
    assert issues.index_missing(session) == 0


def test_a_search_may_stay_within_a_publication(session: Session) -> None:
    here, there = make.publication(session), make.publication(session)
    publish(session, "Harbour here", publication_id=here.id)
    publish(session, "Harbour there", publication_id=there.id)
    assert found(session, "harbour", publication=here) == ["Harbour here"]
    assert sorted(found(session, "harbour")) == ["Harbour here", "Harbour there"]


def test_an_issue_that_is_indexed_again_is_found_by_its_new_words_only(session: Session) -> None:
    made = publish(session, "Old words")
    (article,) = session.query(model.Article).all()
    article.source = article.source.replace("Old", "New")
    article.headline = made.subject = "New words"
    session.flush()
    issues.index(session, made)
    assert found(session, "old") == []
    assert found(session, "new words") == ["New words"]


def test_what_the_index_lacks_is_made_up_for(session: Session) -> None:
    article = make.article(session, headline="Harbour")
    make.issue(session, article, slug="x", state=IssueState.SENT, content_hash="hash")
    assert found(session, "harbour") == []
    assert issues.index_missing(session) == 1
    assert found(session, "harbour") == ["Harbour"]
    assert issues.index_missing(session) == 0


def test_pages_of_what_was_found_follow_on_each_other(session: Session) -> None:
    for number in range(5):
        publish(session, f"Harbour {number}", publication_id=make.publication(session).id)
    pages = [found(session, "harbour", start=start, limit=2) for start in (0, 2, 4, 6)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert len({headline for page in pages for headline in page}) == 5
    assert found(session, "harbour", start=issues.MOST_FOUND) == []
    assert found(session, "harbour", start=-1) == []


HOSTILE: Sequence[str] = (
    *(
        "",
        " ",
        '"',
        '"""',
        "'",
        "''; drop table issues",
        "*",
        "a*",
        "^a",
        "NEAR(a b)",
        "a AND",
        "OR",
    ),
    *(
        "NOT",
        "headline:x",
        "{headline}: x",
        "-",
        "a -b",
        "+",
        "(",
        "((((",
        ")",
        "a & b",
        "!a",
        "<->",
    ),
    *(
        "a | ",
        ":*",
        "a:*b",
        "\\",
        "\x00",
        "a\x00b",
        "\ud800",
        "\U0001f600",
        "%",
        "_",
        "x" * 100_000,
    ),
    *(
        "x" * 100_000,
        "a " * 5000,
        "\u0301",
        "İ",
        "ß",
        "1e5",
        "0x1f",
        "-1.5",
        "१२३",
        "日本語",
        "ﷺ" * 300,
        "²",
        "Ⅷ",
    ),
)


@pytest.mark.parametrize("words", HOSTILE)
def test_every_string_is_a_question(session: Session, words: str) -> None:
    publish(session, "Harbour", f"Grain.{words[:1000]}".replace("\x00", "").replace("\ud800", ""))
    assert isinstance(issues.search(session, words), list)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60))
def test_no_question_fails(session: Session, words: str) -> None:
    issues.search(session, words)


@given(st.text())
def test_folding_twice_is_folding_once(words: str) -> None:
    once = fold(words)
    assert fold(" ".join(once)) == once


@pytest.mark.parametrize(
    ("words", "stems"),
    [
        ("Rosja Rosji Rosję Rosją", {"rosj"}),
        ("granica granicy granicę granicach granic", {"granic"}),
        ("elections election", {"election"}),
        ("NATO", {"nato"}),
        ("Ukraina Ukrainy Ukraine", {"ukrain"}),
    ],
)
def test_forms_of_a_word_have_one_stem(words: str, stems: set[str]) -> None:
    assert {stem(word) for word in fold(words)} == stems
