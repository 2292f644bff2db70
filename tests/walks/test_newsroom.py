"""The walk of a newsroom: from the owner's first link to the report on an issue that has left.

The service runs as operators run it, with a relay that takes a thousand mails a second; two people
sit at the desk, each with a browser of their own.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

import make
from chaos import Sink
from newsletter import model
from newsletter.links import Links
from service import PATIENCE, Service
from web.test_in_the_browser import assert_good

READERS = 5_000
PASSWORD = "frost on the canal"
MANUSCRIPT = Path(str(files("newsletter"))) / "demo" / "baltic-monitor.txt"
PICTURE = MANUSCRIPT.with_suffix(".jpg")
LINK = "https://ports.example/roster"
DRAGGED = """([name, words]) => {
    const dragged = new DataTransfer();
    dragged.items.add(new File([words], name));
    return dragged;
}"""
HEADLINE = "Three Ports, One Pilot Watch: What a Shared Roster Would Change"


@contextmanager
def sitting(browser: Browser, service: Service, width: int) -> Iterator[Page]:
    """Sit down at the desk with a browser whose complaints fail the walk."""
    viewport = {"width": width, "height": 900}
    context = browser.new_context(base_url=service.base_url, viewport=viewport, locale="en")  # type: ignore[arg-type]
    with closing(context):
        page = context.new_page()
        page.set_default_timeout(10_000)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        assert complaints == []


def arrive(page: Page, heading: str) -> None:
    """Wait for a page of the desk, and look at it closely."""
    page.get_by_role("heading", name=heading, level=1).wait_for()
    assert_good(page, heading)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def turn_to(page: Page, tab: str) -> None:
    """Open a tab of the issue, and look at it closely."""
    page.get_by_role("navigation", name="This issue").get_by_role("link", name=tab).click()
    current = page.get_by_role("navigation", name="This issue").locator("[aria-current=page]")
    expect(current).to_have_text(tab)
    assert_good(page, tab)


def become_owner(page: Page, link: str) -> None:
    page.goto(link)
    arrive(page, "Set up the desk")
    page.get_by_label("Your name").fill("Olga Owner")
    page.get_by_label("E-mail address").fill("olga@institute.example")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Set up the desk")
    arrive(page, "Your account")


def add_publication(page: Page) -> None:
    follow(page, "Settings")
    page.get_by_role("link", name=re.compile("^Publications")).click()
    follow(page, "Add the first publication")
    page.get_by_label("Name of the publication").fill("Baltic Monitor")
    page.get_by_label("Address of its page").fill("baltic-monitor")
    page.get_by_label("Time zone").select_option("Europe/Warsaw")
    page.get_by_label("Sender’s address").fill("monitor@institute.example")
    page.get_by_label("Postal address").fill("Institute of Examples, 1 Example Street, Warsaw")
    assert_good(page, "a publication")
    page.get_by_role("button", name=re.compile("Add the publication|Save")).click()
    page.get_by_text("The publication is added.").wait_for()


def invite(page: Page) -> str:
    """Invite an editor; return the link that was shown."""
    follow(page, "Team")
    follow(page, "Invite someone")
    page.get_by_label("E-mail address").fill("jan@institute.example")
    page.get_by_label("Editor", exact=False).check()
    press(page, "Send the invitation")
    arrive(page, "The invitation is on its way")
    return page.get_by_label("The link, shown this once").input_value()


def join(page: Page, link: str) -> None:
    page.goto(link)
    arrive(page, "Join the desk")
    page.get_by_label("Your name").fill("Jan Editor")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Join the desk")
    arrive(page, "Your account")


def import_readers(service: Service, folder: Path) -> None:
    people = folder / "people.csv"
    rows = (f"reader{number}@post{number % 97}.example" for number in range(READERS))
    people.write_text("email\n" + "\n".join(rows) + "\n")
    service.do(*("subscriber", "import", str(people), "--publication", "baltic-monitor"))


def bring_in(page: Page) -> None:
    """Drop the sample as it came, and correct what a heading was taken for."""
    follow(page, "Bring in")
    arrive(page, "Bring in a manuscript")
    dragged = page.evaluate_handle(DRAGGED, [MANUSCRIPT.name, MANUSCRIPT.read_text("utf-8")])
    page.locator("[data-drop]").dispatch_event("drop", {"dataTransfer": dragged})
    expect(page.get_by_label("A file")).to_be_focused()
    press(page, "Recognise it")
    arrive(page, "What was recognised")
    expect(page.locator("li[data-part=kicker]")).to_contain_text("BALTIC MONITOR")
    question = page.locator("li", has_text="Who decides when two ships want the same pilot").first
    question.get_by_role("combobox").select_option(label="Subheading")
    press(page, "Save and look again")
    expect(question).to_have_attribute("data-part", "subheading")
    assert_good(page, "corrected")
    press(page, "Make the draft")
    arrive(page, HEADLINE)


def write_on(page: Page) -> None:
    """Add a sentence that leads somewhere, and save it by the keyboard."""
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.press("Control+End")
    text.press_sequentially(f"\n\nThe ports publish [the whole roster]({LINK}).")
    page.keyboard.press("Control+s")
    expect(page.get_by_text(re.compile(r"^Saved \d\d:\d\d$"))).to_be_visible()


def find_what_is_missing(page: Page) -> None:
    """See in the press check that the picture has no file, and go to where it is mended."""
    turn_to(page, "Check")
    finding = page.locator(".check-findings li", has_text="A picture has no file yet")
    finding.get_by_role("link", name="To the picture").click()
    arrive(page, HEADLINE)
    expect(page.get_by_role("button", name="Another picture")).to_be_focused()


def put_picture_on_top(page: Page) -> None:
    press(page, "Another picture")
    page.get_by_role("heading", name="The picture on top").wait_for()
    page.get_by_label("Picture", exact=True).set_input_files(PICTURE)
    page.get_by_label("Description").fill("A harbour at dusk, drawn in flat shapes")
    page.get_by_role("textbox", name="Credit").fill("Own drawing")
    page.get_by_role("radio", name="Ours Made by us").check()
    assert_good(page, "a picture")
    press(page, "Put it in")
    arrive(page, HEADLINE)


def number_of(page: Page, name: str) -> int:
    """Read one of the live numbers."""
    said = page.locator(f"[data-said={name}]").first.inner_text()
    return int(re.sub(r"\D", "", said) or 0)


def wait_for_number(page: Page, name: str, enough: int) -> None:
    for _ in range(PATIENCE * 10):
        if number_of(page, name) >= enough:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{name} never came to {enough}; it is {number_of(page, name)}")


def read_and_leave(page: Page, service: Service) -> None:
    """Follow the link in the mail, as one of its readers, and then leave by the one at its foot."""
    with closing(service.database()) as database, database.reading() as session:
        issue = session.scalars(select(model.Issue.id)).one()
        wish = session.scalars(select(model.Subscription).limit(1)).one()
    links = Links(service.base_url, make.SECRET_KEY)
    answer = page.request.get(links.click(issue, LINK), max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (302, LINK)
    page.goto(links.unsubscribe(wish.id, wish.publication_id, issue))
    press(page, "Unsubscribe")
    page.get_by_role("heading", name="You are unsubscribed").wait_for()


def read_the_report(page: Page) -> None:
    """See that the sums agree, and that what readers did is told."""
    turn_to(page, "Report")
    sums = page.locator(".report-sums")
    expect(sums.get_by_role("row", name=re.compile("^Sent"))).to_contain_text("5,000")
    expect(sums.get_by_role("row", name=re.compile("^Frozen"))).to_contain_text("5,000")
    expect(page.get_by_text("The sums do not agree")).to_have_count(0)
    expect(page.locator(".report-links").get_by_role("row", name=LINK)).to_contain_text("1")
    did = page.locator(".report-figures > div")
    expect(did.filter(has_text="Clicks on links").locator("dd")).to_have_text("1")
    expect(did.filter(has_text="Left by the link").locator("dd")).to_have_text("1")


@pytest.mark.timeout(300)
def test_a_newsroom_brings_an_issue_from_a_manuscript_to_its_readers(
    browser: Browser, service: Service, tmp_path: Path
) -> None:
    (link,) = re.findall(r"http\S+/desk/join/\S+", service.furnish("init"))
    with Sink(tmp_path) as sink:
        service.environ["NEWSLETTER_RELAY_URL"] = f"{sink.url}?rate=1000/s"
        service.start()
        with sitting(browser, service, 1440) as olga, sitting(browser, service, 360) as jan:
            become_owner(olga, link)
            add_publication(olga)
            join(jan, invite(olga))
            import_readers(service, tmp_path)
            bring_in(olga)
            find_what_is_missing(olga)
            put_picture_on_top(olga)
            write_on(olga)
            turn_to(olga, "Preview")
            turn_to(olga, "Check")
            for each in ("Files of the pictures", "Credits and descriptions", "The licence"):
                expect(olga.locator(".check-order").get_by_text(each, exact=True)).to_be_visible()
            turn_to(olga, "Approval")
            olga.get_by_label("A word to whoever approves it").fill("The picture is ours.")
            press(olga, "Submit for approval")
            olga.get_by_text("Submitted for approval").first.wait_for()

            jan.goto("/desk/issues")
            follow(jan, HEADLINE)
            arrive(jan, HEADLINE)
            turn_to(jan, "Approval")
            expect(jan.get_by_text("The picture is ours.")).to_be_visible()
            press(jan, "Approve this version")
            jan.get_by_text("The mail below is approved").wait_for()
            turn_to(jan, "Schedule")
            jan.get_by_label("Day").fill("2030-01-15")
            jan.get_by_label("Time", exact=True).fill("07:00")
            jan.get_by_role("button", name=re.compile("^Send to 5,000 readers")).click()
            jan.get_by_text("The issue is scheduled.").wait_for()
            assert_good(jan, "scheduled")
            jan.get_by_role("link", name=re.compile("Send (it )?now")).click()
            assert_good(jan, "send now")
            jan.get_by_role("button", name="Send to 5,000 readers now").click()

            turn_to(olga, "Sending")
            wait_for_number(olga, "sent", 500)
            press(olga, "Pause")
            olga.get_by_text("The issue waits.").wait_for()
            assert_good(olga, "paused")
            at_rest = sink.count()
            assert at_rest < READERS
            follow(olga, "Resume…")
            olga.get_by_role("button", name=re.compile("^Resume|^Go on")).click()
            wait_for_number(olga, "sent", READERS)
            olga.get_by_text("5,000 frozen = 5,000 sent").wait_for()
            assert_good(olga, "sent")

            with sitting(browser, service, 360) as reader:
                read_and_leave(reader, service)
            for page in (olga, jan):
                page.goto("/desk/reports")
                arrive(page, "Reports")
                follow(page, HEADLINE)
                arrive(page, HEADLINE)
                read_the_report(page)
            olga.screenshot(path=tmp_path / "report.png", full_page=True)
        mailed = {mail.recipient for mail in sink.accepted()}
        assert len(mailed - {"jan@institute.example"}) == READERS
        assert len(mailed) == READERS + 1, "the invitation left, too"
        assert service.stop() == 0
