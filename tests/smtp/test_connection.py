"""One connection: what is said in which order, and what becomes of whom when it goes wrong."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import RelayUnavailable
from newsletter.mail.values import Envelope, Outcome, Verdict
from relay import (
    HANG_UP,
    PATIENT,
    Act,
    RecordingRelay,
    Script,
    ScriptedRelay,
    answer_slowly,
    at,
    behave,
    go_away,
    greylist_once,
    hand_over,
    hang_up_after_dot_reply,
    hang_up_before_dot_reply,
    hang_up_in_content,
    letter,
    letters,
    refuse,
    refuse_recipient,
    stay_silent,
    talk_garbage,
)

SENT, TEMPORARY, PERMANENT, UNKNOWN = (
    Verdict.SENT,
    Verdict.TEMPORARY,
    Verdict.PERMANENT,
    Verdict.UNKNOWN,
)


def verdicts(outcomes: list[Outcome]) -> list[Verdict]:
    return [outcome.verdict for outcome in outcomes]


def verbs(relay: ScriptedRelay) -> str:
    return " ".join(command.split()[0] for command in relay.commands)


pipelining = pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "in lockstep"])


@pipelining
def test_every_letter_arrives_once_with_its_own_sender_and_recipient(pipelining: bool) -> None:
    with ScriptedRelay(pipelining=pipelining) as relay:
        outcomes = hand_over(relay.url, letters(5))
    assert outcomes == [Outcome(SENT, 250, "2.0.0 Taken")] * 5
    assert [(mail.sender, mail.recipients, mail.content) for mail in relay.mails] == [
        (one.sender, (one.recipient,), one.content) for one in letters(5)
    ]
    assert relay.connections == 1
    assert verbs(relay) == "EHLO" + " MAIL RCPT DATA" * 5 + " QUIT"


def test_the_next_letter_is_announced_in_one_write_with_the_content_before_it() -> None:
    with ScriptedRelay() as relay:
        hand_over(relay.url, letters(3))
    opening = [
        f"MAIL FROM:<{one.sender}>\r\nRCPT TO:<{one.recipient}>\r\nDATA\r\n".encode()
        for one in letters(3)
    ]
    content = [one.content + b".\r\n" for one in letters(3)]
    assert relay.reads[1:-1] == [
        opening[0],
        content[0] + opening[1],
        content[1] + opening[2],
        content[2],
    ]


def test_without_pipelining_each_command_waits_for_its_reply() -> None:
    with ScriptedRelay(pipelining=False) as relay:
        hand_over(relay.url, letters(2))
    ends = [read.count(b"\r\n") for read in relay.reads if not read.startswith(b"Message-ID")]
    assert ends == [1] * len(ends)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.lists(st.sampled_from([b".", b"..", b"a", b"\xc3\xa4", b" ", b"RSET"])), max_size=9)
)
def test_content_arrives_as_it_was_whatever_dots_it_has(lines: list[list[bytes]]) -> None:
    content = b"".join(b"".join(line) + b"\r\n" for line in lines) or b"\r\n"
    with ScriptedRelay(eight_bit=True) as relay, RecordingRelay() as other:
        for url in (relay.url, other.url):
            outcomes = hand_over(url, [letter(1, content), letter(2)])
            assert verdicts(outcomes) == [SENT, SENT]
    for mails in (relay.mails, other.mails):
        assert [mail.content for mail in mails] == [content, letter(2).content]


def test_content_that_lacks_its_last_line_end_gets_one() -> None:
    with ScriptedRelay() as relay:
        hand_over(relay.url, [letter(1, b"Subject: x\r\n\r\nNews.\r\n.")])
    assert relay.mails[0].content == b"Subject: x\r\n\r\nNews.\r\n.\r\n"


@pipelining
@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (at("MAIL", Act("550 5.7.1 Not you")), Outcome(PERMANENT, 550, "5.7.1 Not you")),
        (at("MAIL", Act("451 4.3.0 Later")), Outcome(TEMPORARY, 451, "4.3.0 Later")),
        (refuse_recipient(), Outcome(PERMANENT, 550, "5.1.1 No such user")),
        (refuse_recipient(reply="452 4.2.2 Full"), Outcome(TEMPORARY, 452, "4.2.2 Full")),
        (
            refuse_recipient(reply="550-5.1.1 No such user\r\n550 5.1.1 Bye"),
            Outcome(PERMANENT, 550, "5.1.1 No such user 5.1.1 Bye"),
        ),
        (at("DATA", Act("451 4.3.1 No space")), Outcome(TEMPORARY, 451, "4.3.1 No space")),
        (refuse(), Outcome(PERMANENT, 550, "5.7.1 We do not want this")),
        (refuse(452, "4.3.1 No space"), Outcome(TEMPORARY, 452, "4.3.1 No space")),
        (refuse(599, ""), Outcome(PERMANENT, 599, "")),
    ],
)
def test_a_refusal_is_an_outcome_in_the_words_of_the_relay(
    script: Script, expected: Outcome, pipelining: bool
) -> None:
    with ScriptedRelay(script, pipelining=pipelining) as relay:
        assert hand_over(relay.url, letters(3)) == [expected] * 3
    assert relay.mails == []
    assert relay.connections == 1


@pipelining
@pytest.mark.parametrize("eager", [True, False], ids=["354 all the same", "554"])
def test_a_refused_recipient_costs_nobody_else_their_letter(pipelining: bool, eager: bool) -> None:
    script = refuse_recipient("reader1@example.org", "reader3@example.org", "reader5@example.org")
    with ScriptedRelay(script, pipelining=pipelining, eager=eager) as relay:
        outcomes = hand_over(relay.url, letters(5))
    assert verdicts(outcomes) == [PERMANENT, SENT, PERMANENT, SENT, PERMANENT]
    assert [outcome.code for outcome in outcomes] == [550, 250, 550, 250, 550]
    assert relay.accepted == [
        ("<2@monitor.example>", "reader2@example.org"),
        ("<4@monitor.example>", "reader4@example.org"),
    ]
    assert relay.connections == 1
    assert relay.commands.count("RSET") == 3
    assert relay.times["DOT", "reader1@example.org"] == (pipelining and eager)


def test_a_letter_refused_for_now_is_taken_the_next_time() -> None:
    with ScriptedRelay(greylist_once) as relay:
        assert verdicts(hand_over(relay.url, letters(2))) == [TEMPORARY, TEMPORARY]
        assert verdicts(hand_over(relay.url, letters(2))) == [SENT, SENT]


def test_a_recipient_to_be_forwarded_is_accepted() -> None:
    with ScriptedRelay(refuse_recipient(reply="251 2.1.5 Will forward")) as relay:
        assert verdicts(hand_over(relay.url, letters(2))) == [SENT, SENT]


INJECTIONS = [
    "",
    "a b@example.org",
    "a@example.org>\r\nRCPT TO:<b@example.org",
    "a@example.org\r\nDATA",
    "a@example.org\n",
    "\na@example.org",
    "a@example.org\r",
    "a\0@example.org",
    "a\t@example.org",
    "<a@example.org>",
    "a@example.org> SIZE=1",
    "a\u2028@example.org",
    "a\x85@example.org",
    "a\ud800@example.org",
    "a" * 250 + "@example.org",
]


@pytest.mark.parametrize("address", INJECTIONS)
def test_an_address_cannot_say_anything_but_itself(address: str) -> None:
    wrong = [replace(letter(1), recipient=address)]
    if address:
        wrong.append(replace(letter(2), sender=address))
    with ScriptedRelay(smtputf8=True) as relay:
        *outcomes, last = hand_over(relay.url, [*wrong, letter(3)])
    assert [(one.verdict, one.code, one.words[:4]) for one in outcomes] == [
        (PERMANENT, 553, "5.1."),
    ] * len(wrong)
    assert last.verdict is SENT
    assert verbs(relay) == "EHLO MAIL RCPT DATA QUIT"


@settings(deadline=None, max_examples=60)
@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_no_text_whatever_makes_more_commands(recipient: str, sender: str) -> None:
    with ScriptedRelay(smtputf8=True, eight_bit=True) as relay:
        wild = replace(letter(1), recipient=recipient, sender=sender)
        first, last = hand_over(relay.url, [wild, letter(2)])
    assert last.verdict is SENT
    assert verbs(relay) == "EHLO" + " MAIL RCPT DATA" * (1 + (first.verdict is SENT)) + " QUIT"


def test_mail_without_a_sender_is_sent_with_an_empty_one() -> None:
    with ScriptedRelay() as relay:
        hand_over(relay.url, [replace(letter(1), sender="")])
    assert "MAIL FROM:<>" in relay.commands


@pytest.mark.parametrize(
    "content",
    [
        b"News.\n.\nMAIL FROM:<a@example.org>\r\n",
        b"News.\r\n.\nRSET\r\n",
        b"News.\r.\rRSET\r\n",
        b"News.\r\n.\rRSET\r\n",
        b"News.\n.\r\nRSET\r\n",
        b"News.\r\r\n",
        b"News.\n",
    ],
)
def test_content_with_bare_line_ends_cannot_smuggle_commands(content: bytes) -> None:
    with ScriptedRelay() as relay:
        outcomes = hand_over(relay.url, [letter(1, content), letter(2)])
    assert [(one.verdict, one.code) for one in outcomes] == [(PERMANENT, 554), (SENT, 250)]
    assert outcomes[0].words.startswith("5.6.0 ")


def test_a_letter_larger_than_the_relay_takes_is_refused_here() -> None:
    small, large = letter(1, b"x\r\n" * 100), letter(2, b"x\r\n" * 101)
    with ScriptedRelay(size=300) as relay:
        outcomes = hand_over(relay.url, [large, small])
    assert outcomes == [
        Outcome(PERMANENT, 552, "5.3.4 the mail has 303 octets, the relay takes 300"),
        Outcome(SENT, 250, "2.0.0 Taken"),
    ]
    assert verbs(relay) == "EHLO MAIL RCPT DATA QUIT"
    assert relay.commands[1].endswith(" SIZE=300")


def test_content_beyond_ascii_needs_8bitmime() -> None:
    umlaut = letter(1, "Grüße\r\n".encode())
    with ScriptedRelay(eight_bit=True) as relay:
        assert verdicts(hand_over(relay.url, [umlaut, letter(2)])) == [SENT, SENT]
    assert [c for c in relay.commands if "BODY" in c] == [
        "MAIL FROM:<bounce+1@monitor.example> BODY=8BITMIME"
    ]
    with ScriptedRelay() as relay:
        (outcome,) = hand_over(relay.url, [umlaut])
    assert (outcome.verdict, outcome.code, outcome.words[:6]) == (PERMANENT, 554, "5.6.3 ")
    assert relay.mails == []


@pytest.mark.parametrize(
    "beyond",
    [
        replace(letter(1), sender="dörte@example.org"),
        replace(letter(1), recipient="dörte@example.org"),
    ],
)
def test_an_address_beyond_ascii_needs_smtputf8(beyond: Envelope) -> None:
    with ScriptedRelay(smtputf8=True) as relay:
        assert verdicts(hand_over(relay.url, [beyond, letter(2)])) == [SENT, SENT]
    assert [c.endswith("> SMTPUTF8") for c in relay.commands if "MAIL" in c] == [True, False]
    assert "dörte@example.org" in (relay.mails[0].sender, *relay.mails[0].recipients)
    with ScriptedRelay() as relay:
        (outcome,) = hand_over(relay.url, [beyond])
    assert (outcome.verdict, outcome.code, outcome.words[:6]) == (PERMANENT, 553, "5.6.7 ")
    assert relay.mails == []


@pipelining
def test_a_letter_taken_without_a_word_is_unknown_and_the_next_is_not_lost(
    pipelining: bool,
) -> None:
    with ScriptedRelay(hang_up_before_dot_reply, pipelining=pipelining) as relay:
        outcomes = hand_over(relay.url, letters(2))
    assert [(one.verdict, one.code) for one in outcomes] == [(UNKNOWN, 0)] * 2
    assert len(relay.mails) == 2
    assert relay.connections == 2


@pipelining
def test_a_relay_that_hangs_up_after_each_letter_gets_them_all(pipelining: bool) -> None:
    with ScriptedRelay(hang_up_after_dot_reply, pipelining=pipelining) as relay:
        assert verdicts(hand_over(relay.url, letters(4))) == [SENT] * 4
    assert len(relay.mails) == 4
    assert relay.connections == 4


def test_a_letter_cut_off_in_the_middle_was_not_sent() -> None:
    # More than the buffers of both ends hold, so that some of it cannot have left.
    large = letter(1, b"A line of a very long letter.\r\n" * 1_000_000)
    with ScriptedRelay(hang_up_in_content) as relay:
        (outcome,) = hand_over(relay.url, [large])
    assert (outcome.verdict, outcome.code) == (TEMPORARY, 0)
    assert outcome.words.startswith("the content did not get through: ")


def test_a_large_letter_gets_through_whole_and_takes_the_next_along() -> None:
    large = letter(1, b"A line of a very long letter.\r\n" * 500_000)
    with ScriptedRelay() as relay:
        assert verdicts(hand_over(relay.url, [large, letter(2)])) == [SENT, SENT]
    assert [mail.content for mail in relay.mails] == [large.content, letter(2).content]


@pipelining
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("trouble", [HANG_UP, Act("garbage"), Act("199 preliminary")])
def test_a_letter_only_announced_travels_on_another_connection(
    step: str, trouble: Act, pipelining: bool
) -> None:
    with ScriptedRelay(at(step, trouble, connections=(1,)), pipelining=pipelining) as relay:
        assert verdicts(hand_over(relay.url, letters(3))) == [SENT] * 3
    assert len(relay.mails) == 3
    assert relay.connections == 2


@pytest.mark.parametrize(
    ("step", "reply"), [("MAIL", "354 Go on"), ("RCPT", "354 Go on"), ("DATA", "250 Ok")]
)
def test_a_relay_out_of_step_is_left(step: str, reply: str) -> None:
    with ScriptedRelay(at(step, Act(reply), connections=(1,))) as relay:
        assert verdicts(hand_over(relay.url, letters(3))) == [SENT] * 3
    assert relay.connections == 2


def test_a_letter_that_breaks_every_connection_waits_and_the_others_go() -> None:
    def script(moment: object) -> Act | None:
        return HANG_UP if getattr(moment, "recipient", "") == "reader2@example.org" else None

    with ScriptedRelay(script) as relay:
        outcomes = hand_over(relay.url, letters(4))
    assert verdicts(outcomes) == [SENT, TEMPORARY, SENT, SENT]
    assert outcomes[1].words == "not handed over: the relay hung up"
    assert relay.connections == 3


def test_a_relay_that_only_breaks_connections_is_unavailable() -> None:
    with (
        ScriptedRelay(at("RCPT", HANG_UP)) as relay,
        pytest.raises(RelayUnavailable, match="nothing comes of them: the relay hung up"),
    ):
        hand_over(relay.url, letters(100), connections=3)
    assert relay.connections <= 9


@pipelining
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
def test_421_is_for_the_letter_at_hand_and_ends_the_connection(step: str, pipelining: bool) -> None:
    script = at(step, Act("421 4.3.2 Maintenance", hang_up=True), connections=(1,))
    with ScriptedRelay(script, pipelining=pipelining) as relay:
        outcomes = hand_over(relay.url, letters(3))
    assert outcomes[0] == Outcome(TEMPORARY, 421, "4.3.2 Maintenance")
    assert verdicts(outcomes[1:]) == [SENT, SENT]
    assert relay.connections == 2


def test_a_relay_that_always_says_421_is_unavailable() -> None:
    with (
        ScriptedRelay(go_away("MAIL")) as relay,
        pytest.raises(RelayUnavailable, match=r"421 4\.3\.2 Closing for maintenance"),
    ):
        hand_over(relay.url, letters(100))
    assert relay.connections == 3


def test_a_refusal_stands_though_the_connection_is_lost_behind_it() -> None:
    script = at("MAIL", Act("554 5.7.1 We block you", hang_up=True), connections=(1,))
    with ScriptedRelay(script) as relay:
        outcomes = hand_over(relay.url, letters(2))
    assert outcomes == [
        Outcome(PERMANENT, 554, "5.7.1 We block you"),
        Outcome(SENT, 250, "2.0.0 Taken"),
    ]


def test_garbage_in_place_of_the_last_reply_leaves_the_letter_unknown() -> None:
    with ScriptedRelay(talk_garbage("DOT")) as relay:
        outcomes = hand_over(relay.url, letters(2))
    assert [(one.verdict, one.code) for one in outcomes] == [(UNKNOWN, 0)] * 2
    assert "not an SMTP reply" in outcomes[0].words


def test_a_reply_that_never_comes_leaves_the_letter_unknown() -> None:
    with ScriptedRelay(stay_silent("DOT")) as relay:
        (outcome,) = hand_over(relay.url, [letter(1)], timeouts=replace(PATIENT, final=0.2))
    assert outcome == Outcome(UNKNOWN, 0, "no reply to the content: no answer in time")


def test_content_that_does_not_leave_in_time_was_not_sent() -> None:
    large = letter(1, b"A line of a very long letter.\r\n" * 1_000_000)
    with ScriptedRelay(answer_slowly("CONTENT", 60)) as relay:
        (outcome,) = hand_over(relay.url, [large], timeouts=replace(PATIENT, content=0.2))
    assert outcome == Outcome(TEMPORARY, 0, "the content did not get through: no answer in time")


def test_a_slow_reply_is_waited_for() -> None:
    with ScriptedRelay(answer_slowly("DOT", 0.3)) as relay:
        assert verdicts(hand_over(relay.url, letters(2))) == [SENT, SENT]


def test_a_connection_carries_so_many_letters_and_no_more() -> None:
    with ScriptedRelay(behave) as relay:
        outcomes = hand_over(f"{relay.url}?messages=3", letters(7))
    assert verdicts(outcomes) == [SENT] * 7
    assert relay.connections == 3
    assert verbs(relay) == " ".join(
        "EHLO" + " MAIL RCPT DATA" * count + " QUIT" for count in (3, 3, 1)
    )
