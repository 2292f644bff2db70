"""Corrections: said at the desk, shown on page and in feeds, mailed to who received the text."""

import json

import pytest

import make
from make import NOW
from newsletter import deliveries, issues, manuscripts, model
from newsletter.deliveries import Rule
from newsletter.model import DeliveryState, IssueState, Role
from signups import LINKS
from web.desk.conftest import Desk

WORDS = "The pact was signed in 2019, not in <2018>."


def published(desk: Desk, state: IssueState = IssueState.SENT) -> int:
    """Make a public issue that one reader received, one did not, and one left since."""
    with desk.database.transaction() as session:
        monitor = make.publication(session, slug="monitor", licence_id=make.licence(session).id)
        text = manuscripts.write(manuscripts.Article("The Pact", "It was signed.", lead="A lead."))
        article = make.article(session, publication_id=monitor.id, headline="The Pact", source=text)
        issue = make.issue(
            session,
            article,
            slug="pact",
            subject="The Pact",
            state=state,
            content_hash=None if state == IssueState.DRAFT else "0" * 64,
            published_at=make.NOW,
        )
        content = make.content(session, issue_id=issue.id)
        for outcome in (DeliveryState.SENT, DeliveryState.REFUSED):
            wish = make.subscription(session, publication_id=monitor.id)
            make.delivery(
                session,
                content_id=content.id,
                issue_id=issue.id,
                subscriber_id=wish.subscriber_id,
                state=outcome,
            )
        make.subscription(session, publication_id=monitor.id)
        return issue.id


def test_a_correction_stands_on_the_page_and_in_the_feeds_and_not_in_the_mail(desk: Desk) -> None:
    number, editor = published(desk), desk.enter(Role.EDITOR)
    stranger = desk.app.test_client()
    before = stranger.get("/monitor/pact")
    place = f"/desk/issues/{number}/corrections"
    assert "Nothing in this text has been corrected." in editor.get(place).text
    assert editor.send(place, text=WORDS).location == f"{place}?done=corrected"
    again = stranger.get("/monitor/pact", headers={"If-None-Match": before.headers["ETag"]})
    assert again.status_code == 200
    assert "not in &lt;2018&gt;." in again.text
    assert '"correction": [{"@type": "CorrectionComment"' in again.text
    entry = stranger.get("/monitor/feed.xml").text.partition("<entry")[2]
    assert "Correction, " in entry
    assert "<published>2026" in entry
    assert entry.partition("<updated>")[2][:19] > entry.partition("<published>")[2][:19]
    (item,) = json.loads(stranger.get("/monitor/feed.json").text)["items"]
    assert item["date_modified"] > item["date_published"]
    assert item["date_modified"][:10] in stranger.get("/sitemap.xml").text
    with desk.database.reading() as session:
        mail = issues.words(session, issues.fetch(session, number), LINKS, NOW)
    assert "2018" not in mail.html + mail.text
    assert desk.told() == ["corrected"]


