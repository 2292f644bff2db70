"""Mails and pages in a frame within a page: without scripts, links in new tabs, in one scheme.

A frame that is filled by ``srcdoc`` keeps the policy of the page around it, so that such a page has
to allow the style that mails carry on their elements; scripts stay forbidden twice.
"""

import re
from typing import Literal

from flask import Response

from newsletter.web.headers import content_policy

Scheme = Literal["light", "dark"]

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""What a frame may do: open links in new tabs, nothing else."""

_BEFORE_HEAD = re.compile(r"(?is)\A(\s*<!doctype[^>]*>)?(.*?<head(\s[^>]*)?>)?")
_LINK_WITHIN = re.compile(r"""(?i)<a\b(?=[^>]*\shref\s*=\s*["']?#)""")
_STYLE = re.compile(r"(?s)(?<=<style)([^>]*>)(.*?)(?=</style>)")
_CONDITION = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_ELSEWHERE = re.compile(r'(?s)<link rel="stylesheet"[^>]*>|<script\b.*?</script>')
_BOTH = re.compile(r"(<meta name=\"(?:supported-)?color-schemes?\" content=\")light dark\"")


def with_new_tabs(html: str) -> str:
    """Let links open new tabs, which the sandbox allows, and links within the mail stay in it."""
    placed = _BEFORE_HEAD.sub(r'\g<0><base target="_blank">', html, count=1)
    return _LINK_WITHIN.sub('<a target="_self"', placed)


def in_scheme(html: str, scheme: Scheme) -> str:
    """Have a mail or page of ours show itself as on ``scheme`` paper, whatever the system says.

    Only what stands in style elements is read as style: the words of authors are left alone.
    """

    def settle(style: re.Match[str]) -> str:
        css = _CONDITION.sub(lambda asked: "all" if asked[1] == scheme else "not all", style[2])
        return style[1] + css.replace("color-scheme: light dark", f"color-scheme: {scheme}")

    return _BOTH.sub(rf'\g<1>{scheme}"', _STYLE.sub(settle, html))


def with_style(page: str, css: str) -> str:
    """Put the style of a page of ours into it, in the place of its stylesheets, and no script."""
    bare = _ELSEWHERE.sub("", page)
    return bare.replace("</head>", f"<style>{css}</style></head>", 1)


def allow_frames(answer: Response) -> Response:
    """Let a page have frames that it fills by ``srcdoc``, with the style of mails in them."""
    policy = content_policy(style_src="'self' 'unsafe-inline'")
    answer.headers["Content-Security-Policy"] = policy
    return answer
