"""A test's hand on a node: blocks closed and configurations set when it says so. For `--control` only.

    POST /control/close       {"at": ms, "signers": [key, …]}, both optional: {"height", "rid", "timestamp"}
    POST /control/configure   {"height": number, "configuration": GTV in hex}: {}
    POST /control/anchor      {}

Keys are in hex; what cannot be done is 400 with `{"error": …}`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from devnet.chain.chain import BadConfiguration, TooEarly
from devnet.chain.validators import KEYS, NoKeys
from devnet.dapp.parameters import bytes_of
from devnet.rest import answers
from devnet.rest.answers import Refusal, json_answer
from devnet.rest.exchange import Answer, Question, Spelling
from devnet.serving.node import DevnetNode
from indexer.postchain.configuration import ConfigurationError
from indexer.postchain.merkle import UnknownMerkleVersion


class ControlledNode:
    """A node that answers `/control` besides."""

    def __init__(self, node: DevnetNode) -> None:
        self._node = node
        self._actions: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
            "close": self._close,
            "configure": self._configure,
            "anchor": self._anchor,
        }

    @property
    def spelling(self) -> Spelling:
        """How the dapp's chain is named."""
        return self._node.spelling

    def answer(self, question: Question) -> Answer:
        """What the node answers, or what an action came to."""
        if question.path[:1] != ("control",):
            return self._node.answer(question)
        action = self._actions.get("/".join(question.path[1:]))
        if action is None:
            return Answer(404, "Route not found")
        if question.method != "POST":
            return Answer(405, "Method not allowed")
        try:
            return json_answer(action(_given(question.body)))
        except Refusal as refusal:
            return answers.error(refusal, wants_gtv=False)

    def _close(self, given: Mapping[str, Any]) -> object:
        at, signers = given.get("at"), given.get("signers")
        if at is not None and not isinstance(at, int):
            raise Refusal(400, "at must be a number of ms")
        if signers is not None and not isinstance(signers, list):
            raise Refusal(400, "signers must be a list of keys in hex")
        keys = None if signers is None else [_key(each) for each in signers]
        try:
            block = self._node.dapp.close_block(at=at, signers=keys)
        except TooEarly as error:
            raise Refusal(400, str(error)) from None
        return {"height": block.height, "rid": block.rid.hex().upper(), "timestamp": block.timestamp}

    def _configure(self, given: Mapping[str, Any]) -> object:
        try:
            raw = bytes.fromhex(given["configuration"])
            self._node.dapp.set_configuration(int(given["height"]), raw)
        except (BadConfiguration, ConfigurationError, NoKeys, UnknownMerkleVersion) as error:
            raise Refusal(400, str(error)) from None
        except (KeyError, TypeError, ValueError):
            raise Refusal(400, "give height, a number, and configuration, GTV in hex") from None
        return {}

    def _anchor(self, given: Mapping[str, Any]) -> object:
        self._node.anchor()
        return {}


def _key(text: object) -> bytes:
    key = bytes_of(text) if isinstance(text, str) else None
    if key is None or key not in KEYS:
        raise Refusal(400, f"{text} is no validator whose private key is known here")
    return key


def _given(body: str | bytes) -> Mapping[str, Any]:
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Refusal(400, "the body must be a JSON object")
    return given
