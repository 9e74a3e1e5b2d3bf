"""Pages of models, providers and scouts: lists, and one of each, whatever its name."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from explorer.pages.rendering import name_tags
from explorer.queries.chain.chains import ChainView
from explorer.queries.groups.naming import part_of
from explorer.queries.records import challenge_counting
from explorer.queries.records.record import record
from indexer.models import DerivationCheckpoint, Record, Suppression
from indexer.records.erase import suppress
from indexer.store.names import hash_of
from tests.explorer import shown
from tests.explorer.api.asking import told
from tests.explorer.pages.asking import get, of, page
from tests.explorer.pages.markup import read
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
NAMES = [
    "gemma2-9b-it", "google/gemma-2-9b-it", "gemma2:9b", "a/b/c:d", "100%", "50%25", "a&b=c#d?e", "+plus+",
    "модель 🦙", "0123", "<script>alert(1)</script>", "family 👨\u200d👩\u200d👧",
    "", " ", "   ", "\n", "nul\0name", "a\nb", "/", "//evil.example", "/lead", "trail/", "a//b", "..",
    "a/../b", "a\\b", "\u202eevil", "ab" * 32, "AB" * 32, f"x/{'cd' * 32}", "x" * 201, "x" * 12_000,
    "模" * 4_000,
]  # fmt: skip
SCOUTS = (0, -1, 7, 2**63 - 1, -(2**63))


@pytest.fixture
def named() -> Iterator[ChainView]:
    """A chain with a record of each name, as its model and its provider, and of each scout."""
    shown.empty()  # the only one, whatever chains the module has
    made = MadeChain()
    made.block(*(add(completion("one"), model=name, provider=name) for name in NAMES))
    made.block(*(add(completion("one"), uid=uid) for uid in SCOUTS))
    yield shown.index_again(made)
    shown.forget()


@pytest.mark.parametrize("name", ["100%", "50%25", "a&b=c#d?e"])
def test_whatever_signs_are_in_a_name_its_page_leads_to_itself_its_feed_and_its_json(
    named: ChainView, name: str
) -> None:
    path = reverse("model", args=[part_of(name)])
    found = read(page(path))
    others = [each["href"] or "" for each in found.named("link") if each.get("rel") == "alternate"]
    assert others == [f"/api/v1{path}", f"/feeds{path}"]
    assert [get(each).status_code for each in others] == [200, 200]
    assert links(page(path)).count(path) == 1  # “Load again”
    refused = get(f"{path}?x=1").content.decode()
    (clear,) = re.findall(r'href="([^"]*)">Clear filters', refused)
    assert get(unescape(clear)).status_code == 200
    assert "Clear this filter" not in refused


def links(text: str) -> list[str]:
    return [each["href"] or "" for each in read(text).named("a")]


@pytest.mark.parametrize("kind", ["model", "provider"])
def test_whatever_a_name_is_the_list_leads_to_its_page_and_that_to_its_record(
    named: ChainView, kind: str
) -> None:
    listed = links(page(f"/{kind}s?limit=100"))
    for at, name in enumerate(NAMES, 1):
        path = reverse(kind, args=[part_of(name)])
        assert path in listed, name
        text = page(path)
        assert of(named, f"/records/{at}") in links(text), name
        assert f'rel="canonical" href="http://testserver{path}"' in unescape(text)
        assert hash_of(name).hex().upper() in read(text).text.replace("\u200b", "").replace("\n", "")


def test_another_way_to_write_a_name_leads_to_the_canonical_one(named: ChainView) -> None:
    for name in NAMES:
        canonical = reverse("model", args=[part_of(name)])
        digits = hash_of(name).hex()
        ways = [f"/models/{digits.upper()}"]
        # A slash at the end of an address is taken off, wherever it leads.
        if len(name) < 1_000 and name[-1:] not in ("", "/") and not re.search("[0-9A-Fa-f]{64}", name):
            ways.append(f"/models/{quote(name, safe='')}")
        for way in ways:
            answer = get(way)
            if answer.status_code == 301:
                assert answer.headers["Location"] == canonical, name
            elif answer.status_code == 200:
                text = unescape(answer.content.decode())
                assert f'<link rel="canonical" href="http://testserver{canonical}">' in text, name
            else:
                assert name in ("", "\n", "a\nb"), (name, answer.status_code)


def test_a_hash_in_lower_case_leads_to_that_in_upper_case(named: ChainView) -> None:
    digits = hash_of("x" * 12_000).hex()
    assert get(f"/models/{digits}").headers["Location"] == f"/models/{digits.upper()}"


@pytest.mark.parametrize("uid", SCOUTS)
def test_every_scout_has_a_page_of_its_chain(named: ChainView, uid: int) -> None:
    path = of(named, f"/scouts/{uid}")
    assert path in links(page("/scouts"))
    assert path in links(page(of(named, "/scouts")))
    text = page(path)
    found = len(NAMES) + 1 + SCOUTS.index(uid)
    assert of(named, f"/records/{found}") in links(text)
    assert name_tags.records_of(of(named, "/records"), scout=uid) in [unescape(each) for each in links(text)]
    assert path in links(page(of(named, f"/records/{found}")))


@pytest.mark.parametrize(
    "path", ["/models/nobody", f"/models/{'0' * 64}", "/providers/a/b", "/models/%20", "/models/%FF"]
)
def test_what_no_record_names_is_not_here(path: str, named: ChainView) -> None:
    status = 200 if path == "/models/%20" else 404
    if path == "/models/%20":
        assert get(path).headers["Location"] == f"/models/{hash_of(' ').hex().upper()}"
    else:
        text = page(path, status=status)
        assert "No record that is counted names" in text
        assert f'<h3><a href="/{path.split("/")[1]}">All {path.split("/")[1]}</a></h3>' in text


@pytest.mark.parametrize("uid", ["12", "007", "-0", "9" * 19, "x"])
def test_a_scout_that_no_record_names_is_not_here(uid: str, named: ChainView) -> None:
    found = links(page(of(named, f"/scouts/{uid}"), status=404).split("<main")[1])
    assert (of(named, "/scouts") in found) is (uid == "12")  # the others are no numbers of a scout


def test_numbers_have_their_denominator_and_their_period() -> None:
    shown.empty()
    made = MadeChain()
    made.block(*(add(uid=5, model="one") for _ in range(4)), add(uid=6, model="two"))
    made.block(update(1, completion("b")), delete(2), update(3, completion("c")))
    made.block(delete(3))
    chain = shown.index_made(made)
    shown.forget()
    for path in ("/models/one", of(chain, "/scouts/5"), "/models", of(chain, "/scouts")):
        text = " ".join(read(page(path)).text.split())
        assert re.search(r"2\s?of 4, 50\W%", text), path
        assert re.search(r"1\s?of 4, 25\W%", text), path
    text = read(page("/models/one")).text
    assert "Of the records written from" in text
    assert "Providers named with it" in text
    assert "Models named with it" in read(page("/providers/groq")).text
    given = [unescape(each) for each in links(page("/models/one"))]
    more = [of(chain, f"/records?status={status}&model=one") for status in ("edited", "deleted")]
    for url in (*more, of(chain, "/ledger?model=one"), of(chain, "/records/facets?model=one")):
        assert url in given
        page(url)


def test_a_model_is_one_over_all_chains_and_a_scout_of_its_own(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page("/models/gemma2-9b-it")
    for each in (recorded_chain, one_validator_chain):
        assert of(each) in links(text)
    assert "/records?model=gemma2-9b-it" in links(text)
    assert page("/providers").count('class="whole"><a href="/providers/groq"') == 1
    uid = record(recorded_chain, 1).row.scout
    listed = [each.split("/")[2] for each in every("/scouts", "scouts")]
    assert listed == sorted(listed, key=[recorded_chain.rid, one_validator_chain.rid].index)
    assert set(listed) == {recorded_chain.rid, one_validator_chain.rid}
    assert of(one_validator_chain) not in links(page(of(recorded_chain, f"/scouts/{uid}")).split("<main")[1])


def test_pages_of_a_list_hold_each_once_whichever_way(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for path in ("/models", "/providers", "/scouts", of(recorded_chain, "/scouts")):
        kind = path.rpartition("/")[2]
        newest = every(path, kind)
        assert len(newest) == len(set(newest)) > 0
        assert every(path, kind, order="oldest") == newest[::-1]


def every(path: str, kind: str, *, order: str = "newest") -> list[str]:
    """Where each row of a list leads, page by page."""
    found: list[str] = []
    following = f"{path}?limit=3&order={order}" if kind != "scouts" else f"{path}?limit=40&order={order}"
    while following:
        text = page(following)
        found += re.findall(rf'scope="row" class="whole"><a href="([^"]*/{kind}/[^"]*)"', text)
        following = unescape((re.findall(r'<a href="([^"]*)" rel="next"', text) or [""])[0])
    return found


def test_what_is_not_counted_yet_is_said(recorded_chain: ChainView) -> None:
    for path in ("/models", "/models/gemma2-9b-it", of(recorded_chain, "/scouts")):
        assert 'id="counted-to"' not in page(path)
    DerivationCheckpoint.objects.filter(name="presence").update(height=100)
    for path in ("/models", "/models/gemma2-9b-it", of(recorded_chain, "/scouts")):
        assert "Counted to block" in page(path)
    assert "Blocks are counted up to 100" in page("/models/nobody", status=404)
    DerivationCheckpoint.objects.filter(name="presence").delete()
    assert "Not counted yet" in page("/models")


def test_names_of_one_model_are_gathered_and_each_keeps_its_own_numbers() -> None:
    shown.empty()
    made = MadeChain()
    made.block(*(add(model="gemma2-9b-it") for _ in range(3)), add(model="gemma2:9b"), add(model="other"))
    made.block(update(1, completion("b")), delete(4))
    chain = shown.index_made(made)
    shown.forget()
    for path in ("/models/gemma2-9b-it", "/models"):
        text = words(path)
        assert "3 records, 1 edited, 0 deleted" in text
        assert "Elsewhere it is called google/gemma-2-9b-it" in text
    together = "These names together: 4 records, 1 edited, 1 deleted; 3 of the 3 with peers agree with one."
    assert together in words("/models/gemma2-9b-it")
    assert "own list of names, version 1" in words("/models/gemma2-9b-it")
    assert "/models/gemma2%3A9b" in links(page("/models/gemma2-9b-it")) or "/models/gemma2:9b" in links(
        page("/models/gemma2-9b-it")
    )
    assert "Also known as" not in page("/models/other")
    one = told("/models/gemma2:9b")
    assert (one["records"], one["family"]["records"]) == (1, 4)
    assert [each["model"] for each in one["family"]["models"]] == ["gemma2-9b-it", "gemma2:9b"]
    assert one["family"]["unseen"] == ["google/gemma-2-9b-it"]
    assert told("/models/other")["family"] is None
    found = told(of(chain, "/records?model=gemma2-9b-it"))["results"]
    assert {each["model"] for each in found} == {"gemma2-9b-it"}


def words(path: str) -> str:
    return " ".join(read(page(path)).text.split())


ORDERED = {
    "newest": ["last", "Gemma 2 9B Instruct", "middle", "llama3.1:8b"],
    "oldest": ["llama3.1:8b", "middle", "Gemma 2 9B Instruct", "last"],
    "seen": ["Gemma 2 9B Instruct", "last", "middle", "llama3.1:8b"],
    "records": ["Gemma 2 9B Instruct", "middle", "last", "llama3.1:8b"],
    "name": ["Gemma 2 9B Instruct", "last", "llama3.1:8b", "middle"],
}


@pytest.fixture
def in_families() -> Iterator[ChainView]:
    """A chain that names a model by three names, one by one of several, and two by their only one."""
    shown.empty()
    made = MadeChain()
    made.block(add(model="llama3.1:8b"))
    made.block(*(add(model="middle") for _ in range(3)))
    made.block(add(model="gemma2-9b-it"), add(model="gemma2-9b-it"))
    made.block(add(model="last"), add(model="last"))
    made.block(add(model="google/gemma-2-9b-it"), add(model="gemma2:9b"), update(5, completion("b")))
    yield shown.index_again(made)
    shown.forget()


@pytest.mark.parametrize("order", ORDERED)
def test_a_model_of_several_names_is_one_row_where_its_sums_belong(
    order: str, in_families: ChainView
) -> None:
    expected = ORDERED[order]
    text = page(f"/models?order={order}")
    assert headings(text) == expected
    assert "/models/google/gemma-2-9b-it" in links(text)
    (row,) = (each for each in text.split('<tr role="row">') if "Gemma 2 9B" in each.split("<details")[0])
    assert re.search(r">1 <small>of 4, 25\W%</small>", row)
    following, paged = f"/models?order={order}&limit=1", []
    while following:
        text = page(following)
        paged += headings(text)
        last, following = text, following_of(text, "next")
    assert paged == expected
    back = headings(last)
    while earlier := following_of(last, "prev"):
        last = page(earlier)
        back = headings(last) + back
    assert back == expected
    listed = [each["model"] for each in told(f"/models?order={order}")["results"]]
    assert len(listed) == len(set(listed)) == 6


def headings(text: str) -> list[str]:
    """What the rows of a list are headed by."""
    found = re.findall(r'scope="row" class="whole">(.*?)(?:<details|</th>)', text, re.DOTALL)
    return [read(each).text.replace("\u200b", "").strip() for each in found]


def test_fingerprints_are_told_as_reported_and_never_past_the_gate() -> None:
    shown.empty()
    made = MadeChain()
    hostile = "<script>alert(1)</script>\u202e" + "x" * 300
    made.block(
        *(add(completion(each, system_fingerprint="fp_one")) for each in "ab"),
        add(completion("secret", system_fingerprint=hostile)),
        add(completion("c")),
    )
    chain = shown.index_made(made)
    shown.forget()
    paths = ("/models/gemma2-9b-it", "/providers/groq")
    for path in paths:
        text = page(path)
        assert "reported by the provider" in text
        assert "<script>alert" not in text
        assert "fp_one" in read(text).text
        found = told(path)["fingerprints"]
        assert found["has_more"] is False
        assert {each["fingerprint"]: (each["records"], each["is_cut"]) for each in found["seen"]} == {
            "fp_one": (2, False),
            hostile[:200]: (1, True),
        }
    key = bytes(Record.objects.get(chain=chain.id, prompt_id=3).answer)
    for mode in (Suppression.Mode.HIDE, Suppression.Mode.ERASE):
        suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="a wish", by="me")
        for path in paths:
            assert [each["fingerprint"] for each in told(path)["fingerprints"]["seen"]] == ["fp_one"]
            assert "alert(1)" not in page(path)
    assert "System fingerprints" not in page(of(chain, "/scouts/7"))


@pytest.mark.parametrize("order", ["newest", "oldest", "seen", "records", "name"])
def test_pages_in_any_order_go_back_as_they_went_on(order: str, named: ChainView) -> None:
    for path in ("/models", "/providers", "/scouts"):
        following, pages = f"{path}?limit=4&order={order}", []
        while following:
            text = page(following)
            pages.append(rows_of(text))
            last, following = text, following_of(text, "next")
        assert len({each for rows in pages for each in rows}) == sum(map(len, pages))
        back = [rows_of(last)]
        while earlier := following_of(last, "prev"):
            last = page(earlier)
            back.append(rows_of(last))
        assert back == pages[::-1]


def rows_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r'scope="row" class="whole"><a href="([^"]*)"', text))


def following_of(text: str, way: str) -> str:
    return unescape((re.findall(rf'<a href="([^"]*)" rel="{way}"', text) or [""])[0])


def test_a_text_that_is_hidden_or_erased_changes_nothing(recorded_chain: ChainView) -> None:
    row = record(recorded_chain, 1).row
    paths = (reverse("model", args=[part_of(row.model)]), of(recorded_chain, f"/scouts/{row.scout}"))
    before = [said(path) for path in paths]
    for mode in (Suppression.Mode.HIDE, Suppression.Mode.ERASE):
        suppress(Suppression.Subject.CONTENT, row.prompt_key, mode=mode, reason="a wish", by="me")
        assert [said(path) for path in paths] == before


def said(path: str) -> str:
    """The page, but for what is made from results: fingerprints, and what checks say."""
    before, _, checks = (
        page(path).partition("<main")[2].partition('<section class="ruled" aria-labelledby="checks">')
    )
    text = read(before + checks.partition("</section>")[2]).text
    return text.partition("System fingerprints")[0]


def test_a_page_asks_few_queries(
    recorded_chain: ChainView,
    one_validator_chain: ChainView,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for path, count in (
        ("/models?limit=1", 15),
        ("/models/gemma2-9b-it", 19),
        ("/scouts", 12),
        (of(recorded_chain, f"/scouts/{record(recorded_chain, 1).row.scout}"), 10),
    ):
        monkeypatch.setattr(challenge_counting, "_kept", OrderedDict())
        with django_assert_max_num_queries(count):
            page(path)
