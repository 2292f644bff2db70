"""Files as people have them: encodings, delimiters, headings, and the exports of other services."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from make import SECRET_KEY
from newsletter.errors import InvalidImport
from newsletter.sheets import Chunk, Lines, Plan, Sheet, blocks, examine, prepare, records
from newsletter.sheets.files import Block, Broken
from newsletter.sheets.staged import whole_lines

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
POLISH = "adres e-mail,imię i nazwisko\nanna@example.org,Zażółć Gęślą\njan@example.org,Łukasz Żak\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def lines(sheet: Sheet, line: int = 0, offset: int = 0) -> list[tuple[int, list[str] | Broken]]:
    return [row for block in blocks(sheet, line, offset) for row in records(sheet, block)]


def cells(sheet: Sheet) -> list[list[str] | Broken]:
    return [row for _, row in lines(sheet)]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1250", "cp1250"),
        ("iso-8859-2", "iso-8859-2"),
    ],
)
def test_an_encoding_is_found_out(file: Path, encoding: str, found: str) -> None:
    file.write_bytes(POLISH.encode(encoding))
    sheet = examine(file, {})
    assert sheet.encoding == found
    assert sheet.columns == {"address": 0, "name": 1}
    assert cells(sheet) == [
        ["anna@example.org", "Zażółć Gęślą"],
        ["jan@example.org", "Łukasz Żak"],
    ]


def test_western_letters_are_no_polish_ones(file: Path) -> None:
    file.write_bytes("email;name\na@example.org;José Muñoz – Ærø\n".encode("cp1252"))
    assert examine(file, {}).encoding == "cp1252"


def test_an_encoding_can_be_said(file: Path) -> None:
    file.write_bytes(POLISH.encode("cp1250"))
    assert examine(file, {}, "iso-8859-2").encoding == "iso-8859-2"
    with pytest.raises(InvalidImport, match="no encoding 'klingon'; utf-8 is one"):
        examine(file, {}, "klingon")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_found_out_beside_others_in_quotes(file: Path, delimiter: str) -> None:
    rows = [["email", "name"], ["a@example.org", '"Nowak, Anna; a|b\t"'], ["b@example.org", "x"]]
    file.write_text("\n".join(delimiter.join(row) for row in rows))
    sheet = examine(file, {})
    assert sheet.delimiter == delimiter
    assert cells(sheet)[0] == ["a@example.org", "Nowak, Anna; a|b\t"]


def test_a_single_column_needs_no_delimiter(file: Path) -> None:
    file.write_text("Email\nanna@example.org\n")
    assert cells(examine(file, {})) == [["anna@example.org"]]


def test_headings_may_follow_empty_lines_and_break_in_quotes(file: Path) -> None:
    file.write_bytes(b'\r\n\r\n"E-mail","first\r\nname"\r\na@example.org,A\r\n')
    sheet = examine(file, {})
    assert sheet.columns == {"address": 0, "first_name": 1}
    assert lines(sheet) == [(5, ["a@example.org", "A"])]


def test_old_line_ends_are_line_ends(file: Path) -> None:
    file.write_bytes(b"email,name\ra@example.org,A\rb@example.org,B")
    assert cells(examine(file, {})) == [["a@example.org", "A"], ["b@example.org", "B"]]


def test_a_file_is_read_on_from_where_a_block_ended(file: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16", "cp1250"):
        text = "email,name\n" + "".join(f'ł{n}@example.org,"a\r\nb"\n' for n in range(20))
        file.write_bytes(text.encode(encoding))
        sheet = examine(file, {})
        first, second, third, *_ = blocks(sheet, most=50)
        before = [*records(sheet, first), *records(sheet, second), *records(sheet, third)]
        assert before + lines(sheet, third.end, third.offset) == lines(sheet)
        assert len(lines(sheet)) == 20


def test_json_lines_are_read(file: Path) -> None:
    file.write_text('{"address": "a@example.org", "n": null}\n\nnonsense\n[1]\n{"address": 1}\n')
    sheet = examine(file, {})
    assert cells(sheet) == [
        ["a@example.org", ""],
        Broken("is not JSON from its character %(place)s on", {"place": "1"}),
        Broken("is not a JSON object"),
        ["1", ""],
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "people.csv is empty; it needs a line of headings"),
        (b"\xef\xbb\xbf \n\n", "people.csv is empty"),
        (b"a,b\n1,2\n", "Line 1: no column is known to hold addresses; the columns are 'a', 'b'"),
        (b"anna@example.org,Anna\n", "Line 1 holds an address where headings should be"),
        (b"{nonsense\n", "Line 1 begins like JSON lines and is none"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_line(
    file: Path, content: bytes, words: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(InvalidImport, match=words):
        examine(file, {})


def test_a_column_can_be_named(file: Path) -> None:
    file.write_text("email,Kontakt,Who\na@example.org,b@example.org,B\n")
    sheet = examine(file, {"address": "kontakt", "name": "Who"})
    assert sheet.columns == {"address": 1, "name": 2}
    with pytest.raises(InvalidImport, match="no column 'Mail' for address; it has 'email'"):
        examine(file, {"address": "Mail"})
    with pytest.raises(InvalidImport, match="no field 'shoe' to map; the fields are address"):
        examine(file, {"shoe": "Who"})


MAILCHIMP = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,'
    "CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,"
)
EXPORTS = {
    "listmonk": (
        "export.csv",
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        'u1,a@example.org,Anna Nowak,"{""city"": ""Gdynia""}",enabled,'
        "2024-01-02 15:04:05.123456 +0000 UTC,2024-01-02 15:04:05 +0000 UTC\n"
        "u2,b@example.org,B,{},disabled,2024-01-02 15:04:05 +0000 UTC,x\n"
        "u3,c@example.org,C,{},blocklisted,2024-01-02 15:04:05 +0000 UTC,x\n",
    ),
    "Mailchimp": (
        "subscribed_email_audience_export.csv",
        MAILCHIMP + "LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
        'a@example.org,Anna,Nowak,2,"2024-01-01 10:00:00",192.0.2.7,"2024-01-02 15:04:05",'
        '192.0.2.9,,,,,,,,"2025-01-01 00:00:00",1,e,,"""VIP"",""Blog"""\n',
    ),
    "Mailchimp, left": (
        "unsubscribed_email_audience_export.csv",
        MAILCHIMP + "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON,LEID,EUID\n"
        'b@example.org,,,2,,,"2024-01-02 15:04:05",,,,,,,,,"2025-03-04 05:06:07",x,y,1,e\n'
        'd@example.org,,,2,,,"2024-01-02 15:04:05",,,,,,,,,,x,y,1,e\n',
    ),
    "Mailchimp, cleaned": (
        "cleaned_email_audience_export.csv",
        MAILCHIMP + "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,LEID,EUID\n"
        'c@example.org,,,2,,,"2024-01-02 15:04:05",,,,,,,,,"2025-03-04 05:06:07",x,1,e\n',
    ),
    "Substack": (
        "email_list.csv",
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
        "a@example.org,false,,other,false,2024-01-02T15:04:05.000Z,\n"
        "b@example.org,true,,yearly,true,2024-01-02T15:04:05.000Z,2024-02-01T10:00:00.000Z\n",
    ),
    "Ghost": (
        "members.csv",
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,"
        "deleted_at,labels,tiers\n"
        '1,a@example.org,Anna Nowak,,true,false,,2024-01-02T15:04:05.000Z,,"VIP,Blog",\n'
        "2,b@example.org,B,,false,false,,2024-01-02T15:04:05.000Z,,,\n"
        "3,d@example.org,B,,true,false,,2024-01-02T15:04:05.000Z,2025-01-02T00:00:00.000Z,,\n",
    ),
    "MailerLite": (
        "subscribers.csv",
        "Subscriber,Name,Last name,Status,Sent,Opened,Clicked,Subscribed,Unsubscribed,Groups\n"
        'a@example.org,,,Active,10,5,1,2024-01-02 15:04:05,,"VIP, Blog"\n'
        "b@example.org,,,Unsubscribed,10,5,1,2024-01-02 15:04:05,2025-03-04 05:06:07,\n"
        "c@example.org,,,Bounced,10,5,1,2024-01-02 15:04:05,,\n"
        "e@example.org,,,Junk,10,5,1,2024-01-02 15:04:05,,\n"
        "p@example.org,,,Unconfirmed,10,5,1,2024-01-02 15:04:05,,\n",
    ),
    "Buttondown": (
        "subscribers.csv",
        "id,creation_date,email_address,notes,metadata,tags,referrer_url,type\n"
        'x,2024-01-02T15:04:05Z,a@example.org,,"{""city"": ""Gdynia""}",'
        '"[""VIP"",""Blog""]",,paused\n'
        "x,2024-01-02T15:04:05Z,b@example.org,,{},[],,unsubscribed\n"
        "x,2024-01-02T15:04:05Z,c@example.org,,{},[],,spammy\n"
        "x,2024-01-02T15:04:05Z,p@example.org,,{},[],,unactivated\n",
    ),
}
WISHES = {
    "a": ("active", None),
    "b": ("unsubscribed", None),
    "c": ("unsubscribed", "some"),
    "d": ("unsubscribed", None),
    "e": ("unsubscribed", "complaint"),
    "p": ("pending", None),
}


def chunk(path: Path, kind: str = "active") -> tuple[Sheet, Chunk]:
    sheet = examine(path, {})
    plan = Plan(
        sheet=sheet,
        publications={},
        publication=1,
        languages={1: "en"},
        language="",
        source="x",
        kind=kind,
        at=NOW,
        secret_key=SECRET_KEY,
        dialect="postgresql",
        folder=path.parent,
    )
    (block,) = blocks(sheet)
    return sheet, prepare(plan, block)


def staged(taken: Chunk) -> list[str]:
    assert isinstance(taken.stage, Lines)
    return whole_lines(taken.stage).splitlines()


@pytest.mark.parametrize("export", EXPORTS)
def test_the_exports_of_other_services_are_known(tmp_path: Path, export: str) -> None:
    name, content = EXPORTS[export]
    file = tmp_path / name
    file.write_text(content)
    kind = "unsubscribed" if name.startswith("unsubscribed") else "active"
    sheet, taken = chunk(file, kind)
    assert sheet.service is not None
    assert sheet.service.name == export.split(",")[0]
    assert taken.errors == []
    rows = [line.split("\t") for line in staged(taken)]
    assert len(rows) == content.count("\n") - 1
    for row in rows:
        address, _, _, created, _, _, state, changed, _, _, _, _, left, suppression = row
        expected, suppressed = WISHES[address[0]]
        assert state == expected
        assert (suppression != "\\N") == (suppressed is not None)
        assert created.startswith("2024-01-02 15:04:05")
        if state != "unsubscribed":
            assert changed == created
        elif left != "\\N":
            assert changed == left > "2025"


def test_groups_attributes_and_names_come_along(tmp_path: Path) -> None:
    for export, parts in {
        "listmonk": ("Anna Nowak", '"city": "Gdynia"'),
        "Mailchimp": ("Anna Nowak", "192.0.2.0/24", '"groups": ["VIP", "Blog"]'),
        "Ghost": ("Anna Nowak", '"groups": ["VIP", "Blog"]'),
        "MailerLite": ('"groups": ["VIP", "Blog"]',),
        "Buttondown": ('"groups": ["VIP", "Blog"]', '"city": "Gdynia"'),
    }.items():
        name, content = EXPORTS[export]
        file = tmp_path / name
        file.write_text(content)
        _, taken = chunk(file)
        (row,) = (one for one in staged(taken) if one.startswith("a@example.org"))
        assert [part for part in parts if part not in row] == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("31.12.2024", "2024-12-31 00:00:00.000000+00"),
        ("31.12.2024 14:05", "2024-12-31 14:05:00.000000+00"),
        ("12/31/2024", "2024-12-31 00:00:00.000000+00"),
        ("2024-12-31T23:30:00-05:00", "2025-01-01 04:30:00.000000+00"),
        ("Dec 31, 2024", "2024-12-31 00:00:00.000000+00"),
        ("2099-01-01", "2026-11-23 09:00:00.000000+00"),
        ("yesterday", "2026-11-23 09:00:00.000000+00"),
        ("0001-01-01", "2026-11-23 09:00:00.000000+00"),
    ],
)
def test_dates_are_read_as_they_are_written_elsewhere(file: Path, written: str, read: str) -> None:
    file.write_text(f'email,created_at\na@example.org,"{written}"\n')
    _, taken = chunk(file)
    (row,) = staged(taken)
    assert row.split("\t")[3] == read


@given(st.text(alphabet="a ż;,\t\r\n\0'", max_size=60))
@example("a;b\r\n\r\nc;d\n")
@example("a\rb\n")
def test_lines_without_quotes_are_read_as_the_csv_module_reads_them(text: str) -> None:
    sheet = Sheet(Path("people.csv"), "utf-8", ";", b"\n", (), {}, None, 0, 0)
    block = Block(text.encode(), 7, 99, 0, is_open=False)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    expected, before = [], 0
    for row in reader:
        if row:
            expected.append((8 + before, row))
        before = reader.line_num
    assert list(records(sheet, block)) == expected
