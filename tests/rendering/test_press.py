"""The press check: what it finds, what of that blocks, and in whose language it says so."""

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsletter.language import translations
from newsletter.manuscripts import Appeal, Article, Licence, Picture
from newsletter.rendering import Edition, Masthead, Remark, Shown, Words, mail, press, press_check

TUESDAY = date(2026, 11, 24)
MASTHEAD = Masthead("Canals", "CANALS", "en", "https://example.org/", postal_address="Here")


def article(**values: Any) -> Article:
    """Make an article in which nothing is amiss."""
    plain = Article("Ice on the canal", "The locks close.", lead="A short year.", dated=TUESDAY)
    return replace(plain, **values)


def edition(*articles: Article, **values: Any) -> Edition:
    """Make an edition in which nothing is amiss."""
    plain = Edition(
        masthead=MASTHEAD,
        subject="Ice on the canal",
        articles=articles or (article(),),
        url="https://example.org/canals/ice",
        donate_url="https://example.org/donate",
        appeal=Appeal("Support us", "We live on gifts.", "Donate"),
        licence=Licence("Free to republish with credit."),
        images={"lock.png": Shown("https://example.org/lock.png", 10, 10, "own")},
    )
    return replace(plain, **values)


def with_permission(permission: str) -> Edition:
    """Make an edition with a picture that is shown by this right."""
    shown = Shown("https://example.org/lock.png", 10, 10, permission)
    pictured = article(picture=Picture("Us", "lock.png", "A lock"))
    return edition(pictured, images={"lock.png": shown})


def check(edition: Edition, language: str = "en") -> tuple[Remark, ...]:
    return press_check(edition, mail(edition), language)


def check_text(body: str, language: str = "en", **values: Any) -> list[str]:
    remarks = check(edition(article(body=body, language=language, **values)))
    return [remark.slug for remark in remarks]


def test_an_issue_in_order_earns_no_remark() -> None:
    assert check(edition()) == ()


@pytest.mark.parametrize(
    ("amiss", "slug", "blocks"),
    [
        (edition(licence=None), "no-licence", True),
        (edition(licence=Licence("", "No images.")), "no-licence", True),
        (edition(article(body="A word. " * 15_000)), "too-large", True),
        (edition(subject="long " * 16), "long-subject", False),
        (edition(appeal=None), "no-appeal", False),
        (edition(donate_url=""), "no-donate-url", False),
        (
            edition(masthead=Masthead("C", "C", "en", "https://example.org/")),
            "no-postal-address",
            False,
        ),
        (edition(article(lead="")), "no-lead", False),
        (edition(article(picture=Picture("Us", "", "A lock"))), "no-file", False),
        (edition(article(picture=Picture("Us", "gone.png", "A lock"))), "no-file", False),
        (edition(article(picture=Picture("", "lock.png", "A lock"))), "no-credit", True),
        (edition(article(picture=Picture("Us", "lock.png", ""))), "no-alt", True),
        (edition(article(body='Ice.\n\n![](lock.png "Us")')), "no-alt", True),
        (edition(article(body="Ice.\n\n![A lock](lock.png)")), "no-credit", True),
        (edition(article(headline="Ice TK")), "leftover", False),
        (edition(article(body="See http://example.org/ice.")), "http-link", False),
        (edition(article(body="## Ice\n\n#### Thaw\n\nWater.")), "heading-order", False),
        (edition(article(body="On Monday, 24 November.")), "weekday", False),
        (edition(article(body="Ice.\n\n[^thaw]: Water.")), "unused-note", False),
        (edition(article(body="Read [here](https://example.org).")), "vague-link", False),
        (edition(subject="Ice!! On the canal"), "spam", False),
        (edition(subject="RE: Ice on the canal"), "spam", False),
        (edition(subject="ICE ON THE canal"), "spam", False),
        (edition(subject="Ice 100% free"), "spam", False),
        (edition(masthead=replace(MASTHEAD, accent="#ffd24d")), "contrast", False),
        (with_permission(""), "no-permission", False),
        (with_permission("whatever"), "no-permission", False),
        (with_permission("licensed by Agency until 2026-11-23"), "permission-over", True),
        (with_permission("licensed by Agency for web and print"), "not-mailable", True),
    ],
)
def test_each_thing_amiss_earns_its_remark(amiss: Edition, slug: str, blocks: bool) -> None:
    assert [(remark.slug, remark.blocks) for remark in check(amiss)] == [(slug, blocks)]


