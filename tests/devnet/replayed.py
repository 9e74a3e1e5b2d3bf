"""Recorded chains replayed into a `Dapp`, block by block, and what else was recorded about them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from devnet.dapp.dapp import Dapp, LastBlock
from devnet.recorded.recording import Exchange, Recording, load
from devnet.rest.exchange import Question
from indexer.postchain import configuration, gtx
from tests.devnet.served import RECORDINGS


@dataclass(frozen=True, slots=True)
class Posted:
    """A transaction as it was posted: its step of the story, its bytes, and the answer."""

    label: str
    data: bytes
    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """A recorded chain and its story."""

    folder: Path
    recording: Recording
    story: dict[str, Any]

    def replay(self) -> Iterator[tuple[int, Dapp]]:
        """The dapp after each block, with the block's height; always the same dapp."""
        dapp = Dapp(configuration.decode(self.recording.configurations[0]))
        before = -1
        for block in self.recording.blocks:
            if block.height in self.recording.configurations:
                dapp.adopt(configuration.decode(self.recording.configurations[block.height]))
            for stated in block.stated["transactions"]:
                transaction = gtx.decode(bytes.fromhex(stated["data"]), version=1)
                dapp.execute(transaction, height=block.height, last_block_time=before)
            before = block.timestamp
            yield block.height, dapp

    def last_block_time(self, height: int) -> int:
        """The time of the block below this height."""
        return self.recording.blocks[height - 1].timestamp

    def block(self, height: int) -> LastBlock:
        """The block at a height, also one that came after the chain's own record."""
        for exchange in self.recording.exchanges:
            if exchange.question.path[2:] == ("height", str(height)) and not exchange.question.wants_gtv:
                stated = json.loads(exchange.answer.body)
                return LastBlock(height, stated["timestamp"], bytes.fromhex(stated["rid"]))
        block = self.recording.blocks[height]
        return LastBlock(height, block.timestamp, bytes.fromhex(block.rid))

    def posts(self) -> Iterator[Posted]:
        """Every transaction in the order in which it was posted."""
        for line in (self.folder / "posts.jsonl").read_text().splitlines():
            post = json.loads(line)
            request, response = post["request"], post["response"]
            text = request["body"]
            data = json.loads(text)["tx"] if request["content_type"] == "application/json" else text
            answer = json.loads(response["body"])
            yield Posted(post["label"], bytes.fromhex(data), response["status"], answer.get("error", ""))

    def height_of(self, label: str) -> int:
        """The last block's height after a step of the story."""
        return int(next(state["height"] for state in self.story["states"] if state["label"] == label))

    def queries(self) -> Iterator[Exchange]:
        """Every query and its answer."""
        for exchange in self.recording.exchanges:
            if exchange.question.path[0] in ("query", "query_gtv"):
                yield exchange


@cache
def told(name: str) -> Told:
    """The recorded chain in this folder."""
    folder = RECORDINGS / name
    return Told(folder, load(folder), json.loads((folder / "story.json").read_text()))


def named(question: Question) -> str:
    """A question in few words, for a failing test."""
    return f"{question.method} {'/'.join(question.path)} {question.query} {question.body!r:.120}"
