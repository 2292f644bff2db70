"""Templates of the desk: what they cannot say, see or use up, and that mail leaves all the same."""

import time
from dataclasses import replace

import pytest

from newsletter.language import LANGUAGES
from newsletter.rendering import (
    PIECES,
    SHIPPED,
    SIDES,
    Overrides,
    digest,
    mail,
    notice,
    press_check,
    prove,
)
from newsletter.rendering.grammar import Fault
from newsletter.rendering.proving import specimens
from newsletter.rendering.templates import sandbox
from rendering.editions import MASTHEAD, edition
from rendering.notices import ENTRIES, FACTS, week

WELCOME = PIECES["welcome"]
FOOT = PIECES["foot"]


def words_of(name: str, side: str, source: str, place: str = "en") -> list[str]:
    """Return what is said against one template of a piece, the others as they are shipped."""
    found = prove(PIECES[name], {side: source}, SHIPPED, place, "en")
    return [fault.message for fault in found]


def with_words(inside: str) -> str:
    """Return the HTML of a welcome with ``inside`` before all it says."""
    return WELCOME.shipped()["html"].replace("{% block words %}", "{% block words %}" + inside)


@pytest.mark.parametrize("name", PIECES)
def test_what_comes_with_the_house_holds_and_makes_the_same_mail(name: str) -> None:
    piece = PIECES[name]
    assert prove(piece, piece.shipped(), SHIPPED, "", "en") == ()
    own = Overrides(piece.named(piece.shipped()))
    for language in LANGUAGES:
        for one in piece.mails:
            for each in specimens(one, language):
                assert each.words(own) == each.words(SHIPPED)


@pytest.mark.parametrize("side", SIDES)
def test_a_template_changes_its_part_of_the_mail_and_nothing_else(side: str) -> None:
    changed = {
        "subject": "Thank you, from {{ masthead.name }}\n",
        "html": with_words("<p>Thank you, {{ masthead.kicker | lower }}</p>"),
        "text": WELCOME.shipped()["text"].replace("{% block words %}", "{% block words %}Thanks"),
    }[side]
    before = notice("welcome", MASTHEAD, "en", **FACTS["welcome"])
    own = Overrides(WELCOME.named({side: changed}))
    after = notice("welcome", MASTHEAD, "en", own, **FACTS["welcome"])
    same = {"subject": "subject", "html": "html", "text": "text"}
    for each in same:
        differs = getattr(before, each) != getattr(after, each)
        # The subject is the title of the HTML as well.
        assert differs == (each == side or (side, each) == ("subject", "html"))
    assert after.left_out == ()


@pytest.mark.parametrize(
    "inside",
    [
        "{{ masthead.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ masthead['__class__'] }}",
        "{{ masthead['_' ~ '_class_' ~ '_'] }}",
        "{{ masthead | attr('__class__') }}",
        "{{ [masthead] | map(attribute='__class__') | first }}",
        "{{ [masthead] | map(attribute='name.__class__') | first }}",
        "{{ self.__init__.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ _.__globals__ }}",
        "{{ gettext.__globals__['os'] }}",
        "{{ cycler.__init__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ namespace(a=1) }}",
        "{{ dict(a=1) }}",
        "{{ ''.format(1) }}",
        "{{ '{0.__class__}'.format(masthead) }}",
        "{{ '%s' | format(masthead) }}",
        "{{ '%9999999d' % 1 }}",
        "{{ _('%(x)9999999s', x=1) }}",
        "{{ _(masthead.name) }}",
        "{{ _(*['a']) }}",
        "{{ _('a', **{'a': 1}) }}",
        "{{ masthead.name.upper() }}",
        "{{ masthead.postal_address.splitlines(true) }}",
        "{{ latest.dated.replace(year=1) }}",
        "{{ latest.headline | safe }}",
        "{{ masthead | tojson }}",
        "{{ masthead | pprint }}",
        "{{ masthead.name | center(9) }}",
        "{{ range(9) | list }}",
        "{{ 9 ** 9 }}",
        "{{ 9999999999 }}",
        "{{ masthead.name * 9 }}",
        "{{ 'a' * (9 * 9) }}",
        "{{ 1 // 0 }}",
        "{{ debug }}",
        "{{ loop }}",
        "{{ caller() }}",
        "{{ super() }}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% call masthead() %}{% endcall %}",
        "{% import 'emails/_parts/adaptive.css' as a %}",
        "{% from 'emails/_parts/adaptive.css' import dark_paper %}",
        "{% include '/etc/passwd' %}",
        "{% include 'emails/_parts/../../pages/desk/today.html' %}",
        "{% include 'pages/desk/today.html' %}",
        "{% include masthead.name %}",
        "{% include ['emails/_parts/licence.html'] %}",
        "{% autoescape false %}{{ masthead.name }}{% endautoescape %}",
        "{% filter upper %}a{% endfilter %}",
        "{% do masthead %}",
        "{% for a in publications recursive %}{{ loop(a) }}{% endfor %}",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>a</a>",
        "<iframe src='https://example.org'></iframe>",
        "<form action='https://example.org'></form>",
        "<meta http-equiv=refresh content=0>",
        "\ue000unsubscribe\ue001",
    ],
)
def test_what_a_template_must_not_say_is_refused(inside: str) -> None:
    assert words_of("welcome", "html", with_words(inside)) != []


