"""Account numbers of many countries, right ones and wrong ones, and what is said of these."""

import re
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.support import is_sepa, parse_iban, spaced

# The examples of SWIFT's registry.
IN_SEPA = """
AD12 0001 2030 2003 5910 0100
AL47 2121 1009 0000 0002 3569 8741
AT61 1904 3002 3457 3201
BE68 5390 0754 7034
BG80 BNBG 9661 1020 3456 78
CH93 0076 2011 6238 5295 7
CY17 0020 0128 0000 0012 0052 7600
CZ65 0800 0000 1920 0014 5399
DE89 3704 0044 0532 0130 00
DK50 0040 0440 1162 43
EE38 2200 2210 2014 5685
ES91 2100 0418 4502 0005 1332
FI21 1234 5600 0007 85
FR14 2004 1010 0505 0001 3M02 606
GB29 NWBK 6016 1331 9268 19
GI75 NWBK 0000 0000 7099 453
GR16 0110 1250 0000 0001 2300 695
HR12 1001 0051 8630 0016 0
HU42 1177 3016 1111 1018 0000 0000
IE29 AIBK 9311 5212 3456 78
IS14 0159 2600 7654 5510 7303 39
IT60 X054 2811 1010 0000 0123 456
LI21 0881 0000 2324 013A A
LT12 1000 0111 0100 1000
LU28 0019 4006 4475 0000
LV80 BANK 0000 4351 9500 1
MC58 1122 2000 0101 2345 6789 030
MD24 AG00 0225 1000 1310 4168
ME25 5050 0001 2345 6789 51
MK07 2501 2000 0058 984
MT84 MALT 0110 0001 2345 MTLC AST0 01S
NL91 ABNA 0417 1643 00
NO93 8601 1117 947
PL61 1090 1014 0000 0712 1981 2874
PT50 0002 0123 1234 5678 9015 4
RO49 AAAA 1B31 0075 9384 0000
RS35 2600 0560 1001 6113 79
SE45 5000 0000 0583 9825 7466
SI56 2633 0001 2039 086
SK31 1200 0000 1987 4263 7541
SM86 U032 2509 8000 0000 0270 100
VA59 0011 2300 0012 3456 78
""".strip().splitlines()
ELSEWHERE = """
AE07 0331 2345 6789 0123 456
AZ21 NABZ 0000 0000 1370 1000 1944
BA39 1290 0794 0102 8494
BH67 BMAG 0000 1299 1234 56
BR18 0036 0305 0000 1000 9795 493C 1
CR05 0152 0200 1026 2840 66
DO28 BAGR 0000 0001 2124 5361 1324
FO62 6460 0001 6316 34
GE29 NB00 0000 0101 9049 17
GL89 6471 0001 0002 06
IL62 0108 0000 0009 9999 999
KW81 CBKU 0000 0000 0000 1234 5601 01
KZ86 125K ZT50 0410 0100
LB62 0999 0000 0001 0019 0122 9114
PK36 SCBL 0000 0011 2345 6702
SA03 8000 0000 6080 1016 7519
TN59 1000 6035 1835 9847 8831
TR33 0006 1005 1978 6457 8413 26
UA21 3223 1300 0002 6007 2335 6600 1
XK05 1212 0123 4567 8906
""".strip().splitlines()


@pytest.mark.parametrize("written", IN_SEPA + ELSEWHERE)
def test_a_right_one_is_read_and_written_as_on_paper(written: str) -> None:
    iban = parse_iban(f" iban: {written.lower()}\u00a0")
    assert iban == written.replace(" ", "")
    assert spaced(iban) == written
    assert is_sepa(iban) is (written in IN_SEPA)


@given(st.sampled_from(IN_SEPA + ELSEWHERE), st.data())
def test_one_wrong_character_is_always_found(written: str, data: st.DataObject) -> None:
    iban = written.replace(" ", "")
    at = data.draw(st.integers(2, len(iban) - 1))
    alike = "0123456789" if iban[at].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    other = data.draw(st.sampled_from(alike.replace(iban[at], "")))
    with pytest.raises(Invalid, match="check digits"):
        parse_iban(iban[:at] + other + iban[at + 1 :])


@given(st.sampled_from(IN_SEPA + ELSEWHERE), st.data())
def test_two_that_are_swapped_are_always_found(written: str, data: st.DataObject) -> None:
    iban = written.replace(" ", "")
    at = data.draw(st.integers(2, len(iban) - 2))
    # "1B" and "B1" are the same number, 111, to the check.
    first, second = (str(int(sign, 36)) for sign in iban[at : at + 2])
    assume(first + second != second + first)
    with pytest.raises(Invalid):
        parse_iban(iban[:at] + iban[at + 1] + iban[at] + iban[at + 2 :])


@given(st.sampled_from(IN_SEPA + ELSEWHERE), st.data())
def test_one_too_many_or_too_few_is_named(written: str, data: st.DataObject) -> None:
    iban = written.replace(" ", "")
    at = data.draw(st.integers(2, len(iban) - 1))
    for wrong in (iban[:at] + iban[at + 1 :], iban[:at] + "0" + iban[at:]):
        says = f"{iban[:2]} has {len(iban)} characters; this one has {len(wrong)}"
        with pytest.raises(Invalid, match=says):
            parse_iban(wrong)


@given(st.text(max_size=40))
def test_whatever_else_is_refused_and_nothing_breaks(text: str) -> None:
    with suppress(Invalid):
        iban = parse_iban(text)
        assert parse_iban(spaced(iban)) == iban


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is no IBAN"),
        ("ZZ89 3704 0044 0532 0130 00", "No country that has IBANs is called ZZ"),
        ("US89 3704 0044 0532 0130 00", "called US"),
        ("61 1090 1014 0000 0712 1981 2874", "gets PL before it"),
        ("DE89 3704 0044 0532 0130 0", "DE has 22 characters; this one has 21"),
        ("DE98 3704 0044 0532 0130 00", "check digits 98 do not fit"),
        ("DE89 3704 0044 0532 013O 00", "characters 5 to 22 are digits; here they are “3704"),
        ("GB29 NWB9 6016 1331 9268 19", "characters 5 to 8 are letters; here they are “NWB9”"),
        ("DE89-3704-0044-0532-0130-00", "this one has “-”"),
        ("DE89 3704 0044 0532 0130 ００", "this one has “０”"),
        ("ŁD89 3704 0044 0532 0130 00", "this one has “Ł”"),
        ("DE8X 3704 0044 0532 0130 00", "check digits 8X"),
    ],
)
def test_what_is_wrong_is_named(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        parse_iban(text)


def test_check_digits_that_stand_for_another_remainder_are_refused() -> None:
    # 97 is 0 modulo 97, so that 00 would fit where 97 is meant, 01 where 98 and 99 where 02.
    by_remainder = {"97": "00", "98": "01", "02": "99"}
    found = set()
    for number in range(400):
        rest = f"37040044{number:010}"
        for right, wrong in by_remainder.items():
            try:
                parse_iban(f"DE{right}{rest}")
            except Invalid:
                continue
            found.add(right)
            with pytest.raises(Invalid, match="check digits"):
                parse_iban(f"DE{wrong}{rest}")
    assert found == set(by_remainder)
