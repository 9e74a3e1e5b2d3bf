"""What a new user sees of `sync` with honest nodes."""

import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from tests.endtoend import chains
from tests.endtoend.chains import FOUR, FOUR_DIGEST, ONE
from tests.endtoend.commands import ROOT, Ended, Installation, State
from tests.endtoend.hostile import HostileNode, failure, is_blocks, is_list, listed, of, said, to_path

Serve = Callable[..., HostileNode]


def test_without_a_node_the_recorded_chain_is_indexed_and_one_line_says_so(
    installation: Installation,
) -> None:
    ended = installation.sync()
    assert ended.status == 3, ended.told
    line = ended.line
    assert line.pop("seconds") < 60
    assert line == {
        "chain": FOUR,
        "height": 115,
        "blocks": 116,
        "transactions": 134,
        "operations": 263,
        "records": 225,
        "live": 121,
        "digest": FOUR_DIGEST,
        "incidents": 0,
        "unproved": 2,
        "last_block_at": "2026-11-23T22:53:10.778000+00:00",
        "exit": 3,
    }
    assert "No NODE was given" in ended.err
    assert "116 of 116 blocks in, 116 folded" in ended.err
    assert ended.err.count("Not proved: configuration at height") == 2
    assert "\r" not in ended.err
    assert "\x1b" not in ended.err
    assert not installation.server_is_up
    assert installation.is_deserted()


