"""The senders' domains: what name servers say of them, the records to paste, the keys that sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, request

from newsletter import desk, domains
from newsletter.desk import Action, Permission, note
from newsletter.domains import Subject, Verdict, keys
from newsletter.errors import ConfigurationError, NotFound
from newsletter.language import marked as _
from newsletter.mail.dkim import KINDS
from newsletter.web.context import database, settings
from newsletter.web.desk.frame import page
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.typed import typed

SUBJECTS = {
    Subject.SPF: _("SPF: who may send"),
    Subject.DKIM: _("DKIM: signatures"),
    Subject.DMARC: _("DMARC: what holds for forgeries"),
    Subject.BOUNCES: _("Where bounces go"),
    Subject.REPLIES: _("Where replies go"),
}

VERDICTS = {
    Verdict.GOOD: _("All is well"),
    Verdict.UNKNOWN: _("Not known"),
    Verdict.WARNING: _("Could be better"),
    Verdict.BAD: _("Needs someone"),
}

MEANINGS = {
    "spf-good": (
        _("One record says who may send mail that returns to this domain."),
        _("See that it names the systems of your relay."),
    ),
    "spf-missing": (
        _("No record says who may send mail that returns to this domain."),
        _("Paste this record. If your relay’s operator names an include, put that in its place."),
    ),
    "spf-twice": (
        _("There are %(about)s SPF records; receivers then count none."),
        _("Join them into one."),
    ),
    "spf-everybody": (
        _("The record lets everybody send in the name of this domain."),
        _("Put this one in its place."),
    ),
    "spf-lookups": (
        _("The record asks for more than %(about)s others; receivers then take it for broken."),
        _("Leave out includes that are not needed."),
    ),
    "spf-open": (
        _("The record does not say what holds for everybody else."),
        _("Put this one in its place."),
    ),
    "spf-elsewhere": (
        _("The record is good, but mail returns to another domain; for %(about)s it says nothing."),
        _("Signatures have to speak for the sender: see that a key signs, or that the relay does."),
    ),
    "dkim-good": (_("The record of the key %(about)s is there, and the key signs."), ""),
    "dkim-ready": (_("The record of the key %(about)s is there."), _("The key can be used now.")),
    "dkim-none": (
        _("We sign nothing for this domain."),
        _("Make a key here, or see that your relay signs in the name of this domain."),
    ),
    "dkim-missing": (
        _("The key %(about)s signs, but its record is not there; the signatures look forged."),
        _("Paste this record at once."),
    ),
    "dkim-waiting": (
        _("The key %(about)s waits for its record."),
        _("Paste this record. When it is found, use the key."),
    ),
    "dkim-other": (
        _("Under the name of the key %(about)s stands another key."),
        _("Put this record in its place."),
    ),
    "dkim-broken": (
        _("The file of the key %(about)s cannot be used."),
        _("Bring it back from a backup, or make another key."),
    ),
    "dmarc-good": (_("The policy is %(about)s: forged mail is kept from your readers."), ""),
    "dmarc-watches": (
        _("The policy watches and stops nothing. Large mailbox providers are content with it."),
        _("When reports show no foreign senders, p=quarantine protects your readers."),
    ),
    "dmarc-missing": (
        _("No policy says what holds for forged mail. Large mailbox providers ask for one."),
        _("Paste this record to begin with: it watches and stops nothing."),
    ),
    "dmarc-twice": (
        _("There is more than one policy; receivers then follow none."),
        _("Keep one of them."),
    ),
    "dmarc-broken": (
        _("The record names no policy that receivers know."),
        _("Put this one in its place: it watches and stops nothing."),
    ),
    "bounces-good": (_("A mail system takes what comes back to this domain."), ""),
    "bounces-missing": (
        _("No mail system takes what comes back to this domain; bounces are lost."),
        _("Give it an MX record, or set NEWSLETTER_RETURN_DOMAIN to a domain that has one."),
    ),
    "replies-good": (_("A mail system takes replies to this domain."), ""),
    "replies-missing": (
        _("No mail system takes replies to this domain."),
        _("Give it an MX record, or give publications an address for replies elsewhere."),
    ),
    "unanswered": (_("The name servers did not answer."), _("We ask again in ten minutes.")),
}
"""What each finding means, and what to do about it."""

STATES = {
    keys.State.WAITING: _("does not sign yet"),
    keys.State.SIGNS: _("signs"),
    keys.State.RETIRED: _("retired"),
}


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key as its row shows it; ``record`` is empty where its file cannot be used."""

    selector: str
    kind: str
    state: keys.State
    record: str
    is_found: bool


