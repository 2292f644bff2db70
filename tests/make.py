"""Rows for tests: ``make.subscriber(session, address="anna@example.org")``.

Plain functions with defaults that fit together; every column can be named. What is made is flushed,
so that it has its number. What a row points to is made too where it is not given.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from newsletter import addresses
from newsletter.links import key_of
from newsletter.model import (
    AddressChange,
    ApiKey,
    Appeal,
    AppealChoice,
    AppealPublication,
    AppealVariant,
    AppealWords,
    ApprovalStep,
    Article,
    Attempt,
    AuditEntry,
    Base,
    Batch,
    Block,
    Bucket,
    Challenge,
    Click,
    Consent,
    Content,
    Counter,
    Delivery,
    DeliveryState,
    DomainCheck,
    Donation,
    Editor,
    Embargo,
    Erratum,
    Feed,
    Goodbye,
    Hook,
    HookKind,
    Image,
    ImageUse,
    Import,
    Invitation,
    Issue,
    IssueArticle,
    LastShown,
    Licence,
    Link,
    LinkCheck,
    Manuscript,
    Monthly,
    Movement,
    MovementKind,
    Pace,
    Passkey,
    Publication,
    Reason,
    ReasonKind,
    RecoveryCode,
    Relay,
    Reuse,
    ReuseForm,
    Revision,
    Role,
    Search,
    Segment,
    Showing,
    SignIn,
    SignUp,
    StepKind,
    Subject,
    SubjectTest,
    Subscriber,
    SubscriberTag,
    Subscription,
    SubscriptionState,
    Suppression,
    SuppressionReason,
    Tag,
    TemplateRevision,
    Trial,
    Upload,
    Wave,
    WaveKind,
    Way,
    WayKind,
    Waypoint,
    WinnerRule,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""The moment at which tests happen: a Monday, 10:00 in Warsaw."""

SECRET_KEY = "a secret of the tests, long enough"

_Row = TypeVar("_Row", bound=Base)
_numbers = count(1)


def link_check(session: Session, url: str = "https://example.org/", **columns: Any) -> LinkCheck:
    """Make a link that was looked at and is answered."""
    moments = {"asked_at": NOW, "checked_at": NOW}
    columns.setdefault("digest", sha256(url.encode()).digest())
    return _kept(session, LinkCheck, columns, url=url, **moments)


def licence(session: Session, **columns: Any) -> Licence:
    number = next(_numbers)
    return _kept(
        session,
        Licence,
        columns,
        slug=f"licence-{number}",
        name="Free to republish",
        text_terms="This text may be republished with credit to the institute and a link.",
        image_terms="Images are not included.",
        url="https://example.org/licence",
    )


def appeal(session: Session, **columns: Any) -> Appeal:
    """Make an appeal in one variant, in English, for the ``publication_id`` if there is one.

    ``title``, ``text``, ``button`` and ``destination`` are the words of that variant.
    """
    words = {name: columns.pop(name) for name in _WORDS if name in columns}
    publication_id = columns.pop("publication_id", None)
    made = _kept(session, Appeal, columns, name=f"Appeal {next(_numbers)}", language="en")
    if publication_id is not None:
        appeal_publication(session, appeal_id=made.id, publication_id=publication_id)
    appeal_words(session, variant_id=appeal_variant(session, appeal_id=made.id).id, **words)
    return made


_WORDS = ("title", "text", "button", "destination")


def appeal_publication(session: Session, **columns: Any) -> AppealPublication:
    _point(columns, "appeal_id", lambda: appeal(session))
    _point(columns, "publication_id", lambda: publication(session))
    return _kept(session, AppealPublication, columns)


def appeal_variant(session: Session, **columns: Any) -> AppealVariant:
    """Make a variant of an appeal that has no words yet."""
    _point(columns, "appeal_id", lambda: appeal(session))
    return _kept(session, AppealVariant, columns, name="A")


def appeal_words(session: Session, **columns: Any) -> AppealWords:
    _point(columns, "variant_id", lambda: appeal_variant(session))
    columns.setdefault("language", "en")
    return _kept(
        session,
        AppealWords,
        columns,
        title="Support us",
        text="Our analyses are free to read because readers pay for them.",
        button="Donate",
        destination="https://example.org/donate",
    )


def appeal_choice(session: Session, **columns: Any) -> AppealChoice:
    """Make the choice of no appeal for an issue."""
    _point(columns, "issue_id", lambda: issue(session))
    columns.setdefault("is_shown", False)
    return _kept(session, AppealChoice, columns)


