"""Postfix's two test programs: a sink that takes every mail, and a source without a database."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.programs import Use, use_of, use_of_ended
from newsletter.config import Listen
from newsletter.errors import NewsletterError

PATIENCE = 10
"""Seconds that the sink may take to open its port."""
BACKLOG = "1000"
"""Connections that may wait for the sink to take them."""


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Sink:
    """A running smtp-sink: where it listens, and the number of its process."""

    listen: Listen
    process: int

    @property
    def cpu(self) -> float:
        """Return the seconds of CPU time it has used so far."""
        return use_of(self.process).cpu


@contextmanager
def sink() -> Iterator[Sink]:
    """Run smtp-sink, which takes every mail and keeps none."""
    listen = Listen("127.0.0.1", free_port())
    # It takes no work as root.
    privileges = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([_program("smtp-sink"), *privileges, str(listen), BACKLOG])  # noqa: S603
    try:
        _wait_for(process, listen)
        yield Sink(listen, process.pid)
    finally:
        process.terminate()
        process.wait()


def generate(listen: Listen, messages: int, octets: int, connections: int) -> tuple[float, Use]:
    """Have smtp-source send ``messages`` over connections that it keeps; return seconds and use."""
    options = ["-d", "-s", str(connections), "-m", str(messages), "-l", str(octets)]
    command = [_program("smtp-source"), *options, str(listen)]
    begun = time.perf_counter()
    use = use_of_ended(subprocess.Popen(command))  # noqa: S603
    return time.perf_counter() - begun, use


def version() -> str:
    """Return Postfix's version."""
    done = subprocess.run(  # noqa: S603
        [_program("postconf"), "-d", "-h", "mail_version"], capture_output=True, text=True
    )
    return done.stdout.strip()


def _program(name: str) -> str:
    """Find one of Postfix's programs, which are often not in a person's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise NewsletterError(
            f"{name} is missing; it comes with Postfix. On Debian: apt-get install postfix"
        )
    return found


def _wait_for(process: "subprocess.Popen[bytes]", listen: Listen) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection((listen.host, listen.port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NewsletterError(f"smtp-sink does not answer at {listen}; its words are above")
