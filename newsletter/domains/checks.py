"""What name servers should say of a sender's domain, and what they do say: one finding for each.

SPF (RFC 7208) and the home of bounces are asked of the domain that mail returns to; DKIM (RFC
6376), DMARC (RFC 7489) and the home of replies of the domain in From. A finding names what was
found, what it means by a ``slug`` that pages have words for, and the record to paste where one
would help.
"""

import enum
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from newsletter.domains.names import Ask, Unanswered

MOST_LOOKUPS = 10
"""Further questions that an SPF record may cost (RFC 7208, section 4.6.4)."""

_COSTLY = re.compile(r"[+?~-]?(?:include:|exists:|redirect=|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?::|$))")
_POLICIES = {"none", "quarantine", "reject"}


class Verdict(enum.StrEnum):
    """How well a record serves, the worst last; UNKNOWN is that nobody answered."""

    GOOD = "good"
    UNKNOWN = "unknown"
    WARNING = "warning"
    BAD = "bad"


class Subject(enum.StrEnum):
    """What a finding is about."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    BOUNCES = "bounces"
    REPLIES = "replies"


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict: the record's ``name`` and ``kind``, what was ``found``, what to ``paste``.

    ``about`` is a fact that the words for the ``slug`` need: a count, a selector, a policy.
    """

    subject: Subject
    verdict: Verdict
    slug: str
    name: str
    kind: str = "TXT"
    found: tuple[str, ...] = ()
    paste: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of ours as a name server should show it; without a ``record`` its file is broken."""

    selector: str
    name: str
    record: str
    signs: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """A domain that mail is sent from, where it returns to, who hands it on, who signs it."""

    domain: str
    return_domain: str
    relays: tuple[str, ...] = ()
    keys: tuple[PublicKey, ...] = ()


def examine(sender: Sender, ask: Ask) -> tuple[Finding, ...]:
    """Ask about every record of ``sender``, one after the other."""
    return tuple(
        finding
        for subject, name, look in (
            (Subject.SPF, sender.return_domain, _spf),
            (Subject.DKIM, sender.domain, _dkim),
            (Subject.DMARC, f"_dmarc.{sender.domain}", _dmarc),
            (Subject.BOUNCES, sender.return_domain, _bounces),
            (Subject.REPLIES, sender.domain, _replies),
        )
        for finding in _answered(subject, name, look, sender, ask)
    )


def worst(findings: Sequence[Finding]) -> Verdict:
    """Return the worst of the verdicts."""
    return max(
        (finding.verdict for finding in findings), key=[*Verdict].index, default=Verdict.UNKNOWN
    )


def _answered(
    subject: Subject,
    name: str,
    look: Callable[[Sender, Ask], Iterator[Finding]],
    sender: Sender,
    ask: Ask,
) -> Sequence[Finding]:
    try:
        return list(look(sender, ask))
    except Unanswered:
        return [Finding(subject, Verdict.UNKNOWN, "unanswered", name)]


def _spf(sender: Sender, ask: Ask) -> Iterator[Finding]:
    name = sender.return_domain
    found = tuple(text for text in ask(name, "TXT") if _is_spf(text))
    systems = " ".join(f"a:{relay}" for relay in sender.relays) or "mx"
    said = Finding(Subject.SPF, Verdict.BAD, "spf-missing", name, found=found)
    if not found:
        yield replace(said, paste=f"v=spf1 {systems} ~all")
        return
    if len(found) > 1:
        yield replace(said, slug="spf-twice", about=str(len(found)))
        return
    terms = found[0].lower().split()[1:]
    lookups = _lookups(found[0], ask, MOST_LOOKUPS + 1)
    if {"all", "+all"} & set(terms):
        yield replace(said, slug="spf-everybody", paste=re.sub(r"\+?\ball\b", "~all", found[0]))
    elif lookups > MOST_LOOKUPS:
        yield replace(said, slug="spf-lookups", about=str(MOST_LOOKUPS))
    elif not terms or not (terms[-1].endswith("all") or "redirect=" in found[0].lower()):
        paste = f"{found[0].strip()} ~all"
        yield replace(said, verdict=Verdict.WARNING, slug="spf-open", paste=paste)
    elif not _is_aligned(sender):
        yield replace(said, verdict=Verdict.WARNING, slug="spf-elsewhere", about=sender.domain)
    else:
        yield replace(said, verdict=Verdict.GOOD, slug="spf-good")


def _is_spf(text: str) -> bool:
    return text.lower().split(" ")[0] == "v=spf1"


def _lookups(record: str, ask: Ask, left: int) -> int:
    """Count what a record costs, those it includes too; stop at ``left``."""
    count = 0
    for term in record.lower().split()[1:]:
        if not _COSTLY.match(term):
            continue
        count += 1
        further = re.fullmatch(r"[+?~-]?(?:include:|redirect=)([^%\s]+)", term)
        if further and count < left:
            included = [text for text in ask(further[1], "TXT") if _is_spf(text)]
            count += _lookups(included[0], ask, left - count) if included else 0
        if count >= left:
            return count
    return count


def _is_aligned(sender: Sender) -> bool:
    """Tell whether SPF of the return domain speaks for the domain in From (relaxed, RFC 7489)."""
    one, other = sorted((sender.domain, sender.return_domain), key=len)
    if other == one or other.endswith(f".{one}"):
        return True
    parents = {name.partition(".")[2] for name in (one, other)}
    return len(parents) == 1 and "." in parents.pop()


def _dkim(sender: Sender, ask: Ask) -> Iterator[Finding]:
    if not sender.keys:
        yield Finding(Subject.DKIM, Verdict.WARNING, "dkim-none", f"_domainkey.{sender.domain}")
    for key in sender.keys:
        if not key.record:
            verdict = Verdict.BAD if key.signs else Verdict.WARNING
            yield Finding(Subject.DKIM, verdict, "dkim-broken", key.name, about=key.selector)
            continue
        found = tuple(text for text in ask(key.name, "TXT") if _tag(text, "p") is not None)
        said = Finding(
            Subject.DKIM,
            Verdict.BAD if key.signs else Verdict.WARNING,
            "dkim-missing" if key.signs else "dkim-waiting",
            key.name,
            found=found,
            paste=key.record,
            about=key.selector,
        )
        if len(found) == 1 and _tag(found[0], "p") == _tag(key.record, "p"):
            slug = "dkim-good" if key.signs else "dkim-ready"
            yield replace(said, verdict=Verdict.GOOD, slug=slug, paste="")
        elif found:
            yield replace(said, slug="dkim-other")
        else:
            yield said


def _dmarc(sender: Sender, ask: Ask) -> Iterator[Finding]:
    """Look for the policy at the domain, then above it, as receivers do."""
    labels = sender.domain.split(".")
    for start in range(len(labels) - 1):
        name = "_dmarc." + ".".join(labels[start:])
        texts = ask(name, "TXT")
        found = tuple(text for text in texts if re.match(r"v=DMARC1\s*(;|$)", text.strip()))
        if found:
            break
    else:
        name = f"_dmarc.{sender.domain}"
        paste = f"v=DMARC1; p=none; rua=mailto:postmaster@{sender.domain}"
        yield Finding(Subject.DMARC, Verdict.BAD, "dmarc-missing", name, paste=paste)
        return
    said = Finding(Subject.DMARC, Verdict.BAD, "dmarc-twice", name, found=found)
    if len(found) > 1:
        yield said
        return
    policy = (_tag(found[0], "p") or "").lower()
    if start and (below := _tag(found[0], "sp")):
        policy = below.lower()
    if policy not in _POLICIES:
        yield replace(said, slug="dmarc-broken", paste="v=DMARC1; p=none")
    elif policy == "none":
        yield replace(said, verdict=Verdict.GOOD, slug="dmarc-watches")
    else:
        yield replace(said, verdict=Verdict.GOOD, slug="dmarc-good", about=policy)


def _bounces(sender: Sender, ask: Ask) -> Iterator[Finding]:
    found, takes = _mail_of(sender.return_domain, ask)
    yield Finding(
        Subject.BOUNCES,
        Verdict.GOOD if takes else Verdict.BAD,
        "bounces-good" if takes else "bounces-missing",
        sender.return_domain,
        "MX",
        found,
    )


def _replies(sender: Sender, ask: Ask) -> Iterator[Finding]:
    if sender.domain == sender.return_domain:
        return
    found, takes = _mail_of(sender.domain, ask)
    yield Finding(
        Subject.REPLIES,
        Verdict.GOOD if takes else Verdict.WARNING,
        "replies-good" if takes else "replies-missing",
        sender.domain,
        "MX",
        found,
    )


def _mail_of(domain: str, ask: Ask) -> tuple[tuple[str, ...], bool]:
    """Return the mail exchangers, and whether mail is taken (RFC 5321, 5.1; RFC 7505)."""
    found = ask(domain, "MX")
    if not found:
        found = (*ask(domain, "A"), *ask(domain, "AAAA"))
    return found, any(text.split()[-1] != "." for text in found)


def _tag(text: str, name: str) -> str | None:
    """Return the value of one tag=value without white space; None if it is not there."""
    for pair in text.split(";"):
        tag, equals, value = pair.partition("=")
        if equals and tag.strip() == name:
            return "".join(value.split())
    return None
