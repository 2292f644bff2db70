"""The tables, by subject: columns and constraints, no queries.

Read ``base`` for the kinds of columns, then ``publications``, ``articles``, ``issues``, ``waves``,
``manuscripts``, ``revisions``, ``templates``, ``subscribers``, ``audiences``, ``deliveries``,
``rates``, ``feedback``, ``appeals``, ``donations``, ``editors``, ``domains`` and ``links``. Import
the names from here.
Read ``base`` for the kinds of columns, then ``publications``, ``articles``, ``issues``,
``waves``, ``manuscripts``, ``revisions``, ``templates``, ``subscribers``, ``audiences``,
``deliveries``, ``rates``, ``feedback``, ``donations``, ``editors``, ``domains`` and ``links``.
Import the names from here.
Read ``base`` for the kinds of columns, then ``publications``, ``articles``, ``issues``, ``waves``,
``monthlies``, ``manuscripts``, ``revisions``, ``templates``, ``subscribers``, ``audiences``,
``deliveries``, ``rates``, ``feedback``, ``editors``, ``domains`` and ``links``. Import the names
from here.
"""

from newsletter.model.appeals import (
    Appeal,
    AppealChoice,
    AppealPublication,
    AppealVariant,
    AppealWords,
    LastShown,
    Showing,
)
from newsletter.model.articles import Article, Image, ImageUse
from newsletter.model.audiences import Segment, SubscriberTag, Tag
from newsletter.model.base import Base
from newsletter.model.deliveries import (
    Batch,
    Delivery,
    DeliveryState,
    Reason,
    ReasonKind,
    Waypoint,
)
from newsletter.model.domains import DomainCheck
from newsletter.model.donations import (
    Donation,
    Hook,
    HookKind,
    Movement,
    MovementKind,
    Way,
    WayKind,
)
from newsletter.model.editors import (
    ApiKey,
    Attempt,
    AuditEntry,
    Editor,
    Invitation,
    Passkey,
    RecoveryCode,
    Role,
    SignIn,
)
from newsletter.model.feedback import Click, Goodbye, Link, Reuse, ReuseForm
from newsletter.model.issues import (
    ApprovalStep,
    Content,
    Erratum,
    Issue,
    IssueArticle,
    IssueState,
    StepKind,
    Subject,
)
from newsletter.model.links import LinkCheck
from newsletter.model.manuscripts import Feed, Manuscript
from newsletter.model.monthlies import Monthly
from newsletter.model.publications import Licence, Publication, Tracking
from newsletter.model.rates import Bucket, Pace, Relay, Trial
from newsletter.model.revisions import Revision
from newsletter.model.subscribers import (
    AddressChange,
    Block,
    Challenge,
    Consent,
    Counter,
    Import,
    Search,
    SignUp,
    Subscriber,
    Subscription,
    Suppression,
    Upload,
    UploadState,
)
from newsletter.model.templates import TemplateRevision
from newsletter.model.waves import Embargo, SubjectTest, Variant, Wave, WaveKind, WinnerRule
from newsletter.wishes import Frequency, SubscriptionState, SuppressionReason

__all__ = [
    "AddressChange",
    "ApiKey",
    "Appeal",
    "AppealChoice",
    "AppealPublication",
    "AppealVariant",
    "AppealWords",
    "ApprovalStep",
    "Article",
    "Attempt",
    "AuditEntry",
    "Base",
    "Batch",
    "Block",
    "Bucket",
    "Challenge",
    "Click",
    "Consent",
    "Content",
    "Counter",
    "Delivery",
    "DeliveryState",
    "DomainCheck",
    "Donation",
    "Editor",
    "Embargo",
    "Erratum",
    "Feed",
    "Frequency",
    "Goodbye",
    "Hook",
    "HookKind",
    "Image",
    "ImageUse",
    "Import",
    "Invitation",
    "Issue",
    "IssueArticle",
    "IssueState",
    "LastShown",
    "Licence",
    "Link",
    "LinkCheck",
    "Manuscript",
    "Monthly",
    "Movement",
    "MovementKind",
    "Pace",
    "Passkey",
    "Publication",
    "Reason",
    "ReasonKind",
    "RecoveryCode",
    "Relay",
    "Reuse",
    "ReuseForm",
    "Revision",
    "Role",
    "Search",
    "Segment",
    "Showing",
    "SignIn",
    "SignUp",
    "StepKind",
    "Subject",
    "SubjectTest",
    "Subscriber",
    "SubscriberTag",
    "Subscription",
    "SubscriptionState",
    "Suppression",
    "SuppressionReason",
    "Tag",
    "TemplateRevision",
    "Tracking",
    "Trial",
    "Upload",
    "UploadState",
    "Variant",
    "Wave",
    "WaveKind",
    "Way",
    "WayKind",
    "Waypoint",
    "WinnerRule",
]
