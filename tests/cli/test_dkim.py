"""DKIM keys as an operator makes, uses and replaces them."""

import re
import stat
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dkim as dkimpy
import pytest

from newsletter.domains import load_signers
from newsletter.errors import ConfigurationError, Conflict, Invalid, NotFound
from newsletter.links import Links
from newsletter.mail import Composer, Heading, Parcel, Signer
from newsletter.mail.dkim import new_key
from newsletter.rendering import Slot, Words
from terminal import Run, done, refused

DOMAIN = "institute.example"


def new(run: Run, selector: str, kind: str = "rsa", domain: str = DOMAIN) -> str:
    return done(run("dkim", "new", domain, "--selector", selector, "--kind", kind))


def listed(run: Run) -> list[list[str]]:
    return [line.split() for line in done(run("dkim", "list")).splitlines()[1:]]


def value(printed: str) -> str:
    found = re.search(r"^Value: (.+)$", printed, re.MULTILINE)
    assert found
    return found[1]


def holds(content: bytes, records: Mapping[str, str]) -> bool:
    known = {f"{name}.".encode(): text.encode() for name, text in records.items()}
    return bool(dkimpy.verify(content, dnsfunc=lambda name, timeout: known.get(name)))


def mail(signers: tuple[Signer, ...]) -> bytes:
    heading = Heading(
        publication=1,
        author_name="Institute",
        author_address=f"monitor@{DOMAIN}",
        list_name="Monitor",
        list_id=f"monitor.{DOMAIN}",
        archive_url="https://monitor.example.org/monitor/",
        return_domain=DOMAIN,
        language="en",
        date=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    )
    words = Words("Subject", f"<p>{Slot.UNSUBSCRIBE_URL}</p>\n", f"{Slot.UNSUBSCRIBE_URL}\n")
    links = Links("https://monitor.example.org", "a secret of the tests, long enough")
    return Composer(words, heading, links, signers).envelope(Parcel(1, 1, 1, "a@b.example")).content


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_new_key_signs_once_it_is_used_and_its_record_verifies(
    run: Run, home: Path, kind: str
) -> None:
    printed = new(run, "a1", kind)
    assert f"newsletter dkim use {DOMAIN} a1" in printed
    assert load_signers(home) == {}
    assert listed(run) == [[DOMAIN, "a1", kind, "waiting"]]
    said = done(run("dkim", "use", DOMAIN, "a1"))
    assert said == f"a1 signs for {DOMAIN} when the engine starts next\n"
    assert listed(run) == [[DOMAIN, "a1", kind, "signs"]]
    assert holds(mail(load_signers(home)[DOMAIN]), {f"a1._domainkey.{DOMAIN}": value(printed)})


def test_the_record_is_ready_to_be_pasted(run: Run) -> None:
    printed = new(run, "a1")
    assert f"Name:  a1._domainkey.{DOMAIN}\nType:  TXT\nValue: v=DKIM1; k=rsa; p=" in printed
    zone = printed[printed.index(f"a1._domainkey.{DOMAIN}. IN TXT (") :]
    strings = re.findall(r'"([^"]*)"', zone)
    assert "".join(strings) == value(printed)
    assert [len(string) for string in strings[:-1]] == [255]
    assert 0 < len(strings[-1]) <= 255
    assert done(run("dkim", "record", DOMAIN.upper(), "A1")).strip() in printed


def test_the_key_is_for_its_owner_alone(run: Run, home: Path) -> None:
    new(run, "a1")
    done(run("dkim", "use", DOMAIN, "a1"))
    modes = {
        path.relative_to(home).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in (home / "dkim", *(home / "dkim").rglob("*"))
    }
    assert modes == {
        "dkim": 0o700,
        f"dkim/{DOMAIN}": 0o700,
        f"dkim/{DOMAIN}/a1.signs.pem": 0o600,
    }


def test_a_newer_key_retires_the_older_of_its_kind_and_one_can_go_back(
    run: Run, home: Path
) -> None:
    for selector, kind in (("old", "rsa"), ("new", "rsa"), ("fast", "ed25519")):
        new(run, selector, kind)
    new(run, "old", domain="other.example")
    for selector in ("old", "fast"):
        done(run("dkim", "use", DOMAIN, selector))
    done(run("dkim", "use", "other.example", "old"))
    assert "Retired old: leave its record" in done(run("dkim", "use", DOMAIN, "new"))
    others = [[DOMAIN, "fast", "ed25519", "signs"], ["other.example", "old", "rsa", "signs"]]
    new_signs = [[DOMAIN, "new", "rsa", "signs"], [DOMAIN, "old", "rsa", "retired"]]
    assert sorted(listed(run)) == sorted([*others, *new_signs])
    assert [one.selector for one in load_signers(home)[DOMAIN]] == ["new", "fast"]
    done(run("dkim", "use", DOMAIN, "old"))
    old_signs = [[DOMAIN, "new", "rsa", "retired"], [DOMAIN, "old", "rsa", "signs"]]
    assert sorted(listed(run)) == sorted([*others, *old_signs])


