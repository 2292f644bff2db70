"""The press check of an issue: each finding with the way to where it is mended."""

import ast
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

import documents
import make
from newsletter import domains, issues
from newsletter.issues import checking
from newsletter.manuscripts import Article, Picture
from newsletter.model import Frequency, Role
from newsletter.outward import Trouble
from newsletter.rendering import press
from newsletter.web.desk.checking import LOOKED_AT
from web.desk.conftest import Browser, Desk

ICE = Article("Ice on the canal", "The locks close.", lead="Winter came.")


@pytest.fixture
def writer(desk: Desk) -> Browser:
    return desk.enter(Role.WRITER)


def drafted(desk: Desk, *articles: Article) -> str:
    with desk.database.transaction() as session:
        columns = {"licence_id": make.licence(session).id, "appeal_id": make.appeal(session).id}
        monitor = make.publication(session, **columns)
        make.subscription(session, publication_id=monitor.id)
        return f"/desk/issues/{issues.draft(session, monitor, articles or [ICE], make.NOW).id}"


def test_where_nothing_is_amiss_the_page_says_what_was_looked_at(
    desk: Desk, writer: Browser
) -> None:
    page = writer.get(f"{drafted(desk)}/check").text
    assert "Everything is in order." in page
    for name, slugs in LOOKED_AT:
        assert (name in page) == (slugs != {"sender"})


def test_a_finding_leads_to_its_field_and_quotes_the_words(desk: Desk, writer: Browser) -> None:
    path = drafted(desk, ICE, replace(ICE, body="See http://example.org/ice <b> TK", lead=""))
    page = writer.get(f"{path}/check").text
    assert "Nothing keeps this issue from leaving; 3 things are worth a look." in page
    assert f'href="{path}#lead-1">To the lead' in page
    assert f'href="{path}?find=TK#body-1">To the text' in page
    assert '<q dir="auto">See http://example.org/ice &lt;b&gt; TK</q>' in page
    assert "Leftovers such as TK" not in page
    assert "The licence" in page


def test_what_blocks_comes_first(desk: Desk, writer: Browser) -> None:
    path = drafted(desk, replace(ICE, body="Ice. " * 30_000, headline="Ice TK"))
    page = writer.get(f"{path}/check").text
    assert "1 thing has to be mended before this issue can be approved." in page
    assert page.index("mail programs cut it off") < page.index("The text still says")


