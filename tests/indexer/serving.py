"""Nodes for the tests of the indexer: recorded chains and made ones, served over HTTP, truthfully or not."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from devnet.recorded.node import RecordedNode, RecordedServer
from devnet.recorded.recording import Recording, load
from devnet.rest.exchange import CORS, JSON, OCTETS, Answer, Question
from indexer.node.pool import NodePool
from indexer.node.transport import Patience
from indexer.postchain import gtv
from tests.indexer.node.stub import Reaction

RECORDINGS = Path(__file__).parent.parent / "recordings"
CHAINS = ["four-validators", "one-validator"]
IMPATIENT = Patience(attempts=2, sleep=lambda _: None)

Rule = Callable[[Question, Answer], Answer | Reaction | None]
"""What a node does instead: another answer, bytes, something with the socket; None to go on as it is."""


class AlteredNode(RecordedNode):
    """A node that lies as its rules say: each sees every question with its answer, in order.

    `asked` are the questions that came. Each says that it is another one, with a key of its own, unless `key`
    is given; with an empty one it says of itself what was recorded.
    """

    _made = count(1)

    def __init__(self, recording: Recording, *rules: Rule, key: str | None = None) -> None:
        super().__init__(recording)
        self.rules = list(rules)
        self.asked: list[Question] = []
        self.key = f"02{next(self._made):064X}" if key is None else key

    def reaction(self, question: Question) -> Answer | Reaction:
        """What it does when it is asked."""
        self.asked.append(question)
        answer = self._own_status(question) or super().answer(question)
        for rule in self.rules:
            changed = rule(question, answer)
            if changed is not None and not isinstance(changed, Answer):
                return changed
            answer = changed or answer
        return answer

    def answer(self, question: Question) -> Answer:
        """What it does, where that is to give an answer; `tests.endtoend.hostile` serves what is more."""
        given = self.reaction(question)
        assert isinstance(given, Answer)
        return given

    def become(self, recording: Recording) -> None:
        """Serve another chain from now on, also while it is asked."""
        vars(self).update(vars(RecordedNode(recording)))

    def _own_status(self, question: Question) -> Answer | None:
        if not self.key or question.path[0] != "node" or question.path[-1] != "my_status":
            return None
        return Answer(200, "OK", (("content-type", JSON), *CORS), json.dumps({"pubKey": self.key}).encode())


def recorded(name: str, *rules: Rule) -> AlteredNode:
    """A node of a recorded chain."""
    return AlteredNode(load(RECORDINGS / name), *rules)


def asks_configuration(question: Question, *, height: int) -> bool:
    """Whether the configuration set at exactly this height is asked for."""
    return (
        question.path[0] == "config"
        and len(question.path) == 2
        and question.parameter("height") == str(height)
    )


def octets(body: bytes) -> Answer:
    """An answer of bytes."""
    return Answer(200, "OK", (("content-type", OCTETS), *CORS), body, is_chunked=True)


def refused(question: Question, status: int, text: str) -> Answer:
    """An error as a node words it."""
    kind, body = (
        (OCTETS, gtv.encode(text)) if question.wants_gtv else (JSON, json.dumps({"error": text}).encode())
    )
    return Answer(status, "Refused", (("content-type", kind), *CORS), body)


def no_configuration(question: Question) -> Answer:
    """What a node says of a height at which it knows no configuration."""
    return refused(question, 400, "Failed to find configuration")


@contextmanager
def serving(node: RecordedNode) -> Iterator[str]:
    """The node's address while it is served."""
    with RecordedServer(node) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def pool_of(*nodes: RecordedNode) -> Iterator[NodePool]:
    """A pool over these nodes, in this order, that waits for nothing between attempts."""
    with ExitStack() as stack:
        pool = NodePool([stack.enter_context(serving(node)) for node in nodes], patience=IMPATIENT)
        stack.callback(pool.close)
        yield pool
