"""The press check of an issue: what keeps it from leaving, what worries, what is in order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response
from sqlalchemy.orm import Session

from newsletter import addresses, domains, issues, model
from newsletter.desk import Permission, may
from newsletter.domains import Subject, Verdict
from newsletter.language import marked as _
from newsletter.language import translations
from newsletter.model import Frequency
from newsletter.outward import SAID, Trouble
from newsletter.rendering import Remark
from newsletter.web.context import database, links, reader_language
from newsletter.web.desk.domains import MEANINGS
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page

MENDED_IN = {
    "headline": _("To the headline"),
    "lead": _("To the lead"),
    "picture": _("To the picture"),
    "alt": _("To the description"),
    "credit": _("To the credit"),
    "permission": _("To the permission"),
    "body": _("To the text"),
    "terms": _("To the licence"),
    "subject": _("To the subject"),
}
"""What a link is called that leads to a field of the text."""
_ANSWERED = frozenset({"dead-link", "unsure-link"})
_SENDER = frozenset({"sender"})
_ALIGNING = frozenset({Subject.SPF, Subject.DKIM, Subject.DMARC})
LOOKED_AT: Sequence[tuple[str, frozenset[str]]] = (
    (_("The ways to unsubscribe"), frozenset({"no-unsubscribe"})),
    (_("The size of the mail"), frozenset({"too-large"})),
    (_("The templates of the desk"), frozenset({"template-left-out"})),
    (_("The licence"), frozenset({"no-licence", "unknown-licence"})),
    (_("The lead"), frozenset({"no-lead"})),
    (_("The text"), frozenset({"no-text"})),
    (_("Files of the pictures"), frozenset({"no-file"})),
    (_("Credits and descriptions"), frozenset({"no-credit", "no-alt"})),
    (_("Rights to the pictures"), frozenset({"no-permission", "permission-over", "not-mailable"})),
    (_("The subject, its length and tone"), frozenset({"long-subject", "spam"})),
    (_("Weekdays and their dates"), frozenset({"weekday"})),
    (_("The order of headings"), frozenset({"heading-order"})),
    (_("Leftovers such as TK"), frozenset({"leftover"})),
    (_("Footnotes"), frozenset({"unused-note"})),
    (_("Words and safety of the links"), frozenset({"http-link", "vague-link"})),
    (_("Whether the links are answered"), _ANSWERED),
    (
        _("The appeal"),
        frozenset({"no-appeal", "no-donate-url", "no-place-for-appeal", "appeal-language"}),
    ),
    (_("The postal address"), frozenset({"no-postal-address"})),
    (_("The contrast of the accent"), frozenset({"contrast"})),
    (_("The sender’s domain"), _SENDER),
    (_("Whether there are readers"), frozenset({"no-readers"})),
)
"""What the press check looks at, and the remarks that it may earn."""
_OF_THE_PUBLICATION = {
    "no-licence": "licence",
    "no-postal-address": "postal_address",
    "contrast": "accent",
    "no-donate-url": "donate_url",
}
"""What is mended in the form of the publication, and in which of its fields."""
_OF_THE_TEMPLATES = frozenset({"no-unsubscribe", "template-left-out"})
_OF_THE_APPEAL = frozenset({"no-appeal", "no-place-for-appeal", "appeal-language"})
_OF_THE_TEXT = frozenset({"no-article", "too-large"})
_OF_THE_READERS = frozenset({"no-readers"})
_IN_THE_SUBJECT = frozenset({"long-subject", "spam"})
_FOR_AN_OWNER = _("An owner can mend this, in the settings.")
_FOR_AN_EDITOR = _("An editor chooses the audience.")


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark as a page shows it, with the way to where it is mended, if there is one.

    ``place`` is the id of a field of the composer, and ``found`` are words to look for in it;
    ``link`` leads to that field, or to a page of the settings; where the reader may not go there,
    ``hint`` says who may.
    """

    message: str
    quote: str = ""
    headline: str = ""
    place: str = ""
    found: str = ""
    link: str = ""
    link_name: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A link in the text and whether it is answered: good, warning or bad, empty until known."""

    url: str
    kind: str
    said: str


@bp.get("/issues/<int:number>/check")
@needs(Permission.PREVIEW)
def issue_check(number: int) -> Response:
    """Show what the press check finds, and have the links looked at that nobody looked at lately.

    They are looked at by a clock. As long as some are not, the page asks for itself anew.
    """
    now = datetime.now(UTC)
    with database.reading() as session:
        issue = issues.fetch(session, number)
        if issue.frequency is not Frequency.EACH:
            return issue_page("check.html", session, issue, is_digest=True)
        found = issues.remarks(session, issue, links, now, reader_language())
        led_to = issues.answers.links_of(issues.revisions.current(session, issue), links)
        pointers = _pointers(issues.answers.known(session, led_to), led_to)
        sender = _sender(session, issues.publication_of(session, issue))
        earned = {remark.slug for remark in found}
        waiting = any(not pointer.kind for pointer in pointers)
        unknown = {_ANSWERED} if waiting else set()
        if sender is None or sender:
            unknown.add(_SENDER)
        shelf = issues.image_numbers(session, (remark.picture for remark in found))
        blocking = [finding(remark, issue, shelf) for remark in found if remark.blocks]
        worrying = [finding(remark, issue, shelf) for remark in found if not remark.blocks]
        worrying += sender or ()
        verdict, said = verdict_on(len(blocking), len(worrying))
        answer = issue_page(
            "check.html",
            session,
            issue,
            is_digest=False,
            verdict=verdict,
            said=said,
            blocking=blocking,
            worrying=worrying,
            pointers=pointers,
            waiting=waiting,
            in_order=[
                name for name, slugs in LOOKED_AT if not slugs & earned and slugs not in unknown
            ],
            several=len({remark.article for remark in found} - {None}) > 1,
        )
        is_due = issues.answers.is_asking_due(session, led_to, now)
    if is_due:
        with database.transaction() as session:
            issues.answers.ask(session, led_to, now)
    return answer


def _pointers(known: Mapping[str, Trouble | None], urls: Iterable[str]) -> Sequence[Pointer]:
    """Say of each link what is known of it; what leads nowhere comes first, then what may."""
    pointers = []
    for url in urls:
        trouble = known.get(url)
        if url not in known:
            pointers.append(Pointer(url, "", say(_("Not looked at yet"))))
        elif trouble is None:
            pointers.append(Pointer(url, "good", say(_("Answers"))))
        else:
            kind = "bad" if trouble in issues.answers.GONE else "warning"
            pointers.append(Pointer(url, kind, say(SAID[trouble])))
    return sorted(pointers, key=lambda pointer: ("bad", "warning", "", "good").index(pointer.kind))


def _sender(session: Session, publication: model.Publication) -> Sequence[Finding] | None:
    """Tell what is amiss with the domain that mail is sent from; None if nobody has looked yet."""
    domain = addresses.domain(publication.author_address.rpartition("@")[2])
    (state,) = [each for each in domains.states(session) if each.domain == domain]
    seen = [each for each in state.findings if each.subject in _ALIGNING]
    if not seen or any(each.verdict is Verdict.UNKNOWN for each in seen):
        return None
    link = to("domains_page") if may(presence.role, Permission.SETTINGS) else ""
    return [
        Finding(
            f"{domain}: {say(meaning) % {'about': each.about}}",
            quote=say(advice) if advice else "",
            link=link,
            link_name=_("To the domains"),
            hint="" if link else say(_FOR_AN_OWNER),
        )
        for each in seen
        if each.verdict in {Verdict.WARNING, Verdict.BAD}
        for meaning, advice in (MEANINGS[each.slug],)
    ]


def finding(remark: Remark, issue: model.Issue, shelf: Mapping[str, int]) -> Finding:
    """Say where a remark is mended: in the composer, whose fields are called body-0 and so on.

    ``shelf`` are the numbers of pictures in the library: their rights are mended there.
    """
    if remark.picture in shelf:
        link, name = to("picture", number=shelf[remark.picture]), MENDED_IN["permission"]
        return Finding(remark.message, remark.quote, remark.place, link=link, link_name=name)
    field = "subject" if remark.slug in _IN_THE_SUBJECT else remark.field
    if not field:
        link, name = _elsewhere(remark, issue)
        hint = (
            "" if link else say(_FOR_AN_EDITOR if remark.slug in _OF_THE_READERS else _FOR_AN_OWNER)
        )
        return Finding(remark.message, remark.quote, link=link, link_name=name, hint=hint)
    place = field if remark.article is None else f"{field}-{remark.article}"
    return Finding(
        remark.message,
        remark.quote,
        remark.place,
        place,
        remark.found,
        f"{to('issue_text', number=issue.id, find=remark.found)}#{place}",
        MENDED_IN[field],
    )


def _elsewhere(remark: Remark, issue: model.Issue) -> tuple[str, str]:
    """Return where what is about no field is mended, and what the way is called, for this role."""
    number, may_set = issue.id, may(presence.role, Permission.SETTINGS)
    if remark.slug in _OF_THE_TEXT:
        return to("issue_text", number=number), _("To the text")
    if remark.slug in _OF_THE_APPEAL:
        return to("issue_appeal", number=number), _("To the appeal")
    if remark.slug in _OF_THE_READERS and may(presence.role, Permission.SCHEDULE):
        return to("audience", number=number), _("To the audience")
    if remark.slug in _OF_THE_TEMPLATES and may_set:
        return to("mail_templates"), _("To the templates")
    if remark.slug in _OF_THE_PUBLICATION and may_set:
        field = _OF_THE_PUBLICATION[remark.slug]
        return f"{to('publication', number=issue.publication_id)}#{field}", _("To the publication")
    if remark.slug == "no-licence":
        return f"{to('issue_text', number=number)}#licence", _("To the licence")
    return "", ""


def verdict_on(blocking: int, worrying: int) -> tuple[str, str]:
    """Sum findings up: as bad, warning or good, and in words for whoever reads the answer."""
    ngettext = translations(reader_language()).ngettext
    if blocking:
        words = ngettext(
            "%(count)s thing has to be mended before this issue can be approved.",
            "%(count)s things have to be mended before this issue can be approved.",
            blocking,
        )
        return "bad", words % {"count": blocking}
    if worrying:
        words = ngettext(
            "Nothing keeps this issue from leaving; %(count)s thing is worth a look.",
            "Nothing keeps this issue from leaving; %(count)s things are worth a look.",
            worrying,
        )
        return "warning", words % {"count": worrying}
    return "good", say(_("Everything is in order."))
