"""What editors do to subscribers: each act, what it leaves in the trail, and what is refused."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

import make
from newsletter import model, subscriptions
from newsletter.config import Settings
from newsletter.links import Links
from newsletter.model import Role, SubscriptionState, SuppressionReason
from web.desk.conftest import Browser, Desk
from web.desk.test_subscribers import set_scene


@pytest.fixture
def editor(desk: Desk) -> Browser:
    return desk.enter(Role.EDITOR)


@pytest.fixture
def reader(desk: Desk) -> model.Subscription:
    with desk.database.transaction() as session:
        wish = make.subscription(session)
        session.get_one(model.Subscriber, wish.subscriber_id).address = "anna@one.example"
        session.flush()
        session.expunge(wish)
        return wish


def trail(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.reading() as session:
        rows = select(model.AuditEntry.action, model.AuditEntry.about).order_by(model.AuditEntry.id)
        return [(action, about) for action, about in session.execute(rows)]


def work_off(desk: Desk, settings: Settings) -> None:
    links = Links(settings.base_url, settings.secret_key)
    with desk.database.transaction() as session:
        key = settings.secret_key
        subscriptions.work_off(session, datetime.now(UTC), links, secret_key=key)


def notices(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list(session.scalars(select(model.Content.variant).order_by(model.Content.id)))


def test_a_newcomer_is_asked_by_mail_unless_the_editor_vouches(
    desk: Desk, editor: Browser, settings: Settings
) -> None:
    with desk.database.transaction() as session:
        number = str(make.publication(session, slug="monitor").id)
    given = {"address": "Jan@One.example", "name": "Jan", "publication": number, "how": "ask"}
    answer = editor.send("/desk/subscribers/new", **given)
    assert answer.headers["Location"] == "/desk/subscribers?done=subscriber-asked"
    work_off(desk, settings)
    assert notices(desk) == ["confirm"]
    page = editor.get("/desk/subscribers/1").text
    assert "Not confirmed" in page
    assert "desk" in page
    vouched = given | {"how": "vouch", "source": "Asked me in Gdańsk", "language": "pl"}
    answer = editor.send("/desk/subscribers/new", **vouched)
    assert answer.headers["Location"] == "/desk/subscribers/1?done=subscriber-added"
    page = editor.get("/desk/subscribers/1").text
    assert "Was added by hand" in page
    assert "Asked me in Gdańsk" in page
    assert trail(desk) == [("subscriber-asked", "monitor"), ("subscriber-added", "1: monitor")]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"address": "jan@"}, "This is not an e-mail address"),
        ({"address": "barred@one.example", "how": "vouch"}, "This address is suppressed"),
        ({"publication": "99"}, "Choose a publication."),
        ({"publication": ""}, "Choose a publication."),
        ({"how": "vouch", "source": " "}, "Say when and where this person agreed."),
    ],
)
def test_what_is_wrong_with_a_newcomer_is_said_and_nothing_typed_is_lost(
    desk: Desk, editor: Browser, wrong: dict[str, str], words: str
) -> None:
    with desk.database.transaction() as session:
        number = str(make.publication(session).id)
        make.suppression(session, "barred@one.example")
    given = {"address": "jan@one.example", "name": "Jan", "publication": number, "source": "Gdańsk"}
    answer = editor.send("/desk/subscribers/new", **(given | {"how": "ask"} | wrong))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Jan"' in answer.text
    assert trail(desk) == []


def test_name_and_language_are_corrected(
    desk: Desk, editor: Browser, reader: model.Subscription
) -> None:
    path = f"/desk/subscribers/{reader.subscriber_id}"
    form = editor.send(f"{path}/correct", name=" Anna  Nowak ", language="polish please")
    assert form.status_code == 422
    assert "two or three letters" in form.text
    assert 'value="Anna  Nowak"' in form.text
    for _ in range(2):
        answer = editor.send(f"{path}/correct", name="Anna  Nowak", language="pl")
        assert answer.headers["Location"] == f"{path}?done=subscriber-corrected"
    assert "Anna Nowak" in editor.get(path).text
    assert trail(desk) == [("subscriber-corrected", f"{reader.subscriber_id}: name, language")]


def test_tags_are_put_on_and_taken_off(
    desk: Desk, editor: Browser, reader: model.Subscription
) -> None:
    path = f"/desk/subscribers/{reader.subscriber_id}"
    assert "No tag yet" in editor.get(path).text
    for _ in range(2):
        answer = editor.send(f"{path}/tags", tag="  The  PRESS ")
        assert answer.headers["Location"] == f"{path}?done=subscriber-tagged"
    page = editor.get(f"{path}?done=subscriber-tagged").text
    assert "The tag is put on." in page
    assert 'aria-label="Take off the tag the press"' in page
    editor.send(f"{path}/tags", tag="<b>ice</b>")
    assert "<bdi>&lt;b&gt;ice&lt;/b&gt;</bdi>" in editor.get(path).text
    for _ in range(2):
        answer = editor.send(f"{path}/tags/remove", tag="the press")
        assert answer.headers["Location"] == f"{path}?done=subscriber-untagged"
    editor.send(f"{path}/tags/remove", tag="none, such")
    with desk.database.reading() as session:
        assert subscriptions.tags_of(session, reader.subscriber_id) == ["<b>ice</b>"]
    who = reader.subscriber_id
    assert trail(desk) == [
        ("subscriber-tagged", f"{who}: the press"),
        ("subscriber-tagged", f"{who}: <b>ice</b>"),
        ("subscriber-untagged", f"{who}: the press"),
    ]


@pytest.mark.parametrize("typed", ["", "  ", "x" * 41, "one, two", "a\x07b"])
def test_what_is_no_tag_is_said_beside_the_field_and_kept(
    desk: Desk, editor: Browser, reader: model.Subscription, typed: str
) -> None:
    answer = editor.send(f"/desk/subscribers/{reader.subscriber_id}/tags", tag=typed)
    assert answer.status_code == (303 if "\x07" in typed else 422)
    if answer.status_code == 422:
        assert answer.text.count("A tag is a word or two") == 2
        assert f'value="{typed.strip()}"' in answer.text
    assert editor.send("/desk/subscribers/999/tags", tag="press").status_code == 404


def test_a_subscription_is_ended_after_a_question(
    desk: Desk, editor: Browser, reader: model.Subscription
) -> None:
    path = f"/desk/subscribers/subscriptions/{reader.id}/end"
    assert "End the subscription of" in editor.get(path).text
    assert editor.send(path).status_code == 303
    with desk.database.reading() as session:
        wish = session.get_one(model.Subscription, reader.id)
        assert wish.state is SubscriptionState.UNSUBSCRIBED
        line = session.scalars(select(model.Consent)).one()
        assert (line.action, line.form) == ("left", "desk")
    assert trail(desk)[0][0] == "subscription-ended"
    assert notices(desk) == [], "an editor says so; no letter does"
    assert editor.get("/desk/subscribers/subscriptions/99/end").status_code == 404


def test_the_link_to_their_own_page_goes_to_the_person_so_often_a_day(
    desk: Desk, editor: Browser, reader: model.Subscription
) -> None:
    path = f"/desk/subscribers/{reader.subscriber_id}"
    for _ in range(3):
        assert editor.send(f"{path}/link").headers["Location"] == f"{path}?done=link-sent"
    assert notices(desk) == ["manage"] * 3
    answer = editor.send(f"{path}/link")
    assert answer.status_code == 429
    assert "Try again tomorrow" in answer.text
    assert trail(desk) == [("manage-link-sent", str(reader.subscriber_id))] * 3
    assert editor.send("/desk/subscribers/99/link").status_code == 404


def test_a_person_is_suppressed_and_let_go_again(
    desk: Desk, editor: Browser, reader: model.Subscription
) -> None:
    path = f"/desk/subscribers/{reader.subscriber_id}"
    assert "Suppress this address?" in editor.get(f"{path}/suppress").text
    assert editor.send(f"{path}/suppress", words="Asked by letter").status_code == 303
    page = editor.get(path).text
    assert "No mail goes to this address." in page
    assert "Asked by letter" in page
    assert "Send the link" not in page
    again = editor.send(f"{path}/suppress")
    assert (again.status_code, "already" in again.text) == (409, True)
    answer = editor.send("/desk/subscribers/suppressed/1/lift", **{"from": "person"})
    assert answer.headers["Location"] == f"{path}?done=lifted"
    assert "No mail goes to this address." not in editor.get(path).text
    number = str(reader.subscriber_id)
    assert trail(desk) == [("suppressed", number), ("suppression-lifted", number)]


def test_an_address_is_suppressed_on_the_list_and_stands_in_no_trail(
    desk: Desk, editor: Browser
) -> None:
    path = "/desk/subscribers/suppressed"
    assert "Nobody is suppressed." in editor.get(path).text
    for words, status in (("eve@one.example", 303), ("eve@one.example", 409), ("eve@", 422)):
        answer = editor.send(path, address=words, words="Spam")
        assert answer.status_code == status, words
        if status != 303:
            assert f'value="{words}"' in answer.text
    page = editor.get(path).text
    assert "known by a keyed mark only" in page
    assert "eve@" not in page
    with desk.database.transaction() as session:
        complaint = make.suppression(session, "x@one.example", reason=SuppressionReason.COMPLAINT)
        number = complaint.id
    assert editor.send(f"{path}/{number}/lift").status_code == 409
    assert editor.send(f"{path}/99/lift").status_code == 404
    assert editor.send(f"{path}/1/lift").status_code == 303
    assert trail(desk) == [("suppressed", ""), ("suppression-lifted", "")]


def test_sign_ups_are_blocked_and_counted(desk: Desk, editor: Browser) -> None:
    path = "/desk/subscribers/blocked"
    with desk.database.transaction() as session:
        make.counter(session, name="sign-up-honeypot", day=datetime.now(UTC).date(), count=12)
    page = editor.get(path).text
    assert "Nothing is blocked." in page
    assert "Filled in by robots" in page
    for pattern in ("@spam.example", "192.0.2.77", "eve@one.example"):
        assert editor.send(path, pattern=pattern, words="Robots").status_code == 303
    assert "192.0.2.0/24" in editor.get(path).text
    for pattern, status in (("@spam.example", 409), ("nonsense", 422)):
        answer = editor.send(path, pattern=pattern)
        assert (answer.status_code, pattern in answer.text) == (status, True)
    assert editor.send(f"{path}/remove", pattern="@spam.example").status_code == 303
    assert "@spam.example" not in editor.get(path).text.split('name="pattern"')[-1]
    assert editor.send(f"{path}/remove", pattern="@spam.example").status_code == 404
    assert trail(desk) == [
        *(("blocked", "@spam.example"), ("blocked", "192.0.2.0/24"), ("blocked", "")),
        ("unblocked", "@spam.example"),
    ]


def test_an_owner_erases_a_person_after_being_told_what_goes(desk: Desk) -> None:
    path = set_scene(desk, "person")
    owner = desk.enter(Role.OWNER)
    page = owner.get(f"{path}/erase").text
    for words in ("anna.kowalska@institute.example.org", "2 subscriptions", "cannot be undone"):
        assert words in page
    assert owner.send(f"{path}/erase").headers["Location"] == "/desk/subscribers?done=erased"
    assert owner.get(path).status_code == 404
    assert owner.send(f"{path}/erase").status_code == 404
    assert trail(desk) == [("subscriber-erased", "1")]


def test_an_editor_neither_erases_nor_takes_out(desk: Desk, editor: Browser) -> None:
    path = set_scene(desk, "person")
    page = editor.get(path).text
    assert "Erase" not in page
    assert editor.get(f"{path}/erase").status_code == 403
    assert editor.send(f"{path}/everything").status_code == 403
