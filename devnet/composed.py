"""Answers that were not recorded, made from the chain's own content by the rules of a node (REST version 5).

Words, shapes, headers and order are those of Postchain 3.15 as recorded: lists newest first, at most 100
blocks or 600 transactions, errors as JSON or as a GTV string by the Accept header, a block that does not
exist as `null` with a year of caching. Parameters that version 5 does not know are ignored, as there. What
only the node could know (its queries, the XML of a configuration, the states of its peers) is refused with a
plain sentence.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from devnet.exchange import CORS, JSON, OCTETS, Answer, Question, to_json
from devnet.recording import Block, Recording, Transaction
from indexer.postchain import gtv, gtx

_FOR_EVER = ("cache-control", "public, max-age=31536000")
_NEVER = ("cache-control", "private, must-revalidate")
_VERSION = 5
_MOST_BLOCKS = 100
_MOST_TRANSACTIONS = 600
_DEFAULT_LIMIT = 25
_RUNNING = -1
_INTEGER = re.compile(r"[+-]?\d{1,19}")
_HEX = re.compile(r"([0-9A-Fa-f]{2})*")
_REASONS = {400: "Bad Request", 404: "Not Found", 409: "Conflict", 503: "Service Unavailable"}


class Refusal(Exception):
    """What a node refuses, with the status and in the words that it uses."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class _Route:
    """A path of the API, `*` for any segment, what GET composes, and whether the other method is there
    too.
    """

    pattern: tuple[str, ...]
    get: "Callable[[Recording, Question], Answer] | None" = None
    post: "Callable[[Recording, Question], Answer] | None" = None


def compose(recording: Recording, question: Question) -> Answer:
    """The node's answer to a question that was not recorded."""
    if question.method == "OPTIONS":
        return Answer(200, "OK")
    route = next((route for route in _ROUTES if _matches(route.pattern, question.path)), None)
    if route is None:
        return Answer(404, "Route not found")
    answer = {"GET": route.get, "POST": route.post}.get(question.method)
    if answer is None:
        return Answer(405, "Method not allowed")
    try:
        if question.path[0] not in {"version", "brid"}:
            _check_chain(recording, question.path[1])
        return answer(recording, question)
    except Refusal as refusal:
        return _error(refusal, wants_gtv=question.wants_gtv)


