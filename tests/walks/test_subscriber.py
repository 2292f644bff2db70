"""The walk of a subscriber, from the form to goodbye, in a browser and through real processes."""

import json
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from newsletter import model
from service import Service, wait_for

ADDRESS = "anna.nowak@example.org"


class Reader:
    """A person at a browser, who looks at each page before going on."""

    def __init__(self, service: Service, page: Page) -> None:
        self.service = service
        self.page = page
        self.complaints: list[str] = []
        page.context.on("console", lambda message: self.complaints.append(message.text))
        page.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def see(self, heading: str) -> None:
        """Wait for a page and look at it as one must who sees little, or on a small screen."""
        expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible(timeout=20000)
        # Mails stand in a sandboxed frame, where the checker cannot be and must not knock.
        found = Axe().run(self.page, options={"iframes": False})
        assert found.violations_count == 0, f"{heading}: {found.generate_report()}"
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button).click()

    def open_mail(self, subject: str, count: int = 1) -> None:
        """Open the newest mail with a subject in the local mailbox, once there are ``count``."""
        wait_for(lambda: self.count(subject) == count, f"{count} mails: {subject}")
        self.page.goto("/mailbox")
        self.page.get_by_role("link", name=subject).first.click()
        self.see(subject)

    def count(self, subject: str) -> int:
        return sum(
            mail["Subject"] == subject and ADDRESS in mail["To"] for mail in self.service.mails()
        )

    def follow(self, link: str) -> None:
        """Follow a link of the open mail, which opens another page."""
        with self.page.context.expect_page() as opening:
            self.page.frame_locator("iframe").get_by_role("link", name=link).first.click()
        self.page.close()
        self.page = opening.value

    def sign_up(self) -> None:
        self.page.goto("/subscribe")
        self.see("Subscribe")
        self.page.get_by_label("Baltic Monitor").check()
        self.page.get_by_label("Your e-mail address").fill(ADDRESS)
        self.press("Subscribe")
        self.see("Look in your mailbox")


def states(service: Service) -> dict[str, str]:
    """Return what the reader asked for, by publication."""
    with closing(service.database()) as database, database.reading() as session:
        rows = session.execute(
            select(model.Publication.slug, model.Subscription.state, model.Subscription.frequency)
            .join(model.Subscription, model.Subscription.publication_id == model.Publication.id)
            .join(model.Subscriber, model.Subscriber.id == model.Subscription.subscriber_id)
            .where(model.Subscriber.address == ADDRESS)
        )
        return {slug: f"{state} {frequency}" for slug, state, frequency in rows}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("width", [360, 1440])
def test_a_reader_signs_up_changes_leaves_comes_back_and_is_forgotten(
    browser: Browser, running: Service, width: int
) -> None:
    context = browser.new_context(
        base_url=running.base_url, viewport={"width": width, "height": 800}, locale="en-GB"
    )
    with closing(context):
        reader = Reader(running, context.new_page())

        # A slip in the form is said, and nothing typed is lost.
        reader.page.goto("/subscribe")
        reader.page.get_by_label("Your e-mail address").fill("anna.nowak")
        reader.press("Subscribe")
        expect(reader.page.get_by_role("alert")).to_be_focused(timeout=20000)
        reader.see("Subscribe")
        expect(reader.page.get_by_label("Your e-mail address")).to_have_value("anna.nowak")
        assert len(reader.complaints) == 1
        assert "422" in reader.complaints.pop()

        # Sign up, and confirm by the button behind the mailed link.
        reader.sign_up()
        reader.open_mail("Baltic Monitor: please confirm")
        reader.follow("Confirm the subscription")
        reader.see("Confirm your subscription")
        assert states(running) == {"baltic-monitor": "pending each"}
        reader.press("Confirm")
        reader.see("You are subscribed")
        assert states(running) == {"baltic-monitor": "active each"}

        # The welcome brings the latest issue, and leads to the preferences.
        reader.open_mail("Welcome to Baltic Monitor")
        latest = reader.page.frame_locator("iframe").get_by_role("link", name="Read the issue")
        assert "/baltic-monitor/" in str(latest.get_attribute("href"))
        reader.follow("Preferences")
        reader.see("Your subscriptions")
        reader.press("Mail me a link")
        reader.see("Look in your mailbox")
        reader.open_mail("Baltic Monitor: your subscriptions")
        reader.follow("See your subscriptions")
        reader.see("Your subscriptions")
        manage = reader.page.url
        wishes = reader.page.get_by_role("group", name="Baltic Monitor")
        wishes.get_by_label("How often").select_option("A summary each week")
        others = reader.page.get_by_role("group", name="China Monitor")
        others.get_by_label("How often").select_option("Every issue")
        pause = datetime.now(UTC).date() + timedelta(days=30)
        others.get_by_label("Pause until").fill(pause.isoformat())
        reader.page.get_by_label("Your name").fill("Anna Nowak")
        reader.press("Save")
        expect(reader.page.get_by_text("Saved.")).to_be_visible()
        reader.see("Your subscriptions")
        expect(others.get_by_label("Pause until")).to_have_value(pause.isoformat())
        assert states(running) == {
            "baltic-monitor": "active weekly",
            "china-monitor": "paused each",
        }

        # Leave by the link of a mail, and take it back at once.
        reader.open_mail("Welcome to Baltic Monitor")
        reader.follow("Unsubscribe")
        reader.see("Unsubscribe from Baltic Monitor?")
        assert states(running)["baltic-monitor"] == "active weekly"
        unsubscribe = reader.page.url
        reader.press("Unsubscribe")
        reader.see("You are unsubscribed")
        assert states(running)["baltic-monitor"] == "unsubscribed weekly"
        reader.press("Too many mails")
        expect(reader.page.get_by_role("heading", name="Thank you")).to_be_focused()
        reader.see("You are unsubscribed")
        reader.press("Take it back")
        reader.see("You are subscribed again")
        assert states(running)["baltic-monitor"] == "active weekly"

        # A mail program's POST needs nothing but the link; curl is one.
        said = subprocess.run(
            ["curl", "-sS", "-i", "-d", "List-Unsubscribe=One-Click", unsubscribe],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
        assert " 200" in said.splitlines()[0]
        assert "set-cookie" not in said.lower()
        assert states(running)["baltic-monitor"] == "unsubscribed weekly"

        # Come back by the form.
        reader.sign_up()
        reader.open_mail("Baltic Monitor: please confirm", 2)
        reader.follow("Confirm the subscription")
        reader.see("Confirm your subscription")
        reader.press("Confirm")
        reader.see("You are subscribed")
        assert states(running)["baltic-monitor"].startswith("active")

        # Take everything along, then have it erased.
        reader.page.goto(manage)
        with reader.page.expect_download() as downloading:
            reader.page.get_by_role("link", name="Download everything").click()
        held = json.loads(Path(downloading.value.path()).read_text(encoding="utf-8"))
        assert held["subscriber"]["address"] == ADDRESS
        assert len(held["subscriptions"]) == 2
        reader.page.get_by_role("link", name="Erase everything").click()
        reader.see("Erase everything?")
        assert states(running)
        reader.press("Erase everything about me")
        reader.see("Everything is erased")
        assert states(running) == {}
        with closing(running.database()) as database, database.reading() as session:
            assert session.scalar(select(func.count()).select_from(model.Suppression)) == 1
            assert session.scalar(select(func.count()).select_from(model.Subscriber)) == 1
        assert reader.complaints == []
        assert context.cookies() == []
