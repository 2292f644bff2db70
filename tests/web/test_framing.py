"""What stands in a frame: in the scheme that was chosen, without scripts, links in new tabs."""

import pytest

from newsletter.web.framing import in_scheme, with_new_tabs, with_style

PAGE = (
    '<!doctype html><html><head><meta name="color-scheme" content="light dark">'
    "<style>:root { color-scheme: light dark }"
    " @media (prefers-color-scheme: dark) { p { color: white } }"
    " @media screen and (prefers-color-scheme:light) { p { color: black } }</style></head>"
    "<body><p>@media (prefers-color-scheme: dark)</p></body></html>"
)


@pytest.mark.parametrize(
    ("scheme", "dark", "light"), [("dark", "all", "not all"), ("light", "not all", "all")]
)
def test_the_scheme_that_was_chosen_holds_whatever_the_system_says(
    scheme: str, dark: str, light: str
) -> None:
    framed = in_scheme(PAGE, "dark" if scheme == "dark" else "light")
    assert f'content="{scheme}"' in framed
    assert f"color-scheme: {scheme} }}" in framed
    assert f"@media {dark} {{ p {{ color: white }} }}" in framed
    assert f"@media screen and {light} {{ p {{ color: black }} }}" in framed
    assert "<p>@media (prefers-color-scheme: dark)</p>" in framed


def test_links_open_new_tabs_but_for_those_within() -> None:
    framed = with_new_tabs('<head></head><a href="#top">Top</a><a href="https://a.example">A</a>')
    assert framed.startswith('<head><base target="_blank"></head>')
    assert '<a target="_self" href="#top">' in framed
    assert '<a href="https://a.example">' in framed


def test_a_page_carries_its_style_along_and_leaves_its_scripts() -> None:
    page = '<head><link rel="stylesheet" href="/a.css"></head><script src="a.js">x</script><p>Ice'
    assert with_style(page, "p { }") == "<head><style>p { }</style></head><p>Ice"