def _matches(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    return len(pattern) == len(path) and all(
        part in ("*", given) for part, given in zip(pattern, path, strict=True)
    )


# Shapes of answers


def _json(value: object, *headers: tuple[str, str]) -> Answer:
    return _json_text(to_json(value), *headers)


def _json_text(body: bytes, *headers: tuple[str, str]) -> Answer:
    return Answer(200, "OK", (("content-type", JSON), *headers, *CORS), body)


def _octets(body: bytes, *headers: tuple[str, str]) -> Answer:
    return Answer(200, "OK", (("content-type", OCTETS), *headers, *CORS), body, is_chunked=True)


def _error(refusal: Refusal, *, wants_gtv: bool) -> Answer:
    kind, body = (OCTETS, gtv.encode(refusal.text)) if wants_gtv else (JSON, to_json({"error": refusal.text}))
    headers = (("content-type", kind), *CORS)
    return Answer(refusal.status, _REASONS[refusal.status], headers, body, is_chunked=wants_gtv)


def _unrecorded(what: str) -> Refusal:
    return Refusal(400, f"This is a recording of a node, and {what} was not recorded")


# What questions name


def _check_chain(recording: Recording, name: str) -> None:
    if name == recording.spelling.brid:
        return
    if re.fullmatch(r"iid_\d+", name):
        iid = name.removeprefix("iid_")
        raise Refusal(
            404, f"Can't find blockchain with chain Iid: {iid} in DB. Did you add this BC to the node?"
        )
    if not re.fullmatch(r"[0-9A-Fa-f]+", name):
        raise Refusal(400, "path 'blockchainRid' must be string")
    if len(name) % 2:
        raise Refusal(400, "Invalid hex string: length is not an even number")
    if len(name) != 64:
        raise Refusal(400, f"Wrong size of Blockchain RID, was {len(name) // 2} should be 32 (64 characters)")
    raise Refusal(404, f"Can't find blockchain with blockchainRID: {name}")


def _number(text: str, *, name: str, bits: int = 64, least: int | None = None) -> int:
    value = int(text) if _INTEGER.fullmatch(text) else None
    bound = 1 << (bits - 1)
    if value is None or not -bound <= value < bound or (least is not None and value < least):
        raise Refusal(400, f"{name} must be integer")
    return value


def _parameter(
    question: Question, name: str, *, default: int, bits: int = 64, least: int | None = None
) -> int:
    text = question.parameter(name)
    return default if text is None else _number(text, name=f"query '{name}'", bits=bits, least=least)


def _limit(question: Question, *, most: int) -> int:
    return max(0, min(_parameter(question, "limit", default=_DEFAULT_LIMIT, bits=32), most))


def _rid(text: str, *, name: str) -> str:
    if not (len(text) == 64 and _HEX.fullmatch(text)):
        raise Refusal(400, f"path '{name}' must be string")
    return text


def _wants_data(question: Question) -> bool:
    text = question.parameter("txs")
    if text not in {None, "true", "false"}:
        raise Refusal(400, "query 'txs' must be boolean")
    return text == "true"


def _transaction(recording: Recording, question: Question) -> Transaction:
    rid = _rid(question.path[2], name="txRid")
    found = recording.transactions.get(rid)
    if found is None:
        raise Refusal(404, f"Can't find transaction with RID: {rid}")
    return found


# Blocks


def _block_list(recording: Recording, question: Question) -> Answer:
    limit = _limit(question, most=_MOST_BLOCKS)
    with_data = _wants_data(question)
    found = islice(_below(recording, question), limit)
    listed = b",".join(_stated(block, with_data=with_data) for block in found)
    return _json_text(b"[%b]" % listed, _NEVER)


def _below(recording: Recording, question: Question) -> Iterator[Block]:
    """Blocks newest first, below `before-height` or `before-time` where one is given."""
    before_height = _optional(question, "before-height")
    before_time = _optional(question, "before-time")
    if before_height is not None and before_time is not None:
        raise Refusal(400, "Cannot specify both before-time and before-height")
    newest = recording.blocks if before_height is None else recording.blocks[: max(0, before_height)]
    return (block for block in reversed(newest) if before_time is None or block.timestamp < before_time)


def _optional(question: Question, name: str) -> int | None:
    return None if question.parameter(name) is None else _parameter(question, name, default=0)


def _block_at(recording: Recording, question: Question) -> Answer:
    height = _number(question.path[3], name="path 'height'")
    found = recording.blocks[height] if 0 <= height < recording.next_height else None
    return _block(found, question)


def _block_by_rid(recording: Recording, question: Question) -> Answer:
    return _block(recording.blocks_by_rid.get(_rid(question.path[2], name="blockRid")), question)


def _block(found: Block | None, question: Question) -> Answer:
    with_data = _wants_data(question)
    if question.wants_gtv:
        value = None if found is None else _block_gtv(found, with_data=with_data)
        return _octets(gtv.encode(value), _FOR_EVER)
    return _json_text(b"null" if found is None else _stated(found, with_data=with_data), _FOR_EVER)


def _stated(block: Block, *, with_data: bool) -> bytes:
    return block.json if with_data else block.json_without_data


def _block_gtv(block: Block, *, with_data: bool) -> gtv.Encodable:
    stated = block.stated
    return {
        "rid": bytes.fromhex(stated["rid"]),
        "prevBlockRID": bytes.fromhex(stated["prevBlockRID"]),
        "header": bytes.fromhex(stated["header"]),
        "height": block.height,
        "timestamp": block.timestamp,
        "witness": bytes.fromhex(stated["witness"]),
        "transactions": [
            {
                "rid": bytes.fromhex(tx["rid"]),
                "hash": bytes.fromhex(tx["hash"]),
                "data": bytes.fromhex(tx["data"]) if with_data else None,
            }
            for tx in stated["transactions"]
        ],
    }


def _signature(recording: Recording, question: Question) -> Answer:
    _rid(question.path[3], name="blockRid")
    raise _unrecorded("the node's own signature of a block")


# Transactions


def _raw_transaction(recording: Recording, question: Question) -> Answer:
    found = _transaction(recording, question)
    if question.wants_gtv:
        return _octets(bytes.fromhex(found.data), _FOR_EVER)
    return _json({"tx": found.data}, _FOR_EVER)


def _status(recording: Recording, question: Question) -> Answer:
    rid = _rid(question.path[2], name="txRid")
    return _json({"status": "confirmed" if rid in recording.transactions else "unknown"}, _NEVER)


def _proof(recording: Recording, question: Question) -> Answer:
    found = _transaction(recording, question)
    if found.rid not in recording.proofs:
        raise _unrecorded(f"the confirmation proof of transaction {found.rid}")
    return _json({"proof": recording.proofs[found.rid]}, _FOR_EVER)


def _transaction_info(recording: Recording, question: Question) -> Answer:
    return _json(_info(_transaction(recording, question)), _FOR_EVER)


def _transaction_list(recording: Recording, question: Question) -> Answer:
    limit = _limit(question, most=_MOST_TRANSACTIONS)
    before = _optional(question, "before-time")
    signer = question.parameter("signer")
    if signer is not None and not _HEX.fullmatch(signer):
        raise Refusal(400, "query 'signer' must be string")
    newest: Iterable[Transaction] = reversed(recording.transactions.values())
    found = (tx for tx in newest if before is None or tx.block.timestamp < before)
    by_signer = (tx for tx in found if signer is None or _is_signed_by(tx, bytes.fromhex(signer)))
    return _json([_info(tx) for tx in islice(by_signer, limit)], _NEVER)


def _is_signed_by(transaction: Transaction, signer: bytes) -> bool:
    return signer in gtx.decode(bytes.fromhex(transaction.data), version=1).signers


def _info(transaction: Transaction) -> dict[str, Any]:
    block = transaction.block
    return {
        "blockRID": block.rid,
        "blockHeight": block.height,
        "blockHeader": block.stated["header"],
        "witness": block.stated["witness"],
        "timestamp": block.timestamp,
        "txRID": transaction.rid,
        "txHash": transaction.hash,
        "txData": transaction.data,
    }


def _count(recording: Recording, question: Question) -> Answer:
    return _json({"transactionsCount": len(recording.transactions)}, _NEVER)


def _post(recording: Recording, question: Question) -> Answer:
    posted = _posted(question.body)
    if any(posted == tx.data for tx in recording.transactions.values()):
        raise Refusal(409, "Transaction already in database")
    raise Refusal(503, "This is a recording of a node: it takes no transactions")


def _posted(body: str | bytes) -> str | None:
    """The transaction in a request's body, octets or JSON `{"tx": hex}`, in uppercase hex; None where
    there is none.
    """
    if isinstance(body, bytes):
        return body.hex().upper()
    try:
        text = json.loads(body).get("tx")
    except (ValueError, RecursionError, AttributeError):
        return None
    return text.upper() if isinstance(text, str) else None


# The chain and the node


def _version(recording: Recording, question: Question) -> Answer:
    return _json({"version": _VERSION})


def _brid(recording: Recording, question: Question) -> Answer:
    name = question.path[1]
    if name != f"iid_{recording.spelling.iid}":
        _check_chain(recording, name)
    headers = (("content-type", "text/plain; charset=utf-8"), *CORS)
    return Answer(200, "OK", headers, recording.spelling.brid.encode())


def _height(recording: Recording, question: Question) -> Answer:
    return _json({"blockHeight": recording.next_height}, _NEVER)


def _node_state(recording: Recording, question: Question) -> Answer:
    return _json({"state": "RUNNING_READ_ONLY"})


def _no_errors(recording: Recording, question: Question) -> Answer:
    return _json([], _NEVER)


def _node_status(recording: Recording, question: Question) -> Answer:
    raise _unrecorded("how its node builds blocks")


def _configuration(recording: Recording, question: Question) -> Answer:
    height = _parameter(question, "height", default=_RUNNING, least=_RUNNING)
    headers = (_NEVER,) if height == _RUNNING else ()
    if height == _RUNNING:
        height = max((at for at in recording.configurations if at <= recording.next_height), default=_RUNNING)
    if height not in recording.configurations:
        raise Refusal(400, "Failed to find configuration")
    if not question.wants_gtv:
        raise _unrecorded(f"the XML of configuration {height} (ask with Accept: {OCTETS})")
    return _octets(recording.configurations[height], *headers)


def _next_height(recording: Recording, question: Question) -> Answer:
    after = _parameter(question, "height", default=_RUNNING)
    found = min((height for height in recording.configurations if height > after), default=None)
    return _json(None if found is None else {"blockHeight": found})


def _query(recording: Recording, question: Question) -> Answer:
    raise _unrecorded("this query with these arguments")


_ROUTES = (
    _Route(("version",), get=_version),
    _Route(("brid", "*"), get=_brid),
    _Route(("blocks", "*"), get=_block_list),
    _Route(("blocks", "*", "*"), get=_block_by_rid),
    _Route(("blocks", "*", "height", "*"), get=_block_at),
    _Route(("blocks", "*", "confirm", "*"), get=_signature),
    _Route(("tx", "*"), post=_post),
    _Route(("tx", "*", "*"), get=_raw_transaction),
    _Route(("tx", "*", "*", "status"), get=_status),
    _Route(("tx", "*", "*", "confirmationProof"), get=_proof),
    _Route(("transactions", "*"), get=_transaction_list),
    _Route(("transactions", "*", "count"), get=_count),
    _Route(("transactions", "*", "*"), get=_transaction_info),
    _Route(("query", "*"), get=_query, post=_query),
    _Route(("query_gtv", "*"), get=_query, post=_query),
    _Route(("blockchain", "*", "height"), get=_height),
    _Route(("blockchain", "*", "nodestate"), get=_node_state),
    _Route(("node", "*", "my_status"), get=_node_status),
    _Route(("node", "*", "statuses"), get=_node_status),
    _Route(("config", "*"), get=_configuration),
    _Route(("config", "*", "next_height"), get=_next_height),
    _Route(("errors", "*"), get=_no_errors),
)
