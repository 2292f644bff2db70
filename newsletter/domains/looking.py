"""When to look, and what was seen last: a look takes seconds, so a clock does it, no request."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import addresses, model
from newsletter.database import insert_missing
from newsletter.domains import keys
from newsletter.domains.checks import Finding, PublicKey, Sender, Subject, Verdict, examine, worst
from newsletter.domains.keys import Key
from newsletter.domains.names import Ask, name_servers
from newsletter.errors import ConfigurationError

EVERY = timedelta(days=1)
"""How old a look becomes before the next is due by itself."""
SOON = timedelta(minutes=10)
"""How soon after a look to which nobody answered."""


@dataclass(frozen=True, slots=True)
class State:
    """A sender's domain as it was seen last; ``is_waiting`` while a new look was asked for."""

    domain: str
    publications: Sequence[str]
    checked_at: datetime | None
    is_waiting: bool
    findings: Sequence[Finding]

    @property
    def verdict(self) -> Verdict:
        """Return the worst of what was found."""
        return worst(self.findings)


@dataclass(frozen=True, slots=True)
class Examiner:
    """Looks at the domains of an installation.

    ``relays`` are the hosts that hand our mail on. ``by_itself`` looks once a day without being
    asked; an installation whose mail stays on this machine asks nobody.
    """

    home: Path
    return_domain: str = ""
    relays: tuple[str, ...] = ()
    by_itself: bool = True
    ask: Ask = field(default_factory=name_servers)

    def examine(self, domain: str) -> tuple[Finding, ...]:
        """Ask name servers about ``domain``; it takes seconds, and no session."""
        return examine(
            Sender(
                domain,
                self.return_domain or domain,
                self.relays,
                tuple(
                    _public(key)
                    for key in keys.keys(self.home)
                    if key.domain == domain and key.state is not keys.State.RETIRED
                ),
            ),
            self.ask,
        )

    def due(self, session: Session, now: datetime) -> Sequence[str]:
        """List the domains to look at now."""
        rows = {row.domain: row for row in session.scalars(select(model.DomainCheck))}
        return [domain for domain in _senders(session) if self._is_due(rows.get(domain), now)]

    def _is_due(self, row: model.DomainCheck | None, now: datetime) -> bool:
        if row is not None and _is_waiting(row):
            return True
        if not self.by_itself:
            return False
        if row is None or row.checked_at is None:
            return True
        silent = any(each.verdict is Verdict.UNKNOWN for each in _read(row.findings))
        return now - row.checked_at >= (SOON if silent else EVERY)


def ask_for_look(session: Session, domain: str, now: datetime) -> bool:
    """Have the clock look at a sender's domain anew; return False if nobody sends from it."""
    if domain not in _senders(session):
        return False
    insert_missing(session, model.DomainCheck, [{"domain": domain}])
    session.get_one(model.DomainCheck, domain, populate_existing=True).asked_at = now
    session.flush()
    return True


def keep_look(session: Session, domain: str, findings: Sequence[Finding], now: datetime) -> None:
    """Keep what was found; ``now`` is when the look began, so that a later wish stays open."""
    insert_missing(session, model.DomainCheck, [{"domain": domain}])
    row = session.get_one(model.DomainCheck, domain, populate_existing=True)
    row.checked_at = now
    row.findings = {"findings": [asdict(finding) for finding in findings]}
    session.flush()


def states(session: Session) -> Sequence[State]:
    """List the domains that publications send from, and how each was seen last."""
    rows = {row.domain: row for row in session.scalars(select(model.DomainCheck))}
    return [
        State(
            domain,
            publications,
            row.checked_at if row else None,
            row is not None and _is_waiting(row),
            _read(row.findings if row else None),
        )
        for domain, publications in sorted(_senders(session).items())
        for row in (rows.get(domain),)
    ]


def _is_waiting(row: model.DomainCheck) -> bool:
    return row.asked_at is not None and (row.checked_at is None or row.checked_at < row.asked_at)


def _senders(session: Session) -> Mapping[str, list[str]]:
    """Return the domains that publications send from, each with their names."""
    found: dict[str, list[str]] = {}
    rows = select(model.Publication.author_address, model.Publication.name)
    for address, name in session.execute(rows.order_by(model.Publication.name)):
        found.setdefault(addresses.domain(address.rpartition("@")[2]), []).append(name)
    return found


def _public(key: Key) -> PublicKey:
    signs = key.state is keys.State.SIGNS
    try:
        signer = key.load()
    except ConfigurationError:
        return PublicKey(key.selector, f"{key.selector}._domainkey.{key.domain}", "", signs)
    return PublicKey(key.selector, signer.record_name, signer.record, signs)


def _read(kept: Mapping[str, Any] | None) -> Sequence[Finding]:
    return [
        Finding(
            Subject(each["subject"]),
            Verdict(each["verdict"]),
            each["slug"],
            each["name"],
            each["kind"],
            tuple(each["found"]),
            each["paste"],
            each["about"],
        )
        for each in (kept or {}).get("findings", ())
    ]