def showing(session: Session, **columns: Any) -> Showing:
    _point(columns, "issue_id", lambda: issue(session))
    _point(columns, "variant_id", lambda: appeal_variant(session))
    return _kept(session, Showing, columns)


def last_shown(session: Session, **columns: Any) -> LastShown:
    _point(columns, "subscription_id", lambda: subscription(session))
    _point(columns, "issue_id", lambda: issue(session))
    return _kept(session, LastShown, columns)


def publication(session: Session, **columns: Any) -> Publication:
    number = next(_numbers)
    appeal_id = columns.pop("appeal_id", None)
    made = _kept(
        session,
        Publication,
        columns,
        slug=f"monitor-{number}",
        name=f"Monitor {number}",
        kicker=f"MONITOR {number}",
        language="en",
        zone="Europe/Warsaw",
        author_name="The Institute",
        author_address="monitor@example.org",
        created_at=NOW,
        postal_address="The Institute, Example Street 1, Warsaw",
    )
    if appeal_id is not None:
        appeal_publication(session, appeal_id=appeal_id, publication_id=made.id)
    return made


def article(session: Session, **columns: Any) -> Article:
    number = next(_numbers)
    _point(columns, "publication_id", lambda: publication(session))
    headline = columns.setdefault("headline", f"Headline {number}")
    return _kept(
        session,
        Article,
        columns,
        slug=f"headline-{number}",
        dated=date(2026, 11, 23),
        language="en",
        source=f"---\nheadline: {headline}\ndate: 2026-11-23\n---\n\nThe first paragraph.\n",
        created_at=NOW,
        changed_at=NOW,
    )


def image(session: Session, **columns: Any) -> Image:
    number = next(_numbers)
    return _kept(
        session,
        Image,
        columns,
        name=f"{number:064x}.png",
        media_type="image/png",
        width=1,
        height=1,
        content=b"",
        created_at=NOW,
        credit="The Institute",
    )


def image_use(session: Session, **columns: Any) -> ImageUse:
    _point(columns, "image_id", lambda: image(session))
    _point(columns, "article_id", lambda: article(session))
    return _kept(session, ImageUse, columns)


def issue(session: Session, *articles: Article, **columns: Any) -> Issue:
    """Make a draft of ``articles``, in the publication of the first."""
    number = next(_numbers)
    if articles:
        columns.setdefault("publication_id", articles[0].publication_id)
    _point(columns, "publication_id", lambda: publication(session))
    made = _kept(
        session,
        Issue,
        columns,
        slug=f"issue-{number}",
        subject=f"Issue {number}",
        created_at=NOW,
    )
    for position, one in enumerate(articles):
        session.add(IssueArticle(issue_id=made.id, position=position, article_id=one.id))
    session.flush()
    return made


def approval_step(session: Session, **columns: Any) -> ApprovalStep:
    _point(columns, "issue_id", lambda: issue(session))
    columns.setdefault("kind", StepKind.COMMENTED)
    return _kept(session, ApprovalStep, columns, at=NOW)


def revision(session: Session, **columns: Any) -> Revision:
    """Make the text that an issue had at its second version."""
    _point(columns, "issue_id", lambda: issue(session))
    facts = {"number": 2, "subject": "A subject", "began_at": NOW, "at": NOW}
    source = "---\nheadline: A headline\n---\n\nWords.\n"
    return _kept(session, Revision, columns, articles=[source], **facts)


def api_key(session: Session, **columns: Any) -> ApiKey:
    """Make a key that nobody has."""
    number = next(_numbers)
    columns.setdefault("digest", sha256(str(number).encode()).digest())
    facts = {"name": f"Form {number}", "hint": f"nlk_{number:06}", "created_at": NOW}
    return _kept(session, ApiKey, columns, scopes=["subscriptions"], **facts)


def template_revision(session: Session, **columns: Any) -> TemplateRevision:
    """Make the first words of a subject that an editor wrote anew for all publications."""
    columns.setdefault("sources", {"subject": "Welcome, and thank you\n"})
    return _kept(session, TemplateRevision, columns, piece="welcome", number=1, at=NOW)


def subject(session: Session, issue_id: int, **columns: Any) -> Subject:
    return _kept(session, Subject, columns, issue_id=issue_id, term="straits", weight=1.0)


def subject_test(session: Session, **columns: Any) -> SubjectTest:
    """Make a second subject that a fifth of the readers tries for four hours."""
    _point(columns, "issue_id", lambda: issue(session))
    facts = {"share": 20, "wait": 240, "rule": WinnerRule.CLICKS}
    return _kept(session, SubjectTest, columns, subject="Another subject", **facts)


