"""Signing up: the form, here and on other sites, and what stands between it and the flood.

The answer depends on what was typed and on where it came from, never on what is known about the
address: what becomes of it is found out later, by the clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from newsletter import addresses, issues, model, rendering, subscriptions
from newsletter.errors import InvalidAddress, LimitReached
from newsletter.language import LANGUAGES, spoken, translations
from newsletter.web import challenge, origin
from newsletter.web.context import database, links, page, reader_language, settings
from newsletter.web.typed import typed

FORMS = ("page", "home", "archive", "embed")
"""Where a form may stand; the consent log says which it was."""

bp = Blueprint("subscribing", __name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a form says, as it was typed; ``publications`` are slugs of ours."""

    email: str = ""
    name: str = ""
    language: str = ""
    publications: tuple[str, ...] = ()
    form: str = "page"

    def fields(self) -> list[tuple[str, str]]:
        """Return what hidden fields say to say all of it again."""
        said = asdict(self)
        chosen = said.pop("publications")
        return [*said.items(), *(("publication", slug) for slug in chosen)]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form to fill in: what may be chosen, what was typed, and what is wrong with it."""

    offered: Sequence[model.Publication]
    entry: Entry
    wording: str
    errors: Mapping[str, str] = field(default_factory=dict)
    brief: bool = False

    @property
    def only(self) -> model.Publication | None:
        """The one that may be chosen, when there is but one."""
        return self.offered[0] if len(self.offered) == 1 else None


def blank(offered: Sequence[model.Publication], form: str, language: str) -> Sheet:
    """Return a brief form, to stand on another page: an address, and what to subscribe to."""
    entry = Entry(language=spoken(language), form=form)
    return Sheet(offered, entry, wording(language), brief=True)


def wording(language: str) -> str:
    """Return the sentence that a person agrees to by subscribing; the consent log keeps it."""
    _ = translations(language).gettext
    return _(
        "By subscribing you agree that we mail you the issues of what you chose, and use your"
        " address for nothing else. Each mail has a link by which you leave at once."
    )


@bp.get("/subscribe")
@bp.get("/subscribe/<slug>")
def form(slug: str | None = None) -> Response:
    """Show the form, for one publication or for all."""
    offered, publication = _offered(slug)
    language = spoken(publication.language) if publication else reader_language()
    sheet = Sheet(offered, Entry(language=language), wording(language))
    return page("public/subscribe.html", publication, sheet=sheet)


@bp.post("/subscribe")
@bp.post("/subscribe/<slug>")
def subscribe(slug: str | None = None) -> Response:
    """Take a form in, ask back where something is doubtful, and say where to look next."""
    now = datetime.now(UTC)
    offered, publication = _offered(slug)
    language = spoken(publication.language) if publication else reader_language()
    entry = _read(offered, language)
    if request.form.get("homepage"):
        count("sign-up-honeypot", now)
        return _look(publication, entry)
    errors = _wrong(entry, now)
    if errors:
        sheet = Sheet(offered, entry, wording(language), errors)
        return page("public/subscribe.html", publication, status=422, sheet=sheet)
    kept = addresses.parse(entry.email)
    meant = addresses.suggestion(kept)
    if meant and "sure" not in request.form:
        count("sign-up-suggested", now)
        return page("public/meant.html", publication, entry=entry, kept=kept, meant=meant)
    chosen = tuple(each for each in offered if each.slug in entry.publications)
    wish = subscriptions.Form(
        address=kept,
        publications=tuple(each.id for each in chosen),
        language=entry.language,
        name=entry.name,
        form=entry.form,
        wording=wording(language),
        origin=origin.kept(),
    )
    try:
        with database.transaction() as session:
            passed = challenge.is_passed(session, entry, now)
            if passed:
                subscriptions.ask(
                    session,
                    wish,
                    now,
                    secret_key=settings.secret_key,
                    network=origin.network(),
                )
    except LimitReached:
        count("sign-up-limited-network", now)
        sheet = Sheet(offered, entry, wording(language), {"form": "limit"})
        return page("public/subscribe.html", publication, status=429, sheet=sheet)
    if not passed:
        return page(
            "public/press.html",
            publication,
            what="subscribe",
            fields=[*entry.fields(), ("sure", "yes")],
            address=kept,
            chosen=chosen,
            wording=wording(language),
            press=challenge.press_tag(entry, now),
        )
    return _look(publication, replace(entry, email=kept))


@bp.get("/embed")
def embed() -> Response:
    """Show what an editor copies into another site: plain HTML that needs no script."""
    with database.reading() as session:
        offered = issues.publications(session)
    return page(
        "public/embed.html",
        offered=offered,
        snippets={each.slug: _snippet(each) for each in offered},
    )


@bp.get("/challenge")
def fresh_challenge() -> Response:
    """Set a challenge for one form; only who solves it costs us anything more."""
    return challenge.answer(datetime.now(UTC))


def _offered(slug: str | None) -> tuple[Sequence[model.Publication], model.Publication | None]:
    """Return what may be chosen, and the one publication that a page is about."""
    with database.reading() as session:
        if slug is None:
            return issues.publications(session), None
        publication = issues.fetch_publication(session, slug)
    return [publication], publication


def _read(offered: Sequence[model.Publication], language: str) -> Entry:
    """Read the request's form; what no form of ours could say is left out."""
    said = request.form
    chosen = set(said.getlist("publication"))
    if len(offered) == 1:
        chosen.add(offered[0].slug)
    return Entry(
        email=typed("email"),
        name=typed("name")[: subscriptions.MOST_NAME],
        language=said.get("language", "") if said.get("language") in LANGUAGES else language,
        publications=tuple(each.slug for each in offered if each.slug in chosen),
        form=said.get("form", "") if said.get("form") in FORMS else "page",
    )


def _wrong(entry: Entry, now: datetime) -> dict[str, str]:
    """Name what is wrong with an entry, by field."""
    errors = {}
    if wrong := wrong_address(entry.email):
        errors["email"] = wrong
        if wrong != "missing":
            count(f"sign-up-{wrong}", now)
    if not entry.publications:
        errors["publication"] = "none"
    return errors


def wrong_address(typed: str) -> str:
    """Name what is wrong with an address as it was typed, or against the operator's policy."""
    if not typed:
        return "missing"
    try:
        kept = addresses.parse(typed)
    except InvalidAddress:
        return "syntax"
    if settings.disposable == "refuse" and addresses.is_disposable(kept):
        return "disposable"
    if settings.role_addresses == "refuse" and addresses.is_role(kept):
        return "role"
    if settings.check_domains and not addresses.takes_mail(kept):
        return "domain"
    return ""


def _snippet(publication: model.Publication) -> str:
    """Return the form of one publication as plain HTML, in the language of the publication."""
    return rendering.page(
        "public/_snippet.html",
        publication.language,
        publication=publication,
        spoken=spoken(publication.language),
        wording=wording(publication.language),
        links=links,
    ).strip()


def _look(publication: model.Publication | None, entry: Entry) -> Response:
    return page("public/look.html", publication, what="subscribe", address=entry.email)


def count(name: str, now: datetime) -> None:
    """Count what was refused, whoever it was."""
    with database.transaction() as session:
        subscriptions.count(session, name, now)
