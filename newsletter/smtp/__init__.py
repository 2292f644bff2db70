"""Relay: kept, pipelined connections to an SMTP server; Envelope -> Outcome, no database.

    address = RelayAddress.parse("smtp://user:password@relay.example.org:587")
    async with Relay(address, connections=10) as relay:
        await relay.send(envelopes, settled)

A refusal is an Outcome; only a relay that cannot be used at all raises RelayUnavailable.
"""

from newsletter.mail.relays import RelayAddress
from newsletter.smtp.opening import Step
from newsletter.smtp.relay import Relay
from newsletter.smtp.replies import enhanced
from newsletter.smtp.trial import try_out
from newsletter.smtp.wire import Timeouts

__all__ = ["Relay", "RelayAddress", "Step", "Timeouts", "enhanced", "try_out"]
