"""Licences as data: those that an institute may choose from, and what machines read of one.

The words of a licence for people are in the edition; these are its forms for search engines
(JSON-LD of schema.org) and for HTTP (RFC 8288).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from newsletter.language import say_date, spoken, translations
from newsletter.manuscripts.article import Licence
from newsletter.rendering.body import is_web_or_mail
from newsletter.rendering.edition import Edition, Shown
from newsletter.rendering.permission import Permission


@dataclass(frozen=True, slots=True)
class ManagedLicence:
    """A licence of the managed list, in every language of the house.

    ``reuse`` says whether a ready copy may be offered at all. ``{institute}`` in the terms is the
    institute's name.
    """

    slug: str
    reuse: bool
    name: Mapping[str, str]
    text_terms: Mapping[str, str]
    image_terms: Mapping[str, str]
    url: str = ""

    def in_language(self, language: str, institute: str) -> Licence:
        """Return its words in ``language``, for ``institute``."""
        said = spoken(language)
        return Licence(
            text_terms=self.text_terms[said].replace("{institute}", institute),
            image_terms=self.image_terms[said],
            url=self.url,
            name=self.name[said],
        )


_IMAGES = {
    "en": "Images may not be used without permission.",
    "pl": "Zdjęcia i grafiki nie mogą być wykorzystywane bez zgody.",
}


def _creative_commons(code: str, en: str, pl: str) -> ManagedLicence:
    short = f"CC {code.upper()} 4.0"
    english = f"Creative Commons {en} 4.0 International ({short})"
    polish = f"Creative Commons {pl} 4.0 Międzynarodowe ({short})"
    return ManagedLicence(
        slug=f"cc-{code}-4.0",
        reuse=True,
        name={"en": short, "pl": short},
        text_terms={
            "en": f"The texts of {{institute}} are available under the licence {english}.",
            "pl": f"Teksty, których wydawcą jest {{institute}}, są dostępne na licencji {polish}.",
        },
        image_terms=_IMAGES,
        url=f"https://creativecommons.org/licenses/{code}/4.0/",
    )


MANAGED = (
    ManagedLicence(
        slug="credited",
        reuse=True,
        name={"en": "Free to republish with credit", "pl": "Przedruk z podaniem źródła"},
        text_terms={
            "en": "All texts published by {institute} may be disseminated on the condition that"
            " their origin is credited.",
            "pl": "Wszystkie teksty, których wydawcą jest {institute}, mogą być rozpowszechniane"
            " pod warunkiem podania ich źródła.",
        },
        image_terms=_IMAGES,
    ),
    _creative_commons("by", "Attribution", "Uznanie autorstwa"),
    _creative_commons(
        "by-nd", "Attribution-NoDerivatives", "Uznanie autorstwa-Bez utworów zależnych"
    ),
    _creative_commons(
        "by-nc-nd",
        "Attribution-NonCommercial-NoDerivatives",
        "Uznanie autorstwa-Użycie niekomercyjne-Bez utworów zależnych",
    ),
    ManagedLicence(
        slug="all-rights-reserved",
        reuse=False,
        name={"en": "All rights reserved", "pl": "Wszelkie prawa zastrzeżone"},
        text_terms={
            "en": "All rights reserved. The texts of {institute} may not be republished without"
            " permission.",
            "pl": "Wszelkie prawa zastrzeżone. Teksty, których wydawcą jest {institute}, nie mogą"
            " być przedrukowywane bez zgody.",
        },
        image_terms=_IMAGES,
    ),
)
"""The licences that come with the house."""


def credit_line(edition: Edition, language: str) -> str:
    """Return the line that names the origin of a text: who published it, where and when."""
    _ = translations(language).gettext
    name, institute = edition.masthead.name, edition.masthead.author
    dated = max((each.dated for each in edition.articles if each.dated), default=None)
    facts = [institute if institute != name else "", name]
    facts.append(say_date(dated, language) if dated else "")
    return _("First published by: %(origin)s") % {"origin": ", ".join(filter(None, facts))}


def licence_data(edition: Edition, acquire_url: str = "") -> dict[str, object]:
    """Return the properties of a schema.org Article that say what may be done with it.

    ``acquire_url`` is where one asks for more than the licence allows.
    """
    masthead, licence = edition.masthead, edition.licence
    holder = masthead.author or masthead.name
    years = [each.dated.year for each in edition.articles if each.dated]
    data: dict[str, object] = {
        "license": _terms(licence) if licence else None,
        "copyrightHolder": {"@type": "Organization", "name": holder},
        "copyrightYear": max(years, default=None),
        "copyrightNotice": copyright_notice(edition),
        "creditText": ", ".join(dict.fromkeys((holder, masthead.name))),
        "acquireLicensePage": acquire_url or None,
    }
    return {name: value for name, value in data.items() if value}


def picture_data(
    edition: Edition, shown: Shown, credit: str, acquire_url: str = ""
) -> dict[str, object]:
    """Return a schema.org ImageObject; its licence is its own, never that of the text."""
    permission = Permission.parse(shown.permission)
    is_own = permission.basis == "own"
    licence, holder = edition.licence, edition.masthead.author or edition.masthead.name
    data: dict[str, object] = {
        "@type": "ImageObject",
        "contentUrl": shown.url,
        "width": shown.width,
        "height": shown.height,
        "creditText": credit or (holder if is_own else ""),
        "copyrightNotice": f"© {holder}" if is_own else _holder(permission),
        "license": _open_licence_url(permission),
        "acquireLicensePage": acquire_url if is_own else "",
        "usageInfo": {"@type": "CreativeWork", "text": licence.image_terms}
        if licence and licence.image_terms
        else None,
    }
    return {name: value for name, value in data.items() if value}


def copyright_notice(edition: Edition) -> str:
    """Return “© 2020 Institute of Examples”."""
    years = {str(each.dated.year) for each in edition.articles if each.dated}
    holder = edition.masthead.author or edition.masthead.name
    return " ".join(["©", *([max(years)] if years else []), holder])


def licence_link(licence: Licence | None) -> str:
    """Return the value of a Link header that names the licence; nothing if it has no address."""
    if not licence or not _is_on_the_web(licence.url):
        return ""
    return f'<{quote(licence.url, safe=":/?#[]@!$&()*+,;=%-._~")}>; rel="license"'


def _terms(licence: Licence) -> str | dict[str, str]:
    """Return the address of a licence; where it has none, a work that holds its words."""
    if _is_on_the_web(licence.url):
        return licence.url
    work = {"@type": "CreativeWork", "name": licence.name, "text": licence.text_terms}
    return {name: value for name, value in work.items() if value}


def _holder(permission: Permission) -> str:
    bought = permission.basis in {"licensed", "permission"} and permission.whose
    return f"© {permission.whose}" if bought else ""


def _open_licence_url(permission: Permission) -> str:
    if permission.basis != "licence":
        return ""
    words = permission.whose.lower().replace("cc ", "").replace("cc-", "").split()
    if words[0] == "cc0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    if words[0] == "public":
        return "https://creativecommons.org/publicdomain/mark/1.0/"
    *code, last = [*words, "4.0"] if not words[-1][0].isdigit() else words
    return f"https://creativecommons.org/licenses/{'-'.join(code)}/{last}/"


def _is_on_the_web(url: str) -> bool:
    return is_web_or_mail(url) and not url.startswith("mailto:")
