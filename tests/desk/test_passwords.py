import pytest
from argon2 import PasswordHasher

from newsletter.desk import passwords
from newsletter.errors import Invalid

GOOD = "frost on the canal"


@pytest.mark.parametrize("password", [GOOD, "Zażółć gęślą jaźń", "x7-Kd!paqV2m", "ab cdef " * 25])
def test_a_good_password_is_kept_as_a_hash_that_knows_it(password: str) -> None:
    passwords.check(password)
    kept = passwords.hashed(password)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password not in kept
    assert passwords.matches(kept, password)
    assert not passwords.matches(kept, password + "x")


@pytest.mark.parametrize(
    "password", ["", "short", "eleven char", "aaaaaaaaaaaaaaaa", "ababababababab", "x1-" * 100]
)
def test_a_bad_password_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check(password)


@pytest.mark.parametrize("password", ["Anna Nowak 1234", "anna.nowak and more", "x nowak@e.org y"])
def test_a_password_holds_neither_name_nor_address(password: str) -> None:
    with pytest.raises(Invalid, match="name or address"):
        passwords.check(password, ["Anna", "Nowak", "anna.nowak"])


def test_the_same_characters_from_another_keyboard_are_the_same_password() -> None:
    kept = passwords.hashed("żółw na kanale nocą")
    decomposed = "z\u0307o\u0301ł" + "w na kanale noca\u0328"
    assert passwords.matches(kept, decomposed)


def test_nobody_has_no_password() -> None:
    assert not passwords.matches(None, "of nobody")
    assert not passwords.matches(None, "")
    assert not passwords.matches("no hash at all", "of nobody")


def test_a_hash_of_other_parameters_still_knows_its_password_and_is_outdated() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    assert passwords.matches(old, GOOD)
    assert passwords.is_outdated(old)
    assert not passwords.is_outdated(passwords.hashed(GOOD))