def embargo(session: Session, **columns: Any) -> Embargo:
    """Make an embargo of two hours, until ten in Warsaw."""
    _point(columns, "issue_id", lambda: issue(session))
    _point(columns, "segment_id", lambda: segment(session))
    facts = {"wall_time": "2026-11-23T10:00:00", "zone": "Europe/Warsaw", "ends_at": NOW}
    return _kept(session, Embargo, columns, lead=120, **facts)


def wave(session: Session, **columns: Any) -> Wave:
    """Make the wave of all who get an issue last."""
    _point(columns, "issue_id", lambda: issue(session))
    columns.setdefault("number", WaveKind.REST.value)
    return _kept(session, Wave, columns, content_id=None, frozen=1, due_at=NOW)


def content(session: Session, **columns: Any) -> Content:
    """Make the frozen words of a mail; of no issue, like a confirmation, where none is named."""
    if issue_id := columns.get("issue_id"):
        columns.setdefault("publication_id", session.get_one(Issue, issue_id).publication_id)
    _point(columns, "publication_id", lambda: publication(session))
    return _kept(
        session,
        Content,
        columns,
        issue_id=None,
        variant="en",
        language="en",
        subject="A subject",
        html="<!doctype html><title>A subject</title><p>Words.</p>",
        text="Words.\n",
    )


def attempt(session: Session, **columns: Any) -> Attempt:
    return _kept(session, Attempt, columns, key="network:a hash", failures=1, last_at=NOW)


def audit_entry(session: Session, **columns: Any) -> AuditEntry:
    return _kept(session, AuditEntry, columns, at=NOW, action="signed-in")


def invitation(session: Session, **columns: Any) -> Invitation:
    later = NOW + timedelta(days=7)
    facts = {"role": Role.WRITER, "created_at": NOW, "ends_at": later}
    return _kept(session, Invitation, columns, digest=_digest(), **facts)


def passkey(session: Session, **columns: Any) -> Passkey:
    _point(columns, "editor_id", lambda: editor(session))
    keys = {"credential": _digest(), "public_key": b"a key", "sign_count": 0}
    return _kept(session, Passkey, columns, name="A phone", created_at=NOW, **keys)


def recovery_code(session: Session, **columns: Any) -> RecoveryCode:
    _point(columns, "editor_id", lambda: editor(session))
    return _kept(session, RecoveryCode, columns, digest=_digest())


def sign_in(session: Session, **columns: Any) -> SignIn:
    _point(columns, "editor_id", lambda: editor(session))
    moments = {"began_at": NOW, "seen_at": NOW, "proven_at": NOW}
    return _kept(session, SignIn, columns, digest=_digest(), **moments)


def subscriber(
    session: Session,
    address: str | None = None,
    *,
    secret_key: str = SECRET_KEY,
    **columns: Any,
) -> Subscriber:
    address = address or f"reader-{next(_numbers)}@example.org"
    return _kept(
        session,
        Subscriber,
        columns,
        address=address,
        digest=addresses.digest(address, secret_key),
        language="en",
        created_at=NOW,
    )


def subscription(session: Session, **columns: Any) -> Subscription:
    """Make an active subscription."""
    _point(columns, "subscriber_id", lambda: subscriber(session))
    _point(columns, "publication_id", lambda: publication(session))
    return _kept(session, Subscription, columns, state=SubscriptionState.ACTIVE, changed_at=NOW)


def tag(session: Session, **columns: Any) -> Tag:
    return _kept(session, Tag, columns, name=f"tag-{next(_numbers)}")


def subscriber_tag(session: Session, **columns: Any) -> SubscriberTag:
    _point(columns, "subscriber_id", lambda: subscriber(session))
    _point(columns, "tag_id", lambda: tag(session))
    return _kept(session, SubscriberTag, columns)


def segment(session: Session, **columns: Any) -> Segment:
    """Make a segment of those who read Polish."""
    _point(columns, "publication_id", lambda: publication(session))
    moments = {"created_at": NOW, "changed_at": NOW}
    number = next(_numbers)
    rule = {"languages": ["pl"]}
    return _kept(session, Segment, columns, name=f"Segment {number}", rule=rule, **moments)


def consent(session: Session, **columns: Any) -> Consent:
    _point(columns, "subscriber_id", lambda: subscriber(session))
    _point(columns, "publication_id", lambda: publication(session))
    return _kept(session, Consent, columns, action="confirmed", form="page", at=NOW)


