"""Blocks, as a node lists and shows them: JSON, single ones also GTV; one that does not exist is `null`."""

from devnet.rest import asked
from devnet.rest.answers import FOR_EVER, NEVER, Refusal, json_answer, json_text, octets
from devnet.rest.exchange import Answer, Question
from devnet.rest.view import Block, Chain
from indexer.postchain import gtv


def listed(chain: Chain, question: Question) -> Answer:
    """Newest first. Parameters that version 5 does not know are ignored, as there."""
    limit = asked.limit(question, most=asked.MOST_BLOCKS)
    with_data = asked.wants_data(question)
    before_height = asked.optional(question, "before-height")
    before_time = asked.optional(question, "before-time")
    if before_height is not None and before_time is not None:
        raise Refusal(400, "Cannot specify both before-time and before-height")
    found = chain.newest_blocks(limit, before_height=before_height, before_time=before_time)
    return json_text(b"[%b]" % b",".join(_stated(block, with_data) for block in found), NEVER)


def at_height(chain: Chain, question: Question) -> Answer:
    """The block at a height."""
    height = asked.number(question.path[3], name="path 'height'")
    return _block(chain.block_at(height), question)


def by_rid(chain: Chain, question: Question) -> Answer:
    """The block with a RID."""
    return _block(chain.block_by_rid(asked.rid(question.path[2], name="blockRid")), question)


def signature(chain: Chain, question: Question) -> Answer:
    """The node's own signature of a block."""
    found = chain.block_by_rid(asked.rid(question.path[3], name="blockRid"))
    signed = None if found is None else chain.signature(found)
    if question.wants_gtv:
        return octets(gtv.encode(signed))
    return json_answer(signed and {key: value.hex().upper() for key, value in signed.items()})


def _block(found: Block | None, question: Question) -> Answer:
    with_data = asked.wants_data(question)
    if question.wants_gtv:
        return octets(gtv.encode(None if found is None else _gtv(found, with_data)), FOR_EVER)
    return json_text(b"null" if found is None else _stated(found, with_data), FOR_EVER)


def _stated(block: Block, with_data: bool) -> bytes:
    return block.json if with_data else block.json_without_data


def _gtv(block: Block, with_data: bool) -> gtv.Encodable:
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
