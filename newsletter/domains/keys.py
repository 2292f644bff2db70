"""The DKIM keys of an installation: one file each below ``dkim`` in its home, for its owner alone.

A file is called dkim/DOMAIN/SELECTOR.STATE.pem, so that what signs can be seen and changed whole:
a key changes its state by being renamed. No key is ever deleted or written over.
"""

import enum
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile

from newsletter.errors import ConfigurationError, Conflict, Invalid, NotFound
from newsletter.mail import dkim
from newsletter.mail.dkim import Signer


class State(enum.StrEnum):
    """What a key is there for: its record may not be known yet, or be needed no longer."""

    WAITING = "waiting"
    SIGNS = "signs"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Key:
    """One key's file; the names are in lower case, letters beyond ASCII as xn--."""

    home: Path
    domain: str
    selector: str
    state: State

    @property
    def file(self) -> Path:
        """Return where the key is kept."""
        return _folder(self.home) / self.domain / f"{self.selector}.{self.state}.pem"

    def load(self) -> Signer:
        """Read the key; raise ConfigurationError, which names the file and no content."""
        try:
            with _legible(self.file):
                pem = self.file.read_bytes()
            return Signer.from_pem(self.domain, self.selector, pem)
        except Invalid as error:
            raise ConfigurationError(
                f"The DKIM key {self.file} cannot be used: {error.message}. Bring the file back"
                " from a backup, or move it away and make another: newsletter dkim new --help"
            ) from None


def load_signers(home: Path) -> Mapping[str, tuple[Signer, ...]]:
    """Load the keys that sign, by the domain in From that they sign for; RSA comes first.

    Raises ConfigurationError if one of them cannot be used: mail that should be signed and is not
    would be refused by those who read the domain's DMARC policy.
    """
    signers: dict[str, list[Signer]] = {}
    for key in keys(home):
        if key.state is State.SIGNS:
            signers.setdefault(key.domain, []).append(key.load())
    return {
        domain: tuple(sorted(found, key=lambda one: dkim.KINDS.index(one.kind)))
        for domain, found in signers.items()
    }


def keys(home: Path) -> list[Key]:
    """Return all keys, by domain and selector."""
    found = []
    for folder in _entries(_folder(home)):
        for file in _entries(folder) if folder.is_dir() else ():
            match file.name.rsplit(".", 2):
                case [selector, ("waiting" | "signs" | "retired") as state, "pem"]:
                    found.append(Key(home, folder.name, selector, State(state)))
                case _:
                    pass
    return sorted(found, key=lambda key: (key.domain, key.selector))


def fetch(home: Path, domain: str, selector: str) -> Key:
    """Return a key; raise NotFound."""
    for key in keys(home):
        if (key.domain, key.selector) == (domain, selector):
            return key
    raise NotFound(
        f"There is no key {selector!r} for {domain}; see which there are: newsletter dkim list"
    )


def add(home: Path, domain: str, selector: str, kind: str) -> Key:
    """Make a key that does not sign yet; raise Conflict if its name is taken."""
    dkim.check_names(domain, selector)
    key = Key(home, domain, selector, State.WAITING)
    taken = Conflict(f"There is a key {selector!r} for {domain} already; choose another selector")
    if selector in _selectors(home, domain):
        raise taken
    try:
        home.mkdir(parents=True, exist_ok=True)
        for folder in (_folder(home), key.file.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        # The temporary file is for its owner alone; it gets its name when it is whole.
        with NamedTemporaryFile(dir=key.file.parent) as file:
            file.write(dkim.new_key(kind))
            file.flush()
            os.fsync(file.fileno())
            os.link(file.name, key.file)
    except FileExistsError:
        raise taken from None
    except OSError as error:
        raise ConfigurationError(
            f"NEWSLETTER_HOME: cannot keep a key in {key.file.parent}: {error.strerror}"
        ) from error
    return key


def make(home: Path, domain: str, kind: str, now: datetime, *, selector: str | None = None) -> Key:
    """Make a key that does not sign yet, called like n20260131 where no ``selector`` is given."""
    return add(home, domain, (selector or "").lower() or _free(home, domain, now), kind)


def _free(home: Path, domain: str, now: datetime) -> str:
    """Return the day's name for a key, or the first of it-2, it-3, … that the domain has not."""
    taken, today = _selectors(home, domain), f"n{now:%Y%m%d}"
    names = (today if number == 1 else f"{today}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def use(key: Key) -> list[Key]:
    """Have ``key`` sign, and retire those of its kind that did; return the retired ones.

    The new one comes first: if this is cut short, two sign, and not none.
    """
    kind = key.load().kind
    older = [
        other
        for other in keys(key.home)
        if (other.domain, other.state) == (key.domain, State.SIGNS)
        and other.selector != key.selector
        and other.load().kind == kind
    ]
    _move(key, State.SIGNS)
    return [_move(other, State.RETIRED) for other in older]


def _move(key: Key, state: State) -> Key:
    moved = replace(key, state=state)
    try:
        key.file.rename(moved.file)
    except OSError as error:
        raise ConfigurationError(
            f"The DKIM key {key.file} cannot be renamed: {error.strerror}"
        ) from error
    return moved


def _selectors(home: Path, domain: str) -> set[str]:
    return {key.selector for key in keys(home) if key.domain == domain}


def _entries(folder: Path) -> list[Path]:
    """List a folder; unlike ``glob``, do not take one that cannot be read for an empty one."""
    with _legible(folder):
        return list(folder.iterdir()) if folder.exists() else []


def _folder(home: Path) -> Path:
    return home / "dkim"


@contextmanager
def _legible(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}; the account that runs the newsletter has to"
            " own it"
        ) from error
