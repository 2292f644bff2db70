"""The press check of an issue: what keeps it from leaving, what worries, what is in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response

from newsletter import issues
from newsletter.desk import Permission
from newsletter.language import marked as _
from newsletter.language import translations
from newsletter.model import Frequency
from newsletter.rendering import Remark
from newsletter.web.context import database, links, reader_language
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, needs
from newsletter.web.desk.issue_frame import issue_page

MENDED_IN = {
    "headline": _("To the headline"),
    "lead": _("To the lead"),
    "picture": _("To the picture"),
    "alt": _("To the description"),
    "credit": _("To the credit"),
    "permission": _("To the permission"),
    "body": _("To the text"),
    "subject": _("To the subject"),
}
"""What a link is called that leads to a field of the text."""
LOOKED_AT: Sequence[tuple[str, frozenset[str]]] = (
    (_("The ways to unsubscribe"), frozenset({"no-unsubscribe"})),
    (_("The size of the mail"), frozenset({"too-large"})),
    (_("The licence"), frozenset({"no-licence"})),
    (_("The lead"), frozenset({"no-lead"})),
    (_("The text"), frozenset({"no-text"})),
    (_("Files of the pictures"), frozenset({"no-file"})),
    (_("Credits and descriptions"), frozenset({"no-credit", "no-alt"})),
    (_("Rights to the pictures"), frozenset({"no-permission", "permission-over"})),
    (_("The subject, its length and tone"), frozenset({"long-subject", "spam"})),
    (_("Weekdays and their dates"), frozenset({"weekday"})),
    (_("The order of headings"), frozenset({"heading-order"})),
    (_("Leftovers such as TK"), frozenset({"leftover"})),
    (_("Footnotes"), frozenset({"unused-note"})),
    (_("Words and safety of the links"), frozenset({"http-link", "vague-link"})),
    (_("The appeal"), frozenset({"no-appeal", "no-donate-url", "no-place-for-appeal"})),
    (_("The postal address"), frozenset({"no-postal-address"})),
    (_("The contrast of the accent"), frozenset({"contrast"})),
    (_("Whether there are readers"), frozenset({"no-readers"})),
)
"""What the press check looks at, and the remarks that it may earn."""
_IN_THE_SUBJECT = frozenset({"long-subject", "spam"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark as a page shows it: with the field of the composer in which it is mended, if any.

    ``place`` is the field's id; ``found`` are words to look for in it.
    """

    message: str
    quote: str
    headline: str
    place: str
    place_name: str
    found: str


@bp.get("/issues/<int:number>/check")
@needs(Permission.PREVIEW)
def issue_check(number: int) -> Response:
    """Show what the press check finds."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        is_digest = issue.frequency is not Frequency.EACH
        found = () if is_digest else issues.remarks(session, issue, links, reader_language())
        earned = {remark.slug for remark in found}
        verdict, said = verdict_on(found)
        return issue_page(
            "check.html",
            session,
            issue,
            is_digest=is_digest,
            verdict=verdict,
            said=said,
            blocking=[finding(remark) for remark in found if remark.blocks],
            worrying=[finding(remark) for remark in found if not remark.blocks],
            in_order=[name for name, slugs in LOOKED_AT if not slugs & earned],
            several=len({remark.article for remark in found} - {None}) > 1,
        )


def finding(remark: Remark) -> Finding:
    """Say where in the composer, whose fields are called body-0 and so on, a remark is mended."""
    field = "subject" if remark.slug in _IN_THE_SUBJECT else remark.field
    place = field if remark.article is None or not field else f"{field}-{remark.article}"
    name = MENDED_IN[field] if field else ""
    return Finding(remark.message, remark.quote, remark.place, place, name, remark.found)


def verdict_on(remarks: Sequence[Remark]) -> tuple[str, str]:
    """Sum remarks up: as bad, warning or good, and in words for whoever reads the answer."""
    ngettext = translations(reader_language()).ngettext
    if count := sum(remark.blocks for remark in remarks):
        words = ngettext(
            "%(count)s thing has to be mended before this issue can be approved.",
            "%(count)s things have to be mended before this issue can be approved.",
            count,
        )
        return "bad", words % {"count": count}
    if count := len(remarks):
        words = ngettext(
            "Nothing keeps this issue from leaving; %(count)s thing is worth a look.",
            "Nothing keeps this issue from leaving; %(count)s things are worth a look.",
            count,
        )
        return "warning", words % {"count": count}
    return "good", say(_("Everything is in order."))
