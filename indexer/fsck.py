"""Every root, link, count and digest derived again from what is stored, and compared with it.

Facts are checked block by block from their bytes; records by folding the facts again beside them. What was
erased is told as such: its hashes are all that can be checked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection

from indexer import configurations, fold
from indexer.configurations import Timeline
from indexer.dapp import rell_json
from indexer.dapp.replay import POSITIONS_A_BLOCK, position_of
from indexer.decode import OperationFacts, Texts, operation_facts
from indexer.models import (
    Answer,
    Chain,
    Checkpoint,
    Configuration,
    Name,
    Prompt,
    Transaction,
    UncheckedWitness,
)
from indexer.models.content import Text
from indexer.postchain import block as blocks
from indexer.postchain import configuration as gtv_configuration
from indexer.postchain import gtv, gtx
from indexer.postchain.block import Header
from indexer.postchain.merkle import root_of_hashes
from indexer.postchain.verify import Refusal
from indexer.store import coverage, names, rebuild
from indexer.store.operations import read_rows
from indexer.store.read import (
    BrokenBody,
    StoredBlock,
    StoredTransaction,
    all_blocks,
    read_transactions,
    read_witness,
)
from indexer.trust import check_witness


@dataclass(frozen=True, slots=True)
class Finding:
    """Something stored that does not hold: where, and what was found instead."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check(chain: Chain) -> Iterator[Finding]:
    """Every finding, facts first. Folds the chain again beside the present generation."""
    timeline = configurations.timeline(chain)
    yield from _configurations(chain)
    yield from _names()
    yield from _blocks(chain, timeline)
    yield from _coverage(chain)
    yield from _contents(chain)
    yield from _records(chain)


def _configurations(chain: Chain) -> Iterator[Finding]:
    for each in Configuration.objects.filter(chain=chain).order_by("height"):
        where = f"configuration at height {each.height}"
        try:
            found = gtv_configuration.decode(bytes(each.raw))
        except ValueError as error:
            yield Finding(where, f"its bytes cannot be read: {error}")
            continue
        if found.hash != bytes(each.hash):
            yield Finding(where, f"its bytes hash to {_hex(found.hash)}, its row says {_hex(each.hash)}")
        if found.signers != tuple(bytes(key) for key in each.signers):
            yield Finding(where, "its row names other signers than its bytes")
        if each.height == 0 and found.hash != bytes(chain.brid):
            yield Finding(where, "it does not hash to the blockchain RID")


def _names() -> Iterator[Finding]:
    for each in Name.objects.order_by("id").iterator():
        value = names.value_of(each)
        if names.hash_of(value) != bytes(each.hash):
            yield Finding(f"name {each.id}", "its value does not hash to its key")


def _blocks(chain: Chain, timeline: Timeline) -> Iterator[Finding]:
    unchecked = set(UncheckedWitness.objects.filter(chain=chain).values_list("height", flat=True))
    previous = bytes(chain.brid)
    expected = 0
    for block in all_blocks(chain.id):
        if block.height != expected:
            yield Finding(f"block {expected}", f"missing; the next one stored is block {block.height}")
            previous = block.rid
        else:
            for what in _block(chain, block, previous, timeline, checked=block.height not in unchecked):
                yield Finding(f"block {block.height}", what)
        previous, expected = block.rid, block.height + 1


def _block(
    chain: Chain, block: StoredBlock, previous: bytes, timeline: Timeline, *, checked: bool
) -> Iterator[str]:
    try:
        header = block.header(brid=bytes(chain.brid), previous_rid=previous)
    except ValueError as error:
        yield f"its header cannot be read: {error}"
        return
    yield from _header(chain, block, header, previous)
    yield from _witness(chain, block, header, timeline, checked=checked)
    try:
        transactions = read_transactions(chain.id, height=block.height)
    except BrokenBody as error:
        yield str(error)
        return
    yield from _root(block, header, transactions)
    yield from _transactions(chain, block, header, transactions)


def _header(chain: Chain, block: StoredBlock, header: Header, previous: bytes) -> Iterator[str]:
    if blocks.header_rid(header) != block.rid:
        yield f"its header hashes to {_hex(blocks.header_rid(header))}, its row says {_hex(block.rid)}"
    if header.previous_rid != previous:
        yield f"it links to {_hex(header.previous_rid)}, the block before is {_hex(previous)}"
    if header.brid != bytes(chain.brid):
        yield f"its header is of chain {_hex(header.brid)}"
    if (header.height, header.timestamp) != (block.height, block.timestamp):
        stated = f"its row says height {block.height} at {block.timestamp}"
        yield f"its header says height {header.height} at {header.timestamp}, {stated}"
    if gtv.encode([header.dependencies, header.extra]) != block.header_end:
        yield "its row names other dependencies or extra data than its header"


