"""The pulse of a batch: whether the answers speak against us, or a domain has had enough.

A person who does not exist is that person's affair. A policy that refuses (5.7.x), a relay that
closes the door (421) or does not let us in is ours, and going on would make it worse.
"""

from collections import Counter
from collections.abc import Iterator

from newsletter import issues
from newsletter.errors import RelayUnavailable
from newsletter.mail import Outcome, Verdict

UNWELCOME = 10
"""Refusals of us, at least half of all answers, from which a batch is broken off."""
STORM = 5
"""Answers of 450 or 451 for one domain, at least half of its answers, that slow it down."""
PATIENCE = 2
"""Batches in a row that were refused because of us, after which an issue is paused."""
_BUSY = {450, 451}


class Pulse:
    """Counts the answers for one batch."""

    def __init__(self) -> None:
        self.count = 0
        self.words = ""
        self._against_us = 0
        self._shut_out = False
        self._busy: Counter[str] = Counter()
        self._welcome: Counter[str] = Counter()

    def note(self, recipient: str, outcome: Outcome) -> bool:
        """Count an answer; return whether there were too many against us to go on."""
        self.count += 1
        if outcome.verdict is Verdict.SENT:
            if self._busy:
                self._welcome[_domain(recipient)] += 1
            return False
        if is_against_us(outcome):
            self._against_us += 1
            self.words = f"{outcome.code} {outcome.words}".strip()
            return self.is_unwelcome
        if outcome.code in _BUSY:
            self._busy[_domain(recipient)] += 1
        return False

    def unusable(self, trouble: RelayUnavailable) -> None:
        """Note that a relay could not be used at all."""
        if trouble.refuses_us:
            self._shut_out = True
            self.words = trouble.facts.get("said", trouble.message)

    @property
    def is_unwelcome(self) -> bool:
        """Tell whether the answers speak against us, and not against single readers."""
        many = self._against_us >= UNWELCOME and 2 * self._against_us >= self.count
        return many or (self._shut_out and self.count == 0)

    @property
    def against_us(self) -> int:
        """How many answers were refusals of us."""
        return self._against_us

    def storms(self) -> Iterator[tuple[str, int]]:
        """Name the domains that want less, with how many answers each has given."""
        for domain, busy in self._busy.items():
            answers = busy + self._welcome[domain]
            if busy >= STORM and 2 * busy >= answers:
                yield domain, answers


class Strikes:
    """Remembers, for each issue, how many batches in a row were refused because of us."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def reason(self, issue: int, pulse: Pulse) -> str:
        """Count a batch; return why the issue is to be paused, or nothing while it may go on.

        The reason is written as ``issues.obstacle`` does.
        """
        if not pulse.is_unwelcome:
            if pulse.count:
                self._counts.pop(issue, None)
            return ""
        self._counts[issue] += 1
        if self._counts[issue] < PATIENCE:
            return ""
        del self._counts[issue]
        if not pulse.count:
            return issues.obstacle(issues.SHUT_OUT, words=pulse.words)
        facts = {"against_us": pulse.against_us, "count": pulse.count, "words": pulse.words}
        return issues.obstacle(issues.UNWELCOME, **facts)


def is_against_us(outcome: Outcome) -> bool:
    """Tell whether an answer is about us: a policy (5.7.x, RFC 3463 section 3.8), or a 421."""
    status = outcome.words.partition(" ")[0]
    refused = outcome.verdict is Verdict.PERMANENT and status.startswith("5.7.")
    return refused or outcome.code == 421


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
