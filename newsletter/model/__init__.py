"""The tables, by subject: columns and constraints, no queries.

Read ``base`` for the kinds of columns, then ``publications``, ``articles``, ``issues``,
``revisions``, ``subscribers``, ``deliveries``, ``rates`` and ``editors``. Import the names from
here.
"""

from newsletter.model.articles import Article, Image, ImageUse
from newsletter.model.base import Base
from newsletter.model.deliveries import Batch, Delivery, DeliveryState
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
    Frequency,
    Import,
    SignUp,
    Subscriber,
    Subscription,
    SubscriptionState,
    Suppression,
    SuppressionReason,
)

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
    "Editor",
    "Frequency",
    "Image",
    "ImageUse",
    "Import",
    "Invitation",
    "Issue",
    "IssueArticle",
    "IssueState",
    "Licence",
    "Pace",
    "Passkey",
    "Publication",
    "RecoveryCode",
    "Relay",
    "Revision",
    "Role",
    "SignIn",
    "SignUp",
    "Subject",
    "Subscriber",
    "Subscription",
    "SubscriptionState",
    "Suppression",
    "SuppressionReason",
]
