"""Nodes that are slow, broken, overloaded or talk nonsense: told in plain words, survived, and nothing is
lost.
"""

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from devnet.rest.exchange import Answer, Question
from tests.endtoend import chains
from tests.endtoend.chains import FOUR_DIGEST
from tests.endtoend.commands import Installation, State
from tests.endtoend.hostile import (
    STARTING,
    HostileNode,
    cut_short,
    failure,
    is_blocks,
    is_list,
    late,
    of,
    rendered,
    reset,
    said,
    silence,
    to_path,
)
from tests.indexer.serving import Rule

Serve = Callable[..., HostileNode]
StateFor = Callable[[int], State]

GARBAGE: dict[str, Answer] = {
    "no JSON": said("}{"),
    "HTML": said("<html>It works!</html>", kind="text/html"),
    "nothing": said(b""),
    "bytes": said(b"\x00\xff\xfe" * 50),
    "an object": said('{"blocks":[]}'),
    "a number": said("1e400"),
    "a text": said('"blocks"'),
    "strings": said('["a","b"]'),
    "deep": said("[" * 100_000),
    "many": said("[" + ",".join(["{}"] * 5_000) + "]"),
    "surrogates": said('[{"rid":"\\ud800"}]'),
    "huge number": said('[{"height":' + "9" * 5_000 + "}]"),
    "redirect": Answer(307, "Temporary Redirect", (("location", "http://127.0.0.1:1/"),)),
    "401": failure(401, "Unauthorized", "who are you?"),
    "404": failure(404, "Not Found", "there is no such thing"),
    "404 without words": failure(404, "Not Found", None),
    "400": failure(400, "Bad Request", "query 'limit' must be integer"),
    "409": failure(409, "Conflict", "conflict"),
    "413": failure(413, "Request Entity Too Large", "too much"),
    "500": failure(500, "Internal Server Error", "boom"),
    "599": failure(599, "Odd", "odd"),
}


def in_shape(change: Callable[[dict[str, Any]], object]) -> Rule:
    """Change each block of every list."""

    def rule(question: Question, answer: Answer) -> Answer | None:
        if not is_list(question):
            return None
        found = json.loads(answer.body)
        for each in found:
            change(each)
        return replace(answer, body=json.dumps(found).encode())

    return rule


@pytest.mark.parametrize("asked", [is_list, is_blocks], ids=["lists", "lists and single blocks"])
def test_whatever_garbage_stands_for_blocks_another_node_is_asked(
    state: State, serve: Serve, asked: Callable[[Question], bool]
) -> None:
    chain = chains.cut(chains.four(), 25)
    bad = {serve(chain, of(asked, answer)).url: name for name, answer in GARBAGE.items()}
    ended = state.sync(*bad, serve(chain).url)
    assert ended.status == 0, ended.told
    assert ended.line["height"] == 24
    failed = {each["url"] for each in state.status()["nodes"] if each["failure"]}
    assert [name for url, name in bad.items() if url not in failed] == []


@pytest.mark.parametrize("name", ["deep", "404", "500"])
def test_a_node_alone_that_gives_garbage_is_told(state: State, serve: Serve, name: str) -> None:
    bad = serve(chains.cut(chains.four(), 25), of(is_blocks, GARBAGE[name]))
    ended = state.sync(bad.url)
    assert ended.status == 5, ended.told
    assert (ended.line["height"], ended.line["chain"]) == (-1, chains.FOUR)
    assert len(ended.err.splitlines()[-1]) < 1000
    bad.rules.clear()
    assert state.sync(bad.url).line["height"] == 24


def test_a_block_that_is_said_to_be_there_and_never_given_is_refused(state: State, serve: Serve) -> None:
    withheld = of(to_path("blocks", "*", "height", "24"), said("null"))
    refused = state.sync(serve(chains.cut(chains.four(), 25), withheld).url)
    assert refused.status == 4, refused.told
    assert state.incidents() != []


