"""The commands about issues, as an operator types them."""

import os
import subprocess
from pathlib import Path

import pytest
from PIL import Image

import documents
from newsletter.errors import Conflict, Invalid, InvalidManuscript, InvalidTime, NotFound
from terminal import MANUSCRIPT, Run, add_canals, done, refused


@pytest.fixture
def manuscript(tmp_path: Path) -> Path:
    """A manuscript of a publication whose kicker is CANAL DIARY."""
    file = tmp_path / "ice.md"
    file.write_text(MANUSCRIPT, encoding="utf-8")
    return file


def test_a_manuscript_is_brought_in_and_it_is_said_what_it_was_taken_for(
    run: Run, manuscript: Path
) -> None:
    add_canals(run)
    said = done(run("issue", "import", manuscript))
    lines = [line.rstrip().split(maxsplit=2) for line in said.splitlines()]
    assert ["2", "kicker", "kicker: CANAL DIARY"] in lines
    assert ["13", "body", "The locks [sic] close [/] on Monday :smile:."] in lines
    assert "Issue 1 of Canal Diary: Ice on the canal" in said
    assert "Note: A picture has no file yet; only its credit will be shown" in said
    assert "newsletter issue schedule 1 --at" in said
    assert "--replace 1" in refused(run("issue", "import", manuscript), Conflict)


def test_a_word_document_is_brought_in_with_its_pictures(run: Run, tmp_path: Path) -> None:
    add_canals(run)
    file = tmp_path / "river.docx"
    file.write_bytes(documents.river_monitor())
    said = done(run("issue", "import", file, "--publication", "canals"))
    assert "Issue 1 of Canal Diary: Ice Leaves the Upper Locks" in said
    assert "no file yet" not in said
    preview = tmp_path / "out.html"
    done(run("issue", "preview", "1", "-o", preview))
    assert "/image/" in preview.read_text("utf-8")
    done(run("issue", "preview", file, "-o", preview))
    assert "data:image/png;base64," in preview.read_text("utf-8")


def test_a_web_page_is_brought_in_without_the_picture_that_cannot_be_had(
    run: Run, tmp_path: Path
) -> None:
    add_canals(run)
    file = tmp_path / "ice.html"
    file.write_text(
        "<h1>Ice</h1><p>One.</p><img src='http://127.0.0.1/a.png'><p>Two.</p>", encoding="utf-8"
    )
    said = done(run("issue", "import", file, "--publication", "canals"))
    assert "Left out the picture http://127.0.0.1/a.png: That address leads into a private" in said
    assert "Issue 1 of Canal Diary: Ice" in said


def test_an_unknown_kicker_is_answered_with_the_command_that_helps(
    run: Run, manuscript: Path
) -> None:
    done(run("init"))
    manuscript.write_text(MANUSCRIPT.replace("CANAL DIARY", "KEEPER'S LOG"), encoding="utf-8")
    message = refused(run("issue", "import", manuscript), NotFound)
    assert 'no publication for the kicker "KEEPER\'S LOG"' in message
    command = message.partition("Add it: newsletter ")[2].partition(";")[0]
    assert command.startswith("publication add keepers-log --name ")
    shell = subprocess.run(
        ["sh", "-c", f'printf "%s\\n" {command}'], capture_output=True, text=True, check=True
    )
    done(run(*shell.stdout.splitlines()))
    assert "Issue 1 of Keeper's Log" in done(run("issue", "import", manuscript))


def test_a_publication_is_made_on_the_way(run: Run, manuscript: Path) -> None:
    done(run("init"))
    words = ("issue", "import", manuscript, "--new-publication", "canals@example.org")
    assert "Issue 1 of Canal Diary" in done(run(*words))
    assert "canal-diary" in done(run("publication", "list"))
    done(run("issue", "import", manuscript, "--replace", "1"))


def test_a_manuscript_without_a_kicker_has_to_be_given_a_publication(
    run: Run, manuscript: Path
) -> None:
    add_canals(run)
    manuscript.write_text("# Ice\n\nThe locks close.\n", encoding="utf-8")
    assert "--publication SLUG" in refused(run("issue", "import", manuscript), Invalid)
    words = ("issue", "import", manuscript, "--publication")
    assert "no publication 'rivers'" in refused(run(*words, "rivers"), NotFound)
    assert "Issue 1 of Canal Diary: Ice" in done(run(*words, "canals"))