@pytest.mark.parametrize(
    "inside",
    [
        "{% for a in masthead.name %}" * 9 + "x" + "{% endfor %}" * 9,
        "{% set a = 'aaaaaaaaaa' %}" + "{% set a = a ~ a ~ a ~ a %}" * 60 + "{{ a }}",
        "{% set a = 'aaaaaaaaaa' %}" + "{% set a = a + a %}" * 60 + "{{ a }}",
        "{% set a %}{{ lead }}{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 60,
        "{% set a = [lead, lead, lead] | join(lead) %}" * 3
        + "{% set a = [a, a, a] | join(a) %}" * 60,
        "{% set a = 'a' * 1000 %}{% for x in a %}{{ a }}{{ a }}{{ a }}{% endfor %}",
        "{% set a = 'a' * 1000 %}{% for x in a %}{% for y in a %}"
        + "b" * 5000
        + "{% endfor %}{% endfor %}",
        "{% for a in lead %}{% for b in lead %}{% include 'emails/_parts/style.css' %}"
        "{% endfor %}{% endfor %}",
        "{% for a in lead %}{% include 'emails/_parts/adaptive.css' %}{% endfor %}" * 20,
        "{{ lead | fold(900, lead) }}" * 300,
        "(" * 5000,
        "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}",
        "{% if 1 %}" * 400 + "{% endif %}" * 400,
        "x" * 20_001,
    ],
)
def test_no_template_takes_more_than_its_share(inside: str) -> None:
    began = time.perf_counter()
    found = words_of("welcome", "html", with_words(inside))
    assert time.perf_counter() - began < 5
    is_harmless = inside.startswith(("{{ lead", "((", "{% if", "{{ ("))
    assert found or is_harmless
    mail_leaves = notice(
        "welcome",
        MASTHEAD,
        "en",
        Overrides(WELCOME.named({"html": with_words(inside)})),
        **FACTS["welcome"],
    )
    assert "You receive this because you subscribed" in mail_leaves.html


