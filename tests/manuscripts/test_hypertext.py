import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InvalidManuscript
from newsletter.manuscripts.hypertext import Element, parse


def tree(html: str) -> str:
    """Write what was read as nested brackets: p[One b[two]]."""
    return "".join(map(_written, parse(html).children))


def _written(node: Element | str) -> str:
    if isinstance(node, str):
        return node
    return f"{node.tag}[{''.join(map(_written, node.children))}]"


@pytest.mark.parametrize(
    ("html", "read"),
    [
        ("<p>One<p>Two", "p[One]p[Two]"),
        ("<p>One <b>two</b> three</p>", "p[One b[two] three]"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "ul[li[a]li[bul[li[c]]]li[d]]"),
        ("<p>a<div>b</div>c", "p[a]div[b]c"),
        ("<p>a<span>b<p>c", "p[aspan[b]]p[c]"),
        ("<table><tr><td>a<td>b<tr><td>c</table>d", "table[tr[td[a]td[b]]tr[td[c]]]d"),
        ("<table><td><p>a</div>b</table>c", "table[td[p[ab]]]c"),
        ("<table><thead><tr><th>a<tbody><tr><td>b", "table[thead[tr[th[a]]]tbody[tr[td[b]]]]"),
        ("<table><tr><td><table><tr><td>a</table>b<td>c", "table[tr[td[table[tr[td[a]]]b]td[c]]]"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "dl[dt[a]dd[b]dt[c]]"),
        ("<h2>a<h3>b</h2>c", "h2[a]h3[b]c"),
        ("<h2>a</h3>b", "h2[a]b"),
        ("a</p></b>b", "ab"),
        ("a<br>b</br>c", "abr[]bbr[]c"),
        ("<div/>a", "div[a]"),
        ("a<!-- <p>b --> c<!-->d<!doctype x>e<?php f ?>g</ h>i", "a cdegi"),
        ("<script>if (a<b) '<p>'</script>a<style>p{}</style>b", "ab"),
        ("<SCRIPT>a</script x>b<svg><text>c</text></svg>d<iframe>e</iframe>f", "bdf"),
        ("<svg><svg>a</svg>b</svg>c", "c"),
        ("<textarea><p>a</textarea>b<select><option>c</select>d", "bd"),
        ("&lt;p&gt; &amp;amp; &#380; &nope; &copy", "<p> &amp; ż &nope; ©"),
        ("a < b <3 c", "a < b <3 c"),
        ("<script type='application/ld+json'>{\"a\": 1}</script>", 'script[{"a": 1}]'),
    ],
)
def test_a_page_is_read_as_browsers_read_it(html: str, read: str) -> None:
    assert tree(html) == read


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ('<a href="x">', "x"),
        ("<a href='x'>", "x"),
        ("<a href=x>", "x"),
        ("<a\nhref = x/y >", "x/y"),
        ('<a class="a"href="x">', "x"),
        ("<a HREF=x href=y>", "x"),
        ('<a title=">" href="a&amp;b">', "a&b"),
        ('<a onclick="x" href>', ""),
    ],
)
def test_an_attribute_is_read_as_browsers_read_it(tag: str, address: str) -> None:
    (link,) = parse(f"{tag}words</a>").children
    assert isinstance(link, Element)
    assert (link.get("href"), link.text()) == (address, "words")
    assert set(link.attributes) <= {"href", "class"}


@pytest.mark.parametrize(
    "html",
    [
        *("<div>" * 100_000, "<p><b>" * 50_000, "<ul><li>" * 50_000, "<table><tr><td>" * 30_000),
        *("<!--" * 200_000, '<a x="' * 100_000, "<a " * 200_000, "<" * 500_000, "<!" * 300_000),
        *("<script>" * 80_000, "<title></title" * 50_000, "</p>" * 100_000),
        "<div " + " ".join(f"a{number}=1" for number in range(100_000)) + ">",
    ],
    ids=lambda html: html[:12],
)
def test_a_page_made_to_take_long_takes_as_long_as_another(html: str) -> None:
    start = time.process_time()
    with suppress(InvalidManuscript):
        parse(html + "<p>After").text()
    assert time.process_time() - start < 5


@given(st.text(st.sampled_from("<>/=\"'! -abpt&;#x0"), max_size=60))
def test_anything_is_a_page(html: str) -> None:
    parse(html).text()
