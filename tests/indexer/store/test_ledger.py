"""Any operations through the tables: the same as through a plain ledger in memory."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.audit import fsck
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.ingest.decode import facts_of
from indexer.models import BlockDigest, Chain, Checkpoint, Incident, Owner, Record, Revision
from indexer.postchain import gtx, secp256k1
from indexer.postchain.block import EMPTY_ROOT, Header, encode_header, header_rid
from indexer.postchain.gtv import BigInteger
from indexer.postchain.verify import VerifiedBlock
from indexer.records import fold
from indexer.records.state import state_at
from indexer.store import names
from indexer.store.facts import Texts
from indexer.store.suppression import Suppressed
from indexer.store.write import WindowFacts, write_window
from tests.indexer.dapp.plain import PlainChain, Row, Said, newest_first
from tests.indexer.made import MadeChain
from tests.indexer.writing import chain_row

OWNER = secp256k1.public_key(b"\x01" * 32)
NEXT = secp256k1.public_key(b"\x02" * 32)
NOTHING = Suppressed(frozenset(), frozenset())
FIRST = MadeChain()

Block = Sequence[Said]


def write(chain: Chain, blocks: Sequence[Block]) -> None:
    """Blocks of these operations, a transaction each; nobody signed anything, and nothing is checked."""
    texts = Texts()
    previous, facts = bytes(chain.brid), []
    for height, said in enumerate(blocks):
        transactions = [_transaction(chain, each, (height, number)) for number, each in enumerate(said)]
        header = Header(bytes(chain.brid), previous, bytes(32) if said else EMPTY_ROOT, _time(height), height)
        previous = header_rid(header)
        read = VerifiedBlock(
            rid=previous,
            header=header,
            raw_header=encode_header(header),
            transactions=tuple(transactions),
            raw_transactions=tuple(gtx.encode(each) for each in transactions),
            witness=b"\0" * 4,
            witness_checked=True,
        )
        facts.append(facts_of(read, texts, unchecked=None, erased=NOTHING))
    write_window(WindowFacts(chain_id=chain.id, blocks=facts, texts=texts, erased=NOTHING))


def _transaction(chain: Chain, said: Said, place: tuple[int, int]) -> gtx.Transaction:
    rid = signed_hash(str(place))
    operation = gtx.Operation(said.name, tuple(said.arguments))
    return gtx.Transaction(bytes(chain.brid), (operation,), tuple(said.signers), (), rid, rid, gtx.Oddity(0))


def _time(height: int) -> int:
    return height + 1


def plainly(chain: Chain, blocks: Sequence[Block]) -> PlainChain:
    done = PlainChain(bytes(chain.brid), OWNER)
    for height, block in enumerate(blocks):
        done.block(block, at=_time(height))
    return done


def check(chain: Chain, again: PlainChain) -> None:
    """Every table of the fold against the plain reading."""
    found = Checkpoint.objects.get(chain=chain)
    assert bytes(found.digest) == again.digest
    assert (found.last_prompt_id, found.live) == (again.last_id, len(again.rows))
    assert (found.owner and bytes(found.owner)) == again.owner
    digests = BlockDigest.objects.filter(chain=chain)
    assert {each.height: bytes(each.digest) for each in digests} == again.digests
    owners = Owner.objects.filter(chain=chain, position__gte=0).order_by("position")
    assert [(each.position, each.key and bytes(each.key)) for each in owners] == again.owners
    check_revisions(chain, again)
    check_records(chain, again)
    check_incidents(chain, again)


def check_incidents(chain: Chain, again: PlainChain) -> None:
    """One for each rule and subject, with the first and last height and how often it was broken."""
    heights: dict[tuple[str, str], list[int]] = {}
    for position, rule, subject in again.broken:
        heights.setdefault((f"rule-{rule}", subject), []).append(position >> 20)
    found = Incident.objects.filter(chain=chain)
    assert {(each.kind, each.subject): (each.height, each.times) for each in found} == {
        told: (each[0], len(each)) for told, each in heights.items()
    }
    for row in found:
        last = heights[row.kind, row.subject][-1]
        assert (f"to {last} are on chain" if last != row.height else f"in block {last} ") in row.message


def check_revisions(chain: Chain, again: PlainChain) -> None:
    rows = Revision.objects.filter(chain=chain).order_by("position", "prompt_id")
    assert [(each.position, each.prompt_id, each.get_kind_display()) for each in rows] == [
        (each.position, each.prompt_id, each.kind) for each in again.changes
    ]
    ends: dict[tuple[int, int], int] = {}
    last: dict[int, int] = {}
    for change in again.changes:
        if change.prompt_id in last:
            ends[last[change.prompt_id], change.prompt_id] = change.position
        last[change.prompt_id] = change.position
    for each in rows:
        assert each.superseded_position == ends.get((each.position, each.prompt_id))


def check_records(chain: Chain, again: PlainChain) -> None:
    of_one: dict[int, list[Any]] = {}
    for change in again.changes:
        of_one.setdefault(change.prompt_id, []).append(change)
    rows = {each.prompt_id: each for each in Record.objects.filter(chain=chain)}
    assert rows.keys() == of_one.keys()
    for prompt_id, changes in of_one.items():
        row = rows[prompt_id]
        assert row.position == changes[0].position
        assert row.revised_position == changes[-1].position
        assert row.revisions == len(changes)
        assert (row.status != Record.Status.DELETED) == (prompt_id in again.rows)
        assert (row.status == Record.Status.LIVE) == (len(changes) == 1)
        if prompt_id in again.rows:
            check_live(row, again.rows[prompt_id])


def check_live(row: Record, plain: Row) -> None:
    assert (row.scout, row.seed, row.created_at) == (plain.uid, plain.seed, plain.created_at)
    assert (row.model.text, row.provider.text) == (plain.model, plain.provider)
    assert bytes(row.prompt) == signed_hash(normal(plain.messages))
    assert bytes(row.answer) == answer_key(plain.result)


def answer_key(result: str) -> bytes:
    answer = rell_json.content_of(result)
    return signed_hash(answer.normal if answer.content is None else rell_json.quote(answer.content))


def normal(text: str) -> str:
    try:
        return rell_json.normalise(text)
    except rell_json.NotJson:
        return text


def check_states(chain: Chain, again: PlainChain) -> None:
    for height, rows in enumerate(again.states):
        found = [
            (
                each.prompt_id,
                each.created_at,
                each.uid,
                each.seed,
                each.model,
                each.provider,
                each.messages,
                each.result,
            )
            for each in state_at(chain, height)
        ]
        assert found == [
            (
                row.prompt_id,
                row.created_at,
                row.uid,
                row.seed,
                row.model,
                row.provider,
                normal(row.messages),
                normal(row.result),
            )
            for row in newest_first(rows)
        ]


TEXTS = st.sampled_from(
    ["{}", " [ ]", "no JSON", '{"choices":[{"message":{"content":"é"}}]}', "", '"\\ud800"']
)
NAMES = st.sampled_from(["a", "b", "é" * 40, ""])
INTEGERS = st.sampled_from([0, 1, -(2**63), 2**63 - 1]) | st.integers(-3, 3).map(BigInteger)
IDS = st.integers(0, 9) | st.just(2**63 - 1)
TIMES = st.integers(0, 9)
ARGUMENTS: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "add_prompt_history": st.tuples(INTEGERS, TEXTS, TEXTS, INTEGERS, NAMES, NAMES)
    | st.tuples(INTEGERS, TEXTS, TEXTS, INTEGERS, NAMES, NAMES, NAMES),
    "update_prompt_history": st.tuples(IDS, TEXTS),
    "delete_prompt_history": st.tuples(IDS),
    "batch_delete_prompt_histories": st.tuples(TIMES, TIMES),
    "change_owner": st.tuples(st.sampled_from([OWNER, NEXT, NEXT.hex(), "xyz"])),
    "note_prompt": st.tuples(st.none()),
    "nop": st.tuples(),
}
OFTEN = ["add_prompt_history"] * 6 + ["update_prompt_history"] * 3 + ["delete_prompt_history"]
SIGNERS = st.sampled_from([(), (OWNER,), (NEXT,), (OWNER, NEXT)])
CALLS = st.sampled_from(OFTEN + sorted(ARGUMENTS)).flatmap(
    lambda name: st.builds(Said, st.just(name), ARGUMENTS[name], SIGNERS)
)
BLOCKS = st.lists(st.lists(CALLS, max_size=7), min_size=1, max_size=8)


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(blocks=BLOCKS, batch=st.sampled_from([1, 2, 5000]))
def test_any_operations_in_any_batches_do_what_the_plain_reading_says(
    blocks: list[list[Said]], batch: int
) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(fold, "BATCH_BLOCKS", batch)
        for each in names.ALL:
            each.forget()  # the last example's were rolled back
        chain = chain_row(FIRST.brid, first=FIRST.configurations[0])
        write(chain, blocks)
        while fold.fold(chain) is not None:
            pass
        again = plainly(chain, blocks)
        check(chain, again)
        check_states(chain, again)
        found = [
            str(each) for each in fsck.check(chain) if "generation" in str(each) or each.where in COMPARED
        ]
        assert found == []
        transaction.set_rollback(True)


COMPARED = {"record", "revision", "blockdigest", "owner", "checkpoint", "fold", "windows"}


def add(count: int, *, signers: tuple[bytes, ...] = (OWNER,)) -> list[Said]:
    return [
        Said("add_prompt_history", (number, "[]", "{}", number, "m", "p"), signers) for number in range(count)
    ]


def said(name: str, *arguments: Any) -> Said:
    return Said(name, arguments, (OWNER,))


CHOSEN: dict[str, list[list[Said]]] = {
    "more than a hundred with ties over several blocks": [
        [],
        add(70),
        add(70),
        add(40),
        [said("batch_delete_prompt_histories", 0, 99)],
        [said("batch_delete_prompt_histories", 0, 99)],
        [said("batch_delete_prompt_histories", 0, 99)],
    ],
    "within the block that added them": [
        [],
        [
            *add(120),
            said("batch_delete_prompt_histories", 0, 9),
            *add(3),
            said("batch_delete_prompt_histories", 0, 9),
        ],
    ],
    "between changes of the same batch": [
        [],
        [*add(5), said("update_prompt_history", 2, "[]"), said("delete_prompt_history", 4)],
        [said("batch_delete_prompt_histories", 0, 9), said("update_prompt_history", 2, "{}"), *add(2)],
        [said("update_prompt_history", 6, "1"), said("batch_delete_prompt_histories", 1, 9)],
    ],
    "edited, then edited in the batch that deletes it": [
        [],
        add(4),
        [
            said("update_prompt_history", 1, "1"),
            said("update_prompt_history", 1, "2"),
            said("delete_prompt_history", 1),
        ],
        [said("update_prompt_history", 1, "3"), said("delete_prompt_history", 1)],
        [said("batch_delete_prompt_histories", 0, 9)],
        [said("batch_delete_prompt_histories", 0, 9)],
    ],
}


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [1, 3, 5000])
@pytest.mark.parametrize("name", CHOSEN)
def test_batch_deletions_see_what_their_own_batch_did(
    name: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "BATCH_BLOCKS", batch)
    chain = chain_row(FIRST.brid, first=FIRST.configurations[0])
    write(chain, CHOSEN[name])
    while fold.fold(chain) is not None:
        pass
    again = plainly(chain, CHOSEN[name])
    check(chain, again)
    check_states(chain, again)


def test_the_plain_reading_takes_a_hundred() -> None:
    again = plainly(Chain(brid=FIRST.brid), CHOSEN["more than a hundred with ties over several blocks"])
    assert [len(rows) for rows in again.states] == [0, 70, 140, 180, 80, 0, 0]
