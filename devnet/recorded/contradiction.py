"""Which recorded answers do not belong to the chain as it is served.

They were given a little earlier or later than the rest: a list that begins above or below the head, `null`
for a block that came after, a height, a count, a status. Served all the same, they would show a client a
chain that jumps.
"""

import json
from http import HTTPStatus
from typing import Any

from devnet.recorded.recording import Exchange, Recording
from devnet.rest.exchange import Question
from indexer.postchain import gtv

_JUDGED = frozenset({"blockchain", "blocks", "transactions", "tx"})
_BOUNDS = frozenset({"before-height", "before-time", "after-height", "after-time", "signer"})


def contradicts(recording: Recording, exchange: Exchange) -> bool:
    """Whether the answer was true at another head only. A 503 always was: it is what a chain says between
    states.
    """
    question, answer = exchange.question, exchange.answer
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return True
    if question.method != "GET" or question.path[0] not in _JUDGED:
        return False
    if question.path[1:2] != (recording.spelling.brid,):
        return False
    if answer.status == HTTPStatus.NOT_FOUND:
        return any(part in recording.transactions for part in question.path[2:])
    return answer.status == HTTPStatus.OK and _differs(recording, question, _value(exchange))


def _value(exchange: Exchange) -> Any:
    """What the answer says, JSON or GTV, with the bytes of a GTV dictionary as uppercase hex."""
    if "json" in dict(exchange.answer.headers).get("content-type", ""):
        return json.loads(exchange.answer.body)
    value = gtv.decode(exchange.answer.body)
    if isinstance(value, dict):
        return {key: item.hex().upper() if isinstance(item, bytes) else item for key, item in value.items()}
    return value


def _differs(recording: Recording, question: Question, value: Any) -> bool:
    match question.path:
        case ("blockchain", _, "height"):
            return bool(value["blockHeight"] != recording.next_height)
        case ("blocks", _):
            newest = recording.blocks[-1].rid if recording.blocks else None
            return _list_differs(question, value, key="rid", known=recording.blocks_by_rid, newest=newest)
        case ("blocks", _, "height", height) if height.isdecimal():
            blocks = recording.blocks
            expected = blocks[int(height)].rid if int(height) < len(blocks) else None
            return bool((value["rid"] if value else None) != expected)
        case ("blocks", _, rid):
            return (value is None) == (rid in recording.blocks_by_rid)
        case ("transactions", _):
            newest = next(reversed(recording.transactions), None)
            return _list_differs(question, value, key="txRID", known=recording.transactions, newest=newest)
        case ("transactions", _, "count"):
            return bool(value["transactionsCount"] != len(recording.transactions))
        case ("tx", _, rid, "status"):
            return bool((value["status"] == "confirmed") != (rid in recording.transactions))
        case ("tx" | "transactions", _, rid) | ("tx", _, rid, "confirmationProof"):
            return rid not in recording.transactions
    return False


def _list_differs(question: Question, value: Any, *, key: str, known: Any, newest: str | None) -> bool:
    if any(item[key] not in known for item in value):
        return True
    is_bounded = any(name in _BOUNDS for name, _ in question.query)
    return bool(value) and not is_bounded and value[0][key] != newest
