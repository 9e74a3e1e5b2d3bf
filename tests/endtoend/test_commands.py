"""What `state`, `status`, `derive`, `fsck` and `reindex` say, and what they say to a mistake."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.endtoend import chains
from tests.endtoend.chains import FOUR, FOUR_DIGEST, ONE, RECORDINGS
from tests.endtoend.commands import ROOT, Installation, State
from tests.endtoend.hostile import HostileNode
from tests.endtoend.inprocess import InProcess

Serve = Callable[..., HostileNode]


def story(name: str) -> dict[str, Any]:
    return dict(json.loads((RECORDINGS / name / "story.json").read_text()))


@pytest.mark.parametrize("name", ["four-validators", "one-validator"])
def test_state_gives_what_the_node_gave_after_any_block(state: State, serve: Serve, name: str) -> None:
    state.sync(serve(chains.recorded(name)).url, window=7)
    recorded = (RECORDINGS / name / "state.jsonl").read_text()
    assert state.records() == [json.loads(line) for line in recorded.splitlines()]
    steps = {each["height"]: each for each in story(name)["states"]}
    heights = sorted(steps)
    for height in (heights[1], heights[len(heights) // 2], heights[-2], heights[-1]):
        found = state.records("--at", str(height))
        assert [each["prompt_id"] for each in found] == steps[height]["order"], height
        created = {str(each["prompt_id"]): each["created_at"] for each in found}
        assert created == steps[height]["created_at"], height


def test_state_prints_the_recorded_lines_letter_for_letter(indexed: State) -> None:
    ended = indexed.run("state", "--chain", FOUR)
    assert ended.out == (RECORDINGS / "four-validators" / "state.jsonl").read_text()
    assert ended.err == ""


def test_what_is_hidden_is_shown_again_when_that_is_taken_back(indexed: InProcess) -> None:
    recorded = (RECORDINGS / "four-validators" / "state.jsonl").read_text()
    with indexed.connect() as connection:
        found = connection.execute("SELECT encode(rid, 'hex') FROM indexer_transaction").fetchall()
    named = [f"--transaction={rid}" for (rid,) in found]
    for each in named[:40]:
        assert indexed.run("suppress", each, "--mode=hide", "--reason=r", "--by=b").status == 0
    assert indexed.run("state", "--chain", FOUR).out != recorded
    for each in named[:40]:
        ended = indexed.run("suppress", each, "--undo")
        assert ended.out == "It is hidden no more, and search finds it again.\n", ended.told
    assert indexed.run("state", "--chain", FOUR).out == recorded
    again = indexed.run("suppress", named[0], "--undo")
    assert (again.status, again.out) == (1, "")
    assert "No transaction with this hash is suppressed" in again.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--mode=hide"], "Give --reason, --by too."),
        ([], "Give --mode, --reason, --by too."),
        (["--undo", "--mode=hide", "--by=me"], "--undo goes without --mode, --by."),
    ],
)
def test_half_an_order_to_suppress_is_told(indexed: State, options: list[str], told: str) -> None:
    ended = indexed.run("suppress", f"--content={'ab' * 32}", *options)
    assert (ended.status, ended.out) == (2, "")
    assert told in ended.err


def test_a_stored_block_that_is_damaged_is_told_in_plain_words(indexed: InProcess) -> None:
    with indexed.connect() as connection:
        connection.execute("UPDATE indexer_blockbody SET body = 'no frame' WHERE body IS NOT NULL")
        (rid,) = connection.execute(
            "SELECT encode(rid, 'hex') FROM indexer_transaction ORDER BY height DESC LIMIT 1"
        ).fetchone() or (None,)
    ended = indexed.run("state", "--chain", FOUR)
    assert ended.status == 1
    assert "the stored body cannot be unpacked" in ended.err
    assert "fsck" in ended.err
    ended = indexed.run("suppress", f"--transaction={rid}", "--mode=erase", "--reason=r", "--by=b")
    assert (ended.status, ended.out) == (1, "")
    assert "Nothing was changed. Block" in ended.err


def test_state_before_the_first_record_is_empty(state: State, serve: Serve) -> None:
    state.sync(serve(chains.cut(chains.four(), 8)).url)
    for height in ("-1", "0", "2"):
        assert state.records("--at", height) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--chain", "xyz"], "64 hexadecimal digits"),
        (["--chain", ONE], "is not here"),
        (["--at", "116"], "0 to 115"),
        (["--at", "-2"], "0 to 115"),
        (["--at", "soon"], "must be a height"),
        (["--at", "9" * 5000], "AT must be a height"),
        (["--at", "1.5"], "must be a height"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:20],
)
def test_state_tells_what_is_wrong_with_a_question(indexed: State, arguments: list[str], said: str) -> None:
    ended = indexed.run("state", *arguments)
    assert ended.status == 1, ended.told
    assert ended.out == ""
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert len(ended.err) < 500


@pytest.mark.parametrize("command", ["derive", "fsck", "reindex"])
@pytest.mark.parametrize("chain", ["nonsense", ONE])
def test_a_chain_that_is_not_here_is_told(indexed: State, command: str, chain: str) -> None:
    ended = indexed.run(command, "--chain", chain)
    assert ended.status == 1, ended.told
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["state", "derive", "fsck", "reindex", "status"])
def test_before_any_sync_each_command_says_what_there_is(installation: Installation, command: str) -> None:
    ended = installation.run(command)
    if command == "state":
        assert ended.status == 1, ended.told
        assert "run sync first" in ended.err
    else:
        assert ended.status == 0, ended.told
    assert not installation.server_is_up


def test_reindex_gives_the_same_digest_and_the_next_generation(indexed: State, serve: Serve) -> None:
    before = indexed.records()
    for generation in (2, 3):
        ended = indexed.run("reindex")
        assert ended.status == 0, ended.told
        assert ended.out == f"{FOUR}: generation {generation} to height 115, digest {FOUR_DIGEST}\n"
    assert indexed.records() == before
    indexed.checked()
    assert indexed.sync(serve(chains.four()).url).line["digest"] == FOUR_DIGEST


def test_derive_tells_how_far_each_derivation_is_and_begins_anew_with_the_one_that_is_named(
    indexed: InProcess,
) -> None:
    names = [each["name"] for each in indexed.status()["lags"]]
    told = "".join(f"{FOUR}: {name} to height 115\n" for name in names)
    for arguments in ((), ("--anew", "groups"), ("--chain", FOUR)):
        ended = indexed.run("derive", *arguments)
        assert (ended.status, ended.out) == (0, told), ended.told
    assert indexed.run("derive", "--anew", "nonsense").status != 0
    indexed.checked()
    wrong = "UPDATE indexer_count SET count = count + 1 WHERE of = 'groups'"
    with indexed.connect() as connection:
        connection.execute(wrong)
    found = indexed.run("fsck")
    assert found.status == 1, found.told
    assert "count: of groups, count 203: stored, and deriving again does not give it" in found.out
    assert indexed.run("derive", "--anew", "groups").status == 0
    indexed.checked()


def test_purge_writes_the_files_of_reports_anew_too(indexed: InProcess) -> None:
    filed = (
        "INSERT INTO desk.challenges_report (id, number, kind, page, text, contact, filed_at)"
        " VALUES (gen_random_uuid(), 1, 'page', '/', 'my secret', '', now())"
    )
    file = "SELECT pg_relation_filepath('desk.challenges_report')"
    with indexed.connect() as connection:
        connection.execute(filed)
        before = connection.execute(file).fetchone()
        erased = indexed.run("reports", "1", "--erase")
        assert (erased.status, "purge" in erased.err) == (0, True), erased.told
        assert indexed.run("purge").status == 0
        assert connection.execute(file).fetchone() != before


def test_status_says_what_is_indexed(state: State, serve: Serve) -> None:
    node = serve(chains.four())
    state.sync(node.url, window=10)
    told = state.status()
    assert {name: told[name] for name in ("chain", "height", "behind", "records", "live", "digest")} == {
        "chain": FOUR,
        "height": 115,
        "behind": 0,
        "records": 225,
        "live": 121,
        "digest": FOUR_DIGEST,
    }
    assert told["covered"] == [[0, 115]]
    assert told["gaps"] == []
    assert told["unknown_operations"] == [
        {"name": "note_prompt", "times": 2, "first_height": 57, "last_height": 57}
    ]
    assert [each["url"] for each in told["nodes"]] == [node.url]


def test_fsck_names_what_was_tampered_with(indexed: InProcess) -> None:
    indexed.checked()
    first = "(SELECT min(position) FROM indexer_record)"
    wrong = f"UPDATE indexer_operation SET first = first + 1 WHERE position = {first}"
    with indexed.connect() as connection:
        connection.execute(wrong)
    found = indexed.run("fsck")
    assert found.status == 1, found.told
    assert "its row differs from its bytes in first" in found.out
    assert "findings" in found.err


def test_a_reader_that_has_enough_is_no_trouble(indexed_installation: Installation) -> None:
    command = f"{sys.executable} manage.py state | head -c 100"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env=indexed_installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(done.stdout) == 100
