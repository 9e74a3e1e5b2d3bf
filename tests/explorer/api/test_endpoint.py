"""What all addresses have in common: one way to write them, versions, and who may read them."""

import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from explorer.queries.chain.chains import ChainView
from indexer.models import Checkpoint, Node, Suppression
from tests.explorer.api.asking import ask, record, told

pytestmark = pytest.mark.django_db
VISITOR = Client()


def addresses(chain: ChainView) -> list[str]:
    """One of each."""
    rid = record(chain, 1)["revisions"][0]["transaction"]
    below = ("", "/records", "/records/1", "/blocks", "/blocks/5", "/configurations", "/configurations/0")
    return [
        *("/api/v1/", "/api/v1/schema/", "/api/v1/problems", "/api/v1/problems/broken"),
        *("/api/v1/status", "/api/v1/chains"),
        *(f"/api/v1/chains/{chain.rid}{each}" for each in (*below, f"/transactions/{rid}")),
    ]


def test_lower_case_rids_lead_to_upper_case_with_their_query(recorded_chain: ChainView) -> None:
    lower = recorded_chain.rid.lower()
    answer = ask(f"/chains/{lower}/records?limit=3&order=oldest")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/api/v1/chains/{recorded_chain.rid}/records?limit=3&order=oldest"
    rid = record(recorded_chain, 1)["revisions"][0]["transaction"]
    answer = ask(f"/chains/{recorded_chain.rid}/transactions/{rid.lower()}")
    assert answer.headers["Location"] == f"/api/v1/chains/{recorded_chain.rid}/transactions/{rid}"


def test_leading_zeros_and_slashes_too_many_lead_to_the_address(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}"
    for written, meant in (
        ("/records/007", "/records/7"),
        ("/blocks/000", "/blocks/0"),
        ("/records/7/", "/records/7"),
        ("/records/", "/records"),
        ("/", ""),
    ):
        answer = ask(f"{path}{written}")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/api/v1{path}{meant}")


def test_the_contents_and_the_schema_have_a_slash() -> None:
    assert ask("/api/v1").headers["Location"] == "/api/v1/"
    assert ask("/schema").headers["Location"] == "/api/v1/schema/"


def test_a_redirect_leads_to_no_other_site(recorded_chain: ChainView) -> None:
    for path in ("//evil.example/", f"/chains/{recorded_chain.rid.lower()}//evil.example"):
        assert "evil" not in ask(f"/api/v1{path}").headers.get("Location", "")


def test_every_address_may_be_read_by_scripts_of_any_site(recorded_chain: ChainView) -> None:
    for path in [*addresses(recorded_chain), "/api/v1/nothing", "/api/v1/chains?x=1", "/api/v1/schema"]:
        answer = ask(path, origin="https://elsewhere.example")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert not answer.cookies


def test_nothing_else_may(recorded_chain: ChainView) -> None:
    assert "Access-Control-Allow-Origin" not in VISITOR.get("/healthz").headers


def test_a_browser_may_ask_first(recorded_chain: ChainView) -> None:
    lower = f"/api/v1/chains/{recorded_chain.rid.lower()}"
    for path in [*addresses(recorded_chain), lower, "/api/v1/chains?x=1", "/api/v1", "/api/v1/schema"]:
        answer = VISITOR.options(path, headers={"access-control-request-headers": "if-none-match"})
        assert (answer.status_code, answer.content) == (204, b"")
        for name in ("Allow", "Access-Control-Allow-Methods"):
            assert answer.headers[name] == "GET, HEAD, OPTIONS"
        assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


def test_head_says_what_get_says_without_a_body(recorded_chain: ChainView) -> None:
    for path in addresses(recorded_chain):
        got, head = VISITOR.get(path), VISITOR.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["ETag"] == got.headers["ETag"]
        assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_what_did_not_change_is_not_sent_again(recorded_chain: ChainView) -> None:
    for path in addresses(recorded_chain):
        etag = ask(path).headers["ETag"]
        for given in (etag, f'"other", {etag}', "*", etag.removeprefix("W/")):
            for answer in (ask(path, if_none_match=given), VISITOR.head(path, {}, HTTP_IF_NONE_MATCH=given)):
                assert (answer.status_code, answer.content) == (304, b"")
                assert answer.headers["ETag"] == etag
        assert ask(path, if_none_match='"other"').status_code == 200


def test_a_record_keeps_its_version_while_the_chain_grows(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/records/1"
    before = ask(path)
    Checkpoint.objects.update(height=recorded_chain.freshness.height + 1)
    after = ask(path)
    assert before.json()["as_of"] != after.json()["as_of"]
    assert before.headers["ETag"] == after.headers["ETag"]
    assert before.headers["ETag"].startswith('W/"')


def test_what_is_deleted_or_withheld_keeps_its_version_too_and_is_sent_each_time(
    recorded_chain: ChainView,
) -> None:
    key = bytes.fromhex(record(recorded_chain, 1)["answer_key"])
    Suppression.objects.create(subject="content", hash=key, mode="hide", reason="no", by="the operator")
    rid = record(recorded_chain, 1)["revisions"][0]["transaction"]
    deleted = ask(f"/chains/{recorded_chain.rid}/records?status=deleted").json()["results"][0]["prompt_id"]
    below = {f"/records/{deleted}": 410, "/records/1": 451, f"/transactions/{rid}": 451}
    before = {path: ask(f"/chains/{recorded_chain.rid}{path}") for path in below}
    Checkpoint.objects.update(height=recorded_chain.freshness.height + 1)
    for path, status in below.items():
        etag = before[path].headers["ETag"]
        after = ask(f"/chains/{recorded_chain.rid}{path}", if_none_match=etag)
        assert (before[path].status_code, after.status_code) == (status, status)
        assert before[path].content != after.content
        assert after.headers["ETag"] == etag
        assert etag.startswith('W/"')


def test_what_has_no_height_has_a_strong_version() -> None:
    assert re.fullmatch(r'"[0-9a-f]{32}"', ask("/problems").headers["ETag"])


def test_what_is_withheld_has_no_version_that_was_given_before(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/records/1"
    etag = ask(path).headers["ETag"]
    Suppression.objects.create(
        subject="content",
        hash=bytes.fromhex(record(recorded_chain, 1)["answer_key"]),
        mode="hide",
        reason="no",
        by="the operator",
    )
    assert ask(path, if_none_match=etag).status_code == 451


def test_what_holds_texts_is_kept_for_five_minutes_at_most(recorded_chain: ChainView) -> None:
    for path in addresses(recorded_chain):
        seconds = re.fullmatch(r"public, max-age=(\d+)", ask(path).headers["Cache-Control"])
        assert seconds is not None
        assert 0 < int(seconds[1]) <= 300
        assert ask(path).headers["X-Robots-Tag"] == "noindex"


def test_a_freshness_that_moves_is_another_version(recorded_chain: ChainView) -> None:
    before = ask("/chains").headers["ETag"]
    Node.objects.update(answered_at=timezone.now())
    assert ask("/chains").headers["ETag"] != before


def test_answers_come_compressed_where_that_is_asked_for(recorded_chain: ChainView) -> None:
    answer = ask(f"/chains/{recorded_chain.rid}/records?limit=100", accept_encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_contents_list_every_address(recorded_chain: ChainView) -> None:
    found = told("/")
    listed = {each["path"] for each in found["addresses"]}
    assert "/api/v1/chains/{brid}/records/{prompt_id}" in listed
    assert all(each["summary"] for each in found["addresses"])
    assert listed == set(json.loads(ask("/schema/").content)["paths"])