SHAPES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no witness": lambda block: block.pop("witness"),
    "header no hex": lambda block: block.update(header="xyz"),
    "empty header": lambda block: block.update(header=""),
    "empty witness": lambda block: block.update(witness=""),
    "height as text": lambda block: block.update(height="3"),
    "height of 64 bits": lambda block: block.update(height=2**63),
    "no transactions": lambda block: block.update(transactions=None),
    "transaction without data": lambda block: block.update(
        transactions=[{"rid": "00" * 32, "hash": "00" * 32}]
    ),
    "null for a transaction": lambda block: block.update(transactions=[None]),
    "short RID": lambda block: block.update(rid="00" * 31),
    "time without end": lambda block: block.update(timestamp=float("inf")),
}


def test_whatever_shape_blocks_have_another_node_is_asked(state: State, serve: Serve) -> None:
    chain = chains.cut(chains.four(), 25)
    bad = {serve(chain, in_shape(change)).url: name for name, change in SHAPES.items()}
    ended = state.sync(*bad, serve(chain).url)
    assert ended.status == 0, ended.told
    assert ended.line["height"] == 24
    failed = {each["url"] for each in state.status()["nodes"] if each["failure"]}
    assert [name for url, name in bad.items() if url not in failed] == []


NONSENSE = [
    (("brid",), said("no hex", kind="text/plain")),
    (("brid",), said("00" * 31, kind="text/plain")),
    (("brid",), failure(404, "Not Found", "no such chain")),
    (("blockchain",), said('{"blockHeight":-1}')),
    (("blockchain",), said('{"blockHeight":null}')),
    (("blockchain",), said('{"blockHeight":1e30}')),
    (("blockchain",), failure(400, "Bad Request", "no")),
    (("config", "*", "next_height"), said('{"blockHeight":"0"}')),
    (("config", "*", "next_height"), failure(404, "Route not found", None)),
    (("config", "*", "next_height"), failure(403, "Forbidden", "no")),
    (("version",), said('{"version":"new"}')),
    (("version",), failure(500, "Internal Server Error", "boom")),
    (("version",), failure(404, "Not Found", "gone")),
]


@pytest.mark.parametrize("first", ["brid", "blockchain", "config", "version"])
def test_whatever_nonsense_is_answered_another_node_is_asked(state: State, serve: Serve, first: str) -> None:
    chain = chains.cut(chains.four(), 25)
    bad = [serve(chain, of(to_path(*path), answer)) for path, answer in NONSENSE if path[0] == first]
    ended = state.sync(*(each.url for each in bad), serve(chain).url)
    assert ended.status == 0, ended.told
    assert ended.line["height"] == 24


def test_a_node_that_does_not_tell_its_version_is_used_all_the_same(state: State, serve: Serve) -> None:
    node = serve(chains.cut(chains.four(), 25), of(to_path("version"), failure(404, "Route not found", None)))
    ended = state.sync(node.url)
    assert ended.status == 0, ended.told
    assert ended.line["height"] == 24


def test_a_list_that_breaks_off_is_asked_for_again(state: State, serve: Serve) -> None:
    node = serve(chains.four())
    whole: dict[Question, int] = {}

    def torn(question: Question, answer: Answer) -> Any:
        if not is_list(question) or whole.setdefault(question, 0) >= 2:
            return None
        whole[question] += 1
        return cut_short(rendered(answer), after=5_000)

    node.rules.append(torn)
    ended = state.sync(node.url, window=50)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told


def test_connections_that_are_cut_off_are_made_again(state: State, serve: Serve) -> None:
    node = serve(chains.four(), of(is_list, reset, times=2), of(to_path("config"), reset, times=1))
    ended = state.sync(node.url, window=50)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told


def test_a_list_that_always_breaks_off_is_no_answer(state: State, serve: Serve) -> None:
    def torn(question: Question, answer: Answer) -> Any:
        return cut_short(rendered(answer), after=5_000) if is_list(question) else None

    torn_node = serve(chains.four(), torn)
    ended = state.sync(torn_node.url)
    assert ended.status == 5, ended.told
    assert "breaks off" in ended.err
    ended = state.sync(torn_node.url, serve(chains.four()).url)
    assert (ended.status, ended.line["digest"]) == (0, FOUR_DIGEST), ended.told


