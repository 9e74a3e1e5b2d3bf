"""Serves a recorded chain as its node did: `python -m devnet.recorded FOLDER [--port P] [--host H]`.

A question that was recorded gets the recorded answer: status, reason, headers, body. Any other is composed
from the chain's own content (`devnet.rest.composed`). Two kinds of recorded answers are not given, so that a
client sees one chain standing still: those that knew another head than the one served
(`devnet.recorded.recording` says which that is, `devnet.recorded.contradiction` which answers go), and 503,
which a node says only while it changes its configuration.

Questions are compared in one spelling (`devnet.rest.exchange`), so that a chain's internal number, lowercase
hex or JSON with other white space find the recorded answer too. Of the Accept header it counts only whether
it names `application/octet-stream`, as on a node. Answers are packed with gzip for clients that accept it.
"""

import argparse
import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from devnet.recorded.chain import RecordedChain
from devnet.recorded.contradiction import contradicts
from devnet.recorded.recording import NotARecording, Recording, load
from devnet.rest.composed import compose
from devnet.rest.exchange import Answer, Question, Spelling
from devnet.rest.server import NodeServer


class RecordedNode:
    """Answers questions for the node that was recorded, or for the n-th of its peers as far as the key goes
    that it says is its own. Raises NotARecording where it had fewer.
    """

    def __init__(self, recording: Recording, *, peer: int = 0) -> None:
        self.recording = recording
        self._chain = RecordedChain(recording)
        self._recorded: dict[Question, Answer] = {}
        for exchange in recording.exchanges:
            if not contradicts(recording, exchange):
                self._recorded.setdefault(exchange.question, exchange.answer)
        if peer:
            self._speak_as(peer)

    def _speak_as(self, peer: int) -> None:
        own, others = (
            self.spelling.question("GET", f"/node/{self.spelling.brid}/{name}")
            for name in ("my_status", "statuses")
        )
        peers = json.loads(self._recorded[others].body) if others in self._recorded else []
        if own not in self._recorded or not 0 < peer <= len(peers):
            raise NotARecording(f"peer {peer} was not recorded: this node had {len(peers)} peers")
        status = {**json.loads(self._recorded[own].body), "pubKey": peers[peer - 1]["pubKey"]}
        body = json.dumps(status, separators=(",", ":")).encode()
        self._recorded[own] = replace(self._recorded[own], body=body)

    @property
    def spelling(self) -> Spelling:
        """How its chain is named."""
        return self.recording.spelling

    def answer(self, question: Question) -> Answer:
        """The recorded answer, else one composed from the chain."""
        return self._recorded.get(question) or compose(self._chain, question)


class RecordedServer(NodeServer):
    """HTTP for one recorded node."""

    node: RecordedNode


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until Ctrl-C (status 0); 2 where the folder or the port will not do."""
    parser = argparse.ArgumentParser(prog="python -m devnet.recorded", description="Serve a recorded chain.")
    parser.add_argument(
        "folder", type=Path, help="a folder with chain.jsonl, such as tests/recordings/four-validators"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=7740, help="port to listen on (7740); 0 takes a free one")
    parser.add_argument(
        "--peer",
        type=int,
        default=0,
        help="say that one is the n-th of its peers: to have two nodes",
    )
    parser.add_argument(
        "--while-open", action="store_true", help="end when stdin is closed, as by the end of who started it"
    )
    options = parser.parse_args(arguments)
    try:
        node = RecordedNode(load(options.folder), peer=options.peer)
        server = RecordedServer(node, host=options.host, port=options.port)
    except NotARecording as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, OverflowError) as error:
        print(f"cannot listen on {options.host}:{options.port}: {error}; try --port 0", file=sys.stderr)
        return 2
    if options.while_open:
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    return _run(server)


def _end_with_stdin(server: RecordedServer) -> None:
    sys.stdin.buffer.read()
    server.shutdown()


def _run(server: RecordedServer) -> int:
    recording = server.node.recording
    with server:
        print(
            f"chain {recording.spelling.brid}, next height {recording.next_height}, at {server.url}",
            flush=True,
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0
