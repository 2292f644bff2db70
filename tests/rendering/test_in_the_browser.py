"""The mail as a browser lays it out."""

from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from newsletter.manuscripts import Article
from newsletter.rendering import Edition, Slot, fill, mail
from rendering.editions import ARTICLE, SECOND, edition

GROUND = "body => getComputedStyle(body).backgroundColor"
INK = "words => getComputedStyle(words).color"
LONG = "https://example.org/" + "without-an-end" * 12
TABLE = f"| {'One | ' * 5}\n|{'---|' * 5}\n| {'twelve hundred | ' * 5}"
HARD = Article(
    headline="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
    body=f"{LONG}\n\n{TABLE}\n\n```\n{LONG}\n```",
    kicker="A KICKER THAT IS RATHER LONG",
    dated=ARTICLE.dated,
    lead="They weigh a roster.",
    picture=ARTICLE.picture,
)


@pytest.mark.parametrize(
    "shown",
    [
        edition(),
        edition(ARTICLE, SECOND),
        edition(HARD),
        edition(replace(SECOND, language="ar", headline="عنوان الخبر")),
    ],
    ids=["one article", "several articles", "unbreakable words", "from the right"],
)
def test_a_phone_scrolls_one_way_and_the_button_fits_a_finger(
    browser: Browser, shown: Edition
) -> None:
    html = fill(mail(shown).html, dict.fromkeys(Slot, "https://monitor.example.org/leave/1"))
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="light")
    with closing(context):
        page = context.new_page()
        page.set_content(html, wait_until="domcontentloaded")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        button = page.locator(".button a").bounding_box()
        assert button
        assert button["height"] >= 44
        assert page.locator(".preheader").is_hidden()
        assert page.locator("body").evaluate(GROUND) == "rgb(255, 255, 255)"
        page.emulate_media(color_scheme="dark")
        assert page.locator("body").evaluate(GROUND) == "rgb(21, 23, 26)"
        assert page.locator(".lead").first.evaluate(INK) == "rgb(165, 169, 176)"
