"""A lying node (`tests.indexer.serving`) over a socket with which anything can be done, and rules for it."""

import contextlib
import itertools
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

from devnet.recorded.recording import Recording
from devnet.rest.exchange import JSON, Answer, Question
from tests.indexer.node.stub import Reaction, Request, StubNode
from tests.indexer.serving import AlteredNode, Rule


class HostileNode:
    """Serves `chain`, which may be exchanged at any time, over a real socket.

    `rules` and `asked` are the lying node's. With a `prefix` the API lies below that path; with
    `authorization` a client must give it. Behind the same address may be a node with `other` blocks, which
    every `nth` connection reaches.
    """

    def __init__(
        self,
        chain: Recording,
        *rules: Rule,
        prefix: str = "",
        authorization: str | None = None,
        other: Recording | None = None,
        nth: int = 2,
    ) -> None:
        self._node = AlteredNode(chain, *rules, key="")
        self._other = None if other is None else AlteredNode(other, key="")
        self._nth = nth
        self.rules, self.asked = self._node.rules, self._node.asked
        self._stopped = False
        self._authorization = authorization
        self._prefix = prefix
        self._stub = StubNode(self._react)
        self.url = self._stub.url + prefix

    @property
    def chain(self) -> Recording:
        return self._node.recording

    @chain.setter
    def chain(self, chain: Recording) -> None:
        self._node.become(chain)

    @property
    def port(self) -> int:
        return self._stub.port

    def __enter__(self) -> Self:
        self._stub.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Listen no more, and cut every connection off; may be called again."""
        if not self._stopped:
            self._stopped = True
            self._stub.__exit__()

    def _react(self, request: Request) -> Reaction:
        if not request.target.startswith(self._prefix):
            return rendered(Answer(404, "Route not found"))
        if self._authorization not in (None, request.headers.get("authorization")):
            return rendered(Answer(401, "Unauthorized"))
        question = self._node.spelling.question(
            request.method,
            request.target.removeprefix(self._prefix),
            accept=request.headers.get("accept", ""),
            content_type=request.headers.get("content-type", ""),
            body=request.body,
        )
        is_other = request.connection % self._nth == 0
        node = self._other if self._other is not None and is_other else self._node
        given = node.reaction(question)
        return rendered(given) if isinstance(given, Answer) else given


def rendered(answer: Answer) -> bytes:
    """The answer as it goes over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n{lines}content-length: {len(answer.body)}\r\n\r\n"
    return head.encode() + answer.body


def is_blocks(question: Question) -> bool:
    """Whether blocks are asked for, as a list or one by its height."""
    return question.path[0] == "blocks"


def is_list(question: Question) -> bool:
    """Whether a list of blocks is asked for."""
    return question.path[0] == "blocks" and len(question.path) == 2


def of(asked: Callable[[Question], bool], do: Answer | Reaction, *, times: int | None = None) -> Rule:
    """Answer those questions so: always, or only the first `times`."""
    left = [times]
    lock = threading.Lock()

    def rule(question: Question, answer: Answer) -> Answer | Reaction | None:
        if not asked(question):
            return None
        with lock:
            if left[0] is not None:
                if left[0] == 0:
                    return None
                left[0] -= 1
        return do

    return rule


def balanced(other: Recording, takes: Callable[[int], bool]) -> Rule:
    """Behind the same address is a node with `other`: it takes those questions, counted from 0."""
    node = AlteredNode(other, key="")
    numbers = itertools.count()

    def rule(question: Question, answer: Answer) -> Answer | Reaction | None:
        return node.reaction(question) if takes(next(numbers)) else None

    return rule


def to_path(*parts: str) -> Callable[[Question], bool]:
    """Questions whose path begins with these segments; `*` is any."""
    return lambda question: (
        len(question.path) >= len(parts)
        and all(part in ("*", given) for part, given in zip(parts, question.path, strict=False))
    )


def listed(change: Callable[[list[Any]], list[Any]]) -> Rule:
    """Change every list of blocks."""

    def rule(question: Question, answer: Answer) -> Answer | None:
        if not is_list(question) or answer.status != 200:
            return None
        return replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())

    return rule


def failure(status: int, reason: str, message: str | None, *headers: tuple[str, str]) -> Answer:
    """An error as a node gives it; without a message, one without a body."""
    body = b"" if message is None else json.dumps({"error": message}).encode()
    return Answer(status, reason, (("content-type", JSON), *headers), body)


def said(text: str | bytes, *, kind: str = JSON) -> Answer:
    """A success with any body."""
    body = text.encode() if isinstance(text, str) else text
    return Answer(200, "OK", (("content-type", kind),), body)


def reset(connection: socket.socket) -> None:
    """Cut the connection off (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cut_short(answer: bytes, *, after: int) -> Callable[[socket.socket], None]:
    """Send the first bytes of an answer, then cut the connection off."""

    def react(connection: socket.socket) -> None:
        connection.sendall(answer[:after])
        reset(connection)

    return react


def silence(seconds: float) -> Callable[[socket.socket], None]:
    """Say nothing for a while, then close; ends when the client goes."""

    def react(connection: socket.socket) -> None:
        connection.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            connection.recv(1)

    return react


def late(seconds: float) -> Rule:
    """Every list of blocks comes so much later."""

    def rule(question: Question, answer: Answer) -> None:
        if is_list(question):
            time.sleep(seconds)

    return rule


class Gate:
    """A rule that holds the n-th question for blocks back until it is let through."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._lock = threading.Lock()
        self._count = 0
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, question: Question, answer: Answer) -> Callable[[socket.socket], None] | None:
        if not is_list(question):
            return None
        with self._lock:
            self._count += 1
            if self._count < self._number:
                return None
        self.reached.set()
        return None if self.opened.is_set() else self._hold(rendered(answer))

    def _hold(self, answer: bytes) -> Callable[[socket.socket], None]:
        def react(connection: socket.socket) -> None:
            if self.opened.wait(60):
                connection.sendall(answer)

        return react


STARTING: dict[str, Answer] = {
    "404": failure(404, "Not Found", "Can't find blockchain with blockchainRID: 00"),
    "503": failure(503, "Service Unavailable", "Blockchain is unavailable"),
}
"""What a node says that is starting, and does not have the chain yet."""
