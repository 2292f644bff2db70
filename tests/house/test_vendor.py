"""What others wrote stands in a list: with its package, version and licence, and unchanged."""

import re
from hashlib import sha256

from sources import CHECKOUT

VENDOR = CHECKOUT / "newsletter" / "web" / "static" / "vendor"


def test_every_script_of_others_is_listed_and_unchanged() -> None:
    listed = re.findall(
        r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \| [^|]*`([^`]+)` \| `([0-9a-f]{64})` \|",
        (VENDOR / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert {name for name, *_ in listed} == {file.name for file in VENDOR.glob("*.js")}
    for name, version, licence, digest in listed:
        assert version in name
        assert (VENDOR / licence).read_text(encoding="utf-8")
        assert sha256((VENDOR / name).read_bytes()).hexdigest() == digest
