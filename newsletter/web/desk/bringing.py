"""Bringing in a manuscript: a file, a text or a page, what it was taken for, then a draft of it.

What came is kept between the pages, so that nothing is lost on the way. What stands on the web is
fetched by ``outward``, which visits public addresses only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import desk, issues, manuscripts, model, outward
from newsletter.desk import Action, Permission, bringing, team
from newsletter.errors import Conflict, Invalid, InvalidManuscript, NewsletterError, Unreachable
from newsletter.language import marked as _
from newsletter.language import say_date
from newsletter.manuscripts import Article, Finding, Part, Recognised, feed
from newsletter.web.context import database, network, reader_language
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to

LARGEST_FORM = manuscripts.LARGEST_FILE + 256 * 1024
MOST_FETCHED = 20
"""Pictures that are fetched for one page."""
PATIENCE_FOR_PICTURES = 20.0
"""Seconds that all of them may take together, and one of them a third of that."""
LARGEST_PICTURE = 15 * 1024 * 1024
MOST_OFFERED = 50
"""Of the newest issues, those are offered whose text may be replaced."""
MOST_SHOWN = 600
"""Passages that are shown with a choice; the rest of a very long text is as it was recognised."""

PARTS = {
    Part.BODY: _("Text"),
    Part.SUBHEADING: _("Subheading"),
    Part.HEADLINE: _("Headline"),
    Part.KICKER: _("Kicker"),
    Part.DATE: _("Date"),
    Part.AUTHOR: _("Author"),
    Part.LEAD: _("Lead"),
    Part.PICTURE: _("Lead picture"),
    Part.FIGURE: _("Picture in the text"),
    Part.NOTE: _("Footnote"),
    Part.APPEAL: _("Appeal"),
    Part.LICENCE: _("Licence"),
    Part.RELATED: _("Related"),
    Part.TAGS: _("Tags"),
    Part.FURNITURE: _("Left out"),
}
"""What the parts are called."""

_WORD_KINDS = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)
_PAGE_KINDS = ("text/html", "application/xhtml+xml")
_ACCEPT = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,*/*;q=0.5"
_BLOCKS = ("- ", "* ", "> ", "| ", "```")
_LONGEST_ADDRESS = 2000
_NOTHING = _("Choose a file, paste a text or give the address of a page.")
_TOO_MUCH = _("Give one of the three: a file, a text or an address. Empty the others.")
_NO_ENTRY = _("That entry is not in the feed any more. Choose another.")


@dataclass(slots=True)
class Sent:
    """What the first form was filled with, and what is wrong with it.

    ``formatted`` is the text as the page of HTML that a clipboard had of it.
    """

    text: str = ""
    formatted: str = ""
    address: str = ""
    publication: str = ""
    issue: str = ""
    troubles: dict[str, str] = field(default_factory=dict)

    @classmethod
    def now(cls) -> Self:
        """Read the form that was sent."""
        form = request.form
        return cls(
            text=form.get("text", ""),
            formatted=form.get("formatted", ""),
            address=form.get("address", "").strip()[: _LONGEST_ADDRESS + 1],
            publication=form.get("publication", "")[:200],
            issue=form.get("issue", "")[:20],
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A manuscript as it came."""

    content: bytes
    name: str = ""
    url: str = ""
    charset: str = ""


@bp.get("/bring-in")
@needs(Permission.WRITE)
def bringing_in() -> Response:
    """Ask for a file, a text or an address; show what waits to be made an issue of."""
    given = Sent(
        publication=request.args.get("publication", ""), issue=request.args.get("issue", "")
    )
    return _first_page(given)


@bp.post("/bring-in")
@needs(Permission.WRITE, largest=LARGEST_FORM)
def bring_in() -> Response:
    """Read what came, keep it, and lead to what it was taken for; of a feed, show the entries."""
    given = Sent.now()
    file = request.files.get("file")
    sources = {
        "file": bool(file and file.filename),
        "text": bool(given.text.strip()),
        "address": bool(given.address),
    }
    filled = [name for name, is_given in sources.items() if is_given]
    if len(filled) != 1:
        given.troubles[filled[1] if filled else "file"] = say(_TOO_MUCH if filled else _NOTHING)
        return _first_page(given, status=422)
    try:
        if file and file.filename:
            source: Source | feed.Feed = Source(file.read(), _base_name(file.filename))
        elif given.address:
            source = _fetched(given.address)
        elif given.formatted.strip():
            source = Source(
                given.formatted.encode("utf-8", "replace"), "text.html", charset="utf-8"
            )
        else:
            source = Source(given.text.encode("utf-8", "replace"))
        if isinstance(source, feed.Feed):
            return _feed_page(given, source)
        return lead(_kept(given, source))
    except (Invalid, Unreachable) as error:
        given.troubles[filled[0]] = told(error)
        return _first_page(given, status=422)


