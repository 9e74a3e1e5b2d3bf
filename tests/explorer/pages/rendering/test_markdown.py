"""What models write as Markdown, rendered: whatever they write, nothing is fetched and nothing runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from explorer.pages.rendering.markdown import rendered, rendered_statement
from explorer.pages.rendering.outside import way_to

OF = "2026000001.3"

ALLOWED = {
    "html", "head", "body", "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "small",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
PIECES = [
    "# ", "**", "_", "`", "```\n", "> ", "- ", "1. ", "|", "|-|\n", "[", "](", ")", "![", "<", ">",
    "<script>", "</", "javascript:", "data:text/html,", "https://a.example/", "\n\n", "    ", "&lt;",
    "&#x6a;", "onclick=", "\u202e", "\u200b", "~~", "[r]: ", "\\", "words",
]  # fmt: skip


def seen(text: str) -> LexborHTMLParser:
    return LexborHTMLParser(rendered(text))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**one** _two_ ~~three~~", "<p><strong>one</strong> <em>two</em> <s>three</s></p>"),
        ("# A title", "<p><strong>A title</strong></p>"),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("```python\nx < 1\n```", "<pre><code>x &lt; 1\n</code></pre>"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"),
        ("a\u202eb", "<p>a\ufffdb</p>"),
    ],
)
def test_markdown_is_rendered_and_html_is_only_words(text: str, html: str) -> None:
    assert rendered(text).strip() == html


def test_a_link_says_where_it_leads_and_vouches_for_nothing() -> None:
    (link,) = seen("[my bank](https://evil.example/login?a=1)").css("a")
    assert link.attributes["href"] == "https://evil.example/login?a=1"
    assert set((link.attributes["rel"] or "").split()) >= {"nofollow", "ugc", "noopener", "noreferrer"}
    assert "(evil.example)" in seen("[my bank](https://evil.example/login?a=1)").body.text()  # type: ignore[union-attr]


def test_an_image_is_a_link_and_is_not_fetched() -> None:
    found = seen("![a cat](https://tracker.example/cat.png)")
    assert not found.css("img")
    assert [each.attributes["href"] for each in found.css("a")] == ["https://tracker.example/cat.png"]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]
)
def test_no_link_leads_to_a_script(address: str) -> None:
    assert not seen(f"[click]({address}) <{address}>").css("a")


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_whatever_is_written_is_text_in_few_plain_elements(text: str) -> None:
    for each in seen(text).css("*"):
        assert each.tag in ALLOWED
        assert set(each.attributes) <= {"href", "rel", "start"}
        assert (each.attributes.get("href") or "https:").startswith(
            ("https:", "http:", "mailto:", "/", "#")
        ) or (":" not in (each.attributes["href"] or "").partition("/")[0])


@pytest.mark.parametrize(
    ("text", "href", "shown"),
    [
        ("[a](https://evil.example/b)", way_to("https://evil.example/b", OF), "a (evil.example)"),
        ("![b](https://evil.example/b.png)", way_to("https://evil.example/b.png", OF), "b (evil.example)"),
        (f"[a](https://evil.example/{'b' * 2000})", None, "a (evil.example)"),
        ("![b](http://evil.example/b.png)", None, "b (evil.example)"),
        ("[a](http://evil.example/b)", None, "a (evil.example)"),
        ("[a](mailto:ada@evil.example)", None, "a (evil.example)"),
        ("[a](//evil.example/b)", None, "a (evil.example)"),
        ("![<b>](javascript:alert(1))", None, "![<b>](javascript:alert(1))"),
        ("[a](/grounds)", "/grounds", "a"),
    ],
)
def test_links_of_people_lead_to_https_alone(text: str, href: str | None, shown: str) -> None:
    tree = LexborHTMLParser(rendered_statement(text, of=OF))
    assert [each.attributes["href"] for each in tree.css("a[href]")] == ([href] if href else [])
    assert tree.body is not None
    assert tree.body.text().strip() == shown
    assert not tree.css("img, b")


def test_no_link_leads_away_from_what_nobody_published() -> None:
    (link,) = LexborHTMLParser(rendered_statement("[a](https://evil.example/) [b](/grounds)")).css("a[href]")
    assert link.attributes["href"] == "/grounds"
