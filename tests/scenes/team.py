"""The team and one's own account: who is in, who is invited, the ways in, and the trail."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

import make
from newsletter import model
from newsletter.desk import Action, Actor, note, sign_ins, team
from newsletter.model import Role

OLGA = Actor(None, "Olga Owner")
BROWSERS = ("Firefox, Windows", "Safari, iOS", "Chrome, Linux")


def alone(session: Session) -> str:
    return "/desk/team"


def full(session: Session) -> str:
    """Make a team of every role, of which one has no password yet, and invitations."""
    now = datetime.now(UTC)
    jan = make.editor(session, name="Jan Writer", role=Role.WRITER)
    sign_ins.begin(session, jan, now - timedelta(days=2), origin="198.51.100.0/24")
    long = make.editor(
        session,
        name="Aleksandra Konstantynopolitańczykowianeczka",
        address="aleksandra.konstantynopolitanczykowianeczka@institute.example",
    )
    team.reset(session, long, now, actor=OLGA)
    make.editor(session, name="Ewa Editor", password_hash="x", totp_secret="A" * 32)
    for address, role in (
        ("piotr@institute.example", Role.WRITER),
        ("ola@example.org", Role.OWNER),
    ):
        team.invite(session, address, role, now, actor=OLGA)
    return "/desk/team"


def one(session: Session) -> str:
    jan = make.editor(session, name="Jan Writer", role=Role.WRITER, password_hash="x")
    return f"/desk/team/{jan.id}"


def invite(session: Session) -> str:
    return "/desk/team/invite"


def join(session: Session) -> str:
    """Follow the link of an invitation."""
    token = team.invite(
        session, "jan@institute.example", Role.WRITER, datetime.now(UTC), actor=OLGA
    )
    return f"/desk/join/{token}"


def account(session: Session) -> str:
    """Sign the owner in here and there, with two passkeys and codes."""
    now = datetime.now(UTC)
    olga = session.query(model.Editor).one()
    olga.password_hash, olga.totp_secret = "x", "A" * 32
    for ago, program in enumerate(BROWSERS, 1):
        at = now - timedelta(hours=ago)
        sign_ins.begin(session, olga, at, origin="203.0.113.0/24", program=program)
    for name in ("My laptop", "The key on the ring of the institute’s front door"):
        make.passkey(session, editor_id=olga.id, name=name)
    return "/desk/account"


def account_bare(session: Session) -> str:
    return "/desk/account"


def codes(session: Session) -> str:
    return "/desk/account/codes"


def trail(session: Session) -> str:
    """Fill the trail with one line of each kind, of several people."""
    now = datetime.now(UTC)
    people = [OLGA, Actor(None, "Jan Writer", "198.51.100.0/24"), Actor(None, "Ewa Editor")]
    for number, action in enumerate(Action):
        about = "Harbours Prepare for a Winter Without Ice" if number % 3 else ""
        at = now - timedelta(hours=90 - number)
        note(session, people[number % 3], action, at, about)
    return "/desk/trail"


SCENES = {
    "alone": alone,
    "full": full,
    "one": one,
    "invite": invite,
    "join": join,
    "account": account,
    "account-bare": account_bare,
    "codes": codes,
    "trail": trail,
}
