"""What repeats on pages."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from django.template import Context, Template

from explorer.pages.rendering import tags, text_tags
from explorer.queries.chain.evidence import Evidence, ProofStatus
from explorer.queries.db.texts import Snippet, Text, Withheld
from explorer.queries.records.row import RecordRow
from explorer.queries.records.states import Status
from tests.explorer.pages.markup import read

RID = bytes.fromhex("DD76B3DC16057938F48591F23A6E50AF479EDEFD7A8F5F3960553930F024C93E")
AT = datetime(2026, 2, 3, 9, 4, 5, 999_999, tzinfo=UTC)
NOTHING = Snippet("", cut=False)
HOSTILE = '<script>alert(1)</script>\u202e"onmouseover="x'


def drawn(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


def row(status: Status, revisions: int) -> RecordRow:
    return RecordRow(1, 1, 0, AT, AT, 0, 118, 7, "m", "p", status, revisions, NOTHING, NOTHING)


def text(value: str) -> Text:
    return Text(sha256(value.encode()).digest(), value, len(value))


def withheld(why: Withheld, reason: str = "") -> Text:
    return Text(RID, None, 12, why, reason)


def test_templates_have_the_tags_without_loading_them() -> None:
    assert drawn("{{ 41207|number }} {% scout 118 %}") == '41,207 <span class="scout">118</span>'


def test_every_tag_and_filter_is_in_the_documentation() -> None:
    documented = (Path(__file__).parents[4] / "docs" / "look.md").read_text()
    for name in tags.register.tags:
        assert f"{{% {name} " in documented, name
    for name in tags.register.filters:
        assert f"\\|{name}" in documented, name


def test_a_strangers_text_is_on_one_line_as_long_as_is_asked_for() -> None:
    value = "word\n" * 300
    assert tags.oneline(value) == f"{'word ' * 40}…"
    assert len(tags.oneline(value, 900)) == 901
    assert drawn("{{ text|oneline:1499 }}", text=value) == ("word " * 300).strip()


def test_the_way_back_is_an_address_that_fits_into_another() -> None:
    assert tags.way_back("/records?model=a") == "/records?model=a"
    assert tags.way_back(f"/records?model={'a' * 5_000}") == "/records"


def test_an_unknown_number_is_said_to_be() -> None:
    assert tags.number(None) == "unknown"
    assert tags.number(0) == "0"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (353, 41_207, "0.86"),
        (3_871, 4_102, "94.4"),
        (1, 2, "50"),
        (1_204_103, 1_204_332, "99.98"),
        (0, 7, "0"),
        (7, 7, "100"),
        (0, 0, "0"),
        (1, 10**9, "less than 0.01"),
        (10**9 - 1, 10**9, "more than 99.99"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(part: int, whole: int, shown: str) -> None:
    assert tags.share(part, whole) == f"{shown}\xa0%"


def test_a_hash_shows_its_ends_and_keeps_all_of_it() -> None:
    found = read(drawn("{% hash rid %}", rid=RID))
    assert found.text == "DD76B3DC…24C93E"
    assert found.named("span") == [{"class": "hash", "data-full": RID.hex().upper(), "data-what": "hash"}]
    assert found.named("svg")[0]["aria-hidden"] == "true"


def test_a_hash_may_be_a_link_and_may_be_whole() -> None:
    link = read(drawn("{% hash rid href=url %}", rid=RID, url='/x?a="<'))
    assert link.named("a")[0]["href"] == '/x?a="<'
    whole = read(drawn("{% hash rid full=True %}", rid=RID))
    assert whole.text == RID.hex().upper()
    assert whole.named("span")[0]["class"] == "hash full"
    assert len(whole.named("wbr")) == 7


def test_a_hash_says_what_it_is() -> None:
    for made, what in (
        ('{% hash rid of="block RID" %}', "block RID"),
        ("{% hash key %}", "key"),
        ("{% hash signature %}", "signature"),
    ):
        found = read(drawn(made, rid=RID, key=b"\x02" * 33, signature=b"s" * 64))
        assert found.named("span")[0]["data-what"] == what


@pytest.mark.parametrize("size", [0, 4, 7])
def test_a_hash_of_few_bytes_is_shown_whole(size: int) -> None:
    assert read(tags.show_hash(RID[:size])).text == RID[:size].hex().upper()


def test_moments_are_printed_in_utc() -> None:
    east = AT.astimezone(timezone(timedelta(hours=9)))
    for at in (AT, east):
        full = read(tags.moment(at))
        assert full.text == "3 Feb 2026, 09:04:05 UTC"
        assert full.named("time") == [{"datetime": "2026-02-03T09:04:05Z"}]
    assert read(tags.moment(AT, "clock")).text == "09:04:05 UTC"
    assert read(tags.moment(AT, "date")).text == "3 Feb 2026"
    assert read(tags.moment(AT, "stacked")).text == "3 Feb 2026 09:04:05 UTC"
    assert tags.moment(None) == "never"


@pytest.mark.parametrize(
    ("status", "revisions", "state", "words"),
    [
        (Status.LIVE, 1, "mark", "as first written"),
        (Status.EDITED, 2, "mark edited", "edited once"),
        (Status.EDITED, 1_205, "mark edited", "edited 1,204 times"),
        (Status.DELETED, 2, "mark deleted", "deleted"),
        (Status.DELETED, 3, "mark deleted", "deleted after 1 edit"),
        (Status.DELETED, 4, "mark deleted", "deleted after 2 edits"),
    ],
)
def test_a_record_says_in_words_how_it_stands(status: Status, revisions: int, state: str, words: str) -> None:
    found = read(tags.record_status(row(status, revisions)))
    assert (found.named("span"), found.text) == ([{"class": state}], words)


@pytest.mark.parametrize("standing", ProofStatus)
def test_a_standing_is_said_in_its_own_words(standing: ProofStatus) -> None:
    found = read(tags.standing(Evidence(standing, "", 0, 1, 1, 1)))
    assert found.text == standing.value
    assert ("holds" in str(found.named("span"))) is (standing is ProofStatus.ON_CHAIN)


def test_what_was_said_is_verbatim_and_finds_its_own_direction() -> None:
    value = f"  {HOSTILE.replace(chr(0x202E), '')}\n\n\tsaid  "
    found = read(text_tags.said(text(value), kind="prompt"))
    assert found.text == value
    assert found.elements == [("div", {"class": "said prompt", "dir": "auto"})]
    assert read(text_tags.said(value, removed=True)).named("div")[0]["class"] == "said removed"


def test_what_is_cut_says_so_and_where_the_rest_is() -> None:
    found = read(text_tags.said("word " * 400, limit=7, rest="/raw"))
    assert found.text == "word wo… The first 7 of 2,000 characters. All of it"
    assert found.named("a") == [{"href": "/raw"}]
    assert "All of it" not in text_tags.said("word " * 400, limit=7)
    assert "first" not in text_tags.said("word", limit=7)


def test_what_is_private_in_a_text_is_folded_and_named() -> None:
    found = text_tags.said("Write to ann@example.com <now>.")
    assert found == (
        '<div class="said" dir="auto">Write to <details class="private"><summary>e-mail address</summary>'
        "ann@example.com</details> &lt;now&gt;.</div>"
    )


@pytest.mark.parametrize("limit", [13, 17, 24])
def test_what_is_private_is_not_cut_in_two(limit: int) -> None:
    text = "Write to him: ann@example.com"
    assert "ann" not in text_tags.said(text, limit=limit)
    assert "ann" not in text_tags.beginning(text, limit)
    assert text_tags.beginning(text, limit).strip() == text[: min(limit, 14)].strip()


def test_of_very_much_that_is_private_the_first_is_folded_and_the_rest_named() -> None:
    found = text_tags.said("ann@example.com " * 100)
    assert found.count("<details") == found.count("ann@example.com") == text_tags.MOST_FOLDED
    assert found.count("[e-mail address]") == 100 - text_tags.MOST_FOLDED


def test_an_empty_text_is_said_to_be() -> None:
    assert "empty" in text_tags.said("")
    assert "empty" in text_tags.snippet(NOTHING)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (Withheld.HIDDEN, "Hidden by the operator of this site. Reason: because"),
        (Withheld.ERASED, "Erased by the operator of this site; its hash is kept. Reason: because"),
        (Withheld.UNREADABLE, "Not a text that can be shown. Reason: because"),
    ],
)
def test_what_is_withheld_says_why(why: Withheld, words: str) -> None:
    assert read(text_tags.said(withheld(why, "because"))).text == words
    assert read(text_tags.withheld(withheld(why))).text == f"{words.partition(' Reason')[0]}"


def test_a_reason_is_bounded_and_never_markup() -> None:
    found = read(text_tags.withheld(withheld(Withheld.HIDDEN, HOSTILE * 1_000)))
    assert {tag for tag, _ in found.elements} <= {"p", "bdi", "span"}
    assert len(found.text) < 2 * text_tags.LONGEST_REASON


def test_a_snippet_is_isolated_and_says_that_there_is_more() -> None:
    found = read(text_tags.snippet(Snippet(HOSTILE, cut=True)))
    assert found.text == HOSTILE.replace("\u202e", "U+202E") + "…"
    assert found.elements[0][0] == "bdi"
    assert not read(text_tags.snippet(Snippet("words", cut=False))).text.endswith("…")
    hidden = read(text_tags.snippet(Snippet("", False, Withheld.ERASED, "because")))
    assert hidden.text == "erased by the operator of this site"


@pytest.mark.parametrize(
    ("given", "href"),
    [
        ("https://example.org/who?a=1&b=2", "https://example.org/who?a=1&b=2"),
        ("someone@example.org", "mailto:someone@example.org"),
        ("CC-BY-4.0", None),
        ("javascript:alert(1)", None),
        ("someone@example.org?subject=<x>", None),
    ],
)
def test_what_the_operator_gives_is_a_link_where_it_is_an_address(given: str, href: str | None) -> None:
    found = read(drawn("{{ given|link }}", given=given))
    assert found.text == given
    assert [each["href"] for each in found.named("a")] == ([href] if href else [])


def test_addresses_are_read_with_short_rids() -> None:
    assert tags.shortened(f"/api/v1/chains/{RID.hex().upper()}/records/7") == (
        "/api/v1/chains/DD76B3DC…24C93E/records/7"
    )


def test_words_of_ours_may_hold_code() -> None:
    said = tags.coded("Follow `next` until <null>, and ``a`` and `b`")
    assert said == "Follow <code>next</code> until &lt;null&gt;, and <code>a</code> and <code>b</code>"
    assert tags.coded("none") == "none"


@pytest.mark.parametrize(
    ("index", "words"),
    [(0, "first"), (1, "second"), (9, "tenth"), (10, "11th"), (20, "21st"), (111, "112th")],
)
def test_places_are_told_in_words(index: int, words: str) -> None:
    assert tags.nth(index) == words
