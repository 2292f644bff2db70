"""Issue -> HTML, text, web page and feed, and the press check; this module is the door."""

from newsletter.rendering.body import web_links
from newsletter.rendering.cite import (
    Author,
    Citation,
    apa,
    bibtex,
    chicago,
    cite,
    csl,
    csl_json,
    meta_tags,
    ris,
)
from newsletter.rendering.colour import theme_css
from newsletter.rendering.edition import (
    Correction,
    Digest,
    Edition,
    Entry,
    Goal,
    Logo,
    Masthead,
    Related,
    Shown,
    Terms,
    Version,
    Words,
)
from newsletter.rendering.feeds import NEVER, Feed, atom, json_feed, legible_xml, linked_data
from newsletter.rendering.grammar import Fault
from newsletter.rendering.issue import article_html, has_place_for_appeal, mail
from newsletter.rendering.licence import (
    MANAGED,
    ManagedLicence,
    copyright_notice,
    credit_line,
    licence_data,
    licence_link,
    picture_data,
)
from newsletter.rendering.notice import digest, notice
from newsletter.rendering.overrides import SHIPPED, Overrides
from newsletter.rendering.paper import Collection, Paper, paper
from newsletter.rendering.permission import UNKNOWN, USUAL, Permission, Place, may_appear
from newsletter.rendering.pieces import PIECES, SIDES, Piece
from newsletter.rendering.placement import Placement
from newsletter.rendering.press import Remark, press_check
from newsletter.rendering.proving import prove, specimen
from newsletter.rendering.republish import Copy, republish
from newsletter.rendering.slots import Slot, fill
from newsletter.rendering.templates import page

__all__ = [
    "MANAGED",
    "NEVER",
    "PIECES",
    "SHIPPED",
    "SIDES",
    "UNKNOWN",
    "USUAL",
    "Author",
    "Citation",
    "Collection",
    "Copy",
    "Correction",
    "Digest",
    "Edition",
    "Entry",
    "Fault",
    "Feed",
    "Goal",
    "Logo",
    "ManagedLicence",
    "Masthead",
    "Overrides",
    "Paper",
    "Permission",
    "Piece",
    "Place",
    "Placement",
    "Related",
    "Remark",
    "Shown",
    "Slot",
    "Terms",
    "Version",
    "Words",
    "apa",
    "article_html",
    "atom",
    "bibtex",
    "chicago",
    "cite",
    "copyright_notice",
    "credit_line",
    "csl",
    "csl_json",
    "digest",
    "fill",
    "has_place_for_appeal",
    "json_feed",
    "legible_xml",
    "licence_data",
    "licence_link",
    "linked_data",
    "mail",
    "may_appear",
    "meta_tags",
    "notice",
    "page",
    "paper",
    "picture_data",
    "press_check",
    "prove",
    "republish",
    "ris",
    "specimen",
    "theme_css",
    "web_links",
]
