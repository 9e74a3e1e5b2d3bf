"""Blocks: header, link, witness, root, transactions and operations, each from the bytes that are kept."""

from collections.abc import Iterator, Sequence

from django.db import connection

from indexer.audit.fsck.finding import Finding, shown
from indexer.dapp.replay import POSITIONS_A_BLOCK, position_of
from indexer.ingest.decode import operation_facts
from indexer.models import Chain, UncheckedWitness
from indexer.postchain import block as blocks
from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.block import Header, WitnessError
from indexer.postchain.merkle import root_of_hashes
from indexer.postchain.verify import Refusal
from indexer.store import suppression
from indexer.store.facts import OperationFacts, Texts
from indexer.store.operations import read_rows
from indexer.store.read import (
    BrokenBody,
    StoredBlock,
    StoredTransaction,
    all_blocks,
    read_transactions,
    read_witness,
)
from indexer.store.suppression import Suppressed
from indexer.trust.configuration_history import ConfigurationHistory, configuration_history_of
from indexer.trust.configuration_trust import check_witness

_PLACES = """
    SELECT height, ordinal, "offset", coalesce(sum(length) OVER (
        PARTITION BY height ORDER BY ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS expected
    FROM indexer_transaction WHERE chain_id = %s AND "offset" IS NOT NULL
"""
_MISPLACED = f'SELECT * FROM ({_PLACES}) AS places WHERE "offset" <> expected ORDER BY height, ordinal'
_UNFILLED = """
    SELECT y.height, coalesce(sum(t.length) FILTER (WHERE t."offset" IS NOT NULL), 0), y.length
    FROM indexer_blockbody y
    LEFT JOIN indexer_transaction t ON t.chain_id = y.chain_id AND t.height = y.height
    WHERE y.chain_id = %s GROUP BY y.chain_id, y.height, y.length
    HAVING coalesce(sum(t.length) FILTER (WHERE t."offset" IS NOT NULL), 0) <> y.length ORDER BY 1
"""
_HEARD = ("said", "noted", "halved")


def check(chain: Chain) -> Iterator[Finding]:
    """Every block that is stored. Of one that follows a gap, the link cannot be checked."""
    yield from _places(chain)
    unchecked = set(UncheckedWitness.objects.filter(chain=chain).values_list("height", flat=True))
    with connection.cursor() as cursor:
        by = _By(chain, configuration_history_of(chain), suppression.erased(cursor))
    previous: bytes | None = bytes(chain.brid)
    expected = 0
    for block in all_blocks(chain.id):
        if block.height != expected:
            previous = None
        for what in by.block(block, previous, checked=block.height not in unchecked):
            yield Finding(f"block {block.height}", what)
        previous, expected = block.rid, block.height + 1


def _places(chain: Chain) -> Iterator[Finding]:
    """The bytes that are kept fill a body without gap or overlap."""
    with connection.cursor() as cursor:
        cursor.execute(_MISPLACED, [chain.id])
        for height, ordinal, offset, expected in cursor.fetchall():
            what = f"its bytes begin at {offset} in the body, those before end at {expected}"
            yield Finding(f"block {height}", f"transaction {ordinal}: {what}")
        cursor.execute(_UNFILLED, [chain.id])
        for height, kept, length in cursor.fetchall():
            what = f"its transactions have {kept} bytes, its body says {length}"
            yield Finding(f"block {height}", what)


