"""An installation as an operator runs it: `newsletter run` in processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from click.testing import CliRunner

from make import SECRET_KEY
from newsletter.cli import newsletter
from newsletter.database import Database
from newsletter.mailbox import Mailbox

PATIENCE = 60
"""Seconds after which something that should have happened has not."""


class Service:
    """One installation with its mailbox, and the process that runs it, if it runs.

    It is on SQLite, unless its ``environ`` is given a NEWSLETTER_DATABASE_URL.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.web, self.smtp = _free_ports(2)
        self.base_url = f"http://127.0.0.1:{self.web}"
        self.environ = {
            **{name: value for name, value in os.environ.items() if "NEWSLETTER" not in name},
            "NEWSLETTER_HOME": str(home),
            "NEWSLETTER_BASE_URL": self.base_url,
            "NEWSLETTER_LISTEN": f"127.0.0.1:{self.web}",
            "NEWSLETTER_MAILBOX": f"127.0.0.1:{self.smtp}",
            "NEWSLETTER_SECRET_KEY": SECRET_KEY,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def do(self, *words: str) -> str:
        """Run a command; return what it says."""
        command = [sys.executable, "-m", "newsletter", *words]
        done = subprocess.run(
            command, env=self.environ, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def furnish(self, *words: str) -> str:
        """Run a command here, for what a test needs and is not about: a process takes longer."""
        done = CliRunner().invoke(newsletter, words, env=self.environ, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def start(self, *options: str) -> None:
        """Start `newsletter run`; with nothing left out, wait until its pages answer."""
        command = [sys.executable, "-m", "newsletter", "run", *options]
        self.process = subprocess.Popen(command, env=self.environ)
        if not options:
            wait_for(lambda: self._answers("/healthz"), "the pages answer")

    def kill(self) -> None:
        """Kill the process as a power cut would, and wait until its port is free."""
        assert self.process
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process = None
        wait_for(lambda: not self._answers("/healthz"), "the web process follows its parent")

    def stop(self, within: float = PATIENCE) -> int:
        """Ask the process to stop, ``within`` so many seconds; return its exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(within)
        self.process = None
        return code

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.base_url + path, timeout=PATIENCE) as answer:
            return cast("bytes", answer.read()).decode()

    def database(self) -> Database:
        sqlite = f"sqlite:///{self.home / 'newsletter.sqlite3'}"
        return Database(self.environ.get("NEWSLETTER_DATABASE_URL", sqlite))

    def mails(self) -> list[EmailMessage]:
        """Return the mails of the mailbox, read as strictly as can be."""
        mailbox = Mailbox(self.home / "mailbox")
        strict = policy.default.clone(raise_on_defect=True)
        contents = [mailbox.get(heading.number).content for heading in mailbox.list()]
        return [message_from_bytes(each, policy=strict) for each in contents]

    def _answers(self, path: str) -> bool:
        try:
            return self.get(path) != ""
        except OSError:
            return False


def wait_for(happened: Callable[[], object], what: str) -> None:
    """Wait until ``happened()`` is true."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on; all are held until all are known."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
