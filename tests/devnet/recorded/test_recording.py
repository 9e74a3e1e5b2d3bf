"""Reading a recorded chain from its folder, with whatever files are there."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from devnet.recorded.node import RecordedNode
from devnet.recorded.recording import NotARecording, load
from devnet.rest.exchange import OCTETS, Question
from tests.devnet.served import RECORDINGS, Served


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A recording with nothing but its chain."""
    shutil.copy(RECORDINGS / "four-validators" / "chain.jsonl", tmp_path)
    return tmp_path


def test_the_chain_alone_is_enough(copy: Path) -> None:
    recording = load(copy)
    assert (recording.next_height, recording.spelling.iid) == (116, 1)
    node = RecordedNode(recording)
    spelling = recording.spelling
    assert node.answer(spelling.question("GET", "/brid/iid_1")).body == spelling.brid.encode()
    assert node.answer(spelling.question("GET", "/version")).body == b'{"version":5}'
    assert node.answer(spelling.question("GET", "/config/iid_1/next_height?height=-1")).body == b"null"
    assert node.answer(spelling.question("GET", "/config/iid_1", accept=OCTETS)).status == 400
    rid = next(iter(recording.transactions))
    assert node.answer(spelling.question("GET", f"/tx/iid_1/{rid}/confirmationProof")).status == 200
    assert node.answer(spelling.question("GET", "/node/iid_1/my_status")).status == 400


@pytest.mark.parametrize(("stated", "served_height"), [(50, 50), (116, 116), (9999, 116), (0, 0)])
def test_the_story_says_where_the_chain_ends(copy: Path, stated: int, served_height: int) -> None:
    (copy / "story.json").write_text(json.dumps({"height": stated}))
    recording = load(copy)
    assert recording.next_height == served_height
    height = recording.spelling.question("GET", "/blockchain/iid_1/height")
    assert json.loads(RecordedNode(recording).answer(height).body) == {"blockHeight": served_height}
    newest = RecordedNode(recording).answer(recording.spelling.question("GET", "/blocks/iid_1?limit=1"))
    assert [block["height"] for block in json.loads(newest.body)] == (
        [served_height - 1] if served_height else []
    )


def write(folder: Path, name: str, items: Iterable[object]) -> None:
    (folder / name).write_text("".join(json.dumps(item) + "\n" for item in items))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("chain.jsonl", "", "no file names the chain's RID"),
        ("chain.jsonl", "garbage", "line 1: no JSON"),
        ("chain.jsonl", "[]", "line 1: no JSON object"),
        ("chain.jsonl", '{"request":{}}', "no file names the chain's RID"),
        ("chain.jsonl", '{"request":{},"response":{}}', "not in the form of a recording"),
        ("story.json", "{", "no JSON"),
        ("story.json", '{"height":"x"}', "not in the form of a recording"),
        ("all-proofs.jsonl", '{"tx_rid":7}', "not in the form of a recording"),
        (
            "node.jsonl",
            '{"request":{"method":"GET","path":"/"},"response":{}}',
            "not in the form of a recording",
        ),
    ],
)
def test_a_damaged_recording_says_what_is_wrong(copy: Path, name: str, text: str, message: str) -> None:
    (copy / name).write_text(text)
    with pytest.raises(NotARecording, match=message):
        load(copy)


def test_a_chain_with_a_hole_is_no_recording(copy: Path) -> None:
    items = [json.loads(line) for line in (copy / "chain.jsonl").read_text().splitlines()]
    write(copy, "chain.jsonl", items[:4] + items[5:])
    with pytest.raises(NotARecording, match="has no block 66"):
        load(copy)


def test_questions_that_mean_the_same_are_equal(four: Served) -> None:
    spelling = four.recording.spelling
    one = spelling.question("GET", f"/blocks/{spelling.brid.lower()}?limit=2&before-height=5", accept="*/*")
    assert one == spelling.question("GET", "/blocks/iid_1?before-height=5&limit=2", accept="text/html")
    assert one == Question("GET", ("blocks", spelling.brid), (("before-height", "5"), ("limit", "2")))
