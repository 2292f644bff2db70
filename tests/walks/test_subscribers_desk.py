"""Three walks at the desk on one service: a person, a file of people, and a Word document."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, Page, expect

import documents
import make
from newsletter.desk import sign_ins
from newsletter.model import Role
from service import PATIENCE, Service
from walks.test_newsroom import arrive, follow, press, sitting
from web.test_in_the_browser import assert_good

ROWS = 20_000
WRONG = 200


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with a publication and a reader, for all walks of this file."""
    service = Service(tmp_path_factory.mktemp("desk") / "home")
    service.furnish("init")
    with closing(service.database()) as database, database.transaction() as session:
        publication = make.publication(session, slug="baltic-monitor", name="Baltic Monitor")
        for address in ("anna.nowak@example.org", "jan@example.org"):
            reader = make.subscriber(session, address)
            make.subscription(session, subscriber_id=reader.id, publication_id=publication.id)
    service.start()
    try:
        yield service
        assert service.stop() == 0
    finally:
        if service.process:
            service.process.kill()
            service.process.wait(PATIENCE)


@contextmanager
def owner(browser: Browser, service: Service, width: int) -> Iterator[Page]:
    """Sit at the desk as an owner who signed in just now."""
    with closing(service.database()) as database, database.transaction() as session:
        someone = make.editor(session, name="Olga Owner", role=Role.OWNER)
        token = sign_ins.begin(session, someone, datetime.now(UTC))
    with sitting(browser, service, width) as page:
        page.context.add_cookies([{"name": "desk", "value": token, "url": service.base_url}])
        yield page


def test_a_person_is_found_tagged_suppressed_let_go_taken_out_and_erased(
    browser: Browser, served: Service
) -> None:
    with owner(browser, served, 360) as page:
        page.goto("/desk/subscribers")
        arrive(page, "Subscribers")
        page.get_by_label("Address or name").fill("anna.n")
        press(page, "Search")
        expect(page.get_by_role("row")).to_have_count(2)
        assert "anna" not in page.url
        follow(page, "anna.nowak@example.org")
        arrive(page, "anna.nowak@example.org")
        page.get_by_label("One more tag").fill("Press")
        press(page, "Put it on")
        page.get_by_text("The tag is put on.").wait_for()
        press(page, "Take off the tag press")
        page.get_by_text("No tag yet.").wait_for()

        follow(page, "Suppress this address")
        arrive(page, "Suppress this address?")
        page.get_by_label("Why, for your colleagues").fill("Asked by telephone.")
        press(page, "Suppress this address")
        page.get_by_text("Asked by telephone.").wait_for()
        assert_good(page, "suppressed")
        press(page, "Lift the suppression")
        page.get_by_text("Mail goes to this address again.", exact=True).wait_for()

        with page.expect_download() as coming:
            press(page, "Take out everything")
        held = json.loads(Path(coming.value.path()).read_text(encoding="utf-8"))
        assert "anna.nowak@example.org" in json.dumps(held)

        follow(page, "Erase this person")
        arrive(page, "Erase this person?")
        press(page, "Erase this person")
        arrive(page, "Subscribers")
        assert "anna.nowak@example.org" not in page.content()


def test_a_file_goes_from_its_columns_over_a_report_to_its_people(
    browser: Browser, served: Service, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    rows = [f"reader{number}@post{number % 97}.example;Reader {number};x" for number in range(ROWS)]
    rows[:: ROWS // WRONG] = ["nobody at all;Nobody;x"] * WRONG
    people.write_text("Contact;Full name;Note\n" + "\n".join(rows) + "\n")
    with owner(browser, served, 1440) as page:
        page.goto("/desk/subscribers/import")
        arrive(page, "Import")
        page.get_by_label("File").set_input_files(people)
        press(page, "Upload")
        arrive(page, "people.csv")
        page.get_by_role("combobox", name="Contact").select_option("address")
        page.get_by_role("combobox", name="Full name").select_option("name")
        page.get_by_label("What they get").select_option("baltic-monitor")
        page.get_by_label("When and where they agreed").fill("Conference of 2025")
        press(page, "See what it comes to")
        page.get_by_role("heading", name="Rows that were refused").wait_for(timeout=60_000)
        assert_good(page, "a report")
        expect(page.get_by_text("Nothing has changed yet.")).to_be_visible()
        expect(page.locator(".subscribers-counts")).to_contain_text("200")
        with page.expect_download() as coming:
            follow(page, "All of them, as a CSV file")
        errors = Path(coming.value.path()).read_text(encoding="utf-8").splitlines()
        assert len(errors) == WRONG + 1
        press(page, f"Add {ROWS - WRONG:,} subscriptions")
        page.get_by_text("The file is taken in.").wait_for(timeout=60_000)
        assert_good(page, "taken in")
        follow(page, "See the subscribers")
        expect(
            page.get_by_role("link", name=re.compile(r"@post\d+\.example")).first
        ).to_be_visible()


def _document() -> bytes:
    """Return a Word document with a picture, a table and a footnote."""
    document = docx.Document()
    document.add_paragraph("Ice Leaves the Upper Locks", style="Title")
    document.add_paragraph("The ice went out in one night.", style="Subtitle")
    document.add_picture(io.BytesIO(documents.picture()))
    document.add_paragraph("SOURCE: OWN WORK", style="Caption")
    document.add_paragraph("The first barge came at noon, says the log.")
    document.add_paragraph("What it carried")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(
        (cell for row in table.rows for cell in row.cells),
        ("Lock", "Barges", "Upper", "12"),
        strict=True,
    ):
        cell.text = words
    document.add_paragraph("The second came at dusk, with salt.")
    return documents.with_footnote(documents.saved(document), "with salt.", "As the log says.")


def test_a_word_document_is_brought_in_and_corrected(browser: Browser, served: Service) -> None:
    with owner(browser, served, 360) as page:
        page.goto("/desk/bring-in")
        arrive(page, "Bring in a manuscript")
        file = {"name": "ice.docx", "mimeType": "application/zip", "buffer": _document()}
        page.get_by_label("A file").set_input_files(file)  # type: ignore[arg-type]
        page.get_by_label("Publication").select_option("baltic-monitor")
        press(page, "Recognise it")
        arrive(page, "What was recognised")
        expect(page.locator("li[data-part=headline]")).to_contain_text("Ice Leaves")
        expect(page.locator("li[data-part=note]")).to_contain_text("As the log says.")
        expect(page.locator("li[data-part=picture] img").first).to_be_visible()
        carried = page.locator("li", has_text="What it carried").first
        carried.get_by_role("combobox").select_option(label="Subheading")
        press(page, "Save and look again")
        expect(carried).to_have_attribute("data-part", "subheading")
        assert_good(page, "corrected")
        press(page, "Make the draft")
        arrive(page, "Ice Leaves the Upper Locks")
        body = page.get_by_label("Text", exact=True).input_value()
        assert "## What it carried" in body
        assert "| Upper | 12 |" in body
        assert "with salt.[^1]" in body
        assert "[^1]: As the log says." in body
