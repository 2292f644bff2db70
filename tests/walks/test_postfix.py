"""An issue goes through a real Postfix into Maildirs, and a mail program opens it."""

import re
import shutil
import subprocess
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import postfix
from conftest import lacking
from newsletter import manuscripts
from postfix import POST_DOMAIN
from service import Service, wait_for

MANUSCRIPT = Path(str(files("newsletter"))) / "demo" / "baltic-monitor.txt"
READERS = {
    f"anna@{POST_DOMAIN}": ("anna", ""),
    f"zofia@{POST_DOMAIN}": ("zofia", "Zofia Żółć-Święcicka"),
    f"gżegżółka@{POST_DOMAIN}": ("bird", "Zażółć"),
}
"""The folder of each reader's Maildir, and the reader's name."""
SENTENCE = "“For fifty weeks we pay for the other two,” as one harbour master put it."
"""A sentence of the body that is not ASCII, so that its transfer encoding shows."""


@pytest.mark.timeout(240)
def test_postfix_files_an_issue_and_a_mail_program_opens_it(service: Service) -> None:
    if shutil.which("mshow") is None:
        lacking("there is no mail program here: install it (Debian: apt-get install mblaze)")
    article = manuscripts.read(MANUSCRIPT.read_bytes(), MANUSCRIPT.name).article
    try:
        with postfix.running({one: folder for one, (folder, _) in READERS.items()}) as server:
            send_an_issue(service, server.url)
            for address, maildir in server.maildirs.items():
                wait_for(lambda maildir=maildir: filed(maildir), f"{address} has mail")  # type: ignore[misc]
                (file,) = filed(maildir)
                mail = message_from_bytes(file.read_bytes(), policy=policy.default)
                assert mail["Delivered-To"] == address
                # RFC 5321 section 4.4: whoever makes final delivery writes the envelope's sender.
                sender = str(mail["Return-Path"])
                assert re.fullmatch(r"<bounce\+[a-z0-9._=+-]+@institute\.example>", sender), sender
                name = READERS[address][1]
                assert mail["To"].addresses[0].display_name == name
                shown = opened(file)
                assert article.headline in shown
                assert article.lead in shown
                assert SENTENCE in shown
                assert name in shown
    except postfix.Missing as reason:
        lacking(str(reason))


def send_an_issue(service: Service, relay: str) -> None:
    service.environ["NEWSLETTER_RELAY_URL"] = relay
    service.furnish("init")
    service.furnish(
        *("publication", "add", "baltic-monitor", "--name", "Baltic Monitor"),
        *("--author", "monitor@institute.example", "--zone", "Europe/Warsaw"),
        *("--donate-url", "https://institute.example/donate"),
    )
    for address, (_, name) in READERS.items():
        service.furnish("subscriber", "add", "baltic-monitor", address, "--name", name)
    service.furnish("issue", "import", str(MANUSCRIPT))
    at = datetime.now(ZoneInfo("Europe/Warsaw")) + timedelta(seconds=1)
    service.do("issue", "schedule", "1", "--at", f"{at:%Y-%m-%d %H:%M:%S}")
    service.start("--only", "engine", "--only", "clock")


def filed(maildir: Path) -> list[Path]:
    """Return the mails in a Maildir that nobody has seen."""
    return list(maildir.glob("new/*"))


def opened(file: Path) -> str:
    """Return what mblaze shows of a mail, in one line."""
    shown = subprocess.run(
        ["mshow", "-n", str(file)], capture_output=True, env={"LC_ALL": "C.UTF-8"}, check=True
    )
    return " ".join(shown.stdout.decode().split())
