"""A look at an appeal before an issue has it: each variant, in each language, in mail and page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, manuscripts, model, rendering, support
from newsletter.desk import Permission
from newsletter.language import marked as _
from newsletter.language import translations
from newsletter.rendering import Edition, Placement
from newsletter.support import Saying
from newsletter.web import context, framing
from newsletter.web.context import asset_text, database, links, settings
from newsletter.web.desk.appeals import tongue
from newsletter.web.desk.frame import page
from newsletter.web.desk.guard import bp, needs
from newsletter.web.desk.preview import SCHEMES, VIEWS

HEADLINE = _("How an appeal stands in a text")
LEAD = _("The words around it are no issue’s own; they show where it comes and how it looks.")
PARAGRAPHS = (
    _("A reader has come to the end of a thought and pauses. This is where the appeal stands."),
    _("Then the text goes on as if nothing had been asked, and nobody has to answer."),
)
PLACE = Placement("paragraph", 1)
"""Where it stands here, so that it is seen at once; an issue’s own preview has its true place."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which variant is looked at, in which language, and how."""

    variant: str
    language: str
    show: str
    scheme: framing.Scheme

    @classmethod
    def asked(cls, sayings: Sequence[Saying], languages: Sequence[str]) -> "Choice":
        """Read the choice from the address; what it does not say is the first of each."""
        words, numbers = request.args, [str(each.variant.id) for each in sayings]
        return cls(
            words["variant"] if words.get("variant") in numbers else numbers[0],
            words["language"] if words.get("language") in languages else languages[0],
            words["show"] if words.get("show") in VIEWS else "phone",
            "dark" if words.get("scheme") == "dark" else "light",
        )

    @property
    def words(self) -> Mapping[str, str]:
        """What an address says of it."""
        return asdict(self)


@bp.get("/appeals/<int:number>/preview")
@needs(Permission.APPEALS)
def appeal_preview(number: int) -> Response:
    """Show an appeal in one of its variants and languages, by switches that are links."""
    now = datetime.now(UTC)
    with database.reading() as session:
        appeal = support.fetch_appeal(session, number)
        said = [each for each in support.sayings(session, [number])[number] if each.wordings]
        homes = _homes(session, appeal, said)
        if not said or not homes:
            return page("appeals/preview.html", one=appeal, choice=None)
        choice = Choice.asked(said, [*homes])
        saying = next(each for each in said if str(each.variant.id) == choice.variant)
        home, spoken = homes[choice.language], saying.spoken(choice.language)[0]
        edition = _edition(session, appeal, saying, choice.language, home, now)
        shown = issues.specimen(rendering.mail(edition), home, links, settings.return_domain, now)
        answer = page(
            "appeals/preview.html",
            one=appeal,
            choice=choice,
            variants={str(each.variant.id): each.variant.name for each in said},
            languages={tag: tongue(tag) for tag in homes},
            borrowed="" if _alike(spoken, choice.language) else tongue(spoken),
            views=VIEWS,
            schemes=SCHEMES,
            home=home,
            text=shown.text,
            framed=_framed(edition, shown, home, choice),
            sandbox=framing.SANDBOX,
        )
    return framing.allow_frames(answer)


def _alike(one: str, other: str) -> bool:
    return one.split("-")[0] == other.split("-")[0]


def _homes(
    session: Session, appeal: model.Appeal, said: Sequence[Saying]
) -> Mapping[str, model.Publication]:
    """Return a publication for each language in which the appeal may be read, its own first."""
    known = issues.publications(session)
    places = support.terms_of(session, appeal).publications
    mine = [each for each in known if appeal.for_all or each.id in places] or list(known)
    tags = [appeal.language, *sorted({tag for each in said for tag in each.wordings})]
    tags += [each.language for each in mine]
    at_home = {each.language: each for each in reversed(mine)}
    return {tag: at_home.get(tag) or mine[0] for tag in dict.fromkeys(tags) if mine}


def _edition(
    session: Session,
    appeal: model.Appeal,
    saying: Saying,
    language: str,
    home: model.Publication,
    now: datetime,
) -> Edition:
    """Make an issue of a few words, with the appeal in its midst."""
    say = translations(language).gettext
    tag, words = saying.spoken(language)
    evening = support.yesterdays_end(home, now)
    article = manuscripts.Article(
        say(HEADLINE),
        "\n\n".join(map(say, PARAGRAPHS)),
        dated=support.day_of(home, now),
        language=language,
        lead=say(LEAD),
    )
    return Edition(
        masthead=replace(issues.masthead(home, links), language=language),
        subject=say(HEADLINE),
        articles=(article,),
        url=links.archive(home.slug),
        donate_url=links.donate(home.slug, 0, appeal.id, saying.variant.id),
        appeal=manuscripts.Appeal(words.title, words.text, words.button),
        appeal_language=tag,
        goal=support.goals(session, [appeal], evening).get(appeal.id),
        placement=PLACE,
    )


def _framed(
    edition: Edition, shown: issues.Specimen, home: model.Publication, choice: Choice
) -> str:
    """Return what stands in the frame; nothing where there is none."""
    if choice.show == "text":
        return ""
    html = shown.html
    if choice.show == "web":
        article = rendering.article_html(edition)
        answer = context.page(
            "public/specimen.html", home, language=choice.language, article=article
        )
        style = asset_text("house.css") + rendering.theme_css(home.accent)
        html = framing.with_style(answer.get_data(as_text=True), style)
    return framing.with_new_tabs(framing.in_scheme(html, choice.scheme))