def _base_name(name: str) -> str:
    """Return the name of a file without its folders, as either kind of system writes them."""
    return name.replace("\\", "/").rsplit("/", 1)[-1][-200:]


def _fetched(address: str) -> Source | feed.Feed:
    """Fetch a page or a feed; of a feed whose entry was chosen, that entry."""
    fetched = outward.fetch(
        address, most=manuscripts.LARGEST_FILE, accept=_ACCEPT, network=network()
    )
    if not feed.is_feed(fetched.content, fetched.kind):
        return _source(fetched)
    found = feed.read(fetched.content, fetched.url)
    chosen = request.form.get("entry", "")
    if not chosen:
        return found
    entry = next((each for each in found.entries if each.key == chosen), None)
    if entry is None:
        raise Invalid(_NO_ENTRY)
    if entry.html:
        return Source(entry.page, "entry.html", entry.url or fetched.url)
    page_of_entry = outward.fetch(
        entry.url, most=manuscripts.LARGEST_FILE, accept=_ACCEPT, network=network()
    )
    return _source(page_of_entry)


def _source(fetched: outward.Fetched) -> Source:
    """Return what was fetched with a name that says what kind it is."""
    name = PurePosixPath(urlsplit(fetched.url).path).name
    if fetched.kind in _PAGE_KINDS:
        name = "page.html"
    elif fetched.kind in _WORD_KINDS:
        name = "document.docx"
    return Source(fetched.content, name, fetched.url, fetched.charset)


def _kept(given: Sent, source: Source) -> str:
    """Keep a manuscript with its pictures; return the address of its page."""
    now = datetime.now(UTC)
    read = manuscripts.recognise(
        source.content, source.name, url=source.url, charset=source.charset
    )
    files = _picture_files(read)
    with database.transaction() as session:
        chosen = _chosen(session, given.publication, read)
        replaced = _replaced(session, given.issue)
        manuscript = bringing.keep(
            session,
            presence.editor_id,
            source.content,
            now,
            name=source.name,
            url=source.url,
            charset=source.charset,
            title=_title(read),
            publication_id=chosen.id if chosen else None,
            issue_id=replaced.id if replaced else None,
            pictures={name: _stored(session, file, now) for name, file in files.items()},
        )
        return to("manuscript", number=manuscript.id)


def _title(read: Recognised) -> str:
    heads = [each.text for each in read.findings if each.part is Part.HEADLINE]
    words = " ".join(heads) or read.given.headline
    return (words or next((f.text for f in read.findings if f.text), ""))[:200]


def _picture_files(read: Recognised) -> dict[str, bytes]:
    """Return the pictures by their names; empty are those that could not be had."""
    until = monotonic() + PATIENCE_FOR_PICTURES
    files: dict[str, bytes] = {}
    for name in bringing.files_of(read):
        if name in read.pictures:
            files[name] = read.pictures[name]
        elif name.startswith(("http://", "https://")):
            left = until - monotonic() if len(files) < MOST_FETCHED else 0
            files[name] = _fetched_picture(name, left)
    return files


def _fetched_picture(address: str, left: float) -> bytes:
    if left <= 0:
        return b""
    patience = min(left, PATIENCE_FOR_PICTURES / 3)
    try:
        return outward.fetch(
            address, most=LARGEST_PICTURE, patience=patience, accept="image/*", network=network()
        ).content
    except Unreachable:
        return b""


def _stored(session: Session, content: bytes, now: datetime) -> str:
    """Store a picture; return its name, nothing if it is none that can be shown."""
    try:
        return issues.store_image(session, content, now) if content else ""
    except Invalid:
        return ""