@bp.get("/settings/domains")
@needs(Permission.SETTINGS)
def domains_page() -> Response:
    """Show each sender's domain: what was found, what to paste, which keys there are."""
    with database.reading() as session:
        states = domains.states(session)
        zone = desk.house_zone(session)
    return page(
        "settings/domains.html",
        states=states,
        keys={state.domain: _keys(state) for state in states},
        zone=zone,
        subjects=SUBJECTS,
        verdicts=VERDICTS,
        meanings=MEANINGS,
        key_states=STATES,
        kinds=KINDS,
        relays=_by_itself(),
    )


@bp.post("/settings/domains/look")
@needs(Permission.SETTINGS)
def look_at_domain() -> Response:
    """Ask for a new look at a domain; the clock does it."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        if not domains.ask_for_look(session, typed("domain"), now):
            raise NotFound
    return lead(to("domains_page", done="look"))


@bp.post("/settings/domains/keys")
@needs(Permission.SETTINGS)
def make_key() -> Response:
    """Make a key that does not sign yet; a new look is asked for, to show its record."""
    now = datetime.now(UTC)
    domain, kind = typed("domain"), typed("kind")
    with database.transaction() as session:
        if kind not in KINDS or not domains.ask_for_look(session, domain, now):
            raise NotFound
        made = keys.make(settings.home, domain, kind, now)
        note(session, presence.actor, Action.DKIM_KEY_MADE, now, f"{domain}: {made.selector}")
    return lead(to("domains_page", done="key"))


@bp.get("/settings/domains/keys/use")
@needs(Permission.SETTINGS)
def using_key() -> Response:
    """Ask whether a key is to sign, and say whether its record was found."""
    wanted, name = request.args.get("domain", ""), request.args.get("selector", "")
    with database.reading() as session:
        found = [state for state in domains.states(session) if state.domain == wanted]
    shown = [key for state in found for key in _keys(state) if key.selector == name]
    if not shown:
        raise NotFound
    retiring = [
        key
        for key in _keys(found[0])
        if key.state is keys.State.SIGNS and key.kind == shown[0].kind and key is not shown[0]
    ]
    others = [key for key in retiring if key.selector != name]
    return page("settings/use-key.html", domain=wanted, key=shown[0], retiring=others)


@bp.post("/settings/domains/keys/use")
@needs(Permission.SETTINGS)
def use_key() -> Response:
    """Have a key sign from the next start of the engine on."""
    now = datetime.now(UTC)
    domain, selector = typed("domain"), typed("selector")
    key = keys.fetch(settings.home, domain, selector)
    with database.transaction() as session:
        keys.use(key)
        domains.ask_for_look(session, domain, now)
        note(session, presence.actor, Action.DKIM_KEY_USED, now, f"{domain}: {selector}")
    return lead(to("domains_page", done="key-used"))


def _keys(state: domains.State) -> Sequence[ShownKey]:
    good = {each.about for each in state.findings if each.slug in {"dkim-good", "dkim-ready"}}
    return [
        _shown(key, key.selector in good)
        for key in keys.keys(settings.home)
        if key.domain == state.domain
    ]


def _shown(key: keys.Key, is_found: bool) -> ShownKey:
    try:
        signer = key.load()
    except ConfigurationError:
        return ShownKey(key.selector, "?", key.state, "", is_found)
    return ShownKey(key.selector, signer.kind, key.state, signer.record, is_found)


def _by_itself() -> bool:
    """Tell whether domains are looked at without being asked."""
    return not settings.has_mailbox
