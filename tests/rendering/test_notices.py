"""Notices and digests: what they say and are made of, in both languages."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.language import translations
from newsletter.rendering import Digest, Related, Slot, Words, digest, fill, mail
from newsletter.rendering.slots import CLOSE, OPEN
from rendering.editions import MASTHEAD, edition
from rendering.markup import Element, parse
from rendering.notices import BUTTONS, FACTS, LATEST, LEAD, SITE, every, made, month, week

CASES = {
    f"{language} {name}": words
    for language in ("en", "pl")
    for name, words in every(language).items()
}
DRAWN = re.compile(
    r"<!--\[if mso\]>\s*<v:roundrect [^>]*href=\"([^\"]*)\"[^>]*height:(\d+)px[^>]*>"
    r".*?<center[^>]*>(.*?)</center></v:roundrect>\s*<!\[endif\]-->",
    re.DOTALL,
)


@pytest.fixture(params=CASES)
def words(request: pytest.FixtureRequest) -> Words:
    shown = CASES[request.param]
    left = dict.fromkeys(Slot, f"{SITE}/leave/1")
    return replace(shown, html=fill(shown.html, left), text=fill(shown.text, left))


def flowing(text: str) -> str:
    return " ".join(text.split())


def test_there_is_one_first_heading_and_no_level_is_skipped(words: Words) -> None:
    levels = [int(head.tag[1]) for head in parse(words.html).all("h1", "h2", "h3")]
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise([0, *levels]))


def test_no_table_is_announced(words: Words) -> None:
    assert {one.attributes.get("role") for one in parse(words.html).all("table")} == {
        "presentation"
    }


def test_nothing_in_it_is_fetched_or_runs(words: Words) -> None:
    forbidden = ("img", "script", "link", "iframe", "object", "form", "input", "svg", "base")
    assert parse(words.html).all(*forbidden) == []


def test_all_addresses_are_absolute_or_in_the_mail_itself(words: Words) -> None:
    tree = parse(words.html)
    ids = {one.attributes["id"] for one in tree.walk() if "id" in one.attributes}
    for link in tree.all("a"):
        url = link.attributes["href"]
        assert url[1:] in ids if url.startswith("#") else urlsplit(url).scheme == "https"


def test_inboxes_preview_a_sentence_that_the_mail_says(words: Words) -> None:
    tree = parse(words.html)
    preview = tree.classed("preheader")[0].text.rstrip("\u034f\u200c\xa0 ")
    assert 10 < len(preview) <= 180
    assert preview.split(" · ")[0] in tree.all("table")[0].text


def test_a_subject_says_who_sends_and_is_short(words: Words) -> None:
    assert "Baltic Monitor" in words.subject
    assert len(words.subject) <= 60


def test_the_postal_address_and_the_reason_stand_at_the_foot(words: Words) -> None:
    foot = parse(words.html).classed("imprint")[0].text
    assert foot.startswith("Institute of Examples 1 Quay Street 00-001 Port")
    assert re.search("You receive this|Otrzymujesz tę wiadomość", foot)


def test_both_parts_say_the_same(words: Words) -> None:
    tree, text = parse(words.html), flowing(words.text)
    for one in (*tree.all("h1", "h2", "li"), *tree.classed("lead")):
        assert one.text in text
    for link in tree.all("a"):
        assert link.attributes["href"].startswith("#") or link.attributes["href"] in text


def test_no_line_is_longer_than_72_columns_but_for_addresses(words: Words) -> None:
    assert [one for one in words.text.splitlines() if len(one) > 72 and "://" not in one] == []
    assert "\n\n\n" not in words.text
    assert not re.search(r"[ \t]\n", words.text)


def test_it_is_small(words: Words) -> None:
    assert len(words.html.encode()) < 30_000


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("name", FACTS)
def test_the_one_button_has_its_address_in_plain_sight(name: str, language: str) -> None:
    shown = made(name, language)
    tree = parse(shown.html)
    (button,) = tree.classed("button")
    url = FACTS[name][BUTTONS[name]] if name in BUTTONS else LATEST.url
    assert [link.attributes["href"] for link in button.all("a")] == [url]
    assert [link.text for link in tree.classed("address")[0].all("a")] == [url]
    assert f"{button.text}:\n{url}\n" in shown.text


@pytest.mark.parametrize("html", [made("confirm").html, mail(edition()).html])
def test_word_draws_the_button_as_one_link_as_high_as_elsewhere(html: str) -> None:
    (link,) = parse(html).classed("button")[0].all("a")
    ((url, height, label),) = DRAWN.findall(html)
    assert (url, label, height) == (link.attributes["href"], link.text, "44")
    assert html.index("<!--[if !mso]><!-->") < html.index('class="button"')
    assert html.index('class="button"') < html.index("<!--<![endif]-->")


def test_a_long_label_gets_a_button_of_several_lines_where_it_is_drawn() -> None:
    ((_, height, _),) = DRAWN.findall(made("welcome", latest=None).html)
    assert height == "44"
    appeal = edition().appeal
    assert appeal
    long = edition(appeal=replace(appeal, button="Support the work of our institute " * 3))
    ((_, height, _),) = DRAWN.findall(mail(long).html)
    assert int(height) > 44


def test_a_confirmation_says_what_is_asked_how_long_and_that_nothing_happens_otherwise() -> None:
    text = flowing(made("confirm").text)
    assert "asked us to send Baltic Monitor to this address" in text
    assert "works for 30 days" in text
    assert "ignore this mail. Nothing happens then" in text


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "It works for 1 day."),
        ("en", 30, "It works for 30 days."),
        ("pl", 1, "Działa przez 1 dzień."),
        ("pl", 30, "Działa przez 30 dni."),
    ],
)
def test_a_span_of_time_has_the_right_form(language: str, count: int, said: str) -> None:
    assert said in flowing(made("confirm", language, days=count).text)


@pytest.mark.parametrize(
    ("hours", "said"), [(1, "1 godzinę"), (2, "2 godziny"), (24, "24 godziny"), (36, "36 godzin")]
)
def test_polish_hours_follow_their_number(hours: int, said: str) -> None:
    text = flowing(made("address-change", "pl", hours=hours).text)
    assert re.search(rf"przez {said}\b(?!y)", text)


def test_several_publications_are_named_one_by_one() -> None:
    shown = made("confirm", publications=("Baltic Monitor", "Arctic Monitor"))
    items = [one.text for one in parse(shown.html).all("li")]
    assert items == ["Baltic Monitor", "Arctic Monitor"]
    assert "  - Baltic Monitor\n  - Arctic Monitor\n" in shown.text


@pytest.mark.parametrize("language", ["en", "pl"])
def test_a_welcome_shows_the_latest_issue_and_the_ways_out(language: str) -> None:
    shown = made("welcome", language)
    (latest,) = parse(shown.html).classed("latest")
    for part in (LATEST.headline, LEAD):
        assert part in latest.text
        assert part in flowing(shown.text)
    for fact in ("archive_url", "unsubscribe_url", "preferences_url"):
        assert FACTS["welcome"][fact] in shown.html
        assert FACTS["welcome"][fact] in shown.text
    assert ("1 października 2026" if language == "pl" else "1 October 2026") in latest.text


def test_the_latest_issue_says_its_own_language() -> None:
    shown = made("welcome", "pl")
    (heading,) = parse(shown.html).classed("latest")[0].all("h2")
    assert heading.parent
    assert heading.parent.attributes["lang"] == "en"


def test_a_welcome_before_the_first_issue_promises_it() -> None:
    shown = made("welcome", latest=None, lead="")
    assert parse(shown.html).classed("latest") == []
    assert "The first issue will come" in shown.text


def test_the_two_addresses_of_a_change_are_asked_different_things() -> None:
    assert "Is this your new address?" in made("address-change").text
    assert "Is your address to change?" in made("address-change", new=False).text


def test_a_digest_lists_its_issues_with_date_headline_lead_and_link() -> None:
    shown = digest(week())
    entries = parse(fill(shown.html, dict.fromkeys(Slot, SITE))).classed("entry")
    assert [one.text for one in entries] == [
        f"17 November 2026 Locks and Tides {LEAD} Read it",
        "MORZE 19 November 2026 Lód na torze Promy czekają. Read it",
    ]
    assert [one.attributes["lang"] for one in entries] == ["en", "pl"]
    assert [one.all("a")[-1].attributes["aria-label"] for one in entries] == [
        "Read it: Locks and Tides",
        "Read it: Lód na torze",
    ]


@pytest.mark.parametrize(
    ("made_of", "subject"),
    [
        (week(), "Baltic Monitor: 16–22 November 2026"),
        (week(language="pl"), "Baltic Monitor: 16–22 listopada 2026"),
        (month(), "Baltic Monitor: December 2026"),
        (month(language="pl"), "Baltic Monitor: grudzień 2026"),
    ],
)
def test_a_digest_is_named_after_its_days(made_of: Digest, subject: str) -> None:
    assert digest(made_of).subject == subject


def test_a_digest_has_a_slot_for_leaving_and_for_preferences_in_both_parts() -> None:
    shown = digest(week())
    for slot in (Slot.UNSUBSCRIBE_URL, Slot.PREFERENCES_URL):
        assert shown.html.count(slot) == shown.text.count(slot) == 1


def test_an_issue_every_day_of_a_long_month_stays_below_what_mail_programs_cut_off() -> None:
    shown = digest(month(31, lead="They weigh a common roster. " * 200))
    assert len(shown.html.encode()) < 102_000
    assert len(parse(shown.html).classed("entry")) == 31


SCRIPT = "<script>alert(1)</script>"


def everywhere(text: str) -> list[Words]:
    """Render every mail with ``text`` wherever an author may write."""
    named = replace(MASTHEAD, name=text, kicker=text, postal_address=text)
    facts: dict[str, dict[str, Any]] = {
        "confirm": {"publications": (text,)},
        "already-subscribed": {"publications": (text, text)},
        "welcome": {"latest": Related(text, LATEST.dated, LATEST.url), "lead": text},
    }
    entry = replace(week().entries[0], headline=text, lead=text, kicker=f"{text}!")
    return [
        *(made(name, masthead=named, **facts.get(name, {})) for name in FACTS),
        digest(week(entry, masthead=named)),
    ]


@pytest.mark.parametrize(
    "text", [SCRIPT, '"><b onclick="x">', "<![endif]-->", "{{ 7*7 }}", "%(name)s %s %"]
)
def test_what_an_author_wrote_is_shown_and_does_nothing(text: str) -> None:
    for shown in everywhere(text):
        tree = parse(shown.html)
        assert tree.all("script", "b") == []
        assert not [one for one in tree.walk() if "onclick" in one.attributes]
        assert text in tree.text
        assert text in flowing(shown.text)
        assert "49" not in tree.text
        for url, _, _ in DRAWN.findall(shown.html):
            assert url.startswith(SITE)


def test_nobody_writes_a_slot_by_hand() -> None:
    *notices, last = everywhere(f"Look: {OPEN}unsubscribe{CLOSE}\u202e!")
    assert [shown for shown in notices if OPEN in shown.html + shown.text + shown.subject] == []
    assert last.html.count(OPEN) == last.text.count(OPEN) == len(Slot)
    assert OPEN not in last.subject
    assert "\u202e" not in last.html + last.text


def test_a_subject_is_one_line_whatever_a_publication_is_called() -> None:
    for shown in everywhere("One\r\nBcc: two"):
        assert len(shown.subject.splitlines()) == 1


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=120))
@settings(max_examples=20, deadline=None)
def test_any_name_gives_well_formed_parts_that_run_nothing(text: str) -> None:
    for shown in everywhere(text):
        assert parse(shown.html).all("script", "iframe", "form", "object") == []


def test_a_reader_is_spoken_to_in_their_language_about_a_publication_in_another() -> None:
    html = made("goodbye", "pl").html
    assert translations("pl").gettext("You have unsubscribed") in html
    assert _root(html).attributes["lang"] == "pl"


def _root(html: str) -> Element:
    return parse(html).all("html")[0]
