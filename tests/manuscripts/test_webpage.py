import base64
from datetime import date

import pytest

import documents
from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import APPEAL_SLOT, Part, Picture, assemble, read, recognise

ADDRESS = "https://river.example/2020/ice"
PROSE = (
    "<p>The first barge came at noon, with a load of sand. <a href='/log'>The log</a> has it.</p>"
    "<h2>What next</h2><p>The second came at <em>dusk</em>, and it carried nothing at all.</p>"
)
PAGE = f"""<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8">
<title>Ice Leaves the Upper Locks | River Office</title>
<meta property="og:site_name" content="River Office">
<script type="application/ld+json">
{{"@context": "https://schema.org", "@graph": [{{"@type": "WebSite"}}, {{"@type": ["Article"],
"headline": "Ice Leaves the Upper Locks", "datePublished": "2020-03-31T08:00:00+02:00",
"author": [{{"@type": "Person", "name": "Anna Nowak"}}]}}]}}
</script><script>track()</script></head>
<body class="post"><a class="skip-link" href="#main">Skip</a>
<header class="site-header"><h1>River Office</h1><nav><ul><li>Home<li>About</ul></nav></header>
<main id="main"><article>
<span class="post-category">River Monitor</span><h1>Ice Leaves the Upper Locks</h1>
<div class="meta"><time datetime="2020-03-31">31 March 2020</time> | by
<a rel="author" href="/anna">Anna Nowak</a></div>
<div class="share-buttons"><a href="https://social.example/?u=x">Share</a></div>
<p class="lead">The ice went out in one night.</p>
<figure><img src="/lock.jpg" alt="A lock"><figcaption>A lock. Photo: Jan Kos</figcaption></figure>
<img src="/dot.gif" width="1" height="1">
<div class="entry-content">{PROSE}
<section class="newsletter-support"><h3>Support Us</h3><p>We live on gifts.</p>
<a class="button" href="/give">Support</a></section>
<p>The third came late in the night and did not leave again for a week.</p>
<p>{documents.LICENCE}</p></div>
<div class="related-posts"><h3>Related posts</h3><ul><li>One<li>Two</ul></div>
</article><aside class="sidebar"><p>Get our letter, once a week, in your mailbox.</p></aside></main>
<div id="cookie-consent"><p>We use cookies to make this site better for everyone.</p></div>
<footer><p>River Office, 1 Harbour Street. All rights reserved.</p></footer></body></html>"""


def test_a_page_is_read_whole_and_its_furniture_stays_outside() -> None:
    recognised = recognise(PAGE.encode(), url=ADDRESS)
    article = assemble(recognised.findings, recognised.given)
    assert article.headline == "Ice Leaves the Upper Locks"
    assert (article.kicker, article.dated) == ("River Monitor", date(2020, 3, 31))
    assert (article.authors, article.language) == (("Anna Nowak",), "en")
    assert article.lead == "The ice went out in one night."
    assert article.picture == Picture(
        "A lock. Photo: Jan Kos", "https://river.example/lock.jpg", "A lock"
    )
    assert article.body.split("\n\n") == [
        "The first barge came at noon, with a load of sand."
        " [The log](https://river.example/log) has it.",
        "## What next",
        "The second came at *dusk*, and it carried nothing at all.",
        APPEAL_SLOT,
        "The third came late in the night and did not leave again for a week.",
    ]
    assert article.appeal
    assert article.appeal.button == "Support"
    assert article.licence


def test_each_piece_of_furniture_is_a_passage_that_can_be_brought_back() -> None:
    findings = recognise(PAGE.encode(), url=ADDRESS).findings
    furniture = [finding.text for finding in findings if finding.part is Part.FURNITURE]
    assert furniture == [
        *("Skip", "River Office Home About", "| by", "Share", "Related posts One Two"),
        "Get our letter, once a week, in your mailbox.",
        "We use cookies to make this site better for everyone.",
        "River Office, 1 Harbour Street. All rights reserved.",
    ]