def _witness(
    chain: Chain, block: StoredBlock, header: Header, timeline: Timeline, *, checked: bool
) -> Iterator[str]:
    """An empty block's witness is not kept once it was checked."""
    witness = read_witness(chain.id, height=block.height)
    if witness is None:
        if block.transactions or not checked:
            yield "its witness is missing"
        return
    try:
        signers = timeline.signers_of(header).keys
        if signers is not None:
            check_witness(witness, rid=block.rid, signers=signers, height=block.height)
    except Refusal as refusal:
        yield f"{refusal.step}: {refusal.why}"
        return
    if checked and signers is None:
        yield "its witness is said to be checked, and its signers are not known"


def _root(block: StoredBlock, header: Header, transactions: Sequence[StoredTransaction]) -> Iterator[str]:
    if len(transactions) != block.transactions:
        yield f"it has {len(transactions)} transactions stored, its row says {block.transactions}"
    root = root_of_hashes([each.hash for each in transactions], version=header.merkle_version)
    if root != header.transactions_root:
        yield f"its transactions' root is {_hex(root)}, its header says {_hex(header.transactions_root)}"


def _transactions(
    chain: Chain, block: StoredBlock, header: Header, transactions: Sequence[StoredTransaction]
) -> Iterator[str]:
    stored: dict[int, list[OperationFacts]] = {}
    rows = read_rows(chain.id, first=block.height, last=block.height)
    for each in rows:
        stored.setdefault(each.transaction, []).append(each)
    if [each.position for each in rows] != [position_of(block.height, at) for at in range(len(rows))]:
        yield "its operations are not numbered from 0 without a gap"
    if stored.keys() - {each.ordinal for each in transactions}:
        yield "it has operations of transactions that are not there"
    for transaction in transactions:
        said = stored.get(transaction.ordinal, [])
        for what in _transaction(transaction, said, version=header.merkle_version):
            yield f"transaction {transaction.ordinal}: {what}"


def _transaction(stored: StoredTransaction, said: Sequence[OperationFacts], *, version: int) -> Iterator[str]:
    if stored.data is None:
        return
    try:
        found = gtx.decode(stored.data, version=version)
    except ValueError as error:
        yield f"its bytes cannot be read: {error}"
        return
    if found.rid != stored.rid:
        yield f"its bytes give RID {_hex(found.rid)}, its row says {_hex(stored.rid)}"
    if found.hash != stored.hash:
        yield f"its bytes hash to {_hex(found.hash)}, its row says {_hex(stored.hash)}"
    if (found.signers, int(found.oddities)) != (stored.signers, stored.oddities):
        yield "its row names other signers or oddities than its bytes"
    if (bad := gtx.first_bad_signature(found)) is not None:
        yield f"its signature {bad} does not hold"
    yield from _operations(found, said, stored.ordinal)


def _operations(found: gtx.Transaction, said: Sequence[OperationFacts], ordinal: int) -> Iterator[str]:
    if len(found.operations) != len(said):
        yield f"its bytes hold {len(found.operations)} operations, {len(said)} are stored"
        return
    for operation, row in zip(found.operations, said, strict=True):
        again = operation_facts(operation, position=row.position, transaction=ordinal, texts=Texts())
        if again != row:
            differing = [
                name for name in OperationFacts.__struct_fields__ if getattr(again, name) != getattr(row, name)
            ]
            ordinal = row.position % POSITIONS_A_BLOCK
            yield f"operation {ordinal}: its row differs from its bytes in {', '.join(differing)}"


def _coverage(chain: Chain) -> Iterator[Finding]:
    checkpoint = Checkpoint.objects.filter(chain=chain, generation=chain.generation).first()
    last = -1 if checkpoint is None else checkpoint.height
    for gap in coverage.gaps(chain.id, last=last):
        yield Finding("windows", f"heights {gap.first} to {gap.last} are folded, and no window covers them")
    yield from _counts(chain)