@pytest.mark.parametrize(
    ("amiss", "field", "quote"),
    [
        (article(lead=""), "lead", ""),
        (article(picture=Picture("", "lock.png", "A lock")), "credit", ""),
        (article(picture=Picture("Us", "lock.png")), "alt", ""),
        (article(picture=Picture("Us", "gone.png", "A lock")), "picture", ""),
        (article(body='Ice.\n\n![](lock.png "Us")'), "body", "Us"),
        (article(headline="Ice TK"), "headline", "Ice TK"),
        (article(lead="Ice lorem ipsum."), "lead", "Ice lorem ipsum."),
        (article(body="Ice.\n\nThe locks\nTK close."), "body", "The locks TK close."),
        (article(body="On Monday, 24 November."), "body", "On Monday, 24 November."),
        (article(lead="On Monday the 24th, at last."), "lead", "On Monday the 24th, at last."),
        (article(body="See http://example.org/ice."), "body", "See http://example.org/ice."),
        (article(body="## Ice\n\n#### Thaw\n\nWater."), "body", "#### Thaw"),
        (article(body="Ice.\n\n[^thaw]: Water."), "body", "[^thaw]: Water."),
    ],
)
def test_a_remark_points_to_the_field_and_quotes_the_words(
    amiss: Article, field: str, quote: str
) -> None:
    (remark,) = check(edition(article(headline="Before"), amiss))
    assert (remark.article, remark.place) == (1, amiss.headline)
    assert (remark.field, remark.quote) == (field, quote)


def test_a_quotation_leaves_out_what_is_far() -> None:
    words = " ".join(f"word{number}" for number in range(40))
    (remark,) = check(edition(article(body=f"{words} XXX {words}")))
    assert remark.quote == "…word35 word36 word37 word38 word39 XXX word0 word1 word2 word3 word4…"


@pytest.mark.parametrize(
    "subject",
    [
        "NATO, EU and UN meet: who wins?",
        "US AND the EU",
        "Winter comes early! Again",
        "A free trial for the opposition leader",
        "Are ferries free of charge?",
    ],
)
def test_a_sober_subject_is_no_advertising(subject: str) -> None:
    assert check(edition(subject=subject)) == ()


def test_a_footnote_that_is_referred_to_is_let_be() -> None:
    assert check(edition(article(body="Ice.[^thaw]\n\n[^thaw]: Water."))) == ()


def test_an_issue_without_an_article_is_blocked() -> None:
    words = mail(edition())
    assert [r.slug for r in press_check(edition(), words) if r.blocks] == []
    nothing = replace(edition(), articles=())
    assert [r.slug for r in press_check(nothing, words) if r.blocks] == ["no-article"]


@pytest.mark.parametrize("part", ["html", "text"])
def test_a_part_without_an_unsubscribe_link_blocks(part: str) -> None:
    changes: dict[str, Any] = {part: "Words."}
    words: Words = replace(mail(edition()), **changes)
    (remark,) = press_check(edition(), words)
    assert (remark.slug, remark.blocks) == ("no-unsubscribe", True)


def test_what_blocks_comes_first_and_names_its_article() -> None:
    worrying = article(headline="First", body="TK", lead="")
    blocking = article(headline="Second", picture=Picture("", "lock.png", "A lock"))
    remarks = check(edition(worrying, blocking, licence=None))
    assert [remark.blocks for remark in remarks] == [True, True, False, False]
    assert [remark.place for remark in remarks] == ["", "Second", "First", "First"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "on Tuesday, 24 November"),
        ("en", "on TUESDAY 24 November"),
        ("en", "on Tuesday the 1st of December"),
        ("en", "on Tuesday, 1 December"),
        ("en", "on Friday, 23 October, weeks ago"),
        ("en", "on Monday at dawn, 24 ships"),
        ("en", "on Mondays 24 ships"),
        ("en", "on Wednesday 9:30 or Wednesday 10:00"),
        ("en", "on Monday 2026"),
        ("en", "on Tuesday 30 ships"),
        ("en", "on Tuesday, 11 September 2001"),
        ("en", "on Thursday, January 1st, 1970"),
        ("en", "on Thursday, 29 February 2024"),
        ("pl", "w niedzielę, 4 czerwca 1989 r."),
        ("pl", "we wtorek, 24 listopada"),
        ("pl", "wtorek 24 listopada"),
        ("pl", "Środa, 25 listopada"),
        ("pl", "w środę, 25 listopada"),
        ("pl", "w NIEDZIELĘ 29 listopada"),
        ("pl", "Monday, 24 November"),
    ],
)
def test_a_weekday_that_fits_its_date_is_let_be(language: str, words: str) -> None:
    assert check_text(f"They met {words}.", language) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Monday, 24 November"),
        ("en", "wednesday 24 November"),
        ("en", "Sunday the 24"),
        ("en", "Monday, 24 December"),
        ("en", "Monday, 11 September 2001"),
        ("en", "Friday, January 1st, 1970"),
        ("pl", "w sobotę, 4 czerwca 1989"),
        ("pl", "poniedziałek, 24 listopada"),
        ("pl", "ŚRODA, 24 listopada"),
        ("pl", "w niedzielę 24 listopada"),
        ("pl", "w środę, 24 listopada"),
    ],
)
def test_a_weekday_that_fits_no_date_near_is_found(language: str, words: str) -> None:
    assert check_text(f"They met {words}.", language) == ["weekday"]


