"""Trying a relay with one mail, step by step, so that whoever asks sees how far it goes."""

from newsletter.errors import marked as _
from newsletter.mail.relays import RelayAddress
from newsletter.mail.values import Envelope, Outcome, Verdict
from newsletter.smtp.load import Load
from newsletter.smtp.opening import BROKEN_OFF, Step, Told, open_connection, own_name, unavailable
from newsletter.smtp.wire import Lost, Timeouts

_REFUSED = _("The relay %(relay)s does not take the mail: %(said)s")
BRIEF = Timeouts(
    connect=10, greeting=15, command=15, data=15, content=15, final=30, quit=2, grace=2
)
"""How long somebody who looks at the page is kept waiting for one answer."""


async def try_out(
    address: RelayAddress, envelope: Envelope, told: Told, timeouts: Timeouts = BRIEF
) -> None:
    """Connect, encrypt, sign in and hand ``envelope`` over, on a connection of its own.

    ``told`` hears of each step that went well. Raises RelayUnavailable at the first that does not.
    """
    settled: list[Outcome] = []
    connection = await open_connection(address, own_name(), timeouts, told)
    try:
        await connection.carry(Load([envelope], lambda _envelope, outcome: settled.append(outcome)))
        await connection.quit()
    except Lost as lost:
        await connection.close()
        if not settled:
            raise unavailable(BROKEN_OFF, address, lost) from lost
    outcome = settled[0]
    said = f"{outcome.code or ''} {outcome.words}".strip()
    if outcome.verdict is not Verdict.SENT:
        raise unavailable(_REFUSED, address, said)
    await told(Step.SEND, said)
