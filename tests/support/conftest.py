"""What tests of donations share: a reader of QR codes that is not ours."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import lacking


@pytest.fixture
def scanned(tmp_path: Path) -> Callable[[bytes], str]:
    """Read the QR code in a PNG image with ZBar: ``scanned(png)``."""
    if not shutil.which("zbarimg"):
        lacking("there is no ZBar here: install it (Debian: apt-get install zbar-tools)")

    def scan(png: bytes) -> str:
        image = tmp_path / "code.png"
        image.write_bytes(png)
        command = ["zbarimg", "--raw", "--quiet", "-Sdisable", "-Sqrcode.enable", str(image)]
        read = subprocess.run(command, capture_output=True, check=True)
        return read.stdout.decode("utf-8").removesuffix("\n")

    return scan