@pytest.mark.parametrize(
    ("side", "source", "fault"),
    [
        ("subject", "a\n{% if %}", Fault("subject", 2, "Expected an expression, got")),
        ("subject", "{{ masthead.nmae }}", Fault("subject", 1, "Did you mean masthead.name?")),
        ("subject", "{{ mastead.name }}", Fault("subject", 1, "Did you mean masthead?")),
        ("subject", "\n\n{{ undo_url }}", Fault("subject", 3, "There is no “undo_url” here.")),
        ("subject", "{{ lead | uper }}", Fault("subject", 1, "Did you mean upper?")),
        ("subject", "", Fault("subject", 0, "a subject of one line")),
        ("subject", "{{ 'a' * 201 }}", Fault("subject", 0, "a subject of one line")),
        ("text", "\n{{ latest.hedline }}", Fault("text", 2, "Did you mean headline?")),
        ("text", "\n\n{{ lead + 1 }}", Fault("text", 3, "can only concatenate")),
        ("text", "Bye", Fault("text", 0, "The mail lacks the link to unsubscribe.")),
        ("html", "<p>Bye</p>", Fault("html", 0, "The mail lacks the link to unsubscribe.")),
        (
            "html",
            "{{ unsubscribe_url }} {{ masthead.postal_address }}",
            Fault("html", 0, "The mail lacks the link to unsubscribe."),
        ),
        (
            "html",
            '<!-- <a href="{{ unsubscribe_url }}"> --> {{ masthead.postal_address }}',
            Fault("html", 0, "The mail lacks the link to unsubscribe."),
        ),
        (
            "html",
            '<a href="{{ unsubscribe_url }}">Bye</a>',
            Fault("html", 0, "The mail lacks the postal address."),
        ),
        (
            "html",
            '<a href="{{ unsubscribe_url }}">a</a>{{ masthead.postal_address }}'
            "<p title={{ masthead.name }}>",
            Fault("html", 0, "A value breaks out of its place"),
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_what_was_meant(
    side: str, source: str, fault: Fault
) -> None:
    found = prove(WELCOME, {side: source}, SHIPPED, "en", "en")
    assert [(each.side, each.line) for each in found][:1] == [(fault.side, fault.line)]
    assert fault.message in found[0].message or fault.message in found[-1].message


@pytest.mark.parametrize(
    ("name", "side", "gone", "need"),
    [
        ("foot", "html", "{{ unsubscribe_url }}", "the link to unsubscribe"),
        ("foot", "text", "{{ unsubscribe_url }}", "the link to unsubscribe"),
        ("foot", "html", '{% include "emails/_parts/mail/postal.html" %}', "the postal address"),
        ("foot", "text", "{{ sheet.masthead.postal_address | fold }}", "the postal address"),
        ("licence", "html", "{{ sheet.licence.text_terms }}", "the licence"),
        ("licence", "text", "sheet.licence.text_terms ~", "the licence"),
        ("issue", "html", '{% include "emails/_parts/issue.html" %}', "the licence"),
        ("issue", "text", '{% include "emails/_parts/text/article.txt" %}', "the headline"),
        ("issue", "html", '{% include "emails/_parts/mail/embargo.html" %}', "an embargo"),
        ("issue", "text", '{% include "emails/_parts/text/embargo.txt" %}', "an embargo"),
        ("picture", "html", "{{ figure.credit }}", "the credit of a picture"),
        ("appeal", "html", '{% include "emails/_parts/mail/button.html" %}', "the appeal"),
        ("appeal", "text", "{{ block.url }}", "the link of the appeal"),
        ("confirm", "text", '{{ each | fold(4, "  -") }}', "the names of the publications"),
        (
            "confirm",
            "html",
            '{% include "emails/_parts/mail/call.html" %}',
            "that the mail is sent",
        ),
        ("digest", "html", "{{ entry.url }}", "that the mail is sent for"),
        ("notice", "text", "{% block words %}{% endblock %}", "that the mail is sent for"),
        ("notice", "text", "{% block ways %}{% endblock %}", "the link to unsubscribe"),
    ],
)
def test_every_mail_keeps_what_it_must_have(name: str, side: str, gone: str, need: str) -> None:
    shipped = PIECES[name].shipped()[side]
    assert gone in shipped
    found = prove(PIECES[name], {side: shipped.replace(gone, "'' ~" if "~" in gone else "")},
                  SHIPPED, "", "en")  # fmt: skip
    assert any(need in each.message for each in found), found
    assert {each.side for each in found} == {side}


def test_what_is_wrong_is_said_in_polish() -> None:
    (fault,) = prove(WELCOME, {"subject": "{{ masthead.nmae }}"}, SHIPPED, "", "pl")
    assert fault.message == "Nie ma tu „masthead.nmae”. Czy chodziło o masthead.name?"


def test_a_template_that_fails_for_one_issue_gives_way_and_is_named() -> None:
    source = FOOT.shipped()["html"]
    sly = "{% if 'Ice' not in sheet.title %}" + source + "{% endif %}"
    clumsy = "{{ sheet.gone }}" + source
    for wrong in (sly, clumsy):
        head = PIECES["head"].named({"html": "<p>{{ kicker }} {{ dated }}</p>"})
        own = Overrides({**FOOT.named({"html": wrong}), **head})
        shown = mail(edition(subject="Ice", overrides=own))
        assert shown.left_out == tuple(FOOT.named({"html": ""}))
        remarks = press_check(edition(subject="Ice", overrides=own), shown)
        told = [each for each in remarks if each.slug == "template-left-out"]
        assert [(each.blocks, each.quote) for each in told] == [(False, FOOT.files["html"])]
        beside = mail(edition(subject="Ice", overrides=Overrides(head)))
        assert shown == beside
        assert shown.html != mail(edition(subject="Ice")).html
    assert (
        mail(edition(subject="Tides", overrides=Overrides(FOOT.named({"html": sly})))).left_out
        == ()
    )


def test_where_nothing_of_the_desk_can_be_used_the_house_speaks() -> None:
    files = [*WELCOME.files.values(), *PIECES["notice"].files.values()]
    own = Overrides(dict.fromkeys(files, "{{ gone }}"))
    shown = notice("welcome", MASTHEAD, "pl", own, **FACTS["welcome"])
    assert shown == notice("welcome", MASTHEAD, "pl", **FACTS["welcome"])
    assert set(shown.left_out) == set(files)


def test_words_of_authors_stay_data_in_templates_of_the_desk() -> None:
    own = Overrides(PIECES["digest"].named({"subject": "{{ digest.entries[0].headline }}"}))
    source = "{{ 7 * 7 }}{% raw %}<script>"
    made = digest(week(replace(ENTRIES[0], headline=source), overrides=own))
    assert made.subject == source
    assert ">{{ 7 * 7 }}{% raw %}&lt;script&gt;</a>" in made.html


def test_parts_that_stand_in_each_other_are_found() -> None:
    (fault,) = prove(
        PIECES["licence"],
        {"html": "{% include 'emails/_parts/issue.html' %}"},
        SHIPPED,
        "en",
        "en",
    )
    assert fault.message == "This goes round in a circle."
    itself = "{% include 'emails/_parts/licence.html' %}"
    assert "no part" in words_of("licence", "html", itself)[0]


def test_a_template_is_compiled_once_however_many_mails_it_makes() -> None:
    own = Overrides(WELCOME.named({"html": with_words("<p>Hello once</p>")}))
    before = sandbox.cache_info()
    for _ in range(5):
        # As they come from the database each time: equal, not the same.
        again = Overrides({name: "".join([*(own.get(name) or "")]) for name in own})
        assert "Hello once" in notice("welcome", MASTHEAD, "en", again, **FACTS["welcome"]).html
    after = sandbox.cache_info()
    assert after.misses - before.misses == 1
    assert len(sandbox("en", own).cache or ()) > 3
