"""Many connections that share one load: exactly once, in any weather, and to a good end."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from newsletter.errors import RelayUnavailable
from newsletter.mail.values import Envelope, Outcome, Verdict
from newsletter.smtp import Relay, RelayAddress
from relay import (
    HANG_UP,
    PATIENT,
    Act,
    Moment,
    RecordingRelay,
    Script,
    ScriptedRelay,
    Server,
    answer_slowly,
    at,
    hand_over,
    letter,
    letters,
    stay_silent,
)


def pool(server: Server, connections: int = 1, *, grace: float = 30) -> Relay:
    address = RelayAddress.parse(server.url)
    return Relay(address, connections=connections, timeouts=replace(PATIENT, grace=grace))


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.005)


class Ledger:
    """Writes down what is settled."""

    def __init__(self) -> None:
        self.outcomes: dict[int, Outcome] = {}

    def __call__(self, envelope: Envelope, outcome: Outcome) -> None:
        assert envelope.delivery not in self.outcomes
        self.outcomes[envelope.delivery] = outcome

    def verdicts(self) -> dict[int, Verdict]:
        return {delivery: outcome.verdict for delivery, outcome in self.outcomes.items()}


@pytest.mark.parametrize(
    "relay", [ScriptedRelay(), RecordingRelay()], ids=["pipelined", "aiosmtpd"]
)
def test_several_connections_share_the_letters(relay: Server) -> None:
    with relay:
        outcomes = hand_over(relay.url, letters(200), connections=4)
    assert {outcome.verdict for outcome in outcomes} == {Verdict.SENT}
    assert sorted(relay.accepted) == sorted(
        (f"<{one.delivery}@monitor.example>", one.recipient) for one in letters(200)
    )
    assert 1 <= relay.connections <= 4


def test_nothing_to_send_opens_nothing() -> None:
    with ScriptedRelay() as relay:
        assert hand_over(relay.url, [], connections=4) == []
    assert relay.connections == 0


def test_one_letter_opens_one_connection() -> None:
    with ScriptedRelay() as relay:
        hand_over(relay.url, letters(1), connections=4)
    assert relay.connections == 1


def test_the_url_may_bound_the_connections() -> None:
    with ScriptedRelay(answer_slowly("DOT", 0.01)) as relay:
        hand_over(f"{relay.url}?connections=2", letters(20), connections=10)
    assert relay.connections == 2


def test_connections_are_kept_between_calls_and_end_with_quit() -> None:
    with ScriptedRelay() as relay:

        async def main() -> None:
            async with pool(relay) as kept:
                for one in letters(3):
                    await kept.send([one], Ledger())

        asyncio.run(main())
    assert relay.connections == 1
    assert relay.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    ("step", "farewell", "fresh"),
    [
        ("NOOP", HANG_UP, 0),
        ("NOOP", Act("421 4.4.2 Idle for too long", hang_up=True), 0),
        ("DOT", Act("250 2.0.0 Taken\r\n421 4.4.2 Idle", hang_up=True, accept=True), 0),
        ("DOT", Act(hang_up=True), 60),
    ],
)
def test_a_kept_connection_that_has_died_is_replaced(
    step: str, farewell: Act, fresh: float
) -> None:
    ledger = Ledger()
    with ScriptedRelay(at(step, farewell, connections=(1,))) as relay:

        async def main() -> None:
            address = RelayAddress.parse(relay.url)
            timeouts = replace(PATIENT, fresh=fresh)
            async with Relay(address, connections=1, timeouts=timeouts) as kept:
                await kept.send(letters(1), ledger)
                await until(lambda: step == "NOOP" or not relay.open)
                await kept.send(letters(3)[1:], ledger)

        asyncio.run(main())
    assert ledger.verdicts() == dict.fromkeys([1, 2, 3], Verdict.SENT)
    assert relay.connections == 2


def test_envelopes_are_pulled_only_when_a_connection_can_take_them() -> None:
    pulled = 0
    ahead: list[int] = []

    def some() -> Iterator[Envelope]:
        nonlocal pulled
        for one in letters(50):
            pulled += 1
            yield one

    with ScriptedRelay() as relay:

        async def main() -> None:
            settled = 0

            def count(envelope: Envelope, outcome: Outcome) -> None:
                nonlocal settled
                settled += 1
                ahead.append(pulled - settled)

            async with pool(relay, 3) as kept:
                await kept.send(some(), count)

        asyncio.run(main())
    assert pulled == 50
    assert max(ahead) <= 9


def test_a_relay_that_allows_fewer_connections_gets_fewer() -> None:
    with ScriptedRelay(answer_slowly("DOT", 0.005), most=2) as relay:
        outcomes = hand_over(relay.url, letters(50), connections=8)
    assert {outcome.verdict for outcome in outcomes} == {Verdict.SENT}
    assert len(relay.mails) == 50


def test_connections_that_never_open_are_not_waited_for() -> None:
    def script(moment: Moment) -> Act | None:
        silent = moment.step == "GREETING" and moment.connection > 1
        return Act(wait=3600) if silent else None

    with ScriptedRelay(script) as relay:
        outcomes = hand_over(relay.url, letters(50), connections=8)
    assert {outcome.verdict for outcome in outcomes} == {Verdict.SENT}


def test_what_one_connection_drops_another_picks_up() -> None:
    def script(moment: Moment) -> Act | None:
        if moment.step == "GREETING" and moment.connection > 2:
            return Act("421 No more", hang_up=True)
        if moment.step == "RCPT" and moment.connection == 1:
            return HANG_UP
        return None

    with ScriptedRelay(script) as relay:
        outcomes = hand_over(relay.url, letters(2), connections=2)
    assert {outcome.verdict for outcome in outcomes} == {Verdict.SENT}


def test_a_relay_that_goes_away_leaves_the_rest_unsettled_and_unsent() -> None:
    ledger = Ledger()

    def script(moment: Moment) -> Act | None:
        if moment.step == "GREETING" and moment.connection > 2:
            return Act("554 Closed", hang_up=True)
        return HANG_UP if moment.step == "RCPT" and moment.recipient > "reader3" else None

    with ScriptedRelay(script) as relay:

        async def main() -> None:
            async with pool(relay, 2) as kept:
                await kept.send(letters(9), ledger)

        with pytest.raises(RelayUnavailable, match="554 Closed"):
            asyncio.run(main())
    sent = {d for d, verdict in ledger.verdicts().items() if verdict is Verdict.SENT}
    assert sent == {1, 2}
    assert len(relay.mails) == 2
    assert set(ledger.verdicts().values()) <= {Verdict.SENT, Verdict.TEMPORARY}


STEPS = ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT", "DOT", "RSET", "NOOP"]


def storm(seed: int) -> Script:
    """Drop, refuse, babble and depart at random, but reproducibly."""
    dice = random.Random(seed)
    acts = [
        Act("", hang_up=True),
        Act("", hang_up=True, accept=True),
        Act(hang_up=True),
        Act("421 4.3.2 Bye", hang_up=True),
        Act("550 5.1.1 Nobody"),
        Act("451 4.7.1 Later"),
    ]

    def script(moment: Moment) -> Act | None:
        if moment.step == "CONTENT":
            return HANG_UP if dice.random() < 0.01 else None
        if moment.step in {"GREETING", "EHLO"}:
            # Whoever cannot open a connection steps back, and with all of them the relay is down.
            return HANG_UP if moment.connection in {7, 17, 27} else None
        return dice.choice(acts) if dice.random() < 0.04 else None

    return script


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "in lockstep"])
@pytest.mark.parametrize("seed", range(6))
def test_in_any_storm_everyone_is_settled_once_and_nothing_taken_is_called_unsent(
    seed: int, pipelining: bool
) -> None:
    ledger = Ledger()
    with ScriptedRelay(storm(seed), pipelining=pipelining, eager=seed % 2 == 0) as relay:

        async def main() -> None:
            async with pool(relay, 5) as kept:
                await kept.send(letters(500), ledger)

        asyncio.run(main())
    verdicts = ledger.verdicts()
    tally = Counter(verdicts.values())
    accepted = {int(message_id[1:].partition("@")[0]) for message_id, _ in relay.accepted}
    assert set(verdicts) == set(range(1, 501))
    assert relay.drops > 10
    assert len(accepted) == len(relay.accepted)
    assert {d for d, verdict in verdicts.items() if verdict is Verdict.SENT} <= accepted
    assert accepted <= {
        d for d, verdict in verdicts.items() if verdict in {Verdict.SENT, Verdict.UNKNOWN}
    }
    assert tally[Verdict.UNKNOWN] <= relay.drops
    assert tally[Verdict.SENT] > 300


def test_cancelling_waits_for_the_replies_still_due() -> None:
    ledger = Ledger()
    with ScriptedRelay(answer_slowly("DOT", 0.3)) as relay:

        async def main() -> None:
            async with pool(relay, 2) as kept:
                sending = asyncio.create_task(kept.send(letters(100), ledger))
                await until(lambda: relay.times["DOT", "reader1@example.org"])
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending

        asyncio.run(main())
    assert set(ledger.verdicts().values()) == {Verdict.SENT}
    assert len(ledger.outcomes) == len(relay.mails) < 100


def test_cancelling_does_not_wait_longer_than_the_grace() -> None:
    ledger = Ledger()
    with ScriptedRelay(stay_silent("DOT")) as relay:

        def whole() -> set[str]:
            return {reader for step, reader in list(relay.times) if step == "DOT"}

        async def main() -> None:
            async with pool(relay, 2, grace=0.05) as kept:
                sending = asyncio.create_task(kept.send(letters(100), ledger))
                # One each: the connection that was open first may have announced reader 2 as well.
                await until(lambda: len(whole()) == 2)
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending
                written = {f"reader{delivery}@example.org" for delivery in ledger.outcomes}
                assert written == whole()
                assert set(ledger.verdicts().values()) == {Verdict.UNKNOWN}

        asyncio.run(main())


def test_cancelling_twice_ends_the_grace_but_settles_all_the_same() -> None:
    ledger = Ledger()
    with ScriptedRelay(stay_silent("DOT")) as relay:

        async def main() -> None:
            async with pool(relay, grace=600) as kept:
                sending = asyncio.create_task(kept.send(letters(100), ledger))
                await until(lambda: relay.times["DOT", "reader1@example.org"])
                sending.cancel()
                await asyncio.sleep(0)
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending
                assert ledger.verdicts() == {1: Verdict.UNKNOWN}

        asyncio.run(main())


def test_cancelling_amid_a_content_that_cannot_leave_calls_it_unsent() -> None:
    ledger = Ledger()
    large = letter(1, b"A line of a very long letter.\r\n" * 1_000_000)
    with ScriptedRelay(answer_slowly("CONTENT", 60)) as relay:

        async def main() -> None:
            async with pool(relay, grace=0.05) as kept:
                sending = asyncio.create_task(kept.send([large], ledger))
                await until(lambda: relay.times["CONTENT", "reader1@example.org"])
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending

        asyncio.run(main())
    assert ledger.verdicts() == {1: Verdict.TEMPORARY}


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "RCPT"])
def test_cancelling_before_any_content_settles_nobody(step: str) -> None:
    ledger = Ledger()
    with ScriptedRelay(stay_silent(step)) as relay:

        async def main() -> None:
            async with pool(relay, 2, grace=0.05) as kept:
                sending = asyncio.create_task(kept.send(letters(100), ledger))
                await until(lambda: relay.times[step, ""] or sum(relay.times.values()) > 4)
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending

        asyncio.run(main())
    assert ledger.outcomes == {}
    assert relay.mails == []


def test_after_a_cancelled_call_the_relay_can_be_used_again() -> None:
    ledger = Ledger()
    with ScriptedRelay(at("DOT", Act(wait=3600), connections=(1,))) as relay:

        async def main() -> None:
            async with pool(relay, grace=0) as kept:
                sending = asyncio.create_task(kept.send(letters(2), ledger))
                await until(lambda: relay.times["DOT", "reader1@example.org"])
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending
                await kept.send(letters(2)[1:], ledger)

        asyncio.run(main())
    assert ledger.verdicts() == {1: Verdict.UNKNOWN, 2: Verdict.SENT}


def test_a_second_call_waits_for_the_first() -> None:
    ledger = Ledger()
    with ScriptedRelay() as relay:

        async def main() -> None:
            async with pool(relay, 2) as kept:
                await asyncio.gather(
                    kept.send(letters(40)[:20], ledger), kept.send(letters(40)[20:], ledger)
                )

        asyncio.run(main())
    assert len(ledger.outcomes) == len(relay.mails) == 40
    assert relay.connections <= 2


class Broken(Exception):
    """The caller's own error."""


def test_an_error_of_the_callers_iterator_comes_back_and_nothing_is_unaccounted() -> None:
    ledger = Ledger()

    def breaking() -> Iterator[Envelope]:
        yield from letters(20)
        raise Broken

    with ScriptedRelay() as relay:

        async def main() -> None:
            async with pool(relay, 3) as kept:
                await kept.send(breaking(), ledger)

        with pytest.raises(Broken):
            asyncio.run(main())
    assert len(relay.mails) == len(ledger.outcomes)
    assert set(ledger.verdicts().values()) == {Verdict.SENT}


def test_an_error_while_settling_comes_back_and_the_others_are_settled() -> None:
    ledger = Ledger()

    def settle(envelope: Envelope, outcome: Outcome) -> None:
        ledger(envelope, outcome)
        if envelope.delivery == 10:
            raise Broken

    with ScriptedRelay() as relay:

        async def main() -> None:
            async with pool(relay, 3) as kept:
                await kept.send(letters(100), settle)

        with pytest.raises(Broken):
            asyncio.run(main())
    assert len(relay.mails) == len(ledger.outcomes) < 100