def test_without_a_date_no_weekday_is_judged() -> None:
    assert check_text("On Monday, 24 November.", dated=None) == []


@pytest.mark.parametrize(
    ("body", "leftovers"),
    [
        ("TK and tk and TK and TKTK", ["TK", "tk", "TKTK"]),
        ("Lorem ipsum dolor", ["Lorem ipsum"]),
        ("He said [...] no", ["[...]"]),
        ("XXX", ["XXX"]),
        ("ATK, TKO, Xxxl, lorem, [sic]", []),
    ],
)
def test_leftovers_are_found_as_words_of_their_own(body: str, leftovers: list[str]) -> None:
    remarks = check(edition(article(body=body)))
    assert [r.message for r in remarks] == [f"The text still says “{each}”" for each in leftovers]


@pytest.mark.parametrize(("body", "count"), [("Wyrok TK zapadł.", 0), ("Wyrok [TK] i TKTK.", 2)])
def test_the_tribunal_is_no_leftover_in_polish(body: str, count: int) -> None:
    found = check(edition(article(body=body, language="pl")))
    assert [remark.slug for remark in found] == ["leftover"] * count


def test_leftovers_are_found_beside_pictures_and_in_a_subject_of_its_own() -> None:
    picture = Picture("Photo TK", "lock.png", "A lock, TKTK")
    found = check(edition(article(picture=picture), subject="Subject TK"))
    assert {(remark.field, remark.slug) for remark in found} == {
        *(("credit", "leftover"), ("alt", "leftover"), ("subject", "leftover"))
    }


def test_a_link_that_is_not_encrypted_is_named_once() -> None:
    body = "[a](http://example.org/a) <http://example.org/a> https://example.org"
    (remark,) = check(edition(article(body=body)))
    assert remark.message == "A link is not encrypted: http://example.org/a"


@pytest.mark.parametrize(
    ("body", "slugs"),
    [
        ("## A\n\nText.\n\n### B\n\nText.\n\n## C\n\nText.", []),
        ("### A\n\nText.", []),
        ("# A\n\nText.\n\n### B\n\nText.", ["heading-order"]),
        ("## A\n\n```\n#### no heading\n```\n\n### B\n\n~~~\n###### none", []),
        ("## A\n\n```\n### none\n```\n\n#### B", ["heading-order"]),
    ],
)
def test_headings_go_down_one_level_at_a_time(body: str, slugs: list[str]) -> None:
    assert check_text(body) == slugs


def test_remarks_come_in_the_language_asked_for() -> None:
    large = edition(article(body="Słowo. " * 18_000, language="pl"), licence=None)
    first, second = check(large, "pl-PL")
    assert first.message.startswith("Wiadomość ma ")
    assert first.message.endswith(" bajtów; programy pocztowe ucinają ją po 102\u00a0000")
    assert second.message == "Brakuje licencji: nikomu nie wolno przedrukować tekstu"


def test_every_remark_can_be_made_in_polish() -> None:
    calls = ast.walk(ast.parse(Path(press.__file__).read_text("utf-8")))
    marked = [
        str(ast.literal_eval(call.args[0]))
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_"
    ]
    assert len(marked) > 10
    polish = translations("pl")
    assert [text for text in marked if polish.gettext(text) == text] == []


def test_a_permission_has_to_last_until_today_as_well() -> None:
    amiss = with_permission("licensed by Agency until 2026-11-27")
    for today, slugs in (
        (None, []),
        (date(2026, 11, 27), []),
        (date(2026, 11, 28), ["permission-over"]),
    ):
        assert [remark.slug for remark in press_check(amiss, mail(amiss), "en", today)] == slugs