class _By:
    """What blocks of a chain are checked by: its configurations, and what was erased."""

    def __init__(self, chain: Chain, history: ConfigurationHistory, erased: Suppressed) -> None:
        self._chain = chain
        self._brid = bytes(chain.brid)
        self._history = history
        self._erased = erased

    def block(self, block: StoredBlock, previous: bytes | None, *, checked: bool) -> Iterator[str]:
        """What is wrong with a block; ``previous`` is None where the one before is not here."""
        if previous is None and block.raw_header is None:
            return  # empty, and rebuilt from a link that is not known
        try:
            header = block.header(brid=self._brid, previous_rid=previous or b"")
        except ValueError as error:
            yield f"its header cannot be read: {error}"
            return
        yield from self._header(block, header, previous)
        unchecked = None if checked else self._unchecked(block.height)
        yield from self._witness(block, header, unchecked)
        try:
            transactions = read_transactions(self._chain.id, height=block.height)
        except BrokenBody as error:
            yield error.why
            return
        yield from _root(block, header, transactions)
        yield from self._transactions(block, header, transactions)

    def _unchecked(self, height: int) -> UncheckedWitness | None:
        """Why a witness is not checked; None where that was done since those were listed: then its signers
        have become known too.
        """
        found = UncheckedWitness.objects.filter(chain=self._chain, height=height).first()
        if found is None:
            self._history = configuration_history_of(self._chain)
        return found

    def _header(self, block: StoredBlock, header: Header, previous: bytes | None) -> Iterator[str]:
        if (rid := blocks.header_rid(header)) != block.rid:
            yield f"its header hashes to {shown(rid)}, its row says {shown(block.rid)}"
        if previous is not None and header.previous_rid != previous:
            yield f"it links to {shown(header.previous_rid)}, the block before is {shown(previous)}"
        if header.brid != self._brid:
            yield f"its header is of chain {shown(header.brid)}"
        if (header.height, header.timestamp) != (block.height, block.timestamp):
            stated = f"its row says height {block.height} at {block.timestamp}"
            yield f"its header says height {header.height} at {header.timestamp}, {stated}"
        if gtv.encode([header.dependencies, header.extra]) != block.header_end:
            yield "its row names other dependencies or extra data than its header"

    def _witness(
        self, block: StoredBlock, header: Header, unchecked: UncheckedWitness | None
    ) -> Iterator[str]:
        """An empty block's witness is not kept once it was checked."""
        checked = unchecked is None
        try:
            by = self._history.signers_of(header)
        except Refusal as refusal:
            yield f"{refusal.step}: {refusal.why}"
            return
        signers = by.keys
        witness = read_witness(self._chain.id, height=block.height)
        if witness is None and (block.transactions or not checked):
            yield "its witness is missing"
        if checked and signers is None:
            yield "its witness is said to be checked, and its signers are not known"
        if signers is None and unchecked is not None:
            yield from _unchecked(block, witness, unchecked, why=by.why or "")
        if witness is None or signers is None:
            return
        try:
            check_witness(witness, rid=block.rid, signers=signers, height=block.height)
        except Refusal as refusal:
            yield f"{refusal.step}: {refusal.why}"
            return
        if not checked:
            yield "its witness is said not to be checked, and it holds: the next sync checks it"

    def _transactions(
        self, block: StoredBlock, header: Header, transactions: Sequence[StoredTransaction]
    ) -> Iterator[str]:
        stored: dict[int, list[OperationFacts]] = {}
        rows = read_rows(self._chain.id, first=block.height, last=block.height)
        for each in rows:
            stored.setdefault(each.transaction, []).append(each)
        if [each.position for each in rows] != [position_of(block.height, at) for at in range(len(rows))]:
            yield "its operations are not numbered from 0 without a gap"
        if stored.keys() - {each.ordinal for each in transactions}:
            yield "it has operations of transactions that are not there"
        for transaction in transactions:
            said = stored.get(transaction.ordinal, [])
            for what in self._transaction(transaction, said, version=header.merkle_version):
                yield f"transaction {transaction.ordinal}: {what}"

    def _transaction(
        self, stored: StoredTransaction, said: Sequence[OperationFacts], *, version: int
    ) -> Iterator[str]:
        is_to_go = self._is_to_go(stored, said)
        if stored.data is None:
            if not is_to_go:
                yield "its bytes are erased, and no suppression says so"
            return
        if is_to_go:
            yield "it is to be erased, and its bytes are still there"
        try:
            found = gtx.decode(stored.data, version=version)
        except ValueError as error:
            yield f"its bytes cannot be read: {error}"
            return
        yield from _signed(found, stored)
        yield from _operations(found, said, stored.ordinal, is_heard=self._chain.heard_to is None)

    def _is_to_go(self, stored: StoredTransaction, said: Sequence[OperationFacts]) -> bool:
        keys = {key for each in said for key in each.keys}
        return stored.rid in self._erased.transactions or bool(keys & self._erased.contents)


def _unchecked(
    block: StoredBlock, witness: bytes | None, unchecked: UncheckedWitness, *, why: str
) -> Iterator[str]:
    """Of a witness whose signers are not known: whether each signature is one by the key beside it, and
    whether the reason is the one that there is.
    """
    if unchecked.tried_by is None and unchecked.why != why:
        yield f"its witness is said not to be checked because {unchecked.why}, and the reason is that {why}"
    if witness is None:
        return
    try:
        signed = blocks.decode_witness(witness)
    except WitnessError as error:
        yield f"its witness cannot be read: {error}"
        return
    for each in signed:
        if not secp256k1.verify(block.rid, signature=each.signature, key=each.subject):
            yield f"its witness bears a signature by {shown(each.subject)}, which is not one over its RID"


def _root(block: StoredBlock, header: Header, transactions: Sequence[StoredTransaction]) -> Iterator[str]:
    if len(transactions) != block.transactions:
        yield f"it has {len(transactions)} transactions stored, its row says {block.transactions}"
    if [each.ordinal for each in transactions] != list(range(len(transactions))):
        yield "its transactions are not numbered from 0 without a gap"
    root = root_of_hashes([each.hash for each in transactions], version=header.merkle_version)
    if root != header.transactions_root:
        yield f"its transactions' root is {shown(root)}, its header says {shown(header.transactions_root)}"


def _signed(found: gtx.Transaction, stored: StoredTransaction) -> Iterator[str]:
    if found.rid != stored.rid:
        yield f"its bytes give RID {shown(found.rid)}, its row says {shown(stored.rid)}"
    if found.hash != stored.hash:
        yield f"its bytes hash to {shown(found.hash)}, its row says {shown(stored.hash)}"
    if (found.signers, int(found.oddities)) != (stored.signers, stored.oddities):
        yield "its row names other signers or oddities than its bytes"
    if (bad := gtx.first_bad_signature(found)) is not None:
        yield f"its signature {bad} does not hold"


def _operations(
    found: gtx.Transaction, said: Sequence[OperationFacts], ordinal: int, *, is_heard: bool
) -> Iterator[str]:
    """``is_heard`` is whether all that is said was read: what an earlier version stored has it not yet."""
    if len(found.operations) != len(said):
        yield f"its bytes hold {len(found.operations)} operations, {len(said)} are stored"
        return
    for operation, row in zip(found.operations, said, strict=True):
        again = operation_facts(operation, position=row.position, transaction=ordinal, texts=Texts())
        names = [each for each in OperationFacts.__struct_fields__ if is_heard or each not in _HEARD]
        differing = [name for name in names if getattr(again, name) != getattr(row, name)]
        if differing:
            number = row.position % POSITIONS_A_BLOCK
            yield f"operation {number}: its row differs from its bytes in {', '.join(differing)}"
