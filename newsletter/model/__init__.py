"""The tables, by subject: columns and constraints, no queries.

Read ``base`` for the kinds of columns, then ``publications``, ``articles``, ``issues``,
``revisions``, ``subscribers``, ``deliveries``, ``rates`` and ``editors``. Import the names from
``subscribers``, ``audiences``, ``deliveries``, ``rates`` and ``editors``. Import the names from
here.
``subscribers``, ``deliveries``, ``rates``, ``editors`` and ``domains``. Import the names from here.
"""

from newsletter.model.articles import Article, Image
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
from newsletter.model.editors import (
    Attempt,
    AuditEntry,
    Editor,
    Invitation,
    Passkey,
    RecoveryCode,
    Role,
    SignIn,
)
from newsletter.model.issues import Content, Issue, IssueArticle, IssueState, Subject
from newsletter.model.publications import Appeal, Licence, Publication
from newsletter.model.rates import Bucket, Pace, Relay
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
from newsletter.wishes import Frequency, SubscriptionState, SuppressionReason

__all__ = [
    "AddressChange",
    "Appeal",
    "Article",
    "Attempt",
    "AuditEntry",
    "Base",
    "Batch",
    "Block",
    "Bucket",
    "Challenge",
    "Consent",
    "Content",
    "Counter",
    "Delivery",
    "DeliveryState",
    "DomainCheck",
    "Editor",
    "Frequency",
    "Image",
    "Import",
    "Invitation",
    "Issue",
    "IssueArticle",
    "IssueState",
    "Licence",
    "Pace",
    "Passkey",
    "Publication",
    "Reason",
    "ReasonKind",
    "RecoveryCode",
    "Relay",
    "Revision",
    "Role",
    "Search",
    "Segment",
    "SignIn",
    "SignUp",
    "Subject",
    "Subscriber",
    "SubscriberTag",
    "Subscription",
    "SubscriptionState",
    "Suppression",
    "SuppressionReason",
    "Tag",
    "Upload",
    "UploadState",
    "Waypoint",
]
