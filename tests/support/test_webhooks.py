"""Messages of payment services: genuine, replayed, late and forged ones are told apart."""

import hmac
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW
from newsletter.support import Judgement, Verdict, judge_hmac, judge_stripe, sign

SECRET, OLD_SECRET = "whsec_new", "whsec_old"
BODY = json.dumps({"id": "evt_1", "type": "checkout.session.completed"}).encode()
NOW_SECONDS = int(NOW.timestamp())


def digest(body: bytes = BODY, at: int = NOW_SECONDS, secret: str = SECRET) -> str:
    """Sign by the words of Stripe's manual: HMAC-SHA256 over time, dot and body."""
    return hmac.new(secret.encode(), b"%d.%s" % (at, body), sha256).hexdigest()


def judged(header: str, body: bytes = BODY, **facts: Any) -> Judgement:
    given_facts: dict[str, Any] = {"secrets": [SECRET], "now": NOW} | facts
    return judge_stripe(body, header, **given_facts)


def test_a_message_signed_with_our_secret_is_genuine() -> None:
    header = f"t={NOW_SECONDS},v1={digest()}"
    assert judged(header) == Judgement(Verdict.GENUINE, "evt_1")
    assert sign(BODY, NOW_SECONDS, SECRET) == digest()


def test_the_signature_of_a_known_message() -> None:
    # Made with OpenSSL: printf '1492774577.{"id": "evt_9"}' | openssl dgst -sha256 -hmac whsec_new
    made = "ab801f6b6e597f1c1aeac226c38febe6b5b99933932746d8d1eaf23fe2a9c39f"
    assert sign(b'{"id": "evt_9"}', 1492774577, SECRET) == made


@pytest.mark.parametrize(
    "header",
    [
        f"t={NOW_SECONDS},v1={digest(secret=OLD_SECRET)},v1={digest()}",
        f"t={NOW_SECONDS},v1={digest()},v1={digest(secret=OLD_SECRET)},v0={'0' * 64}",
        f"v1={digest()}, t={NOW_SECONDS}",
        f"t={NOW_SECONDS},v1={digest().upper()}",
    ],
)
def test_of_several_signatures_one_has_to_fit(header: str) -> None:
    assert judged(header).verdict is Verdict.GENUINE


def test_while_a_secret_is_changed_both_are_in_force() -> None:
    header = f"t={NOW_SECONDS},v1={digest(secret=OLD_SECRET)}"
    assert judged(header).verdict is Verdict.FORGED
    assert judged(header, secrets=[SECRET, OLD_SECRET]).verdict is Verdict.GENUINE


@pytest.mark.parametrize(("away", "verdict"), [(300, "genuine"), (301, "late")])
@pytest.mark.parametrize("sign_of", [1, -1])
def test_a_message_that_was_kept_back_is_late(away: int, verdict: str, sign_of: int) -> None:
    at = NOW_SECONDS + sign_of * away
    found = judged(f"t={at},v1={digest(at=at)}")
    assert (found.verdict, found.event) == (verdict, "evt_1")
    patient = judged(f"t={at},v1={digest(at=at)}", tolerance=timedelta(hours=1))
    assert patient.verdict is Verdict.GENUINE


@pytest.mark.parametrize("at", [NOW_SECONDS, NOW_SECONDS - 86_400])
def test_a_message_that_was_taken_in_before_is_replayed(at: int) -> None:
    found = judged(f"t={at},v1={digest(at=at)}", known={"evt_0", "evt_1"})
    assert (found.verdict, found.event) == (Verdict.REPLAYED, "evt_1")


def test_a_time_that_was_changed_makes_it_forged_and_not_fresh() -> None:
    old = NOW_SECONDS - 86_400
    found = judged(f"t={NOW_SECONDS},v1={digest(at=old)}")
    assert (found.verdict, found.event) == (Verdict.FORGED, "")


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_a_body_that_was_changed_anywhere_is_forged(at: int, by: int) -> None:
    changed = BODY[:at] + bytes([BODY[at] ^ by]) + BODY[at + 1 :]
    found = judged(f"t={NOW_SECONDS},v1={digest()}", changed, known={"evt_1"})
    assert (found.verdict, found.event) == (Verdict.FORGED, "")


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_everything_is_forged(secrets: list[str]) -> None:
    header = f"t={NOW_SECONDS},v1={digest(secret='')}"
    assert judged(header, secrets=secrets).verdict is Verdict.FORGED


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"v1={digest()}",
        f"t={NOW_SECONDS}",
        f"t={NOW_SECONDS},v0={digest()}",
        f"t=soon,v1={digest()}",
        f"t=-1,v1={digest()}",
        f"t={NOW_SECONDS},t={NOW_SECONDS},v1={digest()}",
        f"t={'9' * 400},v1={digest()}",
        f"t=１２,v1={digest()}",
    ],
)
def test_a_header_of_another_form_is_unreadable(header: str) -> None:
    assert judged(header).verdict is Verdict.UNREADABLE


@pytest.mark.parametrize("signature", ["", "0" * 64, "ą" * 64, digest()[:-1], digest() + "0"])
def test_what_is_no_signature_of_ours_is_forged(signature: str) -> None:
    assert judged(f"t={NOW_SECONDS},v1={signature}").verdict is Verdict.FORGED


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"id": 5}', b'{"id": ""}', b"\xff", b'"evt_1"', b"[" * 100_000],
)
def test_a_signed_body_without_a_name_is_unreadable(body: bytes) -> None:
    found = judged(f"t={NOW_SECONDS},v1={digest(body)}", body)
    assert (found.verdict, found.event) == (Verdict.UNREADABLE, "")


@pytest.mark.parametrize("before", ["", "sha256="])
def test_the_scheme_of_any_other_service(before: str) -> None:
    def judge(timestamp: str, signature: str, **facts: Any) -> Verdict:
        given: dict[str, Any] = {"secrets": [OLD_SECRET, SECRET], "now": NOW} | facts
        return judge_hmac(BODY, signature, timestamp, **given).verdict

    late = NOW_SECONDS - 301
    assert judge(str(NOW_SECONDS), before + digest()) is Verdict.GENUINE
    assert judge(str(NOW_SECONDS), before + digest(), known=["evt_1"]) is Verdict.REPLAYED
    assert judge(str(late), before + digest(at=late)) is Verdict.LATE
    assert judge(str(NOW_SECONDS), before + digest(at=late)) is Verdict.FORGED
    assert judge(str(NOW_SECONDS), before + digest(secret="other")) is Verdict.FORGED
    assert judge("yesterday", before + digest()) is Verdict.UNREADABLE


@given(st.text(max_size=200), st.binary(max_size=50))
def test_whatever_comes_is_judged_and_never_genuine(header: str, body: bytes) -> None:
    assert judged(header, body).verdict in {Verdict.FORGED, Verdict.UNREADABLE}
    assert judge_hmac(body, header, header, [SECRET], NOW).verdict in {
        Verdict.FORGED,
        Verdict.UNREADABLE,
    }