def test_to_use_a_key_twice_is_once_and_ends_a_change_that_was_cut_short(
    run: Run, home: Path
) -> None:
    new(run, "old")
    new(run, "new")
    for selector in ("old", "old", "new"):
        done(run("dkim", "use", DOMAIN, selector))
    folder = home / "dkim" / DOMAIN
    (folder / "old.retired.pem").rename(folder / "old.signs.pem")
    assert "Retired old" in done(run("dkim", "use", DOMAIN, "new"))
    assert [one.selector for one in load_signers(home)[DOMAIN]] == ["new"]


def test_a_selector_is_made_from_the_date_and_is_not_made_twice(run: Run) -> None:
    before = datetime.now(UTC)
    for _ in range(3):
        done(run("dkim", "new", DOMAIN, "--kind", "ed25519"))
    done(run("dkim", "new", "other.example", "--kind", "ed25519"))
    days = {f"n{before + timedelta(hours=hours):%Y%m%d}" for hours in (0, 1)}
    selectors = [row[1] for row in listed(run)]
    assert len(set(selectors[:3])) == 3
    assert {selector.partition("-")[0] for selector in selectors} <= days


def test_a_selector_that_is_taken_is_refused_whatever_its_key_does(run: Run) -> None:
    for selector in ("waits", "old", "now"):
        new(run, selector)
    for selector in ("old", "now"):
        done(run("dkim", "use", DOMAIN, selector))
    for taken in ("waits", "old", "NOW"):
        words = ("dkim", "new", DOMAIN, "--selector", taken)
        assert "already; choose another" in refused(run(*words), Conflict)
    assert len(listed(run)) == 3


def test_a_domain_beyond_ascii_is_written_as_name_servers_know_it(run: Run, home: Path) -> None:
    assert "a1._domainkey.xn--kda4b0koi.example" in new(run, "a1", domain="Żółć.example")
    done(run("dkim", "use", "żółć.example", "a1"))
    assert list(load_signers(home)) == ["xn--kda4b0koi.example"]


@pytest.mark.parametrize("domain", ["institute", "a b.example", "../etc", "x@institute.example"])
def test_what_is_no_domain_is_refused(run: Run, home: Path, domain: str) -> None:
    assert "is not a domain" in refused(run("dkim", "new", domain), Invalid)
    assert not (home / "dkim").exists()


@pytest.mark.parametrize("selector", ["../a", "a_b", "ż", "a b", "-a", "."])
def test_what_is_no_selector_is_refused(run: Run, home: Path, selector: str) -> None:
    result = run("dkim", "new", DOMAIN, f"--selector={selector}")
    assert "is not a selector" in refused(result, Invalid)
    assert not (home / "dkim").exists()


def test_a_key_that_is_not_there_cannot_be_used_or_shown(run: Run) -> None:
    assert "There is no key yet" in done(run("dkim", "list"))
    new(run, "a1")
    for command in ("use", "record"):
        for words in ((DOMAIN, "a2"), ("other.example", "a1")):
            message = refused(run("dkim", command, *words), NotFound)
            assert message.endswith("see which there are: newsletter dkim list")


def test_a_damaged_key_stops_the_start_and_is_named_without_its_content(
    run: Run, home: Path
) -> None:
    new(run, "a1")
    done(run("dkim", "use", DOMAIN, "a1"))
    file = home / "dkim" / DOMAIN / "a1.signs.pem"
    pem = file.read_bytes()
    for damaged in (b"", pem[:900], pem.replace(b"PRIVATE", b"PUBLIC"), pem[:300] + pem[350:]):
        file.write_bytes(damaged)
        with pytest.raises(ConfigurationError) as caught:
            load_signers(home)
        assert str(file) in caught.value.message
        assert not any(line.decode() in caught.value.message for line in pem.splitlines()[1:-1])


def test_a_key_or_a_folder_that_cannot_be_read_stops_the_start(run: Run, home: Path) -> None:
    file = home / "dkim" / DOMAIN / "a1.signs.pem"
    file.mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"a1\.signs\.pem cannot be read"):
        load_signers(home)
    file.rmdir()
    file.parent.rmdir()
    file.parent.parent.rmdir()
    (home / "dkim").write_text("")
    with pytest.raises(ConfigurationError, match="dkim cannot be read"):
        load_signers(home)
    assert "cannot be read" in refused(run("dkim", "new", DOMAIN), ConfigurationError)


def test_a_key_whose_file_was_named_by_hand_is_checked_too(home: Path) -> None:
    folder = home / "dkim" / "Institute.example"
    folder.mkdir(parents=True)
    (folder / "a1.signs.pem").write_bytes(new_key("ed25519"))
    with pytest.raises(ConfigurationError, match="is not a domain"):
        load_signers(home)


def test_other_files_beside_the_keys_are_left_alone(run: Run, home: Path) -> None:
    new(run, "a1")
    (home / "dkim" / "notes.txt").write_text("")
    (home / "dkim" / DOMAIN / "a1.signs.pem~").write_text("")
    (home / "dkim" / DOMAIN / "notes.pem").write_text("")
    assert load_signers(home) == {}
    assert [row[1] for row in listed(run)] == ["a1"]
