"""Plain text -> LaTeX in ASCII, as a field of BibTeX takes it: its braces are always in pairs."""

import unicodedata

_WRITTEN = {
    "\\": r"{\textbackslash}",
    # BibTeX counts braces, and escaped ones too.
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    **{letter: f"\\{letter}" for letter in "$&#%_"},
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "<": r"{\textless}",
    ">": r"{\textgreater}",
    "|": r"{\textbar}",
    '"': r"{\textquotedbl}",
    "`": r"{\textasciigrave}",
    "“": r"{\textquotedblleft}",
    "”": r"{\textquotedblright}",
    "„": r"{\quotedblbase}",
    "‘": r"{\textquoteleft}",
    "’": r"{\textquoteright}",
    "‚": r"{\quotesinglbase}",
    "«": r"{\guillemotleft}",
    "»": r"{\guillemotright}",
    "–": r"{\textendash}",
    "—": r"{\textemdash}",
    "…": r"{\ldots}",
    "\u00a0": "~",
    "§": r"{\S}",
    "©": r"{\copyright}",
    "€": r"{\texteuro}",
    "°": r"{\textdegree}",
    **dict(zip("łŁøØæÆœŒßđĐþÞðÐıåÅ", (
        *(r"{\l}", r"{\L}", r"{\o}", r"{\O}", r"{\ae}", r"{\AE}", r"{\oe}", r"{\OE}", r"{\ss}"),
        *(r"{\dj}", r"{\DJ}", r"{\th}", r"{\TH}", r"{\dh}", r"{\DH}", r"{\i}", r"{\aa}", r"{\AA}"),
    ), strict=True)),
}  # fmt: skip

_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0328": "k",
    "\u0331": "b",
}


def latex(text: str) -> str:
    """Write one line of ``text``; letters that LaTeX has no command for stay as they are."""
    return "".join(map(_letter, unicodedata.normalize("NFC", text)))


def _letter(letter: str) -> str:
    if letter in _WRITTEN:
        return _WRITTEN[letter]
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if len(marks) == 1 and base.isascii() and marks[0] in _ACCENTS:
        accent = _ACCENTS[marks[0]]
        return f"{{\\{accent}{{{base}}}}}"
    return letter
