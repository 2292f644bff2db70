"""What of the mails can be written anew at the desk: the pieces, their files, what they are given.

A piece is what one edits at one time: a mail with its subject, its HTML and its text, or a part
that several mails share, in both forms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from newsletter.config import folder
from newsletter.language import marked as _

NOTICES = (
    "confirm",
    "already-subscribed",
    "welcome",
    "goodbye",
    "manage",
    "address-change",
    "invitation",
)
MAILS = ("issue", "digest", *NOTICES)
"""Every mail that readers and editors get, by the name of its folder."""

SIDES = ("subject", "html", "text")
"""In which forms a piece may be written."""

VARIABLES: Mapping[str, str] = {
    "language": _("The language of the mail: en, pl"),
    "masthead.name": _("The name of the publication"),
    "masthead.kicker": _("Its kicker"),
    "masthead.author": _("The sender’s name"),
    "masthead.postal_address": _("The postal address, line by line"),
    "masthead.language": _("The language of the publication"),
    "masthead.url": _("Its page for readers"),
    "masthead.logo": _("The logo, with url, width, height and alt, if there is one"),
    "light": _("Colours on light paper: light.accent, light.accent_tint, light.rule and others"),
    "dark": _("The same on dark paper"),
    "sheet.title": _("The subject of the issue"),
    "sheet.preview": _("The words that inboxes show beside the subject"),
    "sheet.url": _("The page of the issue on the web"),
    "sheet.dated": _("Its date; write it as {{ sheet.dated | date }}"),
    "sheet.articles": _("Its articles, with kicker, dated, headline, lead, licence and others"),
    "sheet.embargo": _("Until when the text is under an embargo, if it is"),
    "sheet.related": _("Issues that it points to, with headline, dated and url"),
    "sheet.licence": _("The licence, with text_terms, image_terms and url, if there is one"),
    "sheet.masthead": _("The publication, as masthead"),
    "sheet.notes": _("What the text part notes at its foot: addresses of links, footnotes"),
    "unsubscribe_url": _("The link to unsubscribe, which is each reader’s own"),
    "preferences_url": _("The link to the reader’s preferences"),
    "archive_url": _("The page with all issues"),
    "digest.entries": _("The issues, with kicker, dated, headline, lead, url and language"),
    "digest.is_monthly": _("Whether it is that of a month; else it is that of a week"),
    "digest.first": _("Its first day; {{ (digest.first, digest.last) | period }} writes both"),
    "digest.last": _("Its last day"),
    "publications": _("The names of the publications that were asked for"),
    "confirm_url": _("The link by which the reader confirms"),
    "manage_url": _("The link by which the reader sees and changes everything"),
    "undo_url": _("The link that takes it back"),
    "agree_url": _("The link by which the reader agrees"),
    "join_url": _("The link by which one joins the desk"),
    "editor": _("The name of the editor who invites"),
    "days": _("How many days the link works"),
    "hours": _("How many hours the link works"),
    "minutes": _("How many minutes the link works"),
    "new": _("Whether this goes to the new address; else it goes to the old one"),
    "latest": _("The latest issue, with headline, dated and url, if there is one"),
    "lead": _("The lead of the latest issue"),
    "kicker": _("The kicker over this mail or article"),
    "dated": _("The date, if there is one; write it as {{ dated | date }}"),
    "said": _("What a digest says in the place of the date"),
    "headline": _("The headline of the mail"),
    "opening": _("Its first sentence, which inboxes preview"),
    "figure.shown": _("The picture, with url, width and height, if its file is there"),
    "figure.alt": _("What the picture shows"),
    "figure.credit": _("Its credit"),
    "block.title": _("The title of the appeal"),
    "block.text": _("Its text"),
    "block.button": _("The words on its button"),
    "block.url": _("Where its button leads"),
    "block.language": _("The language of its words"),
    "block.goal": _("How far its goal is, with words and percent, if it has one"),
}
"""What templates are given, and what each is."""

_ALWAYS = ("language", "masthead", "light", "dark")
_FORM = "form"
"""Given as well, and used by templates of the house alone."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something of the mails that is edited as one.

    ``files`` are its templates by side; ``mails`` are those in which it stands; ``given`` says
    what of ``VARIABLES`` it may use, whole groups by the word before their dot.
    """

    name: str
    title: str
    about: str
    files: Mapping[str, str]
    mails: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def is_mail(self) -> bool:
        """Tell whether it is a whole mail."""
        return "subject" in self.files

    @property
    def variables(self) -> Mapping[str, str]:
        """Return what it may use, and what each is."""
        groups = {*_ALWAYS, *self.given}
        return {name: words for name, words in VARIABLES.items() if _root(name) in groups}

    @property
    def known(self) -> Mapping[str, frozenset[str]]:
        """Return the variables with what is documented of each."""
        known: dict[str, frozenset[str]] = {_FORM: frozenset()}
        for name in self.variables:
            root, _, field = name.partition(".")
            known[root] = known.get(root, frozenset()) | ({field} if field else set())
        return known

    def shipped(self) -> Mapping[str, str]:
        """Return its templates as they come with the house, by side."""
        return {side: _source(file) for side, file in self.files.items()}

    def named(self, sources: Mapping[str, str]) -> Mapping[str, str]:
        """Return ``sources``, given by side, by the names of their templates."""
        return {file: sources[side] for side, file in self.files.items() if side in sources}


def _root(name: str) -> str:
    return name.partition(".")[0]


@cache
def _source(file: str) -> str:
    return (folder("templates") / file).read_text(encoding="utf-8")


@cache
def parts() -> frozenset[str]:
    """Return the names of the templates that others may include or extend."""
    base = folder("templates")
    files = (base / "emails" / "_parts").rglob("*.*")
    return frozenset(file.relative_to(base).as_posix() for file in files)


def _mail(name: str, title: str, about: str, *given: str) -> Piece:
    files = {
        "subject": f"emails/{name}/subject.txt",
        "html": f"emails/{name}/body.html",
        "text": f"emails/{name}/body.txt",
    }
    return Piece(name, title, about, files, (name,), given)


def _part(
    name: str, title: str, about: str, html: str, text: str, mails: Iterable[str], *given: str
) -> Piece:
    files = {"html": f"emails/_parts/{html}"} | ({"text": f"emails/_parts/{text}"} if text else {})
    return Piece(name, title, about, files, tuple(mails), given)


PIECES: Mapping[str, Piece] = {
    piece.name: piece
    for piece in (
        _mail(
            "issue",
            _("An issue"),
            _("What stands around the text of every issue, and in which order"),
            *("sheet", "unsubscribe_url", "preferences_url", "article", "issue"),
        ),
        _mail(
            "digest",
            _("A digest"),
            _("The week or the month in brief"),
            *("digest", "unsubscribe_url", "preferences_url", "sheet"),
        ),
        _mail(
            "confirm",
            _("Please confirm"),
            _("To whoever has just signed up"),
            *("publications", "confirm_url", "days"),
        ),
        _mail(
            "already-subscribed",
            _("Subscribed already"),
            _("To whoever signs up and gets it already"),
            *("publications", "manage_url"),
        ),
        _mail(
            "welcome",
            _("Welcome"),
            _("To whoever has confirmed"),
            *("archive_url", "latest", "lead", "unsubscribe_url", "preferences_url"),
        ),
        _mail(
            "goodbye",
            _("Goodbye"),
            _("To whoever has left by a page"),
            *("undo_url", "days", "archive_url"),
        ),
        _mail(
            "manage",
            _("The link to one’s subscriptions"),
            _("To whoever asked for it"),
            *("manage_url", "minutes"),
        ),
        _mail(
            "address-change",
            _("A change of address"),
            _("To the old address and to the new one"),
            *("agree_url", "new", "hours"),
        ),
        _mail(
            "invitation",
            _("An invitation to the desk"),
            _("To whoever is to write, approve or own"),
            *("join_url", "editor", "days"),
        ),
        _part(
            "head",
            _("The head"),
            _("On top of every mail, and of each article of an issue that has several"),
            *("mail/dateline.html", "", MAILS),
            *("kicker", "dated", "said"),
        ),
        _part(
            "foot",
            _("The foot of issues"),
            _("Postal address, why one gets this, the ways out"),
            *("mail/imprint.html", "text/imprint.txt", ("issue",)),
            *("sheet", "unsubscribe_url", "preferences_url"),
        ),
        _part(
            "notice",
            _("The frame of notices"),
            _("What stands around the words of every mail that is no issue and no digest"),
            *("notice.html", "text/notice.txt", NOTICES),
            *("headline", "opening"),
        ),
        _part(
            "appeal",
            _("The appeal"),
            _("The panel in mid-text that asks for a gift"),
            *("mail/appeal.html", "text/appeal.txt", ("issue",)),
            "block",
        ),
        _part(
            "picture",
            _("A picture"),
            _("The picture with its credit"),
            *("mail/figure.html", "text/figure.txt", ("issue",)),
            "figure",
        ),
        _part(
            "related",
            _("Related issues"),
            _("The short list after the text"),
            *("related.html", "text/related.txt", ("issue",)),
            "sheet",
        ),
        _part(
            "licence",
            _("The licence"),
            _("On what terms texts and images may be republished"),
            *("licence.html", "text/licence.txt", ("issue",)),
            "sheet",
        ),
    )
}
"""All pieces by name: the mails first, then what they share."""
