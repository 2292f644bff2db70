"""OpenDKIM, asked whether a mail's signature holds, and the name server where it finds the keys.

opendkim-testmsg finds its name server in the machine's resolv.conf and asks it on port 53; with
Debian's libresolv-wrapper, one process reads a resolv.conf of its own.
"""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, UDPServer
from threading import Thread

ADDRESS = (f"127.53.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250 + 1}", 53)
"""Each test run has an address of its own on the loopback, as the port cannot be chosen."""


class ToolMissing(Exception):
    """OpenDKIM cannot be asked on this machine."""


def verify(content: bytes, records: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """Have OpenDKIM verify a mail with the keys in ``records``; return exit code and words."""
    program = shutil.which("opendkim-testmsg", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise ToolMissing(
            "there is no opendkim-testmsg here: install it (Debian: apt-get install opendkim-tools)"
        )
    with _serving(records, folder) as environ:
        finished = subprocess.run(
            [program, "-t", folder],
            input=content,
            capture_output=True,
            env=environ,
            timeout=60,
            check=False,
        )
    return finished.returncode, finished.stderr.decode()


@contextmanager
def _serving(records: Mapping[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """Serve ``records``, each a text by its name; yield the environment for those who ask."""
    wrapper = next(Path("/usr/lib").glob("**/libresolv_wrapper.so"), None)
    if wrapper is None:
        raise ToolMissing(
            "there is no libresolv_wrapper here: install it (Debian: apt-get install"
            " libresolv-wrapper)"
        )

    class Answer(BaseRequestHandler):
        def handle(self) -> None:
            query, socket = self.request
            socket.sendto(_answer(query, records), self.client_address)

    try:
        server = UDPServer(ADDRESS, Answer)
    except PermissionError:
        raise ToolMissing("only root may listen on port 53 here") from None
    resolv_conf = folder / "resolv.conf"
    resolv_conf.write_text(f"nameserver {ADDRESS[0]}\n")
    with server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield os.environ | {
                "LD_PRELOAD": str(wrapper),
                "RESOLV_WRAPPER_CONF": str(resolv_conf),
            }
        finally:
            server.shutdown()
            thread.join()


def _answer(query: bytes, records: Mapping[str, str]) -> bytes:
    """Answer one question for a TXT record (RFC 1035 section 4)."""
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("ascii").lower())
        at += 1 + length
    question = query[12 : at + 5]
    text = records.get(".".join(labels), "").encode("ascii")
    if not text:
        return query[:2] + struct.pack(">HHHHH", 0x8403, 1, 0, 0, 0) + question
    strings = [text[start : start + 255] for start in range(0, len(text), 255)]
    data = b"".join(bytes([len(string)]) + string for string in strings)
    # The name is the one of the question; class IN, kept for a minute.
    record = struct.pack(">HHHIH", 0xC00C, 16, 1, 60, len(data)) + data
    return query[:2] + struct.pack(">HHHHH", 0x8400, 1, 1, 0, 0) + question + record
