"""The frame of the desk: the rail beside every page, what a page says at its top, errors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from newsletter import desk, issues
from newsletter.desk import Permission, may
from newsletter.errors import LinkInvalid, NewsletterError
from newsletter.language import marked as _
from newsletter.language import say_language, say_moment, translations
from newsletter.web import context
from newsletter.web.context import reader_language
from newsletter.web.desk import guard


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the rail: a view, what it is called, and who sees it."""

    view: str
    name: str
    permission: Permission


RAIL = (
    Place("today", _("Today"), Permission.TODAY),
    Place("issue_list", _("Issues"), Permission.ISSUES),
    Place("calendar", _("Calendar"), Permission.ISSUES),
    Place("bringing_in", _("Bring in"), Permission.WRITE),
    Place("subscribers_page", _("Subscribers"), Permission.SUBSCRIBERS),
    Place("appeals_page", _("Appeals"), Permission.APPEALS),
    Place("library", _("Library"), Permission.WRITE),
    Place("reports", _("Reports"), Permission.SENDING),
    Place("settings_page", _("Settings"), Permission.SETTINGS),
    Place("team_page", _("Team"), Permission.TEAM),
    Place("trail", _("Audit trail"), Permission.TRAIL),
)

DONE = {
    "welcome": _("Welcome. Your account is ready."),
    "password": _("Your password is changed, and every other browser is signed out."),
    "codes-off": _("Signing in asks for no code any more."),
    "passkey": _("The passkey is added."),
    "passkey-removed": _("The passkey is removed."),
    "ended": _("That browser is signed out."),
    "ended-all": _("Every other browser is signed out."),
    "role": _("The role is changed. That editor has to sign in again."),
    "removed": _("The editor is removed."),
    "withdrawn": _("The invitation is withdrawn."),
    "brought-in": _("The draft is made."),
    "looked-again": _("What you said of the passages is taken over."),
    "discarded": _("The manuscript is discarded."),
    "feed-forgotten": _("The feed is not offered any more."),
    "subscriber-added": _("The subscriber is added."),
    "subscriber-asked": _(
        "The person is asked by mail, unless they get it already or must not be written to."
    ),
    "subscriber-corrected": _("The subscriber is corrected."),
    "subscriber-tagged": _("The tag is put on."),
    "subscriber-untagged": _("The tag is taken off."),
    "unsubscribed": _("The subscription is ended."),
    "link-sent": _("The mail is on its way."),
    "suppressed": _("No mail goes to this address any more."),
    "lifted": _("Mail goes to this address again."),
    "erased": _("The subscriber is erased."),
    "blocked": _("Sign-ups from there are not taken any more."),
    "import-discarded": _("The file is deleted. Whom it brought stays."),
    "unblocked": _("Sign-ups from there are taken again."),
    "signed-out": _("You are signed out."),
    "submitted": _("The issue awaits approval. Editors see it on their first page."),
    "taken-back": _("The issue is yours again. Submit it when it is ready."),
    "commented": _("Your comment is kept."),
    "approved": _("The issue is approved. What you read is what will be sent."),
    "sent-back": _("The issue is sent back. Its writers find your words here."),
    "test-sent": _("The test is on its way."),
    "monthly-made": _("The monthly is made. Put its texts in order, and write a preface."),
    "monthly-arranged": _("The text of the monthly is written anew."),
    "monthly-refreshed": _("The monthly is made anew of what is public now."),
    "corrected": _("The correction is on the page and in the feeds."),
    "correction-begun": _("This is the mail to those who received the text. Read and submit it."),
    "way": _("The page of donations offers it from now on."),
    "way-removed": _("It is offered no more."),
    "hook-secret": _("The secret is kept. What is signed with it counts from now on."),
    "hook-removed": _("The hook is removed. The donations that it told of stay."),
    "issue-begun": _("The issue is begun. Write on; what you write is saved."),
    "saved": _("The text is saved."),
    "article-added": _("There is room for one more article at the end."),
    "article-removed": _("The article is removed. The earlier text is among the revisions."),
    "article-moved": _("The articles have a new order."),
    "reopened": _("The issue is a draft again."),
    "brought-back": _("The old text is back. What stood here before is among the revisions."),
    "picture-added": _("The picture is in the library."),
    "picture-put-in": _("The picture stands in the text."),
    "picture-taken-out": _("The picture is taken out of the text. The library keeps it."),
    "rights": _("The rights of the picture are changed."),
    "rights-recalled": _(
        "The rights are changed. As the picture may not be mailed, approved issues that show it are"
        " drafts again."
    ),
    "publication-added": _("The publication is added. It has its own page and form for readers."),
    "publication-changed": _("Changed. What is approved already keeps what it was approved with."),
    "unchanged": _("Nothing was changed, as all is as it was."),
    "licence": _("The licence is kept. Publications that carry it show these words from now on."),
    "appeal": _("The appeal is changed. What is approved already keeps its words and its place."),
    "appeal-added": _("The appeal is added."),
    "appeal-removed": _("The appeal is removed."),
    "variant": _("The variant is changed. What is approved already keeps its words."),
    "variant-added": _("The variant is added."),
    "variant-removed": _("The variant is removed."),
    "asked": _("What this issue asks for is saved."),
    "asked-open": _("Saved. It is another mail now, which has to be approved."),
    "template": _("The template is kept. Mails that are made from now on have it."),
    "template-back": _("The template is given back. What holds elsewhere holds here again."),
    "key-revoked": _("The key is revoked."),
    "logo": _("The logo is kept. Mails and pages that are made from now on have it."),
    "logo-removed": _("The logo is removed."),
    "look": _("A new look was asked for; it takes a few seconds."),
    "key": _("The key is made. It signs nothing until its record is found and you use it."),
    "key-used": _("The key signs when the engine starts next."),
    "slow": _("That took too long. Please start again."),
    "scheduled": _("The issue is scheduled."),
    "moved": _("The issue is moved."),
    "unscheduled": _("The issue is off the schedule. It stays approved."),
    "leaving": _("The issue leaves now."),
    "audience": _("The audience is saved."),
    "waves": _("The waves are saved."),
    "waves-open": _("The waves are saved. They are other mails now, which have to be approved."),
    "subject": _("The rest gets that subject, from now on."),
    "segment": _("The segment is saved."),
    "segment-deleted": _("The segment is deleted."),
    "paused": _("The issue waits. What is on the wire still arrives; nothing more leaves."),
    "resumed": _("The issue goes on."),
    "cancelled": _("The issue is cancelled. What has not left stays here."),
    "again": _("The issue is sent again to those readers."),
}
"""What a page says at its top when one comes to it from an act, by the word in its address."""


