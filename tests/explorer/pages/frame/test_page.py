"""What all pages have in common: the same as JSON is the same."""

import re
from typing import Any

import pytest
from django.test import Client

from explorer.queries.chain.chains import ChainView
from tests.explorer.pages.asking import get, of
from tests.explorer.pages.markup import read

pytestmark = pytest.mark.django_db


def json_of(path: str) -> Any:
    """The answer to which a page's link to its JSON leads."""
    (link,) = (
        each["href"]
        for each in read(get(path).content.decode()).named("link")
        if each.get("type") == "application/json"
    )
    assert link is not None
    answer = Client().get(link)
    assert answer.headers["Content-Type"] in ("application/json", "application/problem+json")
    return answer


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?status=edited",
        "?limit=10",
        "?order=oldest&limit=7",
        "?limit=5&after=1",
        "?status=live&limit=3&before=99999999",
        "?has=edit&order=changed&limit=3",
    ],
)
def test_the_json_of_a_list_of_records_has_its_rows(recorded_chain: ChainView, query: str) -> None:
    path = of(recorded_chain, f"/records{query}")
    found = re.findall(r'scope="row"><a href="[^"]*/records/(\d+)"', get(path).content.decode())
    assert found
    assert found == [str(each["prompt_id"]) for each in json_of(path).json()["results"]]


@pytest.mark.parametrize(
    "query", ["", "?kind=all", "?limit=3&order=oldest", "?kind=with-transactions&before=50"]
)
def test_the_json_of_a_list_of_blocks_has_its_rows(recorded_chain: ChainView, query: str) -> None:
    path = of(recorded_chain, f"/blocks{query}")
    found = re.findall(r'scope="row"><a href="[^"]*/blocks/(\d+)"', get(path).content.decode())
    assert found
    assert found == [str(each["height"]) for each in json_of(path).json()["results"]]


def test_how_a_record_is_laid_out_is_nothing_of_its_json(recorded_chain: ChainView) -> None:
    found = json_of(of(recorded_chain, "/records/1?revision=1&view=json"))
    assert found.status_code == 200
    assert found.wsgi_request.get_full_path().endswith("/records/1?revision=1")


def test_the_json_of_a_list_is_narrowed_as_the_list_is(recorded_chain: ChainView) -> None:
    for asked in ("since=2100-01-01", "until=2000-01-01", "status=live&limit=2"):
        found = json_of(of(recorded_chain, f"/records?{asked}"))
        assert found.wsgi_request.get_full_path().endswith(f"?{asked}")


def test_the_json_of_a_home_page_is_that_of_its_chain(recorded_chain: ChainView) -> None:
    for path in ("/", of(recorded_chain), of(recorded_chain, "?since=3")):
        assert json_of(path).json()["chain"] == recorded_chain.rid


def test_the_json_of_a_search_has_its_hits(recorded_chain: ChainView) -> None:
    text = get("/find?q=%205%20").content.decode()
    found = json_of("/find?q=%205%20").json()["results"]
    assert [each["key"] for each in found] == ["5", "5"]
    assert all(f'href="{each["address"].removeprefix("/api/v1")}"' in text for each in found)


def test_no_page_takes_a_parameter_that_it_does_not_know(recorded_chain: ChainView) -> None:
    rid = json_of(of(recorded_chain, "/records/1")).json()["revisions"][0]["transaction"]
    places = (
        "",
        "/records",
        "/records/1",
        "/records/1/raw/1/result",
        "/blocks",
        "/blocks/0",
        "/configurations",
    )
    below = [*places, "/configurations/0", "/configurations/0/raw", f"/transactions/{rid}"]
    words = (
        "/how-checks-are-made",
        "/glossary",
        "/reference/get_record",
        "/privacy",
        "/terms",
        "/contact",
        "/data-licence",
        "/api",
        "/status",
        "/find",
        "/theme",
    )
    for path in ["/", *words, *(of(recorded_chain, each) for each in below)]:
        response = get(f"{path}?colour=red")
        assert response.status_code == 400, path
        assert "There is no parameter “colour”" in response.content.decode()


def test_what_is_searched_for_is_no_longer_than_a_query_line(recorded_chain: ChainView) -> None:
    assert get(f"/find?q={'1' * 4097}").status_code == 400


