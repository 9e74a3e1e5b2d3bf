"""Serves a recorded chain as its node did: `python -m devnet.recorded FOLDER [--port P] [--host H]`.

A question that was recorded gets the recorded answer: status, reason, headers, body. Any other is composed
from the chain's own content (`devnet.composed`). Two kinds of recorded answers are not given, so that a
client sees one chain standing still: those that knew another head than the one served (`devnet.recording`
says which that is, `devnet.contradiction` which answers go), and 503, which a node says only while it changes
its configuration.

Questions are compared in one spelling (`devnet.exchange`), so that a chain's internal number, lowercase hex
or JSON with other white space find the recorded answer too. Of the Accept header it counts only whether it
names `application/octet-stream`, as on a node. Answers are packed with gzip for clients that accept it.
"""

import argparse
import gzip
import logging
import socketserver
import sys
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from devnet.composed import compose
from devnet.contradiction import contradicts
from devnet.exchange import Answer, Question
from devnet.recording import NotARecording, Recording, load

logger = logging.getLogger(__name__)

_LONGEST_BODY = 64 << 20
_CHUNK = 1 << 16


class RecordedNode:
    """Answers questions for the node that was recorded."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._recorded: dict[Question, Answer] = {}
        for exchange in recording.exchanges:
            if not contradicts(recording, exchange):
                self._recorded.setdefault(exchange.question, exchange.answer)

    def answer(self, question: Question) -> Answer:
        """The recorded answer, else one composed from the chain."""
        return self._recorded.get(question) or compose(self.recording, question)


class RecordedServer(ThreadingHTTPServer):
    """HTTP/1.1 for one recorded node; port 0 takes a free one. Raises OSError where the port is taken."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, node: RecordedNode, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.node = node
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """The address of the REST API."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_bind(self) -> None:
        """Binds without the look-up of the host's name that HTTPServer adds, which can take seconds."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to report; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: RecordedServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = _CHUNK  # head and body leave in one packet

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        node = self.server.node
        question = node.recording.spelling.question(
            self.command,
            self.path,
            accept=self.headers.get("accept", ""),
            content_type=self.headers.get("content-type", ""),
            body=body,
        )
        self._send(node.answer(question))

    do_GET = do_POST = do_HEAD = do_OPTIONS = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _body(self) -> bytes | None:
        stated = self.headers.get("content-length", "0")
        length = int(stated) if stated.isdecimal() and len(stated) < 12 else None
        if length is None or "transfer-encoding" in self.headers:
            self.close_connection = True
            self._send(Answer(411, "Length Required"))
        elif length > _LONGEST_BODY:
            self.close_connection = True
            self._send(Answer(413, "Request Entity Too Large"))
        else:
            return self.rfile.read(length)
        return None

    def _send(self, answer: Answer) -> None:
        body = answer.body
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers:
            self.send_header(name, value)
        if body and _takes_gzip(self.headers.get("accept-encoding", "")):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            self.send_header("content-encoding", "gzip")
        if answer.is_chunked and self.request_version == "HTTP/1.1":
            self.send_header("transfer-encoding", "chunked")
            body = _in_chunks(body)
        else:
            self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)


def _takes_gzip(accept_encoding: str) -> bool:
    offers = [offer.replace(" ", "").lower() for offer in accept_encoding.split(",")]
    return any(offer.partition(";")[0] == "gzip" and not offer.endswith(";q=0") for offer in offers)


def _in_chunks(body: bytes) -> bytes:
    parts = (body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until Ctrl-C (status 0); 2 where the folder or the port will not do."""
    parser = argparse.ArgumentParser(prog="python -m devnet.recorded", description="Serve a recorded chain.")
    parser.add_argument(
        "folder", type=Path, help="a folder with chain.jsonl, such as tests/recordings/four-validators"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=7740, help="port to listen on (7740); 0 takes a free one")
    options = parser.parse_args(arguments)
    try:
        node = RecordedNode(load(options.folder))
        server = RecordedServer(node, host=options.host, port=options.port)
    except NotARecording as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, OverflowError) as error:
        print(f"cannot listen on {options.host}:{options.port}: {error}; try --port 0", file=sys.stderr)
        return 2
    return _run(server)


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


if __name__ == "__main__":
    sys.exit(main())