def test_a_text_takes_the_place_of_another(run: Run, manuscript: Path) -> None:
    add_canals(run)
    done(run("issue", "import", manuscript))
    done(run("issue", "schedule", 1, "--at", "2099-01-31 07:00"))
    manuscript.write_text("# Thaw\n\nThe locks open.\n", encoding="utf-8")
    assert "Issue 1 of Canal Diary: Thaw" in done(
        run("issue", "import", manuscript, "--replace", 1)
    )
    assert "State: draft" in done(run("issue", "status", 1))
    assert "no issue 9" in refused(run("issue", "import", manuscript, "--replace", 9), NotFound)


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "png", "webp", "gif"])
def test_a_picture_beside_the_manuscript_is_found(
    run: Run, manuscript: Path, tmp_path: Path, suffix: str
) -> None:
    add_canals(run)
    Image.new("RGB", (30, 20)).save(manuscript.with_suffix(f".{suffix}"))
    assert "no file yet" not in done(run("issue", "import", manuscript))
    out = tmp_path / "out.html"
    done(run("issue", "preview", 1, "-o", out))
    assert "http://localhost:8000/image/" in out.read_text("utf-8")


def test_a_picture_can_be_named_and_described(run: Run, manuscript: Path, tmp_path: Path) -> None:
    add_canals(run)
    picture = tmp_path / "elsewhere 100%.png"
    Image.new("RGB", (30, 20)).save(picture)
    done(run("issue", "import", manuscript, "--picture", picture, "--alt", "A gate"))
    out = tmp_path / "out.html"
    done(run("issue", "preview", 1, "-o", out))
    assert 'alt="A gate"' in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "message"),
    [("gone.png", "Cannot read the picture gone.png: No such file"), ("a%00.png", "Cannot read")],
)
def test_a_picture_that_is_not_there_is_named(
    run: Run, manuscript: Path, name: str, message: str
) -> None:
    add_canals(run)
    manuscript.write_text(f"{MANUSCRIPT}\n![A lock]({name})\n", encoding="utf-8")
    assert message in refused(run("issue", "import", manuscript), NotFound)
    assert "There is no issue yet" in done(run("issue", "list"))


@pytest.mark.parametrize("words", [("import",), ("preview", "-o", "out.html")])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The manuscript is empty"),
        (b" \n ", "The manuscript is empty"),
        (b"%PDF-1.7\n", "seems to be a PDF file"),
        (bytes(range(256)), "is not text"),
        (b"---\nheadline: Ice\n", "line 1: the front matter that begins here never ends"),
    ],
)
def test_what_is_no_manuscript_is_refused_with_its_name(
    run: Run, manuscript: Path, words: tuple[str, ...], content: bytes, message: str
) -> None:
    manuscript.write_bytes(content)
    said = refused(run("issue", *words, manuscript), InvalidManuscript)
    assert said.startswith(f"{manuscript}: ")
    assert message in said


def test_a_manuscript_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    for place, reason in ((tmp_path / "gone.md", "No such file"), (tmp_path, "Is a directory")):
        message = refused(run("issue", "import", place), NotFound)
        assert message.startswith(f"Cannot read {place}: {reason}")


def test_a_huge_file_is_refused_unread(run: Run, manuscript: Path) -> None:
    os.truncate(manuscript, 50 * 1024**2)
    assert "is larger than 5 MB" in refused(run("issue", "import", manuscript), InvalidManuscript)


def test_a_manuscript_is_previewed_without_an_installation(
    run: Run, manuscript: Path, tmp_path: Path, home: Path
) -> None:
    Image.new("RGB", (30, 20)).save(manuscript.with_suffix(".png"))
    out = tmp_path / "out.html"
    assert done(run("issue", "preview", manuscript, "-o", out)) == (
        f"Wrote {out}; subject: Ice on the canal\n"
    )
    assert "The locks [sic] close [/] on Monday" in out.read_text("utf-8")
    assert manuscript.with_suffix(".png").as_uri() in out.read_text("utf-8")
    done(run("issue", "preview", manuscript, "-o", out.with_suffix(".txt")))
    assert "<" not in out.with_suffix(".txt").read_text("utf-8").replace("<http", "")
    assert not home.exists()