@pytest.mark.parametrize(
    "answer",
    [
        failure(503, "Service Unavailable", "Blockchain is unavailable"),
        failure(429, "Too Many Requests", "slow down", ("retry-after", "1")),
        failure(429, "Too Many Requests", "slow down"),
        failure(500, "Internal Server Error", "boom"),
        failure(502, "Bad Gateway", None),
    ],
    ids=["503", "429 with a wish", "429", "500", "502"],
)
def test_a_node_that_is_busy_for_a_moment_is_waited_for(state: State, serve: Serve, answer: Answer) -> None:
    node = serve(
        chains.four(),
        of(is_list, answer, times=2),
        of(to_path("blockchain"), answer, times=1),
        of(to_path("config"), answer, times=1),
    )
    ended = state.sync(node.url)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told


def test_a_node_that_is_busy_for_long_is_told(state: State, serve: Serve) -> None:
    node = serve(chains.four(), of(is_list, failure(503, "Service Unavailable", "Blockchain is unavailable")))
    ended = state.sync(node.url)
    assert ended.status == 5, ended.told
    assert "503" in ended.err
    assert "Blockchain is unavailable" in ended.err


def test_a_node_that_asks_to_wait_for_an_hour_is_passed_over(state: State, serve: Serve) -> None:
    busy = failure(429, "Too Many Requests", "slow down", ("retry-after", "3600"))
    node = serve(chains.four(), of(is_list, busy))
    ended = state.sync(node.url, serve(chains.four()).url)
    assert (ended.status, ended.line["digest"]) == (0, FOUR_DIGEST), ended.told


def test_a_slow_node_is_waited_for(state: State, serve: Serve) -> None:
    ended = state.sync(serve(chains.four(), late(0.4)).url, window=30)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told


@pytest.mark.parametrize("processes", [1, 2])
def test_a_node_that_dies_in_the_middle_is_told_and_what_came_is_folded(
    state_for: StateFor, serve: Serve, processes: int
) -> None:
    state = state_for(processes)
    node = serve(chains.four())
    gone = threading.Event()

    def die(question: Question, answer: Answer) -> Any:
        if question.parameter("before-height") == "70":
            gone.set()
        return reset if gone.is_set() else None

    node.rules.append(die)
    ended = state.sync(node.url, window=10, processes=processes)
    assert ended.status == 5, ended.told
    assert 39 <= ended.line["height"] <= 79, ended.told
    node.rules.clear()
    again = state.sync(node.url, window=10, processes=processes)
    assert (again.status, again.line["digest"]) == (3, FOUR_DIGEST), again.told
    state.checked()


def test_a_node_that_dies_hands_over_to_the_next(installation: Installation, serve: Serve) -> None:
    first, second = serve(chains.four()), serve(chains.four())
    first.rules.append(of(lambda question: question.parameter("before-height") == "70", reset))
    for processes in (1, 2):
        ended = installation.sync(first.url, second.url, window=10, processes=processes)
        assert (ended.status, ended.line["digest"]) == (0, FOUR_DIGEST), ended.told


def test_a_node_that_never_answers_holds_up_nobody_where_there_is_another(state: State, serve: Serve) -> None:
    first, second = serve(chains.four(), of(lambda _: True, silence(300))), serve(chains.four())
    ended = state.sync(first.url, second.url)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told
    assert f"node {first.url}: no answer to GET /brid/iid_1 in 6 s; another node is asked" in ended.err
    (row,) = [each for each in state.status()["nodes"] if each["url"] == first.url]
    assert "no answer" in row["failure"]


def test_words_of_a_node_reach_no_terminal_as_commands(state: State, serve: Serve) -> None:
    words = "\x1b[2J\x07 you have been hacked \u202e" + "x" * 5_000
    node = serve(chains.four(), of(is_blocks, failure(400, "Bad Request", words)))
    ended = state.sync(node.url)
    assert ended.status == 5, ended.told
    assert "\x1b" not in ended.err
    assert "\x07" not in ended.err
    assert "x" * 1_000 not in ended.err


def gone_after(number: int, *, questions: int) -> Rule:
    """From that question on the node cuts every connection off, for so many questions."""
    count = itertools.count(1)

    def rule(question: Question, answer: Answer) -> Any:
        return reset if number <= next(count) < number + questions else None

    return rule


