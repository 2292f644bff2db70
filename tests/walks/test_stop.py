"""A sender that is told to stop: what is on the wire is finished and known, nothing new begins."""

from contextlib import closing

from newsletter.model import DeliveryState
from outbox import addresses_in, is_sent, ledger, publish, readers, repeats
from relay import ScriptedRelay, answer_slowly, behave, stay_silent
from service import Service, wait_for

CONNECTIONS = 4
READERS = 200


def test_a_sender_told_to_stop_finishes_what_is_on_the_wire(service: Service) -> None:
    service.furnish("init")
    with (
        closing(service.database()) as database,
        ScriptedRelay(answer_slowly("DOT", 0.5)) as relay,
    ):
        publish(database, readers(READERS))
        service.environ |= {
            "NEWSLETTER_RELAY_URL": relay.url,
            "NEWSLETTER_CONNECTIONS": str(CONNECTIONS),
        }
        service.start("--only", "engine", "--only", "clock")
        wait_for(lambda: len(relay.mails) > 3 * CONNECTIONS, "some mails are out")
        before = len(relay.mails)
        assert service.stop(within=30) == 0
        # One whose content is on its way, and one announced behind it.
        assert before < len(relay.mails) <= before + 2 * CONNECTIONS
        accepted = {recipient for _, recipient in relay.accepted}
        assert addresses_in(database, DeliveryState.SENT) == accepted
        assert ledger(database) == {
            DeliveryState.SENT: len(accepted),
            DeliveryState.QUEUED: READERS - len(accepted),
        }

        relay.script = behave
        service.start("--only", "engine", "--only", "clock")
        wait_for(lambda: is_sent(database), "the issue is sent")
        assert service.stop(within=30) == 0
        assert ledger(database) == {DeliveryState.SENT: READERS}
        assert repeats(relay.accepted) == 0


def test_a_relay_that_fell_silent_does_not_hold_up_the_stop(service: Service) -> None:
    service.furnish("init")
    with closing(service.database()) as database, ScriptedRelay(stay_silent("DOT")) as relay:
        publish(database, readers(READERS))
        service.environ |= {
            "NEWSLETTER_RELAY_URL": relay.url,
            "NEWSLETTER_CONNECTIONS": str(CONNECTIONS),
        }
        service.start("--only", "engine", "--only", "clock")
        wait_for(lambda: any(step == "DOT" for step, _ in relay.times), "the relay is silent")
        assert service.stop(within=30) == 0
        assert ledger(database)[DeliveryState.SENDING] == 0
