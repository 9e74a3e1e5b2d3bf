"""Chains, with the numbers of their records."""

from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from explorer.api.fields import Day, Flag, Moment, Rid, Whole, Words
from explorer.api.serializers.lists import ListOf
from explorer.queries.chain.chains import ChainView, Freshness
from explorer.queries.groups.days import Day as OneDay
from explorer.queries.site import figures

_RECORDS = "Ever written: the ids go from 1 to this."
_LIVE = "Of these, how many a node still gives."
_DIGEST = "Of every revision up to the height: equal in every installation that agrees."


class Fresh(serializers.Serializer[Freshness]):
    """How far a chain is indexed, beside what its nodes said last."""

    height = Whole(help_text="Of the last block that is indexed; -1 before the first.")
    block_at = Moment(allow_null=True, help_text="The time of that block, as its builder states it.")
    behind = Whole(help_text="How many blocks the nodes have beyond it.")
    ahead = Whole(help_text="How many blocks are indexed that no node which answers has just now.")
    quiet = Flag(
        help_text="Whether that block is so old that the chain stands still, or its nodes are behind: twenty "
        "times what its configuration allows from one block to the next, a minute at least."
    )
    level = Flag(
        help_text="Whether all is well: a node answers, the index is where the nodes are, and blocks come."
    )
    answered_at = Moment(allow_null=True, help_text="When a node answered last.")
    stalled = Flag(help_text="Whether no node has answered for a minute, or one never did.")
    stopped = Flag(help_text="Whether what nodes gave was refused, and no other one answers: see incidents.")
    incident = Words(
        help_text="What happened in the last seven days that casts doubt on what is indexed, in a "
        "sentence; empty where nothing did."
    )


class OfChain(serializers.Serializer[Any]):
    """The ``chain`` that something is of, and how far it is indexed."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    name = Words(source="chain.name")
    network = Words(source="chain.network")
    records = Whole(source="chain.records", help_text=_RECORDS)
    live = Whole(source="chain.live", help_text=_LIVE)
    digest = Rid(source="chain.digest", help_text=_DIGEST)
    freshness = Fresh(source="chain.freshness")


class Numbers(serializers.Serializer[figures.Figures]):
    """Counts, each with what it is a part of, made from time to time: as of the block at ``height``. Of
    several chains they are added up, and heights and time are the lowest: of those that are counted so far.
    """

    at = Moment(allow_null=True, help_text="When they were counted; null before the first time.")
    height = Whole(help_text="Up to which block; -1 before the first time.")
    records = Whole(help_text="Ever written.")
    edited = Whole(help_text="Records that an edit changed and that are live.")
    deleted = Whole(help_text="Records that were deleted.")
    changed = Whole(help_text="Of all records, how many are edited or deleted.")
    operations = Whole(help_text="Operations that were read.")
    not_understood = Whole(help_text="Of these, how many were not understood.")
    grouped = Whole(help_text="Up to which block groups, shared and alike are; -1 before the first time.")
    groups = Whole(help_text="Of records that answer the same messages with the same seed.")
    shared = Whole(help_text="Groups of two or more records.")
    alike = Whole(help_text="Of these, how many have equal answers only, as first written.")
    agreement_height = Whole(
        source="prompted",
        help_text="Up to which block with_peers and agreeing are; -1 before the first time.",
    )
    with_peers = Whole(
        source="compared",
        help_text="Records that have peers: others with the same prompt, seed, model and provider.",
    )
    agreeing = Whole(help_text="Of these, records that first gave an answer that a peer first gave too.")
    blocks = Whole(help_text="Blocks that are indexed.")
    checked = Whole(help_text="Of these, blocks whose witness was checked.")
    unchecked = Whole(help_text="Of these, blocks whose witness was not checked.")
    stated = Whole(help_text="Of those that were, blocks by signers that one node stated.")
    today = Whole(help_text="Records of the newest block's day.")


class OfDay(serializers.Serializer[OneDay]):
    """What was written on one UTC day, by the time of its blocks."""

    day = Day()
    written = Whole(help_text="Records.")
    edits = Whole()
    deletions = Whole()
    with_peers = Whole(
        source="compared", help_text="Of the records written on that day, how many have peers now."
    )
    agreeing = Whole(help_text="Of these, how many first gave an answer that a peer first gave too.")


@dataclass(frozen=True, slots=True)
class Told:
    """A chain with its figures."""

    chain: ChainView
    figures: figures.Figures


class ChainDetail(OfChain):
    """A chain, its figures, and the last thirty days."""

    figures = Numbers()
    days = OfDay(source="figures.days", many=True, help_text="Up to the newest block's day, oldest first.")


class ChainList(ListOf):
    """The chains that are indexed, and the numbers and days of all of them together."""

    results = ChainDetail(many=True)
    figures = Numbers()
    days = OfDay(
        many=True, help_text="Up to the newest block's day of all, oldest first; the same days of each chain."
    )