def test_a_digest_needs_no_check_and_nothing_has_none(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        digest = make.issue(session, frequency=Frequency.MONTHLY).id
    assert "A digest needs no press check." in writer.get(f"/desk/issues/{digest}/check").text
    assert writer.get("/desk/issues/999/check").status_code == 404


def test_an_issue_without_an_article_is_told_so(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        empty = make.issue(session).id
    answer = writer.get(f"/desk/issues/{empty}/check")
    assert answer.status_code == 200
    assert "The issue has no article" in answer.text


@pytest.mark.parametrize("module", [press, checking])
def test_every_remark_is_among_what_was_looked_at(module: ModuleType) -> None:
    calls = ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8")))
    slugs = {
        ast.literal_eval(call.args[1])
        for call in calls
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "Remark"
        and isinstance(call.args[1], ast.Constant)
    }
    assert slugs
    assert slugs - {slug for _, some in LOOKED_AT for slug in some} <= {"no-article"}


def test_links_are_asked_for_by_the_page_and_told_as_they_are_known(
    desk: Desk, writer: Browser
) -> None:
    urls = [f"https://example.org/{path}" for path in ("here", "gone", "slow", "new")]
    body = " ".join(f"[{url[20:]} link]({url})" for url in urls)
    path = f"{drafted(desk, replace(ICE, body=body))}/check"
    with desk.database.transaction() as session:
        for url, trouble in zip(urls, ("", Trouble.GONE, Trouble.SLOW), strict=False):
            moments = dict.fromkeys(("asked_at", "checked_at"), datetime.now(UTC))
            make.link_check(session, url, trouble=trouble, **moments)
    page = writer.get(path).text
    assert "data-waiting" in page
    assert f"A link leads nowhere: {urls[1]}" in page
    assert f"A link could not be checked: {urls[2]}" in page
    assert "The site takes too long to answer." in page
    assert "Whether the links are answered" not in page
    where = page.index('id="pointers"')
    assert sorted(urls, key=lambda url: page.index(f'href="{url}"', where)) == [
        *(urls[1], urls[2], urls[3], urls[0])
    ]
    with desk.database.transaction() as session:
        assert issues.answers.take(session, datetime.now(UTC)) == [urls[3]]
        issues.answers.keep(session, urls[3], None, datetime.now(UTC))
    assert "data-waiting" not in writer.get(path).text


def test_without_links_there_is_nothing_to_wait_for(desk: Desk, writer: Browser) -> None:
    page = writer.get(f"{drafted(desk)}/check").text
    assert "Where the text leads" not in page
    assert "Whether the links are answered" in page


def test_what_is_amiss_with_the_senders_domain_is_told(desk: Desk, writer: Browser) -> None:
    path = f"{drafted(desk)}/check"
    assert "The sender’s domain" not in writer.get(path).text, "nobody has looked yet"
    good = domains.Finding(domains.Subject.SPF, domains.Verdict.GOOD, "spf-good", "example.org")
    missing = replace(
        good,
        subject=domains.Subject.DMARC,
        verdict=domains.Verdict.BAD,
        slug="dmarc-missing",
    )
    with desk.database.transaction() as session:
        domains.keep_look(session, "example.org", [good], make.NOW)
    assert "The sender’s domain" in writer.get(path).text
    with desk.database.transaction() as session:
        domains.keep_look(session, "example.org", [good, missing], make.NOW)
    page = writer.get(path).text
    assert "example.org: No policy says what holds for forged mail." in page
    assert "/desk/settings/domains" not in page, "a writer cannot go there"
    owner = desk.enter(Role.OWNER)
    assert 'href="/desk/settings/domains">To the domains' in owner.get(path).text


def test_what_the_publication_lacks_leads_its_owner_there(desk: Desk, writer: Browser) -> None:
    with desk.database.transaction() as session:
        issue = issues.draft(session, make.publication(session, postal_address=""), [ICE], make.NOW)
        path, place = f"/desk/issues/{issue.id}", issue.publication_id
    shown = desk.enter(Role.OWNER).get(f"{path}/check").text
    for field in ("licence", "postal_address"):
        assert f'href="/desk/settings/publications/{place}#{field}">To the publication' in shown
    shown = writer.get(f"{path}/check").text
    assert "/desk/settings/" not in shown
    assert "An owner can mend this, in the settings." in shown
    assert "An editor chooses the audience." in shown
    assert f'href="{path}#licence">To the licence' in shown


def test_whatever_is_found_leads_to_where_it_is_mended(desk: Desk) -> None:
    with desk.database.transaction() as session:
        file = issues.store_image(session, documents.picture(), make.NOW)
        number = issues.image_numbers(session, [file])[file]
        columns = {"licence_id": make.licence(session).id, "accent": "#ffd24d"}
        monitor = make.publication(session, postal_address="", **columns)
        hostile = Article(
            "Ice",
            f'Ice TK. {"Ice. " * 22_000}\n\n![A lock](<{file}> "")',
            picture=Picture("TK", file, "A lock"),
            terms="none",
        )
        issue = issues.draft(session, monitor, [hostile], make.NOW)
        issue.subject = "TK"
        path, home = f"/desk/issues/{issue.id}", f"/desk/settings/publications/{monitor.id}"
        empty = make.issue(session).id
    editor, owner = desk.enter(Role.EDITOR), desk.enter(Role.OWNER)
    shown = owner.get(f"{path}/check").text
    for message, link in {
        "mail programs cut it off": path,
        "is not among the licences": f"{path}#terms-0",
        "A picture has no credit": f"{path}?find=A+lock#body-0",
        "Nobody has said by what right a picture is shown": f"/desk/library/{number}",
        "The subject still says “TK”": f"{path}#subject",
        "The text still says “TK”": f"{path}?find=TK#body-0",
        "There is no appeal": f"{path}/appeal",
        "As things are, nobody would get this issue": f"{path}/audience",
        "The publication has no postal address": f"{home}#postal_address",
        "is too pale for words on paper": f"{home}#accent",
    }.items():
        found = [each for each in re.findall(r"<li>.*?</li>", shown, re.DOTALL) if message in each]
        assert any(f'<a class="check-jump" href="{link}"' in each for each in found), message
        assert owner.get(link).status_code == 200
    assert "The text still says “TK”" in shown
    assert f'href="{path}/audience">To the audience' in editor.get(f"{path}/check").text
    assert (
        f'href="/desk/issues/{empty}">To the text' in owner.get(f"/desk/issues/{empty}/check").text
    )