def suppression(session: Session, address: str, **columns: Any) -> Suppression:
    return _kept(
        session,
        Suppression,
        columns,
        digest=addresses.digest(address, SECRET_KEY),
        reason=SuppressionReason.HARD_BOUNCE,
        at=NOW,
    )


def sign_up(session: Session, **columns: Any) -> SignUp:
    """Make a form that came in and waits."""
    address = columns.setdefault("address", f"reader-{next(_numbers)}@example.org")
    return _kept(
        session,
        SignUp,
        columns,
        digest=addresses.digest(address, SECRET_KEY),
        publications=[],
        language="en",
        form="page",
        at=NOW,
    )


def address_change(session: Session, **columns: Any) -> AddressChange:
    _point(columns, "subscriber_id", lambda: subscriber(session))
    _point(columns, "newcomer_id", lambda: subscriber(session))
    return _kept(session, AddressChange, columns, asked_at=NOW)


def block(session: Session, **columns: Any) -> Block:
    return _kept(session, Block, columns, pattern=f"@{next(_numbers)}.example.org", at=NOW)


def challenge(session: Session, **columns: Any) -> Challenge:
    return _kept(session, Challenge, columns, key=f"{next(_numbers):032x}", ends_at=NOW)


def import_(session: Session, **columns: Any) -> Import:
    digest = next(_numbers).to_bytes(32, "big")
    return _kept(session, Import, columns, digest=digest, began_at=NOW)


def search(session: Session, **columns: Any) -> Search:
    _point(columns, "editor_id", lambda: editor(session))
    return _kept(session, Search, columns, id=next(_numbers), words="anna", at=NOW)


def upload(session: Session, **columns: Any) -> Upload:
    _point(columns, "editor_id", lambda: editor(session))
    moments = {"at": NOW, "changed_at": NOW}
    return _kept(session, Upload, columns, name="people.csv", size=100, **moments)


def counter(session: Session, **columns: Any) -> Counter:
    defaults = {"name": "sign-up", "day": NOW.date(), "count": 1}
    return _kept(session, Counter, columns, **defaults)


def delivery(session: Session, **columns: Any) -> Delivery:
    """Make a queued mail, due now."""
    _point(columns, "content_id", lambda: content(session, issue_id=columns.get("issue_id")))
    _point(columns, "subscriber_id", lambda: subscriber(session))
    return _kept(
        session,
        Delivery,
        columns,
        issue_id=None,
        state=DeliveryState.QUEUED,
        due_at=NOW,
    )


def batch(session: Session, **columns: Any) -> Batch:
    _point(columns, "issue_id", lambda: issue(session))
    return _kept(session, Batch, columns, number=0, first_delivery=1, last_delivery=1, due_at=NOW)


def reason(session: Session, **columns: Any) -> Reason:
    _point(columns, "issue_id", lambda: issue(session))
    facts = {"kind": ReasonKind.DEFERRED, "domain": f"{next(_numbers)}.example.org"}
    return _kept(session, Reason, columns, words="450 4.7.1 Come back later", count=1, **facts)


def link(session: Session, issue_id: int, url: str, **columns: Any) -> Link:
    return _kept(session, Link, columns, issue_id=issue_id, key=key_of(url), url=url, number=1)


def click(session: Session, issue_id: int, url: str = "", **columns: Any) -> Click:
    """Make an hour's clicks on a link of an issue, or on that of its appeal."""
    facts = {"hour": NOW, "variant": 0, "count": 1, "minute": 0, "in_minute": 1, "peak": 1}
    key = key_of(url) if url else 0
    return _kept(session, Click, columns, issue_id=issue_id, key=key, **facts)


def goodbye(session: Session, issue_id: int, **columns: Any) -> Goodbye:
    return _kept(session, Goodbye, columns, issue_id=issue_id, day=NOW.date(), count=1)


def way(session: Session, **columns: Any) -> Way:
    """Make a bank account; the number is one that banks give as an example."""
    facts = {"holder": "Institute of Examples", "iban": "DE89370400440532013000"}
    return _kept(
        session,
        Way,
        columns,
        kind=WayKind.TRANSFER,
        title="By bank transfer",
        currency="EUR",
        **facts,
    )


def monthly(session: Session, **columns: Any) -> Monthly:
    _point(columns, "issue_id", lambda: issue(session))
    of = session.get_one(Issue, columns["issue_id"]).publication_id
    facts = {"publication_id": of, "month": date(2026, 10, 1), "sources": [of], "made_at": NOW}
    return _kept(session, Monthly, columns, **facts, texts=[], left_out=[])


