"""Transactions: taken in, shown, listed, their statuses and proofs."""

import json
from typing import Any

from devnet.rest import asked
from devnet.rest.answers import FOR_EVER, NEVER, Refusal, json_answer, octets
from devnet.rest.exchange import Answer, Question
from devnet.rest.view import Chain, Transaction
from indexer.postchain import gtv


def posted(chain: Chain, question: Question) -> Answer:
    """Take in the transaction in the body, octets or JSON `{"tx": hex}`."""
    chain.submit(_data(question.body))
    return octets(gtv.encode({})) if question.wants_gtv else json_answer({})


def _data(body: str | bytes) -> bytes:
    if isinstance(body, bytes):
        return body
    try:
        return bytes.fromhex(json.loads(body)["tx"])
    except (ValueError, RecursionError, TypeError, KeyError):
        raise Refusal(400, "body 'body' must be object") from None


def raw(chain: Chain, question: Question) -> Answer:
    """A transaction's bytes."""
    found = _found(chain, question)
    if question.wants_gtv:
        return octets(bytes.fromhex(found.data), FOR_EVER)
    return json_answer({"tx": found.data}, FOR_EVER)


def status(chain: Chain, question: Question) -> Answer:
    """What became of it."""
    return json_answer(chain.status(asked.rid(question.path[2], name="txRid")), NEVER)


def proof(chain: Chain, question: Question) -> Answer:
    """Its confirmation proof, as JSON whatever is asked for."""
    return json_answer({"proof": chain.proof(_found(chain, question))}, FOR_EVER)


def info(chain: Chain, question: Question) -> Answer:
    """A transaction with its block."""
    return json_answer(_info(_found(chain, question)), FOR_EVER)


def listed(chain: Chain, question: Question) -> Answer:
    """Newest first, with their blocks."""
    limit = asked.limit(question, most=asked.MOST_TRANSACTIONS)
    before = asked.optional(question, "before-time")
    found = chain.newest_transactions(limit, before_time=before, signer=asked.signer(question))
    return json_answer([_info(each) for each in found], NEVER)


def count(chain: Chain, question: Question) -> Answer:
    """How many the chain has."""
    return json_answer({"transactionsCount": chain.transaction_count()}, NEVER)


def _found(chain: Chain, question: Question) -> Transaction:
    rid = asked.rid(question.path[2], name="txRid")
    found = chain.transaction(rid)
    if found is None:
        raise Refusal(404, f"Can't find transaction with RID: {rid}")
    return found


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
