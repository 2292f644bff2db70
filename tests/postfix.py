"""A Postfix of our own for one test: on loopback, in a folder of its own, with real local delivery.

Debian's binaries with a configuration that leaves the machine's mail alone. Mail for POST_DOMAIN is
filed in one Maildir for each mailbox by virtual(8); nothing leaves the machine. It must be started
by root, as Postfix wants.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

POST_DOMAIN = "post.example"

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mx.post.example
mydestination =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions = reject_unauth_destination
default_transport = error:nothing leaves this machine
smtputf8_enable = yes
smtputf8_autodetect_classes = all
virtual_mailbox_domains = post.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/etc/mailboxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


class Missing(Exception):
    """There is no Postfix to test with."""


class Postfix(NamedTuple):
    """A running Postfix; ``maildirs`` says for each address where its mail is filed."""

    url: str
    maildirs: Mapping[str, Path]
    log: Path


@contextmanager
def running(mailboxes: Mapping[str, str]) -> Iterator[Postfix]:
    """Give a Postfix that knows ``mailboxes``, a folder's name for each address."""
    if shutil.which("postfix") is None:
        raise Missing("there is no Postfix here: install it (Debian: apt-get install postfix)")
    if os.geteuid() != 0:
        raise Missing("Postfix is started by root only")
    # Not the folder of pytest's other files, which Postfix's own account may not pass.
    folder = Path(tempfile.mkdtemp(prefix="newsletter-postfix-", dir="/tmp"))
    try:
        port = _configure(folder, mailboxes)
        command = ["postfix", "-c", str(folder / "etc")]
        _run(folder, *command, "start")
        try:
            maildirs = {address: folder / "mail" / name for address, name in mailboxes.items()}
            yield Postfix(f"smtp://127.0.0.1:{port}", maildirs, folder / "log")
        finally:
            _run(folder, *command, "stop")
    finally:
        shutil.rmtree(folder)


def _configure(folder: Path, mailboxes: Mapping[str, str]) -> int:
    """Write the configuration; return the port."""
    folder.chmod(0o755)
    for name in ("etc", "queue", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    # Mail is filed under an account that may do nothing else.
    shutil.chown(folder / "mail", "nobody", "nogroup")
    filed = (folder / "mail").stat()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    facts = {"folder": folder, "port": port, "uid": filed.st_uid, "gid": filed.st_gid}
    (folder / "etc" / "main.cf").write_text(_MAIN.format(**facts))
    (folder / "etc" / "master.cf").write_text(_MASTER.format(**facts))
    lines = [f"{address} {name}/\n" for address, name in mailboxes.items()]
    (folder / "etc" / "mailboxes").write_text("".join(lines))
    return port


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    log = folder / "log"
    assert done.returncode == 0, (
        done.stdout + done.stderr + (log.read_text() if log.exists() else "")
    )
