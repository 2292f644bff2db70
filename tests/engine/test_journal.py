"""The journal: what the relay said outlives the process."""

import os
from pathlib import Path

import pytest

from newsletter.engine import Journal
from newsletter.errors import Conflict
from newsletter.mail import Outcome, Verdict

SENT = Outcome(Verdict.SENT, 250, "2.0.0 Ok: queued as 42")


def test_what_was_recorded_is_there_after_the_process_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "sent.journal"
    with Journal(path) as journal:
        journal.record(1, SENT)
        journal.record(2, Outcome(Verdict.UNKNOWN, 0, ""))
    with Journal(path) as journal:
        assert journal.recorded() == [(1, SENT), (2, Outcome(Verdict.UNKNOWN, 0, ""))]


def test_words_of_several_lines_stay_one_line(tmp_path: Path) -> None:
    with Journal(tmp_path / "sent.journal") as journal:
        journal.record(1, Outcome(Verdict.PERMANENT, 550, "5.1.1 No\r\n2 sent 250 forged"))
        (only,) = journal.recorded()
    assert only == (1, Outcome(Verdict.PERMANENT, 550, "5.1.1 No 2 sent 250 forged"))


def test_a_last_line_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "sent.journal"
    with Journal(path) as journal:
        journal.record(1, SENT)
        journal.record(2, SENT)
    os.truncate(path, path.stat().st_size - 3)
    with Journal(path) as journal:
        assert journal.recorded() == [(1, SENT)]


def test_a_damaged_line_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "sent.journal"
    path.write_bytes(b"1 sent 250 Ok\n\xff\xfe garbage\n3 sent 250 Ok\n")
    with Journal(path) as journal:
        assert [delivery for delivery, _ in journal.recorded()] == [1, 3]


def test_a_cleared_journal_is_empty_and_goes_on(tmp_path: Path) -> None:
    with Journal(tmp_path / "sent.journal") as journal:
        journal.record(1, SENT)
        journal.clear()
        assert journal.recorded() == []
        journal.record(2, SENT)
        assert journal.recorded() == [(2, SENT)]


def test_two_processes_never_hold_one_journal(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "sent.journal"),
        pytest.raises(Conflict, match="Another process is sending"),
    ):
        Journal(tmp_path / "sent.journal")


def test_nobody_else_may_read_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "sent.journal"):
        assert (tmp_path / "sent.journal").stat().st_mode & 0o777 == 0o600


def test_what_is_settled_is_forgotten_while_more_comes_in(tmp_path: Path) -> None:
    with Journal(tmp_path / "sent.journal") as journal:
        journal.record(1, SENT)
        journal.turn()
        journal.record(2, SENT)
        assert journal.recorded() == [(1, SENT), (2, SENT)]
        journal.forget()
        assert journal.recorded() == [(2, SENT)]


def test_what_could_not_be_settled_is_kept_until_it_is(tmp_path: Path) -> None:
    with Journal(tmp_path / "sent.journal") as journal:
        journal.record(1, SENT)
        journal.turn()
        journal.record(2, SENT)
        journal.turn()  # the first file is not empty yet
        journal.record(3, SENT)
        journal.forget()
        assert [delivery for delivery, _ in journal.recorded()] == [2, 3]


def test_what_was_begun_and_not_answered_is_in_doubt(tmp_path: Path) -> None:
    path = tmp_path / "sent.journal"
    with Journal(path) as journal:
        journal.begin(1)
        journal.begin(2)
        journal.record(1, SENT)
    with Journal(path) as journal:
        first, second = journal.recorded()
    assert first == (1, SENT)
    assert (second[0], second[1].verdict) == (2, Verdict.UNKNOWN)
