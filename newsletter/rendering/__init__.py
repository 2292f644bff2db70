"""Issue -> HTML, text, web page and feed, and the press check; this module is the door."""

from newsletter.rendering.colour import theme_css
from newsletter.rendering.edition import Digest, Edition, Entry, Masthead, Related, Shown, Words
from newsletter.rendering.feeds import NEVER, Feed, atom, json_feed, legible_xml, linked_data
from newsletter.rendering.issue import article_html, mail
from newsletter.rendering.notice import digest, notice
from newsletter.rendering.press import Remark, press_check
from newsletter.rendering.slots import Slot, fill
from newsletter.rendering.templates import page

__all__ = [
    "NEVER",
    "Digest",
    "Edition",
    "Entry",
    "Feed",
    "Masthead",
    "Related",
    "Remark",
    "Shown",
    "Slot",
    "Words",
    "article_html",
    "atom",
    "digest",
    "fill",
    "json_feed",
    "legible_xml",
    "linked_data",
    "mail",
    "notice",
    "page",
    "press_check",
    "theme_css",
]
