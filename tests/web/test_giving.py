"""The page of donations: ways to give, filled in with the link that brought the visitor."""

import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import select

import make
from newsletter import model, support
from newsletter.database import Database
from newsletter.model import WayKind
from web.conftest import Site

IBAN = "DE89 3704 0044 0532 0130 00"
PAGE = "/donate/russia-monitor"


@pytest.fixture
def ways(site: Site, database: Database) -> None:
    """Offer a payment link and a bank account, and another publication's account."""
    with database.transaction() as session:
        session.scalars(select(model.AppealWords)).one().destination = ""
        link = "https://pay.example.org/give?sum={amount}&cur={currency}&ref={reference}"
        said = {"title": "By card", "url": link, "currency": "EUR"}
        support.add_way(session, WayKind.LINK, site.publication, said)
        make.way(session)
        make.way(session, title="Elsewhere", publication_id=make.publication(session).id)


@pytest.mark.usefixtures("ways")
def test_a_donate_link_offers_the_ways_with_its_reference(client: FlaskClient, site: Site) -> None:
    answer = client.get(f"{site.donate}?amount=12,50")
    tag = site.donate.rpartition("/")[2]
    assert answer.status_code == 200
    assert f"https://pay.example.org/give?sum=12.50&amp;cur=EUR&amp;ref={tag}" in answer.text
    assert IBAN in answer.text
    assert f"Donation Russia Monitor {tag}" in answer.text
    assert "Elsewhere" not in answer.text
    assert "Give €12.50" in answer.text
    assert site.links.read_donate(tag).issue == site.issue_number


@pytest.mark.usefixtures("ways")
def test_the_code_holds_the_transfer(client: FlaskClient, site: Site) -> None:
    page = client.get(f"{site.donate}?amount=25").text
    assert re.search(r'<svg[^>]*class="qr"', page)
    tag = site.donate.rpartition("/")[2]
    transfer = support.Transfer(
        name="Institute of Examples",
        iban=IBAN,
        amount=Decimal(25),
        message=f"Donation Russia Monitor {tag}",
    )
    assert support.qr_svg(support.epc_payload(transfer)) in page
    assert BytesIO(support.qr_png(support.epc_payload(transfer))).read(4) == b"\x89PNG"


@pytest.mark.usefixtures("ways")
def test_what_a_banking_app_reads_leads_back_to_the_issue(
    client: FlaskClient,
    database: Database,
    site: Site,
    browser: Browser,
    scanned: Callable[[bytes], str],
) -> None:
    page = client.get(f"{site.donate}?amount=25").text
    drawn = re.search(r'<svg[^>]*class="qr".*?</svg>', page, re.DOTALL)
    assert drawn
    screen = browser.new_page(viewport={"width": 360, "height": 360}, device_scale_factor=2)
    screen.set_content(f"<style>svg {{ width: 260px }}</style>{drawn[0]}")
    lines = scanned(screen.screenshot()).split("\n")
    screen.close()
    tag = site.donate.rpartition("/")[2]
    words = f"Donation Russia Monitor {tag}"
    account = ["", "Institute of Examples", IBAN.replace(" ", ""), "EUR25.00"]
    assert lines == ["BCD", "002", "1", "SCT", *account, "", "", words]
    # The bank writes it into its file in capitals.
    day = make.NOW.date()
    read = support.read_csv(
        f"date,amount,currency,reference\n{day},25,EUR,{words.upper()}".encode(), day
    )
    with database.transaction() as session:
        gifts = [gift for _, gift in read.gifts]
        support.record(session, site.publication, "bank", gifts, make.NOW, site.links)
        assert session.scalars(select(model.Donation.issue_id)).all() == [site.issue_number]


@pytest.mark.usefixtures("ways")
def test_without_a_link_the_reference_is_the_publication(client: FlaskClient, site: Site) -> None:
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "sum=&amp;cur=EUR&amp;ref=russia-monitor" in page.text
    assert "Support Russia Monitor" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize("amount", ["twelve", "-5", "0", "1.000.00", "<b>"])
def test_what_is_no_amount_is_refused_beside_the_field(
    client: FlaskClient, site: Site, amount: str
) -> None:
    answer = client.get(PAGE, query_string={"amount": amount})
    assert answer.status_code == 422
    assert "Write an amount such as 25 or 12.50." in answer.text
    assert "sum=&amp;" in answer.text
    assert "<b>" not in answer.text


def test_without_ways_the_link_leads_to_where_the_appeal_says(
    client: FlaskClient, site: Site
) -> None:
    assert client.get(PAGE).status_code == 404
    assert client.get(site.donate).status_code in {302, 404}


@pytest.mark.usefixtures("ways")
def test_an_appeal_with_a_place_of_its_own_leads_there(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        session.scalars(select(model.AppealWords)).one().destination = "https://give.example.org/"
    assert client.get(site.donate).location == "https://give.example.org/"
