"""The library: what is said of pictures, where they are shown, how they are found again."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from issues.test_images import picture
from make import NOW
from newsletter import issues, model
from newsletter.errors import NotFound
from newsletter.issues import Doubt, Rights
from newsletter.manuscripts import Article, Picture
from newsletter.model import IssueState

TODAY = NOW.date()
HOUR = timedelta(hours=1)
OURS = Rights("Anna Nowak", "A barge", "own", "archive 12")


def kept(session: Session, width: int, rights: Rights = OURS, **more: str) -> model.Image:
    prepared = issues.prepare_image(picture(size=(width, 30)))
    return issues.keep_image(session, prepared, NOW, rights, **more)


def test_a_picture_has_a_small_form_for_lists(session: Session) -> None:
    image = kept(session, 900)
    small, media_type = issues.fetch_small(session, image.name)
    assert issues.picture_size(small) == (360, 12)
    assert media_type == image.media_type
    image.small = None
    session.flush()
    assert issues.fetch_small(session, image.name)[0] == image.content
    with pytest.raises(NotFound):
        issues.fetch_small(session, "none.png")


def test_the_same_picture_again_fills_in_what_is_not_known(session: Session) -> None:
    first = kept(session, 40, Rights(credit="Anna Nowak"), who="Jan", file_name="ice.png")
    again = kept(session, 40, Rights("Somebody else", "A barge", "own"), who="Eva")
    assert again.id == first.id
    assert (again.credit, again.alt, again.permission) == ("Anna Nowak", "A barge", "own")
    assert (again.who, again.file_name) == ("Jan", "ice.png")


def test_it_is_known_which_issues_show_a_picture(session: Session) -> None:
    lead, inside, unused = (kept(session, width) for width in (40, 41, 42))
    publication = make.publication(session, name="Baltic Monitor")
    body = f"Text.\n\n![A lock](<{inside.name}>)"
    shown = Article("Ice", body, picture=Picture("Anna", lead.name, "A barge"))
    first = issues.draft(session, publication, [shown, Article("Grain", body)], NOW)
    issues.draft(session, publication, [Article("Thaw", body)], NOW)
    uses = {each.name: each.uses for each in issues.library(session)}
    assert uses == {lead.name: 1, inside.name: 2, unused.name: 0}
    assert [issue.subject for issue, _ in issues.issues_with(session, inside)] == ["Thaw", "Ice"]
    issues.revise(session, first, [Article("Ice", "No picture.")], NOW)
    uses = {each.name: each.uses for each in issues.library(session)}
    assert uses == {lead.name: 0, inside.name: 1, unused.name: 0}
    assert len(session.scalars(select(model.ImageUse.article_id)).all()) == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["lock", "barge"]),
        ("ANNA", ["barge"]),
        ("barge archive", ["barge"]),
        ("barge lock", []),
        ("ice.png", ["lock"]),
        ("CC BY", ["lock"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("'; drop table images; --", []),
    ],
)
def test_pictures_are_found_by_what_is_said_of_them(
    session: Session, words: str, found: list[str]
) -> None:
    kept(session, 40, OURS)
    kept(session, 41, Rights("Wikimedia", "A lock", "licence CC BY 4.0"), file_name="Ice.PNG")
    alts = [each.alt.split()[-1] for each in issues.library(session, words=words)]
    assert alts == found


def test_the_library_is_read_page_by_page_and_shows_what_is_unclear(session: Session) -> None:
    images = [kept(session, 40 + number, Rights() if number % 2 else OURS) for number in range(5)]
    first = issues.library(session, limit=3)
    second = issues.library(session, limit=3, before=first[-1].id)
    assert [each.id for each in (*first, *second)] == [image.id for image in reversed(images)]
    assert [each.id for each in issues.library(session, doubt=(Doubt.UNCLEAR, TODAY))] == [
        *(images[3].id, images[1].id)
    ]


def test_rights_are_changed_and_hold_at_once(session: Session) -> None:
    image = kept(session, 40)
    issues.change_rights(session, image, Rights("Eva", "A lock", "licence CC0", ""), NOW)
    found = issues.fetch_shelved(session, image.id)
    assert (found.credit, found.permission, found.source) == ("Eva", "licence CC0", "")
    for number in (0, 99, 2**63, 10**30):
        with pytest.raises(NotFound):
            issues.fetch_shelved(session, number)


def test_a_page_of_the_library_takes_one_statement_and_no_file(session: Session) -> None:
    for number in range(4):
        kept(session, 40 + number)
    session.expire_all()
    seen: list[str] = []
    from sqlalchemy import event

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *facts: seen.append(facts[2]))
    issues.library(session)
    assert len(seen) == 1
    assert "content" not in seen[0].split("FROM")[0]


def test_doubts_about_rights_are_counted_and_listed(session: Session) -> None:
    written = {
        "licensed by Agency until 2026-11-22": Doubt.OVER,
        "own for web until 2026-11-23": Doubt.ENDING,
        "own until 2026-12-23": Doubt.ENDING,
        "own until 2026-12-24": None,
        "unknown for web": Doubt.PUBLISHED,
        "": Doubt.PUBLISHED,
        "own": None,
    }
    images = {
        right: kept(session, 40 + number, Rights("Us", "A lock", right))
        for number, right in enumerate(written)
    }
    for right in written:  # nobody shows these
        kept(session, 80 + len(right), Rights("Us", "A lock", right))
    publication = make.publication(session)
    body = "\n\n".join(f"![A lock](<{image.name}>)" for image in images.values())
    issue = issues.draft(session, publication, [Article("Ice", body)], NOW)
    assert issues.pictures_in_doubt(session, TODAY) == {Doubt.OVER: 1, Doubt.ENDING: 2}
    issue.state, issue.content_hash = IssueState.SENT, "0" * 64
    session.flush()
    assert issues.pictures_in_doubt(session, TODAY) == {
        Doubt.OVER: 1,
        Doubt.ENDING: 2,
        Doubt.PUBLISHED: 2,
    }
    for doubt in (Doubt.OVER, Doubt.ENDING, Doubt.PUBLISHED):
        listed = {each.id for each in issues.library(session, doubt=(doubt, TODAY))}
        assert listed == {images[right].id for right, found in written.items() if found is doubt}
    before = issues.state_of(session, NOW)
    assert issues.state_of(session, NOW + timedelta(days=1)) != before, "one ran out overnight"
    image = images["own"]
    issues.change_rights(session, image, Rights("Us", "A lock", "own"), NOW + timedelta(hours=1))
    assert issues.state_of(session, NOW) == before
    issues.change_rights(session, image, Rights("Us", "A lock", "own for mail"), NOW)
    issues.change_rights(session, image, Rights("Us", "", "own until 2026-11-01"), NOW + HOUR)
    assert issues.state_of(session, NOW) != before
    assert issues.pictures_in_doubt(session, TODAY)[Doubt.OVER] == 2
    issues.change_rights(session, image, Rights("Us", "", "own"), NOW + HOUR)
    assert image.until is None
