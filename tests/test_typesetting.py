"""A page becomes a PDF, or it is said why not; nothing is fetched, and nothing takes for ever."""

import pytest

from newsletter import typesetting
from newsletter.errors import NotTypeset
from newsletter.typesetting import typeset


@pytest.mark.usefixtures("typesetter")
@pytest.mark.parametrize(
    "element",
    [
        '<img src="file:///etc/passwd" alt="">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/style.css">',
    ],
)
def test_nothing_is_fetched_from_the_web_or_from_files(element: str) -> None:
    with pytest.raises(NotTypeset, match="is not one of its pictures"):
        typeset(f"<title>x</title><p>Words</p>{element}", {})


@pytest.mark.usefixtures("typesetter")
def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(NotTypeset, match="longer than"):
        typeset("<p>Words", {}, seconds=0.05)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for cached in (typesetting.lacking, typesetting.engine):
        cached.cache_clear()
    monkeypatch.setattr(typesetting, "find_spec", lambda name: None)
    monkeypatch.setattr(typesetting, "find_library", lambda name: None)
    assert typesetting.lacking() == ("weasyprint", "pango-1.0", "pangoft2-1.0")
    assert typesetting.engine() == ""
    with pytest.raises(NotTypeset, match="weasyprint, pango"):
        typeset("<p>Words", {})
    for cached in (typesetting.lacking, typesetting.engine):
        cached.cache_clear()
