"""Appeals: none, one of every standing, one with variants, its forms, its preview, its numbers."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

import make
from newsletter import model, support
from newsletter.model import IssueState
from newsletter.support import Terms, Wording
from scenes.preview import article, draft

TEXT = (
    "Our analyses are free for everyone to read, because some who can pay for them do. Twenty euros"
    " pay for one."
)
TEKST = (
    "Nasze analizy każdy czyta bezpłatnie, bo płacą za nie ci, którzy mogą. Dwadzieścia euro to"
    " koszt jednej."
)


def monitors(session: Session) -> list[model.Publication]:
    """Make a publication in English and one in Polish."""
    facts = {"donate_url": "https://institute.example/donate", "author_name": "Baltic Institute"}
    return [
        make.publication(
            session, name=name, slug=slug, language=language, accent=accent, kicker=name, **facts
        )
        for name, slug, language, accent in (
            ("Baltic Monitor", "baltic-monitor", "en", "#8a1c2b"),
            ("Przegląd Wschodni", "przeglad-wschodni", "pl", "#1c4f8a"),
        )
    ]


def autumn(session: Session) -> model.Appeal:
    """Make an appeal in three variants and two languages, with a goal that is half reached."""
    today = datetime.now(UTC).date()
    places = [each.id for each in monitors(session)]
    terms = Terms(
        name="Autumn appeal",
        language="en",
        publications=tuple(places),
        placement="share 0.5",
        starts_on=today - timedelta(days=40),
        ends_on=today + timedelta(days=20),
        goal=support.parse_amount("12000"),
        goal_currency="EUR",
        goal_until=today + timedelta(days=20),
        every=3,
        rest_days=14,
        silent_days=90,
    )
    made = support.add_appeal(session, terms, Wording("Support us", TEXT, "Support our work"))
    (first,) = support.sayings(session, [made.id])[made.id]
    polish = Wording("Wesprzyj nas", TEKST, "Wspieram")
    support.put_words(session, first.variant, "pl", polish)
    short = Wording("One question", "Would you pay for the next one?", "Yes, I would")
    support.add_variant(session, made, "B", 1, {"en": short, "pl": polish})
    support.add_variant(session, made, "C, with a sum", 2, {"en": short})
    make.donation(
        session,
        publication_id=places[0],
        appeal_id=made.id,
        amount=581_000,
        recorded_at=datetime.now(UTC) - timedelta(days=3),
    )
    return made


def empty(session: Session) -> str:
    monitors(session)
    return "/desk/appeals"


def full(session: Session) -> str:
    """Make appeals of every standing."""
    autumn(session)
    today = datetime.now(UTC).date()
    words = Wording("Support us", TEXT, "Support our work")
    made = [
        support.add_appeal(session, terms, words)
        for terms in (
            Terms("Winter fund", "en", for_all=True, starts_on=today + timedelta(days=30)),
            Terms("Spring 2026", "en", for_all=True, ends_on=today - timedelta(days=90)),
            Terms("The usual one", "en", for_all=True),
            Terms("An idea", "en"),
            Terms("Switched off", "en", for_all=True),
        )
    ]
    (said,) = support.sayings(session, [made[-1].id])[made[-1].id]
    said.variant.is_on = False
    session.flush()
    return "/desk/appeals"


def wordless(session: Session) -> str:
    """Make an appeal without any variant, as no form makes one."""
    places = monitors(session)
    made = make.appeal(session, publication_id=places[0].id, name="Nothing said")
    (row,) = session.query(model.AppealVariant).filter_by(appeal_id=made.id)
    session.delete(row)
    session.flush()
    return f"/desk/appeals/{made.id}"


def met(session: Session) -> str:
    """Make an appeal whose goal is reached."""
    made = autumn(session)
    publication = session.query(model.Publication).first()
    assert publication is not None
    make.donation(session, publication_id=publication.id, appeal_id=made.id, amount=700_000)
    return f"/desk/appeals/{made.id}"


def variant(session: Session) -> str:
    made = autumn(session)
    number = support.sayings(session, [made.id])[made.id][1].variant.id
    return f"/desk/appeals/{made.id}/variants/{number}"


def preview(session: Session) -> str:
    return f"/desk/appeals/{autumn(session).id}/preview?show=web&language=pl&scheme=dark"


def of_issue(session: Session) -> str:
    """Make an issue that has one variant of an appeal, in another place."""
    made = autumn(session)
    issue = draft(session, article(session))
    session.query(model.Publication).filter_by(id=issue.publication_id).one().slug = "third"
    variant = support.sayings(session, [made.id])[made.id][1].variant.id
    make.appeal_choice(
        session,
        issue_id=issue.id,
        is_shown=True,
        appeal_id=made.id,
        variant_id=variant,
        placement="end",
    )
    return f"/desk/issues/{issue.id}/appeal"


def brought(session: Session, gifts: tuple[int, ...] = (31, 66, 24)) -> model.Appeal:
    """Make issues that left with an appeal, and what came of its variants."""
    made, now = autumn(session), datetime.now(UTC).replace(second=0, microsecond=0)
    monitor = session.query(model.Publication).filter_by(slug="baltic-monitor").one()
    variants = [each.variant.id for each in support.sayings(session, [made.id])[made.id]]
    for week in range(3):
        began = now - timedelta(days=1 + 7 * week)
        issue = make.issue(
            session,
            publication_id=monitor.id,
            state=IssueState.SENT,
            subject=("Harbours Prepare for a Winter", "Locks and Tides", "The Ice Is Late")[week],
            content_hash="0" * 64,
            published_at=began,
            finished_at=began + timedelta(minutes=40),
            audience={"frozen": 12_480},
        )
        make.batch(session, issue_id=issue.id, last_delivery=12_480, due_at=None, sent=12_480)
        make.waypoint(session, issue_id=issue.id, at=began + timedelta(minutes=40), sent=12_480)
        for place, number in enumerate(variants):
            sent = (3_118, 3_140, 6_222)[place]
            make.showing(session, issue_id=issue.id, variant_id=number, sent=sent)
            count = (41, 58, 83)[place] - 3 * week
            make.click(session, issue.id, variant=number, count=count)
            for each in range(gifts[place] // 3):
                make.donation(
                    session,
                    publication_id=monitor.id,
                    issue_id=issue.id,
                    appeal_id=made.id,
                    appeal_variant_id=number,
                    amount=(20, 50, 20, 100, 10)[each % 5] * 100,
                    currency="PLN" if each % 7 == 6 else "EUR",
                )
    return made


def numbers(session: Session) -> str:
    return f"/desk/reports/appeals/{brought(session).id}"


def few(session: Session) -> str:
    return f"/desk/reports/appeals/{brought(session, (3, 6, 3)).id}"


def in_report(session: Session) -> str:
    brought(session)
    return "/desk/issues/1/report"


SCENES = {
    "empty": empty,
    "full": full,
    "wordless": wordless,
    "met": met,
    "variant": variant,
    "preview": preview,
    "of-issue": of_issue,
    "numbers": numbers,
    "few": few,
    "in-report": in_report,
}
