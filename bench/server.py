"""A node that serves a chain made by `devnet.serving.build`, cheaply.

It shares the machine with what is measured.

    python -m bench.server FOLDER --port 7740

A page of blocks is one stretch of `blocks.json`, handed from the file to the socket by the kernel. Only what
the indexer asks of a node is answered, as Postchain's REST API version 5 does it, without compression.
"""

import argparse
import json
import os
import re
import sys
import threading
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from devnet.serving.build import BLOCKS, CHAIN, CONFIGURATION, OFFSETS
from indexer.postchain import gtv

JSON: Final = "application/json; charset=utf-8"
OCTETS: Final = "application/octet-stream"
MOST_BLOCKS: Final = 100
USUAL_BLOCKS: Final = 25
_DATA = re.compile(rb',"data":"[0-9A-F]*"')


@dataclass(frozen=True, slots=True)
class Served:
    """A made chain, open for reading: `offsets[height]` is where that block begins in the file of blocks."""

    brid: str
    configuration: bytes
    blocks: int
    end: int
    offsets: Sequence[int]

    @property
    def height(self) -> int:
        """The height of the next block, as everywhere."""
        return len(self.offsets)

    def stretch(self, *, lowest: int, highest: int) -> tuple[int, int]:
        """Where these blocks, newest first and with commas between, begin and end in the file."""
        following = self.offsets[lowest - 1] if lowest > 0 else self.end
        return self.offsets[highest], following - 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: `before`, then a stretch of the file of blocks, then `after`."""

    before: bytes
    stretch: tuple[int, int] = (0, 0)
    after: bytes = b""
    status: HTTPStatus = HTTPStatus.OK
    kind: str = JSON

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self.before) + self.stretch[1] - self.stretch[0] + len(self.after)


class Failure(Exception):
    """A request that is answered with an error; `message` is what the client reads."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status

    def answer(self, accepted: str) -> Answer:
        """Say it in the form that the client accepts, as nodes do."""
        if accepted == OCTETS:
            return Answer(gtv.encode(str(self)), status=self.status, kind=OCTETS)
        return Answer(json.dumps({"error": str(self)}).encode(), status=self.status)


NO_ROUTE: Final = Answer(b"", status=HTTPStatus.NOT_FOUND)
NULL: Final = Answer(b"null")


@contextmanager
def opened(folder: Path) -> Iterator[Served]:
    """Open a folder that `devnet.serving.build` wrote."""
    chain = json.loads((folder / CHAIN).read_text())
    offsets = array("Q", (folder / OFFSETS).read_bytes())
    blocks = os.open(folder / BLOCKS, os.O_RDONLY)
    try:
        end = os.fstat(blocks).st_size
        yield Served(chain["brid"], (folder / CONFIGURATION).read_bytes(), blocks, end, offsets)
    finally:
        os.close(blocks)


def answer(served: Served, path: str, query: Mapping[str, str]) -> Answer:
    """Answer a GET request. Raises Failure, or ValueError for a parameter that is no number."""
    match path.strip("/").split("/"):
        case ["version"]:
            return Answer(b'{"version":5}')
        case ["brid", "iid_1"]:
            return Answer(served.brid.encode(), kind="text/plain; charset=utf-8")
        case [_, chain, *_] if chain not in ("iid_1", served.brid) and chain.upper() != served.brid:
            raise Failure(HTTPStatus.NOT_FOUND, f"Can't find blockchain with blockchainRID: {chain}")
        case ["blockchain", _, "height"]:
            return Answer(b'{"blockHeight":%d}' % served.height)
        case ["blockchain", _, "nodestate"]:
            return Answer(b'{"state":"RUNNING_VALIDATOR"}')
        case ["blocks", _]:
            return _page(served, query)
        case ["blocks", _, "height", height]:
            return _block(served, int(height), query)
        case ["config", _]:
            return _configuration(served, int(query.get("height", -1)))
        case ["config", _, "next_height"]:
            return Answer(b'{"blockHeight":0}') if int(query.get("height", -1)) < 0 else NULL
    return NO_ROUTE


def _page(served: Served, query: Mapping[str, str]) -> Answer:
    limit = min(int(query.get("limit", USUAL_BLOCKS)), MOST_BLOCKS)
    highest = min(int(query.get("before-height", served.height)), served.height) - 1
    lowest = max(highest - limit + 1, 0)
    if limit < 1 or highest < 0:
        return Answer(b"[]")
    stretch = served.stretch(lowest=lowest, highest=highest)
    return _with_data_or_without(served, Answer(b"[", stretch, b"]"), query)


def _block(served: Served, height: int, query: Mapping[str, str]) -> Answer:
    if not 0 <= height < served.height:
        return NULL
    return _with_data_or_without(served, Answer(b"", served.stretch(lowest=height, highest=height)), query)


def _with_data_or_without(served: Served, full: Answer, query: Mapping[str, str]) -> Answer:
    if query.get("txs") == "true":
        return full
    start, end = full.stretch
    return Answer(full.before + _DATA.sub(b"", os.pread(served.blocks, end - start, start)) + full.after)


def _configuration(served: Served, height: int) -> Answer:
    if height in (-1, 0):
        return Answer(served.configuration, kind=OCTETS)
    raise Failure(HTTPStatus.BAD_REQUEST, "Failed to find configuration")


class Server(ThreadingHTTPServer):
    """Serves one made chain on loopback, a thread a connection."""

    daemon_threads = True

    def __init__(self, served: Served, *, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.served = served

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        """Answer, body and all."""
        found = self._found()
        self.send_response(found.status)
        self.send_header("Content-Type", found.kind)
        self.send_header("Content-Length", str(found.length))
        self.end_headers()
        self.wfile.write(found.before)
        self._send_stretch(*found.stretch)
        self.wfile.write(found.after)

    def _found(self) -> Answer:
        url = urlsplit(self.path)
        accepted = self.headers.get("Accept", "")
        try:
            return answer(self.server.served, url.path, dict(parse_qsl(url.query)))
        except Failure as failure:
            return failure.answer(accepted)
        except ValueError as error:
            return Failure(HTTPStatus.BAD_REQUEST, str(error)).answer(accepted)

    def _send_stretch(self, start: int, end: int) -> None:
        self.wfile.flush()
        while start < end:
            start += os.sendfile(self.connection.fileno(), self.server.served.blocks, start, end - start)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a line a request costs more than the request."""


@contextmanager
def serving(folder: Path, *, port: int = 0) -> Iterator[str]:
    """Serve the folder from a thread of this process; gives the URL."""
    with opened(folder) as served, Server(served, port=port) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted, after one line of JSON that says where."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.server", description="Serve a chain for benchmarks."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    given = parser.parse_args(arguments)
    with opened(given.folder) as served, Server(served, port=given.port) as server:
        json.dump({"url": server.url, "brid": served.brid, "height": served.height}, sys.stdout)
        print(flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
