from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model
from newsletter.desk import codes
from newsletter.errors import Invalid

STEP = timedelta(seconds=30)


@pytest.fixture
def secret() -> str:
    return codes.new_secret()


def shown(secret: str, after: timedelta = timedelta()) -> str:
    """The code that the app shows."""
    return pyotp.TOTP(secret).at(NOW + after)


def with_codes(session: Session, secret: str) -> model.Editor:
    editor = make.editor(session)
    codes.turn_on(session, editor, secret, shown(secret), NOW)
    return editor


def test_an_app_reads_the_secret_and_whose_it_is(secret: str) -> None:
    url = codes.app_url(secret, "anna@example.org", "Institute of Examples")
    read = pyotp.parse_uri(url)
    assert (read.name, read.issuer) == ("anna@example.org", "Institute of Examples")
    assert isinstance(read, pyotp.TOTP)
    assert read.at(NOW) == shown(secret)
    drawn = codes.qr_svg(url)
    assert drawn.startswith("<svg")
    assert "style" not in drawn


def test_codes_are_asked_for_once_the_app_has_shown_that_it_knows_the_secret(
    session: Session, secret: str
) -> None:
    editor = make.editor(session)
    with pytest.raises(Invalid, match="not the code"):
        codes.turn_on(session, editor, secret, "000000", NOW)
    assert editor.totp_secret is None
    codes.turn_on(session, editor, secret, shown(secret), NOW)
    assert editor.totp_secret == secret


@pytest.mark.parametrize("made_up", ["", "A", "x" * 32, "<script>", "A" * 31 + "=", "A" * 33])
def test_a_secret_that_is_none_is_refused(session: Session, made_up: str) -> None:
    with pytest.raises(Invalid):
        codes.turn_on(session, make.editor(session), made_up, "000000", NOW)


@pytest.mark.parametrize(
    ("after", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_off(
    session: Session, secret: str, after: int, right: bool
) -> None:
    editor = with_codes(session, secret)
    later = NOW + 10 * STEP
    taken = codes.take(session, editor, shown(secret, (10 + after) * STEP), later)
    assert taken == ("app" if right else None)


def test_no_code_is_taken_twice(session: Session, secret: str) -> None:
    editor = with_codes(session, secret)
    assert codes.take(session, editor, shown(secret), NOW) is None, "spent when it was turned on"
    assert codes.take(session, editor, shown(secret, STEP), NOW + STEP) == "app"
    assert codes.take(session, editor, shown(secret, STEP), NOW + STEP) is None
    assert codes.take(session, editor, shown(secret), NOW + STEP) is None, "an earlier one neither"
    assert codes.take(session, editor, shown(secret, 2 * STEP), NOW + STEP) == "app"


def test_a_code_may_be_typed_with_a_space(session: Session, secret: str) -> None:
    editor = with_codes(session, secret)
    code = shown(secret, STEP)
    assert codes.take(session, editor, f" {code[:3]} {code[3:]}\t", NOW + STEP) == "app"


@pytest.mark.parametrize("wrong", ["", "0", "١٢٣٤٥٦", "-" * 6, "000000 or 1=1", "a" * 10_000])
def test_a_wrong_code_is_taken_for_nothing(session: Session, secret: str, wrong: str) -> None:
    editor = with_codes(session, secret)
    assert codes.take(session, editor, wrong, NOW + STEP) is None


def test_each_recovery_code_stands_in_once(session: Session, secret: str) -> None:
    editor = make.editor(session)
    made = codes.turn_on(session, editor, secret, shown(secret), NOW)
    assert len(set(made)) == codes.RECOVERY_CODES
    typed = made[3].upper().replace("-", " ")
    assert codes.take(session, editor, typed, NOW) == "recovery"
    assert codes.take(session, editor, typed, NOW) is None
    assert codes.recovery_left(session, editor.id) == codes.RECOVERY_CODES - 1
    kept = session.scalars(select(model.RecoveryCode.digest)).all()
    assert not any(made[0].encode() in digest for digest in kept)


def test_a_recovery_code_is_one_editors(session: Session, secret: str) -> None:
    made = codes.turn_on(session, make.editor(session), secret, shown(secret), NOW)
    other = with_codes(session, codes.new_secret())
    assert codes.take(session, other, made[0], NOW) is None


def test_new_recovery_codes_void_the_old_ones(session: Session, secret: str) -> None:
    editor = make.editor(session)
    old = codes.turn_on(session, editor, secret, shown(secret), NOW)
    new = codes.renew_recovery(session, editor)
    assert codes.take(session, editor, old[0], NOW) is None
    assert codes.take(session, editor, new[0], NOW) == "recovery"


def test_without_an_app_no_code_is_right(session: Session, secret: str) -> None:
    editor = make.editor(session)
    made = codes.turn_on(session, editor, secret, shown(secret), NOW)
    codes.turn_off(session, editor)
    assert codes.take(session, editor, shown(secret, STEP), NOW + STEP) is None
    assert codes.take(session, editor, made[0], NOW) is None
