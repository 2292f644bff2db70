"""Templates of the desk: which holds for whom, revisions, and what was approved stays as it was."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import issues, model, rendering
from newsletter.errors import Conflict, Invalid, NotFound, Outdated
from newsletter.issues import templates
from newsletter.issues.templates import Place
from newsletter.links import Links
from newsletter.manuscripts import Article, Picture
from newsletter.rendering import PIECES, SHIPPED
from newsletter.subscriptions import letters

LINKS = Links("https://monitor.example.org", SECRET_KEY)
WELCOME, FOOT = PIECES["welcome"], PIECES["foot"]
EVERYWHERE = Place()


def save(
    session: Session,
    place: Place = EVERYWHERE,
    piece: rendering.Piece = WELCOME,
    base: int = 0,
    **sources: str,
) -> bool:
    whole = {**templates.around(session, piece, place), **sources}
    return templates.save(session, piece, place, whole, NOW, None, base=base)


def subject(session: Session, publication: model.Publication, language: str = "en") -> str | None:
    own = templates.overrides(session, publication.id, language)
    return own.get(WELCOME.files["subject"])


def test_the_nearest_template_holds(session: Session) -> None:
    here, there = make.publication(session), make.publication(session)
    assert templates.overrides(session, here.id, "en") == SHIPPED
    for words, place in (
        ("all\n", EVERYWHERE),
        ("all, Polish\n", Place(language="pl")),
        ("here\n", Place(here.id)),
        ("here, Polish\n", Place(here.id, "pl")),
    ):
        assert save(session, place, subject=words)
    assert (subject(session, here), subject(session, here, "pl-PL")) == ("here\n", "here, Polish\n")
    assert (subject(session, there), subject(session, there, "pl")) == ("all\n", "all, Polish\n")
    assert subject(session, there, "de") == "all\n"
    assert save(session, Place(here.id, "pl"), base=1, subject="here\n")
    assert subject(session, here, "pl") == "here\n"


def test_what_is_as_around_follows_what_changes_there(session: Session) -> None:
    here = make.publication(session)
    place = Place(here.id)
    save(session, EVERYWHERE, subject="all\n")
    text = WELCOME.shipped()["text"].replace("{% block words %}", "{% block words %}Thanks. ")
    assert save(session, place, text=text)
    newest = templates.latest(session, WELCOME, place)
    assert newest is not None
    assert newest.sources == {"text": text}
    save(session, EVERYWHERE, base=1, subject="all of you\n")
    assert subject(session, here) == "all of you\n"
    sources = templates.sources_of(session, WELCOME, place, newest)
    assert (sources["subject"], sources["text"]) == ("all of you\n", text)


def test_each_save_is_a_revision_and_any_can_be_brought_back(session: Session) -> None:
    here = make.publication(session)
    place, editor = Place(here.id), make.editor(session, name="Olga")
    for number, words in enumerate(("one\n", "two\n")):
        given = {**templates.around(session, WELCOME, place), "subject": words}
        now = NOW + timedelta(minutes=number)
        assert templates.save(session, WELCOME, place, given, now, editor, base=number)
        assert not templates.save(session, WELCOME, place, given, now, editor, base=number + 1)
    found = templates.history(session, WELCOME, place)
    assert [(each.number, each.sources["subject"], each.who) for each in found] == [
        (2, "two\n", "Olga"),
        (1, "one\n", "Olga"),
    ]
    old = templates.fetch_revision(session, WELCOME, place, 1)
    whole = templates.sources_of(session, WELCOME, place, old)
    assert templates.save(session, WELCOME, place, whole, NOW, editor, base=2)
    assert subject(session, here) == "one\n"
    shipped = templates.around(session, WELCOME, place)
    assert templates.save(session, WELCOME, place, shipped, NOW, editor, base=3)
    assert templates.overrides(session, here.id, "en") == SHIPPED
    newest = templates.latest(session, WELCOME, place)
    assert newest is not None
    assert (newest.number, newest.sources) == (4, {})
    assert templates.written(session, "en") == []
    with pytest.raises(NotFound):
        templates.fetch_revision(session, WELCOME, place, 9)


def test_two_who_write_at_once_do_not_overwrite_each_other(session: Session) -> None:
    here = make.publication(session)
    for place in (EVERYWHERE, Place(here.id)):
        save(session, place, subject=f"for {place.publication}\n")
        with pytest.raises(Outdated):
            save(session, place, subject="other\n")
        with pytest.raises(IntegrityError), session.begin_nested():
            make.template_revision(session, publication_id=place.publication, number=1)


@pytest.mark.parametrize("place", [Place(99), Place(language="sv"), Place(language="EN")])
def test_there_is_no_place_that_nobody_reads(session: Session, place: Place) -> None:
    with pytest.raises(NotFound):
        save(session, place, subject="a\n")


def test_a_template_that_cannot_be_used_is_not_kept(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        save(session, html="<p>{{ gone }}</p>\n")
    assert [fault.line for fault in refused.value.faults] == [1]  # type: ignore[attr-defined]
    assert templates.latest(session, WELCOME, EVERYWHERE) is None


def test_what_an_update_broke_is_left_out_and_told(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    person = make.subscriber(session, language="en")
    monitor = make.publication(session, name="Baltic Monitor")
    broken = {"subject": "Hello {{ a_variable_of_old }}\n"}
    make.template_revision(session, sources=broken)
    make.template_revision(session, piece="a-mail-of-old", sources=broken)
    letters.send_welcome(session, person, monitor, 1, LINKS, NOW)
    sent = session.scalars(select(model.Content)).one()
    assert sent.subject == "Welcome to Baltic Monitor"
    (line,) = caplog.messages
    assert line.startswith(f"event=template-left-out mail=welcome publication={monitor.id} ")
    (told,) = templates.written(session, "en")
    assert told.piece is WELCOME
    assert told.faults[0].message == "There is no “a_variable_of_old” here."


def test_a_notice_is_made_with_the_template_of_its_readers_language(session: Session) -> None:
    monitor = make.publication(session, name="Baltic Monitor")
    save(session, Place(monitor.id, "pl"), subject="{{ masthead.name }}: dzień dobry\n")
    for language in ("en", "pl"):
        person = make.subscriber(session, language=language)
        letters.send_welcome(session, person, monitor, 1, LINKS, NOW)
    subjects = session.scalars(select(model.Content.subject).order_by(model.Content.id)).all()
    assert subjects == ["Welcome to Baltic Monitor", "Baltic Monitor: dzień dobry"]


def issue_of(session: Session, monitor: model.Publication) -> model.Issue:
    picture = make.image(session)
    article = Article(
        "Ice in March", "It came late.", picture=Picture("Own", picture.name, "Ice"), lead="Late."
    )
    return issues.draft(session, monitor, [article], NOW)


THANKS: Mapping[str, str] = {
    "html": FOOT.shipped()["html"].replace("<div", "<p>Thank you for reading.</p>\n<div", 1),
    "text": "\nThank you for reading.\n" + FOOT.shipped()["text"],
}


def test_an_issue_gets_it_until_it_is_approved_and_keeps_what_was_approved(
    session: Session,
) -> None:
    monitor = make.publication(session, licence_id=make.licence(session).id)
    issue = issue_of(session, monitor)
    seen = issues.proof(session, issue, LINKS, NOW).content_hash
    save(session, Place(monitor.id), FOOT, html=THANKS["html"], text=THANKS["text"])
    with pytest.raises(Conflict):  # what was read is not what would leave now
        issues.approve(session, issue, LINKS, NOW, seen=seen)
    proven = issues.proof(session, issue, LINKS, NOW)
    assert "Thank you for reading." in proven.content.html
    assert "Thank you for reading." in proven.content.text
    issues.approve(session, issue, LINKS, NOW, seen=proven.content_hash)
    frozen = issues.words(session, issue, LINKS, NOW)
    other = {side: words.replace("Thank", "Bless") for side, words in THANKS.items()}
    save(session, Place(monitor.id), FOOT, base=1, html=other["html"], text=other["text"])
    assert issues.words(session, issue, LINKS, NOW) == frozen
    assert "Thank you for reading." in frozen.html
    assert issue.content_hash == proven.content_hash
    issues.send_now(session, issue, NOW)
    contents = session.scalars(select(model.Content).where(model.Content.issue_id == issue.id))
    assert [(each.html, each.text) for each in contents] == [(frozen.html, frozen.text)]


def test_the_desk_is_asked_once_for_however_many_issues(session: Session) -> None:
    monitors = [make.publication(session) for _ in range(3)]
    made = [issue_of(session, monitor) for monitor in monitors]
    save(session, Place(monitors[1].id), FOOT, html=THANKS["html"], text=THANKS["text"])
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if "template_revisions" in statement:
            statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    gathered = issues.editions(session, made, LINKS, NOW)
    event.remove(engine, "before_cursor_execute", note)
    assert [bool(each.overrides) for each in gathered] == [False, True, False]
    assert len(statements) == 1


def test_a_look_shows_the_newest_issue_or_a_specimen(session: Session) -> None:
    assert issues.look(session, FOOT, EVERYWHERE, THANKS, "issue", LINKS, NOW) is None
    monitor = make.publication(session, name="Baltic Monitor")
    seen = issues.look(session, FOOT, EVERYWHERE, THANKS, "issue", LINKS, NOW)
    assert seen is not None
    assert seen.issue is None
    assert "Thank you for reading." in seen.words.html
    issue = issue_of(session, monitor)
    seen = issues.look(session, FOOT, Place(monitor.id), THANKS, "issue", LINKS, NOW)
    assert seen is not None
    assert seen.issue is issue
    assert "Ice in March" in seen.words.html
    assert "Thank you for reading." in seen.words.text