def _chosen(session: Session, slug: str, read: Recognised) -> model.Publication | None:
    """Return the publication that was chosen, or else the one that the kicker names."""
    if slug:
        return next((each for each in issues.publications(session) if each.slug == slug), None)
    kickers = [each.text for each in read.findings if each.part is Part.KICKER]
    kicker = " ".join(kickers) or read.given.kicker
    return issues.find_publication_for(session, kicker) if kicker else None


def _replaced(session: Session, number: str) -> model.Issue | None:
    is_number = number.isdecimal() and len(number) < 19  # as databases count
    found = session.get(model.Issue, int(number)) if is_number else None
    return found if found and issues.is_open(found) else None


def _first_page(given: Sent, *, status: int = 200) -> Response:
    with database.reading() as session:
        return page(
            "bring-in.html",
            status=status,
            given=given,
            troubles=given.troubles,
            publications=issues.publications(session),
            replaceable=_open_issues(session),
            waiting=bringing.waiting(session, presence.editor_id),
            kept=bringing.KEPT.days,
            feeds=bringing.feeds(session),
            zone=desk.house_zone(session),
            largest=manuscripts.LARGEST_FILE,
        )


def _open_issues(session: Session) -> Sequence[tuple[model.Issue, str]]:
    found = issues.latest(session, limit=MOST_OFFERED)
    return [(issue, name) for issue, name in found if issues.is_open(issue)]


def _feed_page(given: Sent, found: feed.Feed) -> Response:
    """Show the entries of a feed, to choose one."""
    with database.transaction() as session:
        title = found.title or urlsplit(given.address).hostname or given.address
        bringing.note_feed(session, given.address, title, datetime.now(UTC))
    entries = [
        (entry, say_date(entry.dated, reader_language()) if entry.dated else "")
        for entry in found.entries
    ]
    return page("bring-in-feed.html", given=given, title=title, entries=entries)


@bp.post("/bring-in/feeds/<int:number>/forget")
@needs(Permission.WRITE)
def forget_feed(number: int) -> Response:
    """Offer a feed no more."""
    with database.transaction() as session:
        bringing.forget_feed(session, number)
    return lead(to("bringing_in", done="feed-forgotten"))


@bp.get("/bring-in/<int:number>")
@needs(Permission.WRITE)
def manuscript(number: int) -> Response:
    """Show what each passage was taken for, and what article that makes."""
    with database.reading() as session:
        return _manuscript_page(session, bringing.fetch(session, number, presence.editor_id), {})