def test_a_preview_that_cannot_be_written_is_refused(
    run: Run, manuscript: Path, tmp_path: Path
) -> None:
    result = run("issue", "preview", manuscript, "-o", tmp_path / "gone" / "out.html")
    assert "out.html: No such file or directory" in refused(result, Invalid)


@pytest.mark.parametrize("number", ["7", "9" * 30])
def test_an_issue_that_is_not_there_is_refused(run: Run, tmp_path: Path, number: str) -> None:
    done(run("init"))
    for words in (
        ("preview", number, "-o", tmp_path / "out.html"),
        ("schedule", number, "--at", "2099-01-31 07:00"),
        ("status", number),
    ):
        message = refused(run("issue", *words), NotFound)
        assert message == f"There is no issue {number}; newsletter issue list shows them"


def test_an_issue_is_scheduled_at_a_wall_time(run: Run, manuscript: Path) -> None:
    add_canals(run)
    done(run("issue", "import", manuscript))
    said = done(run("issue", "schedule", 1, "--at", "2099-01-30 07:00"))
    assert "Approved issue 1, content " in said
    assert "Issue 1 leaves on 2099-01-30 at 07:00 (Europe/Warsaw), 06:00 UTC" in said
    said = done(run("issue", "schedule", 1, "--at", "2099-10-25T02:30", "--zone", "Europe/Berlin"))
    assert "Issue 1 leaves on 2099-10-25 at 02:30 (Europe/Berlin), 00:30 UTC" in said
    assert "Note: 02:30 comes twice on that night in Europe/Berlin" in said
    assert "Approved" not in said
    said = done(run("issue", "status", 1))
    assert "State: scheduled\nScheduled: 2099-10-25 02:30:00 (Europe/Berlin)\n" in said


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        (("--at", "2020-01-31 07:00"), InvalidTime, "2020-01-31 07:00 in Europe/Warsaw is past"),
        (("--at", "2099-03-29 02:30"), InvalidTime, "02:30 does not exist in Europe/Warsaw"),
        (("--at", "2099-01-30 07:00", "--zone", "Warsaw"), Invalid, "'Warsaw' is not a time zone"),
    ],
)
def test_a_time_that_will_not_do_is_refused_and_nothing_is_approved(
    run: Run, manuscript: Path, words: tuple[str, ...], kind: type[Invalid], message: str
) -> None:
    add_canals(run)
    done(run("issue", "import", manuscript))
    assert message in refused(run("issue", "schedule", 1, *words), kind)
    assert "State: draft" in done(run("issue", "status", 1))


def test_an_issue_is_approved_without_being_scheduled(run: Run, manuscript: Path) -> None:
    add_canals(run)
    done(run("issue", "import", manuscript))
    assert "Approved issue 1, content " in done(run("issue", "approve", 1))
    assert "State: approved\n" in done(run("issue", "status", 1))


def test_an_issue_that_is_blocked_is_not_scheduled(run: Run, manuscript: Path) -> None:
    add_canals(run)
    manuscript.write_text("Canal Diary\n\n# Ice\n\nThe locks close.\n", encoding="utf-8")
    done(run("issue", "import", manuscript, "--publication", "canals"))
    result = run("issue", "schedule", 1, "--at", "2099-01-30 07:00")
    assert "Blocks: The licence is missing" in result.output
    assert isinstance(result.exception, Invalid)


def test_issues_are_listed_newest_first(run: Run, manuscript: Path) -> None:
    add_canals(run)
    assert "There is no issue yet" in done(run("issue", "list"))
    done(run("issue", "import", manuscript))
    done(run("issue", "schedule", 1, "--at", "2099-01-30 07:00"))
    manuscript.write_text(MANUSCRIPT.replace("Ice on", "Thaw [/] on"), encoding="utf-8")
    done(run("issue", "import", manuscript))
    _, second, first = done(run("issue", "list", "--publication", "canals")).splitlines()
    assert second.startswith(" 2      Canal Diary  draft")
    assert second.rstrip().endswith("Thaw [/] on the canal")
    assert "scheduled  2099-01-30 07:00  Ice on the canal" in first
    assert "no publication 'x'" in refused(run("issue", "list", "--publication", "x"), NotFound)