@pytest.mark.parametrize(
    ("shared", "clean"),
    [
        ("utm_source=chatgpt.com", ""),
        ("fbclid=x", ""),
        ("revision=1&utm_source=x", "revision=1"),
        ("gclid=1&revision=1&view=json&mc_cid=a&igshid=b&ref=c", "revision=1&view=json"),
        ("UTM_Campaign=x&msclkid=y", ""),
        ("ref_src=twsrc%5Etfw&s_kwcid=1&mtm_source=a&pk_campaign=b&spm=c&trk=d&source=e&via=f", ""),
        ("_ga=2.1-3&_ga_AB12=x&_gl=1*a&_gac=b&_fbc=c&_fbp=d&mc_eid=e&igsh=f&ysclid=g&ScCid=h", ""),
        ("IGSHID=a&MC_CID=b&Twclid=c&irclickid=d&mibextid=e&share_id=f&at_medium=g&rcm=h&lipi=i", ""),
        ("amp;utm_source=a&revision=1&amp;amp;fbclid=b&utm-medium=c&_bhlid=d&elqTrackId=e", "revision=1"),
        ("%75tm_source=a&revision=1&utm_x", "revision=1"),
        ("view=raw&ttclid=a&yclid=b&dclid=c&twclid=d&wbraid=e&_hsenc=f&srsltid=g", "view=raw"),
    ],
)
def test_what_sharing_added_to_an_address_is_left_out(
    recorded_chain: ChainView, shared: str, clean: str
) -> None:
    path = of(recorded_chain, "/records/1")
    answer = Client().get(f"{path}?{shared}")
    assert answer.status_code == 301
    assert answer.headers["Location"] == (f"{path}?{clean}" if clean else path)
    assert Client().get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "below", ["", "/records", "/records?limit=2", "/records/1/raw/1/messages", "/blocks/3"]
)
def test_every_page_leads_to_itself_without_what_sharing_added(recorded_chain: ChainView, below: str) -> None:
    elsewhere = ["/", "/glossary", "/status", "/find?q=x", "/my/report", "/api"]
    for path in [of(recorded_chain, below), *elsewhere]:
        joined = "&" if "?" in path else "?"
        answer = Client().get(f"{path}{joined}utm_source=chatgpt.com&fbclid=x")
        assert (answer.status_code, answer.headers.get("Location")) == (301, path), path


def test_other_parameters_stay_refused_and_the_api_refuses_all(recorded_chain: ChainView) -> None:
    path = of(recorded_chain, "/records/1")
    for name in ("referrer", "revison", "at_height", "scount", "statuss", "models"):
        assert Client().get(f"{path}?{name}=x").status_code == 400, name
    assert Client().get(f"/api/v1{path}?fbclid=x").status_code == 400


def test_the_same_record_s_address_at_another_host_leads_to_it_here(recorded_chain: ChainView) -> None:
    path = of(recorded_chain, "/records/7")
    for pasted in (
        f"https://other.example{path}",
        f"other.example:8443{path}",
        f"\u200bhttps://other.example{path}.",
        f"({path})",
    ):
        answer = Client().get("/find", {"q": pasted})
        assert answer.headers["Location"] == path
    for pasted in (
        f"https://other.example{path}/",
        f"https://other.example/explorer{path}",
        f"https://other.example/api/v1{path}",
        f"ftp://other.example{path}",
        path[1:],
        f"{path}/",
        f"https://web.archive.org/web/2026/https://other.example{path}",
        f"https://l.example/l.php?u=https%3A%2F%2Fother.example{path.replace('/', '%2F')}&h=x",
        f"https://other.example{path}?utm_source=x&fbclid=y",
        f"view-source:https://other.example{path}",
        f"\u300chttps://other.example{path}\u300d\u3002",
    ):
        assert Client().get("/find", {"q": pasted}).headers.get("Location") == path, pasted
    pasted = f"https://other.example{path}?revision=1&utm_source=x#peers"
    assert Client().get("/find", {"q": pasted}).headers["Location"] == f"{path}?revision=1#peers"
    elsewhere = Client().get("/find", {"q": "https://other.example/status"}).headers["Location"]
    assert elsewhere.startswith("/records?q=")


def suggestions(text: str) -> list[str]:
    """Where the links of “Did you mean …?” lead to."""
    content = Client().get("/find", {"q": text}).content.decode()
    found = re.search(r"<p>Did you mean (.*?)\?</p>", content)
    return re.findall(r'href="([^"]*)"', found[1]) if found else []


def test_what_may_have_been_meant_is_a_link(recorded_chain: ChainView) -> None:
    record, chain = of(recorded_chain, "/records/7"), f"/find?q={recorded_chain.rid}"
    assert suggestions("see record #7, it is odd") == [record]
    assert suggestions("promt 7") == ["/find?q=7"]
    assert suggestions("what does id 7 say") == [record]
    assert suggestions(f"the chain {recorded_chain.rid} of ours") == [chain]
    assert suggestions(f"read https://other.example{record}?fbclid=x#peers today") == [f"{record}#peers"]
    assert suggestions(f"[Record 7](https://other.example{record})") == [record]
    assert suggestions("record 7 and record 8 or record 9 or record 10") == [
        of(recorded_chain, f"/records/{each}") for each in (7, 8, 9)
    ]


@pytest.mark.parametrize(
    "text", ["", "words alone", "record 999999999", "#7", "f" * 64, "a7b x9", "1.2.3 v7"]
)
def test_nothing_is_suggested_that_leads_nowhere(recorded_chain: ChainView, text: str) -> None:
    assert suggestions(text) == []


def test_a_suggestion_is_no_place_for_code(recorded_chain: ChainView) -> None:
    hostile = f'/chains/{recorded_chain.rid}/records/7?x="><script>alert(1)</script>'
    assert b"<script>alert" not in Client().get("/find", {"q": f"see {hostile} now"}).content
