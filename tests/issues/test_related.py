"""Related issues: on the same subject, the same in mail and page, frozen with the approval."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import issues, model
from newsletter.links import Links
from newsletter.manuscripts import Article
from newsletter.model import Frequency, IssueState

LINKS = Links("https://news.example.org", make.SECRET_KEY)

GAS = Article(
    headline="Gas pipeline to Germany is delayed",
    lead="The pipeline under the Baltic waits for its certificate.",
    body="The regulator in Bonn stopped certification of the pipeline. Gas prices rose. "
    "Storage is lower than in other winters, and the supplier delivers no more than agreed.",
    tags=("energy", "pipeline"),
)
GAS_AGAIN = Article(
    headline="Certificate for the Baltic pipeline",
    lead="The regulator wants a company under German law.",
    body="The supplier founds a company for the pipeline. The regulator in Bonn will look at it. "
    "Until then no gas flows, and storage empties.",
    tags=("energy",),
)
ELECTION = Article(
    headline="Parliament votes on the budget",
    lead="The coalition keeps its majority.",
    body="Members of the opposition left the chamber. The minister of finance defended the deficit "
    "and promised lower taxes for families before the election.",
)
LOCUSTS = Article(
    headline="Locusts in the Horn of Africa",
    lead="A second swarm is bred.",
    body="Farmers lost their millet. Aeroplanes spray from Nairobi, but rain brings new eggs.",
)
RURA = Article(
    headline="Rurociąg bałtycki bez certyfikatu",
    lead="Regulator wstrzymał postępowanie.",
    body="Regulator w Bonn wstrzymał certyfikację rurociągu. Ceny gazu wzrosły. Magazyny są puste.",
    language="pl",
)


def drafted(
    session: Session, article: Article, publication: model.Publication | None = None
) -> model.Issue:
    licence = make.licence(session)
    place = publication or make.publication(session, licence_id=licence.id)
    return issues.draft(session, place, [article], make.NOW)


def published(session: Session, article: Article) -> model.Issue:
    issue = drafted(session, article)
    issues.approve(session, issue, LINKS, make.NOW)
    issue.wall_time, issue.state = "2026-11-23T10:00:00", IssueState.SCHEDULED
    issue.due_at = issue.latest_start = make.NOW + timedelta(hours=1)
    session.flush()
    assert issues.publish(session, issue.id, make.NOW + timedelta(hours=1), batch_size=10)
    return issue


def related(session: Session, issue: model.Issue) -> list[str]:
    return [each.headline for each in issues.edition(session, issue, LINKS, NOW).related]


def test_an_issue_points_to_those_on_its_subject(session: Session) -> None:
    for article in (GAS_AGAIN, ELECTION, LOCUSTS, RURA):
        published(session, article)
    assert related(session, drafted(session, GAS)) == [GAS_AGAIN.headline]


def test_nothing_is_better_than_something_else(session: Session) -> None:
    published(session, ELECTION)
    published(session, LOCUSTS)
    assert related(session, drafted(session, GAS)) == []


def test_a_single_earlier_issue_on_the_subject_is_enough(session: Session) -> None:
    published(session, GAS_AGAIN)
    assert related(session, drafted(session, GAS)) == [GAS_AGAIN.headline]


def test_at_most_three_are_shown_the_nearest_first(session: Session) -> None:
    for number in range(4):
        again = Article(
            headline=f"{GAS_AGAIN.headline} {number}",
            body=GAS_AGAIN.body if number != 1 else GAS.body,
            lead=GAS_AGAIN.lead,
        )
        published(session, again)
    for _ in range(3):
        published(session, LOCUSTS)
    shown = related(session, drafted(session, GAS))
    assert len(shown) == 3
    assert shown[0] == f"{GAS_AGAIN.headline} 1"


@pytest.mark.parametrize("frequency", [Frequency.WEEKLY, Frequency.MONTHLY])
def test_a_digest_is_never_related(session: Session, frequency: Frequency) -> None:
    published(session, GAS_AGAIN).frequency = frequency
    assert related(session, drafted(session, GAS)) == []


@pytest.mark.parametrize("state", [IssueState.APPROVED, IssueState.CANCELLED])
def test_what_is_not_public_is_never_related(session: Session, state: IssueState) -> None:
    published(session, GAS_AGAIN).state = state
    assert related(session, drafted(session, GAS)) == []


def test_the_approved_issue_keeps_what_its_mail_shows(session: Session) -> None:
    first = published(session, GAS_AGAIN)
    issue = drafted(session, GAS)
    issues.approve(session, issue, LINKS, make.NOW)
    published(session, Article(headline="Pipeline, once more", body=GAS.body, lead=GAS.lead))
    assert issue.related == [first.id]
    assert related(session, issue) == [GAS_AGAIN.headline]
    content = session.query(model.Content).filter_by(issue_id=issue.id).one()
    assert "Pipeline, once more" not in content.html
    assert issues.words(session, issue, LINKS, NOW).html == content.html


def test_approving_again_looks_again(session: Session) -> None:
    issue = drafted(session, GAS)
    issues.approve(session, issue, LINKS, make.NOW)
    assert issue.related == []
    later = published(session, GAS_AGAIN)
    issues.approve(session, issue, LINKS, make.NOW)
    assert issue.related == [later.id]


def test_a_new_text_has_its_related_found_anew(session: Session) -> None:
    published(session, GAS_AGAIN)
    issue = drafted(session, GAS)
    issues.approve(session, issue, LINKS, make.NOW)
    issues.revise(session, issue, [LOCUSTS], make.NOW)
    assert issue.related is None
    assert related(session, issue) == []


def test_a_page_does_not_point_to_what_is_gone(session: Session) -> None:
    gone = published(session, GAS_AGAIN)
    issue = published(session, GAS)
    assert related(session, issue) == [GAS_AGAIN.headline]
    gone.state = IssueState.CANCELLED
    assert related(session, issue) == []


def test_an_issue_is_not_related_to_itself(session: Session) -> None:
    issue = published(session, GAS)
    issue.content_hash, issue.state = None, IssueState.PAUSED
    assert related(session, issue) == []
