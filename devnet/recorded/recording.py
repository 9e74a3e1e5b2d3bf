"""A recorded chain: a folder of answers that a real node gave, read into memory.

Every line of a `*.jsonl` file with a `request` and a `response` is one exchange. `chain.jsonl` holds the
blocks with their transactions, `all-proofs.jsonl` the confirmation proofs, `story.json` RID and height of the
chain. Only `chain.jsonl` must be there.

Recording takes a while, and the chain goes on meanwhile: some answers know a block that `chain.jsonl` does
not have. The head that counts is `height` in `story.json` (the next block's, as everywhere), else the one
after the highest block of `chain.jsonl`; never above what `chain.jsonl` holds.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from devnet.rest.exchange import CORS, OCTETS, Answer, Question, Spelling
from devnet.rest.view import Block, Transaction

__all__ = ["Block", "Exchange", "NotARecording", "Recording", "Transaction", "load"]

_CHAIN = "chain.jsonl"
_RID_IN_PATH = re.compile(r"/([0-9A-Fa-f]{64})(?:/|$)")


class NotARecording(ValueError):
    """A folder from which no chain can be served; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A recorded question and its answer."""

    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True)
class Recording:
    """What a folder holds. `blocks[height]` is a block, `transactions` are by RID in the chain's order,
    `proofs` (hex) by transaction RID, `configurations` (GTV) by the height at which they were set.
    """

    spelling: Spelling
    blocks: tuple[Block, ...]
    blocks_by_rid: Mapping[str, Block]
    transactions: dict[str, Transaction]
    proofs: Mapping[str, str]
    configurations: Mapping[int, bytes]
    exchanges: tuple[Exchange, ...]

    @property
    def next_height(self) -> int:
        """The height of the block after the last."""
        return len(self.blocks)


def load(folder: Path) -> Recording:
    """The recording in `folder`; raises NotARecording."""
    if not (folder / _CHAIN).is_file():
        raise NotARecording(f"{folder} holds no recorded chain: it has no {_CHAIN}")
    lines = {path.name: list(_lines(path)) for path in sorted(folder.glob("*.jsonl"))}
    story = _json(folder / "story.json", (folder / "story.json").read_text()) if _has_story(folder) else {}
    try:
        return _recording(lines, story)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, NotARecording):
            raise NotARecording(f"{folder}: {error}") from error
        raise NotARecording(f"{folder} is not in the form of a recording: {error!r}") from error


def _has_story(folder: Path) -> bool:
    return (folder / "story.json").is_file()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _json(f"{path}, line {number}", line)


def _json(where: object, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotARecording(f"{where}: no JSON ({error})") from error
    if not isinstance(value, dict):
        raise NotARecording(f"{where}: no JSON object")
    return value


def _recording(lines: Mapping[str, Sequence[dict[str, Any]]], story: Mapping[str, Any]) -> Recording:
    recorded = [line for name in lines for line in lines[name] if "request" in line and "response" in line]
    spelling = _spelling(recorded, story)
    exchanges = tuple(_exchange(line, spelling) for line in recorded)
    blocks = _blocks(lines[_CHAIN], story)
    transactions = (tx for block in blocks for tx in _transactions(block))
    return Recording(
        spelling=spelling,
        blocks=blocks,
        blocks_by_rid={block.rid: block for block in blocks},
        transactions={tx.rid: tx for tx in transactions},
        proofs={line["tx_rid"].upper(): line["proof"] for line in lines.get("all-proofs.jsonl", ())},
        configurations=_configurations(exchanges),
        exchanges=exchanges,
    )


def _spelling(recorded: Iterable[Mapping[str, Any]], story: Mapping[str, Any]) -> Spelling:
    """The chain's names: the RID of `story.json`, else the first in a request; 1 where no number is
    recorded.
    """
    paths = [line["request"]["path"] for line in recorded]
    in_paths = (found[1] for path in paths if (found := _RID_IN_PATH.search(path)))
    brid = story.get("brid") or next(in_paths, None)
    if brid is None:
        raise NotARecording("no file names the chain's RID")
    brid = brid.upper()
    numbers = (
        int(path.removeprefix("/brid/iid_"))
        for path, line in zip(paths, recorded, strict=True)
        if re.fullmatch(r"/brid/iid_\d+", path) and line["response"].get("body", "").strip().upper() == brid
    )
    return Spelling(brid=brid, iid=next(numbers, 1))


def _exchange(line: Mapping[str, Any], spelling: Spelling) -> Exchange:
    request, response = line["request"], line["response"]
    content_type = request.get("content_type", "")
    query = urlencode(request.get("query") or {})
    question = spelling.question(
        request["method"],
        f"{request['path']}?{query}",
        accept=request.get("accept", ""),
        content_type=content_type,
        body=_bytes(request, is_hex=content_type == OCTETS),
    )
    return Exchange(question, _answer(response))


def _answer(response: Mapping[str, Any]) -> Answer:
    status = response["status"]
    if "headers" in response:
        headers = dict(response["headers"])
    else:
        headers = {"content-type": response["content_type"], **dict(CORS), "content-length": ""}
    has_length = headers.pop("content-length", None) is not None
    return Answer(
        status=status,
        reason=response.get("reason") or HTTPStatus(status).phrase,
        headers=tuple(headers.items()),
        body=_bytes(response, is_hex=False),
        is_chunked=not has_length,
    )


def _bytes(message: Mapping[str, Any], *, is_hex: bool) -> bytes:
    """A message's body. Posted octets stand as hex under `body` in `posts.jsonl`, else under `body_hex`."""
    if "body_hex" in message:
        return bytes.fromhex(message["body_hex"])
    text: str = message.get("body") or ""
    return bytes.fromhex(text) if is_hex else text.encode()


def _blocks(chain: Iterable[Mapping[str, Any]], story: Mapping[str, Any]) -> tuple[Block, ...]:
    by_height = {block.height: block for line in chain for block in _stated(line["response"])}
    height = min(story.get("height", len(by_height)), max(by_height, default=-1) + 1)
    missing = [number for number in range(height) if number not in by_height]
    if missing:
        raise NotARecording(f"{_CHAIN} has no block {missing[0]} with its transactions, but later ones")
    return tuple(by_height[number] for number in range(height))


def _stated(response: Mapping[str, Any]) -> Iterator[Block]:
    """The blocks in an answer, without those whose transactions have no data."""
    value = json.loads(response["body"])
    for stated in value if isinstance(value, list) else [value]:
        if stated is not None and all("data" in tx for tx in stated["transactions"]):
            yield Block.read(stated)


def _transactions(block: Block) -> Iterator[Transaction]:
    for tx in block.stated["transactions"]:
        yield Transaction(tx["rid"].upper(), tx["hash"].upper(), tx["data"].upper(), block)


def _configurations(exchanges: Iterable[Exchange]) -> dict[int, bytes]:
    found = {}
    for exchange in exchanges:
        question, answer = exchange.question, exchange.answer
        height = question.parameter("height")
        if (
            answer.status == HTTPStatus.OK
            and question.wants_gtv
            and question.path[0] == "config"
            and len(question.path) == 2
            and height is not None
            and height.isdecimal()
        ):
            found[int(height)] = answer.body
    return found