def test_a_file_of_html_is_a_manuscript_too() -> None:
    article = read(PAGE.encode(), "ice.html").article
    assert article.headline == "Ice Leaves the Upper Locks"
    assert article.picture == Picture("A lock. Photo: Jan Kos", "", "A lock")
    assert "[The log]" not in article.body


@pytest.mark.parametrize(
    "page",
    [
        f"<title>Ice Leaves – River Office</title><h1>Ice Leaves</h1>{PROSE}",
        f"<div><div><h1>Ice Leaves</h1></div><div><div>{PROSE}</div></div></div>",
        f"<h1>Ice Leaves</h1><table><tr><td>{PROSE}</table>",
        f"<article><header><h1>Ice Leaves</h1></header>{PROSE}</article>",
        f"<form><h1>Ice Leaves</h1>{PROSE}</form>",
        f"<h2>Ice Leaves</h2>{PROSE}",
        f"<body class='sidebar'><div class='banner'><h1>Ice Leaves</h1></div>{PROSE}",
    ],
)
def test_an_article_is_found_however_a_page_is_built(page: str) -> None:
    article = read(f"<!doctype html><html>{page}".encode()).article
    assert article.headline == "Ice Leaves"
    said = f"{article.lead} {article.body}"
    assert "The first barge" in said
    assert said.endswith(
        "## What next\n\nThe second came at *dusk*, and it carried nothing at all."
    )


def test_words_in_other_directions_and_with_marks_are_kept() -> None:
    words = "שלום עולם، مرحبا بالعالم. Zażo\u0301łc\u0301 gęślą jaźń. नमस्ते दुनिया।"
    page = f"<html lang='he' dir='rtl'><h1>שלום</h1><p>One lead.</p><p>{words}</p>"
    article = read(page.encode(), "a.html").article
    assert (article.headline, article.language) == ("שלום", "he")
    assert article.body == "שלום עולם، مرحبا بالعالم. Zażółć gęślą jaźń. नमस्ते दुनिया।"


def test_what_word_puts_on_the_clipboard_keeps_its_links_and_its_notes() -> None:
    written = (
        "<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style><!-- p.MsoNormal"
        " {margin:0} --></style></head><body lang=EN-GB><!--StartFragment--><h1>The ice leaves<o:p>"
        "</o:p></h1><p class=MsoNormal><b>It left early.<o:p></o:p></b></p><p class=MsoNormal>The"
        " <a href='https://example.org/bay'><span style='color:blue'>bay</span></a> is open.<a"
        " style='mso-footnote-id:ftn1' href='#_ftn1' name='_ftnref1'><![if !supportFootnotes]>"
        "<span class=MsoFootnoteReference>[1]</span><![endif]></a> Ships come.</p><div"
        " style='mso-element:footnote-list'><hr><div style='mso-element:footnote' id=ftn1><p"
        " class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href='#_ftnref1' name='_ftn1'>"
        "<span>[1]</span></a> Harbour office, May.</p></div></div><!--EndFragment--></body></html>"
    )
    found = recognise(written.encode(), "text.html", charset="utf-8").findings
    assert [(each.part, each.markdown) for each in found] == [
        (Part.HEADLINE, "## The ice leaves"),
        (Part.LEAD, "**It left early.**"),
        (Part.BODY, "The [bay](https://example.org/bay) is open.[^1] Ships come."),
        (Part.NOTE, "[^1]: Harbour office, May."),
    ]


def test_paragraphs_that_word_shows_as_lists_are_lists() -> None:
    def item(words: str, sign: str, place: str) -> str:
        return (
            f"<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:{place} lfo1'>"
            f"<![if !supportLists]><span lang=EN-GB><span style='mso-list:Ignore'>{sign}<span"
            " style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span></span></span>"
            f"<![endif]>{words}<o:p></o:p></p>\n"
        )

    written = "".join(
        (
            "<h1>The ice leaves</h1><p>It left early.</p><p>Three ports are open again:</p>\n",
            item("The <b>first</b> by the bay", "·", "l0 level1"),
            item("its inner quay", "o", "l0 level2"),
            item("The second", "·", "l0 level1"),
            item("One that counts", "3.", "l1 level1"),
            item("One that counts on", "4.", "l1 level1"),
            "<p>So much for ports.</p>",
        )
    )
    body = [e.markdown for e in recognise(written.encode(), "text.html").findings][2:]
    assert body == [
        "Three ports are open again:",
        "- The **first** by the bay\n  - its inner quay\n- The second",
        "3. One that counts\n4. One that counts on",
        "So much for ports.",
    ]