def page(template: str, *, status: int = 200, **facts: Any) -> Response:
    """Answer with ``templates/pages/desk/<template>`` in the frame, for whoever is signed in."""
    somebody = guard.here()
    places: Sequence[Place] = ()
    if somebody:
        places = [place for place in RAIL if may(somebody.role, place.permission)]
    return context.page(
        f"desk/{template}",
        status=status,
        to=guard.to,
        current=current,
        presence=somebody,
        places=places,
        form_token=guard.form_token() if somebody else "",
        why_waits=_why_waits,
        done=DONE.get(request.args.get("done", ""), ""),
        **facts,
    )


def current(view: str, **values: Any) -> str:
    """Say how near we are to a view, as aria-current does: "page", "true" below it, or nothing."""
    path = guard.to(view, **values).rstrip("/")
    here = context.root() + request.path.rstrip("/")
    if here == path:
        return "page"
    return "true" if view != RAIL[0].view and here.startswith(f"{path}/") else ""


def _why_waits(kept: str | None) -> str:
    """Say why an issue waits for a person, to whoever reads the answer."""
    return issues.say_obstacle(kept, reader_language())


def say(words: str, facts: Mapping[str, str] | None = None) -> str:
    """Translate marked ``words`` for whoever reads the answer, and fill them with ``facts``."""
    said = translations(reader_language()).gettext(words)
    return said % facts if facts else said


def say_languages(tags: Iterable[str]) -> Sequence[tuple[str, str]]:
    """Name languages (BCP 47 tags) for whoever reads the answer, to choose one of them."""
    return [(tag, say_language(tag, reader_language())) for tag in sorted(set(tags))]


def say_when(moment: datetime, zone: ZoneInfo) -> str:
    """Write a moment for whoever reads the answer, in ``zone``."""
    return say_moment(moment.astimezone(zone), reader_language())


def zone() -> ZoneInfo:
    """Return the zone in which the desk tells the time."""
    with context.database.reading() as session:
        return desk.house_zone(session)


def show_error(status: int, error: NewsletterError) -> Response:
    """Answer with a page of the desk that says what is wrong and where to go from there."""
    own = error.message if error.message != type(error).__doc__ else ""
    gone = isinstance(error, LinkInvalid)
    return page("error.html", status=status, sentence=say(own) if own else "", gone=gone)