@pytest.mark.parametrize("number", [2, 3, 5, 8, 12])
def test_a_node_that_goes_away_and_comes_back_is_waited_for(state: State, serve: Serve, number: int) -> None:
    node = serve(chains.four(), gone_after(number, questions=8))
    ended = state.sync(node.url, window=10, processes=1, patience=20)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told
    assert "It is waited for, at most 20 s (--patience)." in ended.err
    assert state.incidents() == []
    (row,) = state.status()["nodes"]
    assert row["failure"] == ""
    state.checked()


def test_a_node_that_starts_has_no_chain_for_a_while_and_is_waited_for(state: State, serve: Serve) -> None:
    missing = failure(404, "Not Found", "Can't find blockchain with chain Iid: 1")
    node = serve(chains.four(), of(lambda _: True, missing, times=6))
    ended = state.run("sync", f"--node={node.url}")
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told
    assert "waited for, at most 30 s" in ended.err


@pytest.mark.parametrize("answer", [*STARTING.values(), GARBAGE["404 without words"]])
def test_a_node_that_gave_the_chain_before_and_starts_again_is_waited_for(
    state: State, serve: Serve, answer: Answer
) -> None:
    """Its directory chain is there first: so it runs a chain already, and not yet the one that is meant."""
    node = serve(chains.cut(chains.four(), 25))
    assert state.sync(node.url).status == 0
    node.chain = chains.four()
    node.rules.append(of(lambda question: question.path[0] != "brid", answer, times=6))
    ended = state.run("sync", f"--node={node.url}", f"--brid={chains.FOUR}")
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told
    assert "waited for, at most 30 s" in ended.err


def test_a_node_that_does_not_come_back_is_given_up(state: State, serve: Serve) -> None:
    node = serve(chains.four(), gone_after(6, questions=100_000))
    ended = state.sync(node.url, window=10, processes=1, patience=1)
    assert ended.status == 5, ended.told
    assert "at most 1 s (--patience)" in ended.err


@pytest.mark.parametrize("patience", ["-1", "nan", "90000", "soon"])
def test_a_patience_that_cannot_be_meant_is_told(state: State, patience: str) -> None:
    ended = state.sync("http://127.0.0.1:9", patience=patience)
    assert ended.status == 2, ended.told
    assert "patience" in ended.err


def test_where_the_node_is_down_the_one_chain_that_is_here_is_named(state: State, serve: Serve) -> None:
    node = serve(chains.cut(chains.four(), 25))
    assert state.sync(node.url).status == 0
    node.stop()
    ended = state.sync(node.url)
    assert ended.status == 5, ended.told
    assert (ended.line["chain"], ended.line["height"]) == (chains.FOUR, 24)
    assert f"What is here is chain {chains.FOUR}, up to height 24." in ended.err
    (row,) = state.status()["nodes"]
    assert row["failure"] == "" or row["failed_at"] is not None


def test_a_failure_that_is_over_is_not_told_any_more(state: State, serve: Serve) -> None:
    node = serve(chains.cut(chains.four(), 25), of(to_path("blockchain"), GARBAGE["404"], times=4))
    assert state.sync(node.url).status == 5
    node.rules[:] = [of(to_path("blocks"), GARBAGE["400"], times=1)]
    assert state.sync(node.url).status == 5
    assert state.status()["nodes"][0]["failure"] != ""
    node.rules.clear()
    assert state.sync(node.url).status == 0
    assert state.status()["nodes"][0]["failure"] == ""


def test_a_chain_that_stands_still_is_complete_only_as_far_as_its_nodes_go(
    state: State, serve: Serve
) -> None:
    ended = state.sync(serve(chains.cut(chains.four(), 25)).url)
    assert ended.status == 0, ended.told
    assert "No block came since. By its configuration it makes one every" in ended.err
    assert "Complete as far as its nodes go: every block is on chain" in ended.err


def test_a_replica_that_catches_up_itself_says_so(state: State, serve: Serve) -> None:
    importing = of(to_path("blockchain", "*", "nodestate"), said('{"state":"IMPORTING_FORKED"}'))
    ended = state.sync(serve(chains.cut(chains.four(), 25), importing).url)
    assert ended.status == 0, ended.told
    assert "Its nodes do not have all of it yet, as they say themselves: IMPORTING_FORKED." in ended.err
    assert "Complete as far as its nodes go" in ended.err
