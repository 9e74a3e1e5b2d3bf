"""HTTP/1.1 for a node that answers questions. Answers are packed with gzip for clients that accept it."""

import gzip
import logging
import socket
import socketserver
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from devnet.rest.exchange import Answer, Question, Spelling

logger = logging.getLogger(__name__)

_LONGEST_BODY = 64 << 20
_CHUNK = 1 << 16


class AnsweringNode(Protocol):
    """What is served."""

    @property
    def spelling(self) -> Spelling:
        """How its chain is named."""

    def answer(self, question: Question) -> Answer:
        """The answer to any question."""


class NodeServer(ThreadingHTTPServer):
    """HTTP/1.1 for one node; port 0 takes a free one. Raises OSError where the port is taken."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, node: AnsweringNode, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.node = node
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """The address of the REST API."""
        host, port = self.server_address[:2]
        name = f"[{host!s}]" if self.address_family == socket.AF_INET6 else str(host)
        return f"http://{name}:{port}"

    def server_bind(self) -> None:
        """Binds without the look-up of the host's name that HTTPServer adds, which can take seconds."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to report; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: NodeServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = _CHUNK  # head and body leave in one packet

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        node = self.server.node
        question = node.spelling.question(
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