def test_progress_is_a_bar_where_stderr_is_a_terminal(installation: Installation, serve: Serve) -> None:
    node = serve(chains.four())
    ours, theirs = pty.openpty()
    command = [sys.executable, "manage.py", "sync", f"--node={node.url}", "--window=10"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=installation.environment, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    shown = b""
    try:
        while more := os.read(ours, 65536):
            shown += more
    except OSError:  # the terminal's other end is closed
        pass
    os.close(ours)
    out, _ = process.communicate()
    assert Ended(process.returncode, out, shown.decode()).line["exit"] == 3
    bars = re.findall(r"\r\x1b\[K\[([#.]{30})\] ", shown.decode())
    assert bars[-1] == "#" * 30
    assert [each.count("#") for each in bars] == sorted(each.count("#") for each in bars)


def test_a_second_run_does_not_start_its_progress_over(state: State, serve: Serve) -> None:
    node = serve(chains.four())
    state.sync(node.url)
    again = state.sync(node.url)
    assert "116 of 116 blocks in, 116 folded" in again.err
    assert " 0 folded" not in again.err


def test_a_chain_whose_signers_never_change_is_proved_by_one_node(state: State, serve: Serve) -> None:
    ended = state.sync(serve(chains.one()).url)
    assert ended.status == 0, ended.told
    assert (ended.line["height"], ended.line["unproved"], ended.line["incidents"]) == (210, 0, 0)
    assert "Complete" in ended.err


def test_a_second_node_confirms_changes_of_signers(state: State, serve: Serve) -> None:
    ended = state.sync(serve(chains.four()).url, serve(chains.four()).url)
    assert ended.status == 0, ended.told
    assert (ended.line["unproved"], ended.line["digest"]) == (0, FOUR_DIGEST)


def test_one_node_under_two_names_confirms_nothing(state: State, serve: Serve) -> None:
    node = serve(chains.four())
    ended = state.sync(node.url, node.url.replace("127.0.0.1", "localhost"))
    assert (ended.status, ended.line["unproved"]) == (3, 2), ended.told
    assert "One node alone says so, under several names" in ended.err
    assert "One node alone cannot be caught withholding" in ended.err


def test_an_old_node_without_the_newer_routes_will_do(state: State, serve: Serve) -> None:
    node = serve(
        chains.one(),
        of(to_path("version"), said('{"version":4}')),
        of(to_path("blockchain", "*", "nodestate"), failure(404, "Route not found", None)),
    )
    ended = state.sync(node.url)
    assert ended.status == 0, ended.told
    assert ended.line["height"] == 210


def test_a_node_below_a_path_and_behind_a_password_will_do_for_every_process(
    installation: Installation, serve: Serve
) -> None:
    node = serve(chains.four(), prefix="/a/node", authorization="Basic dXNlcjpwYXNz")
    url = f"http://user:pass@127.0.0.1:{node.port}/a/node"
    ended = installation.sync(url, processes=2, window=7)
    assert ended.status == 3, ended.told
    assert ended.line["digest"] == FOUR_DIGEST
    assert "pass" not in ended.err
    assert "user:pass" not in installation.run("status").out


def test_a_second_run_goes_on_where_the_chain_has_grown(state: State, serve: Serve) -> None:
    node = serve(chains.cut(chains.four(), 20))
    first = state.sync(node.url)
    assert (first.status, first.line["height"]) == (0, 19), first.told
    node.chain = chains.four()
    node.asked.clear()
    second = state.sync(node.url)
    assert (second.status, second.line["height"]) == (3, 115), second.told
    assert second.line["digest"] == FOUR_DIGEST
    lowest = [question.parameter("limit") for question in node.asked if is_list(question)]
    assert lowest == ["96"]
    third = state.sync(node.url)
    assert third.line["digest"] == FOUR_DIGEST
    state.checked()


def test_the_head_may_move_while_a_run_is_under_way(state: State, serve: Serve) -> None:
    node = serve(chains.cut(chains.four(), 60))

    def grow(question: object, answer: object) -> None:
        node.chain = chains.four()

    node.rules.append(lambda question, answer: grow(question, answer) if is_list(question) else None)
    first = state.sync(node.url, window=10)
    assert (first.status, first.line["height"]) == (3, 59), first.told
    second = state.sync(node.url)
    assert (second.line["height"], second.line["digest"]) == (115, FOUR_DIGEST)


def test_a_node_that_is_behind_what_is_stored_is_told_and_loses_nothing(state: State, serve: Serve) -> None:
    whole = state.sync(serve(chains.four()).url)
    stale = serve(chains.cut(chains.four(), 50))
    alone = state.sync(stale.url)
    assert alone.status in (3, 5), alone.told
    assert (alone.line["height"], alone.line["digest"]) == (115, whole.line["digest"])
    with_another = state.sync(stale.url, serve(chains.four()).url)
    assert with_another.status in (0, 3), with_another.told
    assert (with_another.line["height"], with_another.line["incidents"]) == (115, 0)


def test_a_stale_first_node_does_not_hide_the_head_of_the_second(state: State, serve: Serve) -> None:
    stale, fresh = serve(chains.cut(chains.one(), 50)), serve(chains.one())
    ended = state.sync(stale.url, fresh.url)
    assert ended.status == 0, ended.told
    assert ended.line["height"] == 210


def test_two_states_are_filled_side_by_side(
    new_installation: Callable[[], Installation], serve: Serve
) -> None:
    first, second = serve(chains.four()), serve(chains.one())
    started = [new_installation().start_sync(node.url) for node in (first, second)]
    four, one = [each.ended().in_plain_words() for each in started]
    assert (four.status, one.status) == (3, 0), four.told + one.told
    assert (four.line["chain"], one.line["chain"]) == (FOUR, ONE)


def test_two_runs_over_one_state_at_once_do_each_other_no_harm(
    installation: Installation, serve: Serve
) -> None:
    nodes = [serve(chains.four()) for _ in range(3)]
    started = [installation.start_sync(node.url, window=7) for node in nodes]
    for each in started:
        ended = each.ended().in_plain_words()
        assert ended.status == 3, ended.told
    assert installation.sync(nodes[0].url).line["digest"] == FOUR_DIGEST
    installation.checked()
    assert not installation.server_is_up


def test_a_chain_is_named_in_either_case_and_several_share_a_state(state: State, serve: Serve) -> None:
    four, one = serve(chains.four()), serve(chains.one())
    assert state.sync(four.url, brid=FOUR.lower()).line["chain"] == FOUR
    assert state.sync(one.url, brid=ONE).status == 0
    assert state.sync(four.url).line["digest"] == FOUR_DIGEST
    said = json.loads(state.run("status").out)
    assert [each["chain"] for each in said["chains"]] == [FOUR, ONE]
    unnamed = state.run("state")
    assert unnamed.status == 1
    assert FOUR in unnamed.err
    assert ONE in unnamed.err
    assert len(state.records("--chain", FOUR.lower())) == 121
    state.checked()
    reindexed = state.run("reindex", "--chain", ONE)
    assert reindexed.status == 0, reindexed.told
    assert FOUR not in reindexed.out


def test_a_node_that_does_not_have_the_chain_is_told_and_leaves_no_trace_of_it(
    state: State, serve: Serve
) -> None:
    ended = state.sync(serve(chains.one()).url, brid=FOUR)
    assert ended.status == 5, ended.told
    assert "does not have this chain" in ended.err
    assert ended.line["chain"] == FOUR
    assert json.loads(state.run("status").out) == {"chains": []}


def test_a_node_that_gives_another_chain_under_the_asked_name_is_refused(state: State, serve: Serve) -> None:
    masked = chains.with_configurations(chains.four(), chains.one().configurations)
    ended = state.sync(serve(masked).url)
    assert ended.status == 4, ended.told
    assert "“configuration”" in ended.err
    assert "not to the blockchain RID" in ended.err
    assert (ended.line["height"], ended.line["incidents"]) == (-1, 1)
    assert state.incidents() == [("refused-configuration", 0)]


def test_where_no_node_listens_it_says_so(installation: Installation, serve: Serve) -> None:
    node = serve(chains.one())
    port = node.port
    node.stop()
    ended = installation.sync(f"http://127.0.0.1:{port}")
    assert ended.status == 5, ended.told
    assert "no connection" in ended.err
    assert [ended.line[name] for name in ("chain", "height", "digest")] == [None, None, None]
    assert not installation.server_is_up


def test_a_dead_node_is_passed_over(state: State, serve: Serve) -> None:
    dead, alive = serve(chains.one()), serve(chains.one())
    dead.stop()
    ended = state.sync(dead.url, alive.url)
    assert (ended.status, ended.line["height"]) == (0, 210), ended.told


@pytest.mark.parametrize(
    "arguments",
    [
        ["--node=ftp://localhost:7740"],
        ["--node=localhost:7740"],
        ["--node=http://"],
        ["--node=http://localhost:99999"],
        ["--node=http://localhost:7740?x=1"],
        ["--node=http://localhost:7740,nonsense"],
        ["--node=,"],
        ["--brid=xyz"],
        [f"--brid={FOUR[:-1]}"],
        ["--window=0"],
        ["--window=101"],
        ["--processes=-1"],
    ],
    ids=" ".join,
)
def test_an_option_that_cannot_be_meant_is_told(state: State, arguments: list[str]) -> None:
    ended = state.run("sync", *arguments)
    assert ended.status == 2, ended.told
    assert len(ended.err.splitlines()) == 1, ended.told
    assert ended.line["chain"] is None


def test_a_setting_that_cannot_be_meant_is_told(installation: Installation) -> None:
    installation.environment["DATABASE_URL"] = "nonsense"
    ended = installation.run("sync")
    assert ended.status == 2, ended.told
    assert len(ended.err.splitlines()) == 1, ended.told
    assert ended.line["chain"] is None


@pytest.mark.parametrize("argument", ["--window=many", "--processes=some", "--unknown"])
def test_an_option_that_the_command_line_cannot_read_is_told_with_the_usage(
    installation: Installation, argument: str
) -> None:
    ended = installation.run("sync", argument)
    assert ended.status == 2, ended.told
    assert "usage:" in ended.err
    assert ended.line["chain"] is None
    assert not installation.server_is_up


@pytest.mark.parametrize("named", [True, False])
def test_an_empty_chain_has_height_minus_one_and_its_rid_as_digest(
    state: State, serve: Serve, named: bool
) -> None:
    empty = chains.begun(chains.configuration(named=named))
    node = serve(empty)
    ended = state.sync(node.url)
    assert ended.status == 0, ended.told
    brid = empty.spelling.brid
    told = {name: ended.line[name] for name in ("chain", "height", "blocks", "records", "digest")}
    assert told == {"chain": brid, "height": -1, "blocks": 0, "records": 0, "digest": brid}
    assert state.records() == []
    state.checked()
    node.chain = chains.grown(empty, [], extra=None if named else {})
    grown = state.sync(node.url)
    assert (grown.status, grown.line["height"], grown.line["digest"]) == (0, 0, brid), grown.told


def test_lists_may_be_cut_short_anywhere(state: State, serve: Serve) -> None:
    node = serve(chains.four(), listed(lambda blocks: blocks[:3]))
    ended = state.sync(node.url)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told


def test_a_node_that_gives_empty_lists_is_asked_for_blocks_one_by_one(state: State, serve: Serve) -> None:
    node = serve(chains.cut(chains.four(), 30), listed(lambda blocks: []))
    ended = state.sync(node.url)
    assert (ended.status, ended.line["height"]) == (0, 29), ended.told


def test_several_processes_give_the_same_digest(installation: Installation, serve: Serve) -> None:
    ended = installation.sync(serve(chains.four()).url, window=5, processes=3)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told
    assert "116 of 116 blocks in, 116 folded" in ended.err
    installation.checked()


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_windows_of_any_size_give_the_same_digest(state: State, serve: Serve, size: int) -> None:
    node = serve(chains.four())
    ended = state.sync(node.url, window=size)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told
    limits = {int(question.parameter("limit") or 0) for question in node.asked if is_list(question)}
    assert max(limits) == size
    assert threading.active_count() < 200
    assert sum(is_blocks(question) for question in node.asked) >= 116 // size
