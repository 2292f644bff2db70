"""What stands in single cells: moments, networks, JSON, and what a spreadsheet might run."""

import json
import re
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

FORMULA = "=+-@\t\r＝＋－＠"
"""What a spreadsheet may take for the beginning of a formula."""
_GO = "%Y-%m-%d %H:%M:%S.%f%z"
_MOST_DETAILS = 4_000
_SIMPLE = re.compile(r"[a-zA-Z0-9 :.+/_-]{0,80}")


def written(moment: datetime) -> str:
    """Write a moment as both databases read it and as it sorts: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def moment(text: str) -> str:
    """Read a date as exports write them; return it as it is staged, or nothing."""
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        odd = _odd_date(text)
        if odd is None:
            return ""
        found = odd
    if found.year < 1990 or found.year > 2200:
        return ""
    if len(text) == 19 and text[4::3] == "-- ::":
        return f"{text}.000000"  # 2024-01-31 10:00:00, as nearly all are: in half the time
    return found.isoformat(" ", "microseconds") if found.tzinfo is None else written(found)


def _odd_date(text: str) -> datetime | None:
    # Go, as in listmonk: 2024-01-31 10:00:00.123456 +0000 UTC
    if match := re.match(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)? ([+-]\d{4})\b", text):
        return datetime.strptime(f"{match[1]}{(match[2] or '.0')[:7]}{match[3]}", _GO)  # noqa: DTZ007 - it has %z
    for form in (
        *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y"),
        *(
            "%m/%d/%y %I:%M%p",
            "%b %d, %Y",
            "%d %B %Y",
            "%B %d, %Y",
            "%Y/%m/%d %H:%M:%S",
            "%Y/%m/%d",
        ),
    ):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - told without a zone; UTC is near
        except ValueError:
            continue
    return None


def network(origin: str) -> str:
    """Cut an address of a machine to its network, which is all that is kept."""
    try:
        size = 48 if ":" in origin else 24
        return str(ip_network(f"{origin}/{size}", strict=False))
    except ValueError:
        return ""


def with_more(details: str, more: dict[str, str]) -> str:
    """Add groups and attributes, read where they are JSON, unless they are a book."""
    whole = json.loads(details)
    for name, text in more.items():
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        if isinstance(value, str) and name == "groups":
            value = [part.strip(' "') for part in re.split(r"[,;|]", value) if part.strip(' "')]
        if value:
            whole[name] = _clean(value)
    longer = json.dumps(whole, ensure_ascii=False)
    return longer if len(longer) <= _MOST_DETAILS else details


def quoted(text: str) -> str:
    """Write ``text`` as JSON does; a date has nothing that would need an escape."""
    if _SIMPLE.fullmatch(text):
        return f'"{text}"'
    return json.dumps(_clean(text[:80]), ensure_ascii=False)


def _clean(value: Any) -> Any:
    """Drop from what may be nested what no database keeps: NUL and broken characters."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()
        case list():
            return [_clean(one) for one in value]
        case dict():
            return {_clean(key): _clean(one) for key, one in value.items()}
        case _:
            return value


def bare(cell: str) -> str:
    """Take back the quote that our export puts in front of what a spreadsheet might run."""
    return cell[1:] if cell[1:2] and cell[1] in FORMULA + "'" else cell


def safe(cell: str) -> str:
    """Keep a spreadsheet from running ``cell``, in a way that ``bare`` takes back."""
    return f"'{cell}" if cell[:1] and cell[0] in FORMULA + "'" else cell
