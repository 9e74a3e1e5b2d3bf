"""Answers made from a chain's own content by the rules of a node (REST version 5).

Words, shapes, headers and order are those of Postchain 3.15 as recorded: lists newest first, at most 100
blocks or 600 transactions, errors as JSON or as a GTV string by the Accept header, a block that does not
exist as `null` with a year of caching. Parameters that version 5 does not know are ignored, as there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from devnet.rest import answers, blocks, chains, transactions
from devnet.rest.answers import Refusal, json_answer
from devnet.rest.exchange import Answer, Question
from devnet.rest.view import Chain, Node

_VERSION = 5
_NOT_ALLOWED = Answer(405, "Method not allowed")

Compose = Callable[[Chain, Question], Answer]


@dataclass(frozen=True, slots=True)
class _Route:
    """A path of the API, `*` for any segment (the first names the chain), and what GET and POST compose.

    `is_live` where nothing is said while the chain changes its configuration.
    """

    pattern: tuple[str, ...]
    get: Compose | None = None
    post: Compose | None = None
    is_live: bool = False


def compose(node: Node, question: Question) -> Answer:
    """The node's answer to a question."""
    if question.method == "OPTIONS":
        return Answer(200, "OK")
    if question.path == ("version",):
        return json_answer({"version": _VERSION}) if question.method == "GET" else _NOT_ALLOWED
    route = next((route for route in _ROUTES if _matches(route.pattern, question.path)), None)
    if route is None:
        return Answer(404, "Route not found")
    made = {"GET": route.get, "POST": route.post}.get(question.method)
    if made is None:
        return _NOT_ALLOWED
    try:
        chain = node.chain(question.path[1])
        if route.is_live:
            chain.check_live()
        return made(chain, question)
    except Refusal as refusal:
        return answers.error(refusal, wants_gtv=question.wants_gtv)


def _matches(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    return len(pattern) == len(path) and all(
        part in ("*", given) for part, given in zip(pattern, path, strict=True)
    )


_ROUTES = (
    _Route(("brid", "*"), get=chains.brid, is_live=True),
    _Route(("blocks", "*"), get=blocks.listed),
    _Route(("blocks", "*", "*"), get=blocks.by_rid),
    _Route(("blocks", "*", "height", "*"), get=blocks.at_height),
    _Route(("blocks", "*", "confirm", "*"), get=blocks.signature, is_live=True),
    _Route(("tx", "*"), post=transactions.posted, is_live=True),
    _Route(("tx", "*", "*"), get=transactions.raw),
    _Route(("tx", "*", "*", "status"), get=transactions.status, is_live=True),
    _Route(("tx", "*", "*", "confirmationProof"), get=transactions.proof),
    _Route(("transactions", "*"), get=transactions.listed),
    _Route(("transactions", "*", "count"), get=transactions.count),
    _Route(("transactions", "*", "*"), get=transactions.info),
    _Route(("query", "*"), get=chains.query, post=chains.posted_query, is_live=True),
    _Route(
        ("query_gtv", "*"),
        get=chains.query_octets,
        post=chains.posted_query_octets,
        is_live=True,
    ),
    _Route(("blockchain", "*", "height"), get=chains.height),
    _Route(("blockchain", "*", "nodestate"), get=chains.node_state),
    _Route(("node", "*", "my_status"), get=chains.own_status, is_live=True),
    _Route(("node", "*", "statuses"), get=chains.peer_statuses, is_live=True),
    _Route(("config", "*"), get=chains.configuration, is_live=True),
    _Route(("config", "*", "next_height"), get=chains.next_configuration_height, is_live=True),
    _Route(("errors", "*"), get=chains.no_errors),
)
