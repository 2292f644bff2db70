"""How many would get an issue: counted where they are few, estimated where they are many."""

from importlib import import_module

import pytest
from sqlalchemy.orm import Session

import make
from newsletter import deliveries, model
from newsletter.deliveries.reach import Reach, rounded


def drafted(session: Session, readers: int) -> model.Issue:
    """Make an issue with readers, and as many who are not to get it."""
    issue = make.issue(session)
    for _ in range(readers):
        make.subscription(session, publication_id=issue.publication_id)
        make.subscription(
            session, publication_id=issue.publication_id, state=model.SubscriptionState.PENDING
        )
    return issue


def test_few_are_counted(session: Session) -> None:
    issue = drafted(session, readers=5)
    gone = make.subscriber(session, "gone@example.org")
    make.subscription(session, publication_id=issue.publication_id, subscriber_id=gone.id)
    make.suppression(session, "gone@example.org")
    assert deliveries.reach(session, issue) == Reach(5)


def test_nobody_is_nobody(session: Session) -> None:
    assert deliveries.reach(session, make.issue(session)) == Reach(0)


def test_many_are_estimated_from_blocks_of_keys(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = drafted(session, readers=60)
    for name, size in {"COUNTED": 50, "BLOCKS": 6, "BLOCK": 10}.items():
        monkeypatch.setattr(import_module("newsletter.deliveries.reach"), name, size)
    assert deliveries.reach(session, issue) == Reach(60, is_estimated=True)


@pytest.mark.parametrize(
    ("count", "said"), [(0, 0), (999, 999), (1_004, 1_000), (12_480, 12_500), (998_765, 999_000)]
)
def test_an_estimate_says_no_more_than_it_knows(count: int, said: int) -> None:
    assert rounded(count) == said