def test_each_version_of_a_text_keeps_its_address(desk: Desk) -> None:
    number, editor = published(desk), desk.enter(Role.EDITOR)
    reader = desk.app.test_client()
    assert reader.get("/monitor/pact/v1").status_code == 200
    assert "Versions of this text" not in reader.get("/monitor/pact").text
    for words in (WORDS, "Nor was it signed in Riga."):
        editor.send(f"/desk/issues/{number}/corrections", text=words)
    home = "http://localhost:8000/monitor/pact"
    for version, corrections in ((1, 0), (2, 1), (3, 2)):
        answer = reader.get(f"/monitor/pact/v{version}")
        page = answer.text
        assert page.count("<strong>Correction, ") == corrections
        assert ("This is an old version of this text" in page) == (version < 3)
        assert f'<link rel="canonical" href="{home}">' in page
        assert f'<{home}>; rel="canonical"' in answer.headers.getlist("Link")
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in page
        data = json.loads(page.partition('ld+json">')[2].partition("</script>")[0])
        assert (data["version"], len(data.get("correction", ()))) == (str(version), corrections)
        assert data["url"] == (f"{home}/v{version}" if version < 3 else home)
        assert data["mainEntityOfPage"] == home
        assert (data["dateModified"] > data["datePublished"]) == (version > 1)
        assert page.count("/v1") + page.count("/v2") >= 1
        assert reader.get(f"/monitor/pact/v{version}", headers={
            "If-None-Match": answer.headers["ETag"]
        }).status_code == 304  # fmt: skip
        cited = reader.get(f"/monitor/pact/cite.ris?version={version}").text
        assert (f"UR  - {home}/v{version}" in cited) == (version < 3)
        assert ("Version of " in cited) == (version < 3)
        listed = reader.get(f"/monitor/pact/cite?version={version}").text
        assert (f"cite.bib?version={version}" in listed) == (version < 3)
    newest = reader.get("/monitor/pact")
    assert "X-Robots-Tag" not in newest.headers
    assert newest.text.count("/monitor/pact/v") == 2
    assert "/monitor/pact/v" not in reader.get("/sitemap.xml").text
    for unknown in ("v0", "v4", "v99999999999999999999", "vx", "v", "v-1", "V1", "v1/v1"):
        assert reader.get(f"/monitor/pact/{unknown}").status_code == 404, unknown
    assert reader.get("/monitor/pact/cite?version=4").status_code == 404
    with desk.database.transaction() as session:
        issues.fetch(session, number).state = IssueState.DRAFT
    assert reader.get("/monitor/pact/v1").status_code == 404


@pytest.mark.parametrize(("text", "words"), [("  ", "Say what was wrong"), ("x" * 2001, "2,000")])
def test_a_correction_that_is_none_is_refused(desk: Desk, text: str, words: str) -> None:
    number, editor = published(desk), desk.enter(Role.EDITOR)
    answer = editor.send(f"/desk/issues/{number}/corrections", text=text)
    assert answer.status_code == 422
    assert words in answer.text
    assert text.strip()[:2000] in answer.text
    with desk.database.reading() as session:
        assert issues.errata(session, [number]) == {}


@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.SCHEDULED, IssueState.CANCELLED])
def test_what_nobody_reads_is_changed_and_not_corrected(desk: Desk, state: IssueState) -> None:
    number, editor = published(desk, state), desk.enter(Role.EDITOR)
    place = f"/desk/issues/{number}/corrections"
    assert "<textarea" not in editor.get(place).text
    assert editor.send(place, text=WORDS).status_code == 409


def test_the_mail_of_a_correction_is_for_those_alone_who_received_the_text(desk: Desk) -> None:
    number, editor = published(desk), desk.enter(Role.EDITOR)
    place = f"/desk/issues/{number}/corrections"
    editor.send(place, text=WORDS)
    with desk.database.reading() as session:
        (erratum,) = issues.errata(session, [number])[number]
    tell = f"{place}/{erratum.id}/tell"
    location = editor.send(tell).location
    telling = int(location.partition("?")[0].rsplit("/", 1)[1])
    with desk.database.transaction() as session:
        issue = issues.fetch(session, telling)
        assert issue.subject == "Correction: The Pact"
        assert deliveries.rule_of(session, issue) == Rule(received=number)
        assert deliveries.reach(session, issue).count == 1
        assert "not in &lt;2018&gt;" in issues.words(session, issue, LINKS, NOW).html
        assert "/monitor/pact" in issues.words(session, issue, LINKS, NOW).text
    audience = f"/desk/issues/{telling}/audience"
    assert "received the text that this one corrects" in editor.get(audience).text
    editor.send(audience, kind="rule", received=str(number), languages="en")
    with desk.database.reading() as session:
        rule = deliveries.rule_of(session, issues.fetch(session, telling))
    assert rule == Rule(received=number, languages=("en",))
    assert editor.send(tell).status_code == 409
    assert f"/desk/issues/{telling}" in editor.get(place).text
    with desk.database.transaction() as session:
        session.delete(issues.fetch(session, telling))
    with desk.database.reading() as session:
        assert session.get_one(model.Erratum, erratum.id).told_by_id is None
