"""The settings, on the first day and later."""

from sqlalchemy.orm import Session

import make
from newsletter import model
from newsletter.domains import PublicKey, Sender, ask_for_look, examine, keep_look
from newsletter.language import keep_words

RECORD = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA" * 8

TERMS = (
    "All texts published by the Baltic Institute may be disseminated on the condition that their"
    " origin is credited."
)


def home(session: Session) -> str:
    publications(session)
    return "/desk/settings"


def publications_empty(session: Session) -> str:
    return "/desk/settings/publications"


def publications(session: Session) -> str:
    """Make three publications, one of which lacks something."""
    licence = make.licence(session, text_terms=TERMS)
    appeal = make.appeal(session)
    for name, slug, accent, language in (
        ("Baltic Monitor", "baltic-monitor", "#8a1c2b", "en"),
        ("Przegląd Wschodni", "przeglad-wschodni", "#1c4f8a", "pl"),
        ("Energy Weekly", "energy-weekly", "#d9a400", "en"),
    ):
        make.publication(
            session,
            name=name,
            slug=slug,
            accent=accent,
            language=language,
            author_name="Baltic Institute",
            author_address=f"{slug}@baltic-institute.example",
            licence_id=None if language == "pl" else licence.id,
            appeal_id=appeal.id,
            description="What happens around the sea, and what it means for its shores.",
            postal_address="" if language == "pl" else "Baltic Institute\nHarbour 1\n80-001 Gdańsk",
        )
    return "/desk/settings/publications"


def publication(session: Session) -> str:
    publications(session)
    yellow = session.query(model.Publication).filter_by(slug="energy-weekly").one()
    return f"/desk/settings/publications/{yellow.id}"


def licences(session: Session) -> str:
    publications(session)
    make.licence(session, name="CC BY 4.0", text_terms=TERMS)
    return "/desk/settings/licences"


def licence(session: Session) -> str:
    """Show the words of a licence, in one language more."""
    polish = {"text_terms": "Teksty wolno przedrukować z podaniem źródła."}
    kept = make.licence(session, name="CC BY 4.0", text_terms=TERMS, translations={"pl": polish})
    return f"/desk/settings/licences/{kept.id}"


def domains(session: Session) -> str:
    """Make one domain where all is well, one in trouble and one that is being looked at."""
    publications(session)
    for address in ("monitor@example.org", "weekly@waiting.example.org"):
        make.publication(session, author_address=address)
    troubled = Sender(
        "baltic-institute.example",
        "mail.baltic-institute.example",
        ("relay.example.net",),
        (PublicKey("n1", "n1._domainkey.baltic-institute.example", RECORD, signs=True),),
    )
    keep_look(session, troubled.domain, examine(troubled, lambda name, kind: ()), make.NOW)
    good = {
        ("example.org", "TXT"): ("v=spf1 include:relay.example.net -all",),
        ("_dmarc.example.org", "TXT"): ("v=DMARC1; p=quarantine",),
        ("example.org", "MX"): ("10 mail.example.org.",),
        ("n1._domainkey.example.org", "TXT"): (RECORD,),
    }
    well = Sender(
        "example.org",
        "example.org",
        (),
        (PublicKey("n1", "n1._domainkey.example.org", RECORD, signs=True),),
    )
    keep_look(session, "example.org", examine(well, lambda *key: good.get(key, ())), make.NOW)
    ask_for_look(session, "waiting.example.org", make.NOW)
    return "/desk/settings/domains"


def relays(session: Session) -> str:
    """Make a trial that the relay did not let in; the local one has another port in tests."""
    publications(session)
    for name in ("127.0.0.1:25", "127.0.0.1:2525"):
        make.relay(session, name=name)
        make.trial(
            session,
            relay=name,
            began_at=make.NOW,
            ended_at=make.NOW,
            steps={
                "connect": "220 relay.example.net ESMTP",
                "encrypt": "TLSv1.3, TLS_AES_256_GCM_SHA384",
            },
            trouble=keep_words(
                "The relay %(relay)s does not let us in: %(said)s. Check the user and the password",
                {"relay": name, "said": "535 5.7.8 Authentication failed"},
            ),
        )
    return "/desk/settings/relays"


def keys_empty(session: Session) -> str:
    return "/desk/settings/keys"


def keys(session: Session) -> str:
    """Make keys of every kind: used, never used, revoked."""
    make.api_key(session, name="Old form", revoked_at=make.NOW, who="Olga Owner")
    scopes = ["subscriptions", "figures"]
    used = make.NOW.date()
    make.api_key(session, name="Form on our site", scopes=scopes, used_on=used, who="Olga Owner")
    make.api_key(session, name="Yearly report", scopes=["figures"], who="Jan Writer")
    return "/desk/settings/keys"


def key_revoke(session: Session) -> str:
    return f"/desk/settings/keys/{make.api_key(session).id}/revoke"


SCENES = {
    "keys-empty": keys_empty,
    "keys": keys,
    "key-revoke": key_revoke,
    "home": home,
    "publications-empty": publications_empty,
    "publications": publications,
    "publication": publication,
    "licences": licences,
    "licence": licence,
    "domains": domains,
    "relays": relays,
}
