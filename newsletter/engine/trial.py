"""Trials: whoever sends also tries a relay, with one mail to the editor who asked for it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from newsletter.database import Database
from newsletter.deliveries import trials
from newsletter.deliveries.trials import Trial
from newsletter.errors import RelayUnavailable
from newsletter.language import keep_words, translations
from newsletter.mail import Envelope, RelayAddress
from newsletter.smtp import Step, try_out


class Trials:
    """Takes the trials of the relays that this process knows."""

    def __init__(
        self,
        database: Database,
        addresses: Mapping[str, RelayAddress],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._addresses = addresses
        self._clock = clock

    async def take(self) -> None:
        """Do what was asked for since the last time, all of it at once."""
        await asyncio.gather(*(self._try(trial) for trial in await asyncio.to_thread(self._taken)))

    async def _try(self, trial: Trial) -> None:
        steps: dict[str, str] = {}

        async def told(step: Step, words: str) -> None:
            steps[step] = words
            await asyncio.to_thread(self._tell, trial.relay, dict(steps))

        trouble = ""
        try:
            envelope = write(trial, self._clock())
            await try_out(self._addresses[trial.relay], envelope, told)
        except RelayUnavailable as error:
            trouble = keep_words(error.words, error.facts)
        await asyncio.to_thread(self._end, trial.relay, trouble)

    def _taken(self) -> list[Trial]:
        with self._database.reading() as session:
            if not trials.are_waiting(session, self._addresses, self._clock()):
                return []
        with self._database.transaction() as session:
            return list(trials.take(session, self._addresses, self._clock()))

    def _tell(self, relay: str, steps: Mapping[str, str]) -> None:
        with self._database.transaction() as session:
            trials.tell(session, relay, steps)

    def _end(self, relay: str, trouble: str) -> None:
        with self._database.transaction() as session:
            trials.end(session, relay, self._clock(), trouble)


def write(trial: Trial, now: datetime) -> Envelope:
    """Write the mail of a trial, in the language of whoever asked for it."""
    _ = translations(trial.language).gettext
    local, _at, domain = trial.author_address.rpartition("@")
    utf8 = not (trial.author_address + trial.address).isascii()
    message = EmailMessage(policy=SMTP.clone(utf8=utf8))
    message["From"] = Address(" ".join(trial.author_name.split()), local, domain)
    message["To"] = trial.address
    message["Subject"] = _("A trial of the relay %(name)s") % {"name": trial.relay}
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        _(
            "The relay has taken this mail, and it has arrived. Look at its headers for what your"
            " mail system thinks of SPF, DKIM and DMARC (Authentication-Results)."
        )
        + "\n",
        cte="quoted-printable",
    )
    return Envelope(0, trial.author_address, trial.address, message.as_bytes())
