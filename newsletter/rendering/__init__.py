"""Issue -> HTML, text and web page, and the press check; this module is the door."""

from newsletter.rendering.colour import theme_css
from newsletter.rendering.edition import Digest, Edition, Entry, Masthead, Related, Shown, Words
from newsletter.rendering.issue import article_html, mail
from newsletter.rendering.notice import digest, notice
from newsletter.rendering.press import Remark, press_check
from newsletter.rendering.slots import Slot, fill
from newsletter.rendering.templates import page

__all__ = [
    "Digest",
    "Edition",
    "Entry",
    "Masthead",
    "Related",
    "Remark",
    "Shown",
    "Slot",
    "Words",
    "article_html",
    "digest",
    "fill",
    "mail",
    "notice",
    "page",
    "press_check",
    "theme_css",
]