def _counts(chain: Chain) -> Iterator[Finding]:
    """What windows counted as they wrote it, against what is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(transactions), 0)::bigint, coalesce(sum(operations), 0)::bigint,"
            " (SELECT count(*) FROM indexer_transaction WHERE chain_id = %(chain)s),"
            " (SELECT count(*) FROM indexer_operation WHERE chain_id = %(chain)s)"
            " FROM indexer_window WHERE chain_id = %(chain)s",
            {"chain": chain.id},
        )
        transactions, operations, stored_transactions, stored_operations = cursor.fetchone()
    if transactions != stored_transactions:
        yield Finding("windows", f"they count {transactions} transactions, {stored_transactions} are stored")
    if operations != stored_operations:
        yield Finding("windows", f"they count {operations} operations, {stored_operations} are stored")


def _contents(chain: Chain) -> Iterator[Finding]:
    for table in (Prompt, Answer):
        for each in table.objects.order_by("hash").iterator(chunk_size=500):
            if (what := _content(each)) is not None:
                yield Finding(f"{table.__name__.lower()} {_hex(each.hash)}", what)
    yield from _missing_contents(chain)


def _content(each: Text) -> str | None:
    if each.reason == Text.Reason.ERASED:
        return None if each.text is None and each.raw is None else "it is erased, and its text is still there"
    text = each.text if each.text is not None else bytes(each.raw or b"").decode("utf-8", "surrogatepass")
    if len(text) != each.length:
        return f"its text has {len(text)} characters, its row says {each.length}"
    keys = {_key(text)} if isinstance(each, Prompt) else {_key(text), _key(rell_json.quote(text))}
    return None if bytes(each.hash) in keys else "its text does not hash to its key"


def _missing_contents(chain: Chain) -> Iterator[Finding]:
    """Contents that no row holds, though a transaction that says them was not erased."""
    for column in ("prompt", "answer"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT min(o.position), o.{column} FROM indexer_operation o JOIN indexer_transaction t"
                " ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction"
                f' WHERE o.chain_id = %s AND o.{column} IS NOT NULL AND t."offset" IS NOT NULL'
                f" AND NOT EXISTS (SELECT FROM indexer_{column} c WHERE c.hash = o.{column})"
                f" GROUP BY o.{column} ORDER BY 1",
                [chain.id],
            )
            for position, key in cursor.fetchall():
                yield Finding(
                    f"{column} {_hex(key)}", f"missing; the operation at position {position} says it"
                )


_COMPARED = {
    "record": "position, prompt_id, scout, seed, created_at, revised_position, model_id, provider_id,"
    " revisions, status, prompt, answer",
    "revision": "position, prompt_id, kind, superseded_position",
    "blockdigest": "height, digest",
    "owner": "position, key",
    "checkpoint": "height, block_rid, timestamp, digest, last_prompt_id, live, owner, transactions,"
    " operations",
}


def _records(chain: Chain) -> Iterator[Finding]:
    checkpoint = Checkpoint.objects.filter(chain=chain, generation=chain.generation).first()
    if checkpoint is None:
        return
    try:
        again = rebuild.fold_beside(chain, last=checkpoint.height)
    except fold.LinkBroken as error:
        yield Finding("fold", str(error))
        return
    try:
        for table, columns in _COMPARED.items():
            yield from _compared(chain, table, columns, again)
    finally:
        rebuild.drop(chain, again)


def _compared(chain: Chain, table: str, columns: str, again: int) -> Iterator[Finding]:
    rows = f"SELECT {columns} FROM indexer_{table} WHERE chain_id = %s AND generation = %s"
    with connection.cursor() as cursor:
        for what, one, other in (
            ("stored, and folding the facts again does not give it", chain.generation, again),
            ("not stored, and folding the facts again gives it", again, chain.generation),
        ):
            cursor.execute(f"({rows}) EXCEPT ({rows}) ORDER BY 1", [chain.id, one, chain.id, other])
            named = [column.strip() for column in columns.split(",")]
            for row in cursor.fetchall():
                told = ", ".join(f"{name} {_told(value)}" for name, value in zip(named, row, strict=True))
                yield Finding(table, f"{told}: {what}")


def _told(value: object) -> str:
    return _hex(value) if isinstance(value, bytes | memoryview) else str(value)


def _key(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _hex(value: bytes | memoryview) -> str:
    return bytes(value).hex().upper()


def erased(chain: Chain) -> int:
    """How many transactions have hashes only."""
    return Transaction.objects.filter(chain=chain, offset=None).count()
