"""Links that are counted: which of a mail's are, and what becomes of the others."""

import re

import pytest

from newsletter.rendering.counting import count_links


def counted(url: str) -> str:
    return f"https://news.example/c/{len(url)}"


@pytest.mark.parametrize(
    "mail",
    [
        '<a href="mailto:anna@example.org">Anna</a>',
        '<a href="#top">Top</a>',
        '<a href="\ue000unsubscribe\ue001">Leave</a>',
        '<img src="https://example.org/a.png"><link href="https://example.org/a.css">',
        '<p>See &lt;a href="https://example.org"&gt;</p>',
        '<img alt="<a href=" src="https://example.org/a.png">',
        '<v:roundrect href="https://example.org/">Give</v:roundrect>',
    ],
)
def test_what_is_no_link_to_a_page_stays_as_it_is(mail: str) -> None:
    assert count_links(mail, counted) == (mail, ())


def test_a_link_is_replaced_and_its_address_told_once_unescaped() -> None:
    one = '<a class="x" title="a > b" href="https://example.org/?a=1&amp;b=2" rel="y">One</a>'
    mail = f'{one}<a href="http://example.org/">Two</a>{one}'
    replaced, targets = count_links(mail, counted)
    assert targets == ("https://example.org/?a=1&b=2", "http://example.org/")
    assert re.findall(r'href="([^"]*)"', replaced) == [
        counted(targets[0]),
        counted(targets[1]),
        counted(targets[0]),
    ]
    assert replaced.count('rel="y"') == 2


def test_where_gifts_are_taken_is_not_replaced() -> None:
    mail = '<a href="https://news.example/donate/x/1-1.ab">Give</a>'
    assert count_links(mail, counted, but="https://news.example/donate/x/1-1.ab") == (mail, ())


def test_where_nothing_is_counted_nothing_is_replaced() -> None:
    assert count_links('<a href="https://example.org/">One</a>', None)[1] == ()
