"""Issue -> HTML, text and web page, and the press check; this module is the door."""

from newsletter.rendering.colour import theme_css
from newsletter.rendering.edition import Edition, Masthead, Related, Shown, Words
from newsletter.rendering.issue import article_html, mail
from newsletter.rendering.notice import notice
from newsletter.rendering.placement import Placement
from newsletter.rendering.press import Remark, press_check
from newsletter.rendering.slots import Slot, fill
from newsletter.rendering.templates import page

__all__ = [
    "Edition",
    "Masthead",
    "Placement",
    "Related",
    "Remark",
    "Shown",
    "Slot",
    "Words",
    "article_html",
    "fill",
    "mail",
    "notice",
    "page",
    "press_check",
    "theme_css",
]