@bp.post("/bring-in/<int:number>")
@needs(Permission.WRITE)
def correct(number: int) -> Response:
    """Note what the editor takes passages for; make the draft if that was asked for."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        kept = bringing.fetch(session, number, presence.editor_id)
        bringing.correct(kept, _sent_parts())
        publication = _publication_named(session, request.form.get("publication", ""))
        kept.publication_id = publication.id if publication else None
        replaced = _replaced(session, request.form.get("issue", ""))
        kept.issue_id = replaced.id if replaced else None
    if request.form.get("act") != "draft":
        return lead(to("manuscript", number=number, done="looked-again"))
    try:
        with database.transaction() as session:
            kept = bringing.fetch(session, number, presence.editor_id)
            issue = _drafted(session, kept, now)
    except InvalidManuscript as error:
        place = f"part-{error.line}" if error.line else "parts"
        troubles = {place: told(error)}
    except Conflict as error:
        troubles = {"issue": say(_TAKEN if getattr(error, "issue", 0) else error.message)}
    except Invalid as error:
        troubles = {"publication": say(error.message)}
    else:
        return lead(to("issue_text", number=issue, done="brought-in"))
    with database.reading() as session:
        kept = bringing.fetch(session, number, presence.editor_id)
        return _manuscript_page(session, kept, troubles, status=422)


_TAKEN = _(
    "This publication has an issue with this date and headline already."
    " Put the text in its place, or change the headline."
)
_NO_PUBLICATION = _("Choose the publication that this is for.")


def _sent_parts() -> dict[int, str]:
    """Read what each passage was taken for."""
    names = (
        (name.removeprefix("part-"), value)
        for name, value in request.form.items()
        if name.startswith("part-")
    )
    return {int(line): value for line, value in names if line.isdecimal() and len(line) < 9}


def _publication_named(session: Session, slug: str) -> model.Publication | None:
    return next((each for each in issues.publications(session) if each.slug == slug), None)


def _drafted(session: Session, kept: model.Manuscript, now: datetime) -> int:
    """Make the draft, or put the text into the place of an issue's; return the issue's number."""
    made = bringing.article(kept, bringing.recognised(kept))
    editor = team.fetch(session, presence.editor_id)
    issue = session.get(model.Issue, kept.issue_id) if kept.issue_id else None
    if issue and issues.is_open(issue):
        issues.revise(session, issue, [made], now, editor)
    elif kept.publication_id:
        publication = session.get_one(model.Publication, kept.publication_id)
        issue = issues.draft(session, publication, [made], now, editor)
    else:
        raise Invalid(_NO_PUBLICATION)
    desk.note(session, presence.actor, Action.BROUGHT_IN, now, made.headline)
    bringing.discard(session, kept)
    return issue.id


@bp.post("/bring-in/<int:number>/discard")
@needs(Permission.WRITE)
def discard(number: int) -> Response:
    """Forget a manuscript."""
    with database.transaction() as session:
        bringing.discard(session, bringing.fetch(session, number, presence.editor_id))
    return lead(to("bringing_in", done="discarded"))


@dataclass(frozen=True, slots=True)
class Row:
    """A passage as the page shows it."""

    line: int
    part: Part
    text: str
    choices: Sequence[Part]
    is_block: bool
    """A list, a table or a quotation, which is shown as Markdown."""
    is_unsure: bool
    image: str
    """The stored name of the picture, nothing if there is none."""
    is_missing: bool
    """A picture whose file could not be had."""


def _is_block(finding: Finding) -> bool:
    return "\n" in finding.markdown or finding.markdown.startswith(_BLOCKS)


def _shown(finding: Finding) -> str:
    if finding.picture:
        return finding.text or finding.picture.alt
    return finding.markdown if _is_block(finding) else finding.text


def _rows(kept: model.Manuscript, read: Recognised) -> Sequence[Row]:
    return [
        Row(
            line=each.line,
            part=Part.BODY if each.part is Part.UNSURE else each.part,
            text=_shown(each),
            is_block=_is_block(each),
            choices=bringing.choices(each),
            is_unsure=each.part is Part.UNSURE,
            image=str(kept.pictures.get(each.picture.file, "")) if each.picture else "",
            is_missing=bool(each.picture)
            and not kept.pictures.get(each.picture.file if each.picture else ""),
        )
        for each in read.findings
    ]


def _manuscript_page(
    session: Session,
    kept: model.Manuscript,
    troubles: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    read = bringing.recognised(kept)
    article, wrong = _article_or_trouble(kept, read)
    rows = _rows(kept, read)
    publication = _publication_of(session, kept, read)
    return page(
        "bring-in-parts.html",
        status=status,
        kept=kept,
        rows=rows[:MOST_SHOWN],
        more=max(len(rows) - MOST_SHOWN, 0),
        names=PARTS,
        article=article,
        day=_day(article),
        words=len(f"{article.lead} {article.body}".split()) if article else 0,
        wrong={} if troubles else wrong,
        troubles=troubles,
        publications=issues.publications(session),
        publication=publication,
        replaceable=_open_issues(session),
        unsure=sum(row.is_unsure for row in rows),
        missing=sum(row.is_missing for row in rows),
    )


def _publication_of(
    session: Session, kept: model.Manuscript, read: Recognised
) -> model.Publication | None:
    if kept.publication_id:
        return session.get(model.Publication, kept.publication_id)
    return _chosen(session, "", read)


def _article_or_trouble(
    kept: model.Manuscript, read: Recognised
) -> tuple[Article | None, dict[str, str]]:
    try:
        return bringing.article(kept, read), {}
    except InvalidManuscript as error:
        return None, {f"part-{error.line}" if error.line else "parts": told(error)}


def _day(article: Article | None) -> str:
    return say_date(article.dated, reader_language()) if article and article.dated else ""


def told(error: NewsletterError) -> str:
    """Say what is wrong in the reader's language, as a sentence."""
    if isinstance(error, InvalidManuscript):
        facts: Mapping[str, Any] = {name: say(fact) for name, fact in error.facts.items()}
        words = say(error.words) % facts if facts else say(error.words)
        sentence = f"{words[:1].upper()}{words[1:]}"
        return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
    return say(error.message)