def test_an_image_in_the_page_itself_comes_along() -> None:
    packed = base64.b64encode(documents.picture()).decode()
    page = f"<h1>Ice</h1>{PROSE}<img alt='A lock' src='data:image/png;base64,{packed}'>"
    reading = read(page.encode(), "a.html")
    assert reading.article.body.endswith("![A lock](<picture-1.png>)")
    assert reading.pictures == {"picture-1.png": documents.picture()}


HOSTILE = """<h1>Ice <script>alert(1)</script>Leaves</h1><iframe src=//evil.example></iframe>
<p onclick=x>One <a href="javascript:alert(1)">two</a> <a href="JaVa\tScript:x">three</a>
<a href="data:text/html,x">four</a> <a href="//evil.example/\\x">five</a> and many words more.</p>
<p><img src="javascript:alert(1)" onerror=x> <img src="data:image/svg+xml,<svg onload=x>">
<object data=x>o</object><embed src=x><style>p{}</style>Six &lt;script&gt; [seven](javascript:x).
<svg onload=x><text>eight</text></svg><!-- nine --> <!-- appeal --></p><p hidden>ten</p>
<template><p>eleven</p></template><noscript><p>twelve</p></noscript>"""


def test_what_could_act_is_left_out_and_what_is_written_is_words() -> None:
    article = read(HOSTILE.encode(), "a.html").article
    assert article.headline == "Ice Leaves"
    assert article.lead == "One two three four five and many words more."
    assert article.body == "![](<>)\n\n![](<>)" or article.body.startswith("Six \\<script>")
    assert "\\[seven\\](javascript:x)" in article.body
    for gone in ("alert", "eight", "nine", "ten", "eleven", "twelve", "evil", "<!--"):
        assert gone not in article.body


@pytest.mark.parametrize(
    ("head", "encoding", "charset"),
    [
        ("<meta charset=utf-8>", "utf-8", ""),
        ("<meta charset='iso-8859-2'>", "iso-8859-2", ""),
        ("<meta http-equiv=Content-Type content='text/html; charset=windows-1250'>", "cp1250", ""),
        ("", "cp1250", "windows-1250"),
        ("<meta charset=nonsense>", "utf-8", "zip"),
        ("<meta charset=utf-7>", "cp1250", ""),
        ("<meta charset=utf-8>", "utf-16", ""),
    ],
)
def test_a_page_is_read_in_its_encoding(head: str, encoding: str, charset: str) -> None:
    page = f"<html>{head}<h1>Zażółć</h1><p>Gęślą jaźń, rzekł. Łódź płynie, a lód pęka.</p><p>Dwa."
    recognised = recognise(page.encode(encoding), "a.html", charset=charset)
    article = assemble(recognised.findings, recognised.given)
    assert article.headline == "Zażółć"
    assert article.lead.startswith("Gęślą jaźń")


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("<html></html>", "no text on that page"),
        ("<html><script>render()</script><nav>Home</nav>", "no text on that page"),
        ("<html>" + "a" * (6 * 1024 * 1024), "larger than 5 MB"),
        ("   ", "is empty"),
    ],
)
def test_a_page_without_an_article_is_refused_in_words(page: str, message: str) -> None:
    with pytest.raises(InvalidManuscript, match=message):
        recognise(page.encode(), "a.html")


def test_a_page_that_names_its_article_twice_is_read_once() -> None:
    page = f"<html><h1>River Office</h1><main><h1>Ice</h1>{PROSE}</main><h1>Ice</h1>"
    article = read(page.encode()).article
    assert article.headline == "Ice"
