"""What stands around every page: masthead, freshness, chains, colophon."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory

from explorer.queries.chain.chains import ChainView, Freshness
from indexer.models import Chain
from tests.explorer.pages.markup import Markup, read

AT = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
NOW = timedelta(seconds=1)


def fresh(height: int = 1_204_331, *, behind: int = 0, silence: timedelta | None = NOW) -> Freshness:
    return Freshness(
        height=height,
        block_at=None,
        behind=behind,
        answered_at=None if silence is None else AT,
        stalled=silence is None or silence > NOW,
        silence=silence,
    )


def chain(name: str, *, number: int = 1, network: str = "") -> ChainView:
    brid = bytes([number]) * 32
    return ChainView(number, 1, brid, name, network, 41_207, 41_000, brid, fresh())


def frame(*, request: HttpRequest | None = None, **context: object) -> Markup:
    asked = request or RequestFactory().get("/checks?a=1&b=<2>")
    known = {"site": {"name": "The Site"}, "chains": [], "request": asked, **context}
    return read(render_to_string("base.html", known))


def words(found: Markup) -> str:
    return " ".join(found.text.split())


def links(found: Markup) -> list[str]:
    return [str(each.get("href")) for each in found.named("a")]


@pytest.mark.parametrize(
    ("freshness", "said"),
    [
        (fresh(), "Indexed to height 1,204,331, level with its nodes, at 14:02:11 UTC"),
        (fresh(behind=1), "Indexed to height 1,204,331, 1 block behind the chain, at 14:02:11 UTC"),
        (
            replace(fresh(7), ahead=1),
            "Indexed to height 7, 1 block more than its nodes have just now, at 14:02:11 UTC",
        ),
        (
            replace(fresh(7), block_at=AT.replace(year=2020)),
            "Indexed to height 7, level with its nodes, at 14:02:11 UTC; "
            "no block since 23 Nov 2020, 14:02:11 UTC",
        ),
        (fresh(0, behind=9), "Indexed to height 0, 9 blocks behind the chain, at 14:02:11 UTC"),
        (fresh(-1), "No block is indexed yet; a node answered at 14:02:11 UTC"),
        (
            fresh(7, silence=timedelta(hours=3)),
            "standing still: no node has answered since 23 Nov 2026, 14:02:11 UTC. Indexed to height 7",
        ),
        (
            replace(fresh(7), stopped=True),
            "stopped: what its nodes give is refused, see why. Indexed to height 7",
        ),
        (
            replace(fresh(7, silence=timedelta(hours=3)), unasked=True, asked_at=AT),
            "standing still: no node was asked since 23 Nov 2026, 14:02:11 UTC. Indexed to height 7",
        ),
        (fresh(-1, silence=None), "standing still: no node has answered so far. No block is indexed yet"),
    ],
)
def test_freshness_is_said_in_words(freshness: Freshness, said: str) -> None:
    assert words(read(render_to_string("parts/freshness.html", {"fresh": freshness}))) == said


@pytest.mark.parametrize(
    ("freshness", "said"),
    [
        (fresh(), "up to date 14:02:11 UTC"),
        (fresh(behind=2), "catching up 2 blocks behind"),
        (replace(fresh(), ahead=1), "ahead of its nodes 1 block more than they have just now"),
        (replace(fresh(), block_at=AT.replace(year=2020)), "no new block since 23 Nov 2020, 14:02:11 UTC"),
    ],
)
def test_the_state_of_a_chain_is_up_to_date_only_where_blocks_come(freshness: Freshness, said: str) -> None:
    assert words(read(render_to_string("parts/freshness_words.html", {"fresh": freshness}))) == said


def test_a_page_of_all_chains_says_how_far_each_is_indexed() -> None:
    level = chain("first")
    silent = replace(chain("", number=2), freshness=fresh(7, silence=timedelta(hours=3)))
    text = words(frame(chains=[level, silent]))
    assert "first indexed to height 1,204,331, level with its nodes; 02020202…020202" in text
    assert "standing still indexed to height 7. Status" in text
    many = [chain(f"number {each}", number=each) for each in range(1, 8)]
    text = words(frame(chains=many))
    assert "number 4 indexed to height 1,204,331, level with its nodes; and 3 more. Status" in text
    doubted = replace(level, freshness=replace(level.freshness, incident="A node lied."))
    assert "incident on first: A node lied. See what is known." in words(frame(chains=[doubted, silent]))
    assert "Indexed to height 1,204,331, level" in words(frame(chains=[chain("only")]))


def test_the_parts_of_a_page_come_in_the_same_order() -> None:
    found = frame(chain=chain("chasm"), chains=[chain("chasm")])
    parts = [tag for tag, _ in found.elements if tag in ("header", "main", "footer", "form", "nav")]
    assert parts == ["header", "form", "nav", "main", "footer"]
    assert found.elements[[tag for tag, _ in found.elements].index("body") + 1] == (
        "a",
        {"class": "skip", "href": "#main"},
    )


def test_one_chain_is_named_and_needs_no_choice() -> None:
    found = frame(chain=chain("chasm", network="mainnet"), chains=[chain("chasm")])
    assert "chasm on mainnet" in words(found)
    assert not found.named("details")


def test_a_page_of_no_chain_names_the_only_one() -> None:
    assert "chasm on mainnet" in words(frame(chains=[chain("chasm", network="mainnet")]))
    assert "Chasm on Chromia" in words(frame())


def test_every_page_says_that_a_chain_of_this_machine_is_made_up() -> None:
    made_up, other = chain("Devnet", network=Chain.THIS_MACHINE), chain("chasm", number=2)
    for known in ({"chain": made_up, "chains": [made_up]}, {"chains": [made_up]}):
        assert "Devnet on this machine: made-up records" in words(frame(**known))
    assert "Devnet on this machine: made-up records" in words(frame(chain=other, chains=[other, made_up]))
    assert "made-up" not in words(frame(chain=other, chains=[other]))


def test_of_several_chains_one_can_be_chosen() -> None:
    here, there = chain("first"), chain("", number=2)
    found = frame(chain=here, chains=[here, there])
    assert {f"/chains/{here.rid}", f"/chains/{there.rid}"} <= set(links(found))
    assert "Chain: first" in words(found)
    assert "02020202…020202" in words(found)
    assert {"href": f"/chains/{here.rid}", "aria-current": "true"} in found.named("a")
    assert "Choose one of 2 chains" in words(frame(chains=[here, there]))


def test_a_chains_name_is_isolated_bounded_and_never_markup() -> None:
    hostile = chain("<script>\u202e" + "x" * 999)
    html = render_to_string("base.html", {"site": {}, "chain": hostile, "chains": [hostile, chain("b")]})
    assert "\u202e" not in html
    assert "x" * 100 not in html
    assert all(each.get("src") for each in read(html).named("script"))


def test_a_page_of_no_chain_offers_the_sections_of_the_only_one() -> None:
    only = chain("chasm")
    assert f"/chains/{only.rid}/records" in links(frame(chains=[only]))
    several = links(frame(chains=[only, chain("b", number=2)]))
    assert "/records" in several
    assert not any(f"/chains/{only.rid}/" in each for each in several)
    assert not any("/chains/" in each for each in links(frame(chains=[])))


def test_the_section_is_marked() -> None:
    found = frame(chain=chain("chasm"), chains=[chain("chasm")], section="blocks")
    marked = [each["href"] for each in found.named("a") if each.get("aria-current") == "page"]
    assert marked == [f"/chains/{chain('chasm').rid}/blocks"]


def test_the_theme_links_lead_back_to_this_very_page() -> None:
    found = frame(theme="dark")
    back = "/theme?to=light&next=/checks%3Fa%3D1%26b%3D%253C2%253E".replace("/checks", "%2Fchecks")
    assert back in links(found)
    assert found.named("html") == [{"lang": "en", "data-theme": "dark"}]
    assert {"name": "color-scheme", "content": "dark"} in found.named("meta")


def test_a_page_names_its_json() -> None:
    path = f"/api/v1/chains/{'AB' * 32}/records/7"
    found = frame(api_path=path)
    assert {"rel": "alternate", "type": "application/json", "href": path} in found.named("link")
    assert "This page as JSON: /api/v1/chains/ABABABAB…ABABAB/records/7" in words(found)


def test_a_page_may_ask_search_engines_to_leave_it_out() -> None:
    assert {"name": "robots", "content": "noindex"} in frame(noindex=True).named("meta")
    assert "robots" not in [each.get("name") for each in frame().named("meta")]


@pytest.mark.parametrize(
    ("newer", "older", "said"),
    [
        ("/?after=1", "/?before=1", "← Newer Older →"),
        ("", "/?before=1", "This is the newest page Older →"),
        ("/?after=1", "", "← Newer There are no older ones"),
    ],
)
def test_the_pager_says_where_a_list_ends(newer: str, older: str, said: str) -> None:
    found = read(render_to_string("parts/pager.html", {"newer_url": newer, "older_url": older}))
    assert words(found) == said
    assert {each.get("rel") for each in found.named("a")} == ({"prev"} if newer else set()) | (
        {"next"} if older else set()
    )