def erratum(session: Session, **columns: Any) -> Erratum:
    _point(columns, "issue_id", lambda: issue(session))
    return _kept(session, Erratum, columns, at=NOW, text="The pact was signed in 2019.")


def donation(session: Session, **columns: Any) -> Donation:
    """Make a gift of 50 euros."""
    _point(columns, "publication_id", lambda: publication(session))
    facts = {"source": "bank", "reference": f"tx-{next(_numbers)}", "given_on": NOW.date()}
    money = {"amount": 5_000, "currency": "EUR"}
    return _kept(session, Donation, columns, recorded_at=NOW, **facts, **money)


def hook(session: Session, **columns: Any) -> Hook:
    """Make a hook for a service that signs in our own manner, with the secret "nlh_secret"."""
    _point(columns, "publication_id", lambda: publication(session))
    facts = {"kind": HookKind.SIGNED, "source": f"Service {next(_numbers)}"}
    return _kept(session, Hook, columns, secret="nlh_secret", created_at=NOW, **facts)


def movement(session: Session, **columns: Any) -> Movement:
    number = next(_numbers)
    names = {"source": "Stripe", "event": f"evt_{number}", "payment": f"pi_{number}"}
    money = {"units": 5_000, "currency": "EUR"}
    moments = {"at": NOW, "since": NOW}
    return _kept(session, Movement, columns, kind=MovementKind.PAID, **names, **money, **moments)


def reuse(session: Session, issue_id: int, **columns: Any) -> Reuse:
    form = columns.pop("form", ReuseForm.PAGE)
    return _kept(session, Reuse, columns, issue_id=issue_id, form=form, day=NOW.date(), count=1)


def waypoint(session: Session, **columns: Any) -> Waypoint:
    _point(columns, "issue_id", lambda: issue(session))
    sums = {"sent": 0, "refused": 0, "skipped": 0, "unknown": 0}
    return _kept(session, Waypoint, columns, at=NOW, **sums)


def editor(session: Session, **columns: Any) -> Editor:
    number = next(_numbers)
    return _kept(
        session,
        Editor,
        columns,
        address=f"editor-{number}@example.org",
        name=f"Editor {number}",
        role=Role.EDITOR,
        created_at=NOW,
    )


def manuscript(session: Session, **columns: Any) -> Manuscript:
    _point(columns, "editor_id", lambda: editor(session))
    return _kept(
        session,
        Manuscript,
        columns,
        created_at=NOW,
        name="ice.txt",
        content=b"Ice Leaves\n\nIt went at night.\n\nA barge came.\n",
    )


def feed(session: Session, **columns: Any) -> Feed:
    url = f"https://institute.example/feed-{next(_numbers)}"
    return _kept(session, Feed, columns, url=url, title="The Institute", used_at=NOW)


def domain_check(session: Session, **columns: Any) -> DomainCheck:
    return _kept(session, DomainCheck, columns, domain="example.org")


def relay(session: Session, **columns: Any) -> Relay:
    return _kept(session, Relay, columns, name=f"relay-{next(_numbers)}")


def trial(session: Session, **columns: Any) -> Trial:
    _point(columns, "publication_id", lambda: publication(session))
    defaults = {"relay": "main", "address": "olga@example.org", "language": "en", "asked_at": NOW}
    return _kept(session, Trial, columns, **defaults)


def bucket(session: Session, **columns: Any) -> Bucket:
    key = f"relay:relay-{next(_numbers)} s"
    return _kept(session, Bucket, columns, key=key, spent=1.0, changed_at=NOW)


def pace(session: Session, **columns: Any) -> Pace:
    key = f"domain:{next(_numbers)}.example.org"
    defaults = {"key": key, "per_second": 5.0, "ceiling": 10.0, "changed_at": NOW}
    return _kept(session, Pace, columns, **defaults)


def _digest() -> bytes:
    return sha256(str(next(_numbers)).encode()).digest()


def _kept(session: Session, kind: type[_Row], columns: dict[str, Any], /, **defaults: Any) -> _Row:
    """Add a row of ``columns``, and of ``defaults`` where they are silent."""
    row = kind(**(defaults | columns))
    session.add(row)
    session.flush()
    return row


def _point(columns: dict[str, Any], name: str, made: Callable[[], Any]) -> None:
    """Make the row that ``name`` points to, unless the column is given."""
    if name not in columns:
        columns[name] = made().id
