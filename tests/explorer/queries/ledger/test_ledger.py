"""The ledger: every change once, in the order of the chain, and chains merged."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain import configurations
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.kinds import Span
from explorer.queries.db.pagination import PageRequest
from explorer.queries.ledger import ledger
from explorer.queries.ledger.ledger import ChangeRow
from explorer.queries.ledger.ledger_filter import Change, LedgerFilter
from explorer.queries.lists import walk
from explorer.queries.lists.counting import Count
from explorer.queries.records.record import record
from indexer.models import Chain, DerivationCheckpoint, EditWording, Owner, Suppression
from indexer.postchain import secp256k1
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.queries.every import every_record
from tests.explorer.queries.plans import most_read
from tests.indexer.made import (
    FIRST_AT,
    OWNER,
    SECOND_OWNER,
    VALIDATORS,
    MadeChain,
    add,
    batch_delete,
    call,
    change_owner,
    completion,
    delete,
    update,
)

pytestmark = pytest.mark.django_db
EVERYTHING = LedgerFilter()
NEWEST, OLDEST = PageRequest(limit=7), PageRequest(limit=7, oldest_first=True)


def pages(
    of: Sequence[ChainView], wanted: LedgerFilter = EVERYTHING, begin: PageRequest = NEWEST
) -> Iterator[ledger.Ledger]:
    """Every page from the beginning on."""
    request: PageRequest | None = begin
    while request is not None:
        found = ledger.page(of, wanted, request)
        yield found
        request = found.newer if begin.oldest_first else found.older


def rows(
    of: Sequence[ChainView], wanted: LedgerFilter = EVERYTHING, begin: PageRequest = NEWEST
) -> list[ChangeRow]:
    return [row for page in pages(of, wanted, begin) for row in page.rows]


def of_records(chain: ChainView) -> list[tuple[int, int, str]]:
    """Position, prompt id and operation of each change that the records themselves tell of, oldest first."""
    kinds = {"update_prompt_history": "edit", "delete_prompt_history": "delete"}
    return sorted(
        (each.position, found.row.prompt_id, kinds.get(each.kind, "batch-delete"))
        for found in every_record(chain)
        for each in found.revisions[1:]
    )


def test_every_change_of_a_record_is_a_row(each_chain: ChainView) -> None:
    found = rows([each_chain])
    told = [(row.position, row.prompt_id, row.kind.value) for row in found if row.prompt_id is not None]
    assert told[::-1] == of_records(each_chain)
    assert told
    assert found == rows([each_chain], begin=OLDEST)[::-1]


def test_a_row_says_what_the_record_says_of_it(each_chain: ChainView) -> None:
    every = {each.row.prompt_id: each for each in every_record(each_chain)}
    for row in rows([each_chain]):
        if row.prompt_id is None:
            continue
        found = every[row.prompt_id]
        at = next(index for index, each in enumerate(found.revisions) if each.position == row.position)
        revision = found.revisions[at]
        assert (row.transaction, row.at, list(row.signers), row.allowed, row.height) == (
            revision.transaction_rid, revision.at, list(revision.signers), revision.owner, revision.height,
        )  # fmt: skip
        assert (row.scout, row.model, row.provider) == (found.row.scout, found.row.model, found.row.provider)
        before = found.revisions[at - 1]
        is_edit = row.kind is Change.EDIT
        assert row.has_other_words == ((revision.key != before.key) if is_edit else None)


def test_owners_and_configurations_are_in_it_too(toured_chain: ChainView) -> None:
    found = [row for row in rows([toured_chain]) if row.prompt_id is None]
    owners = Owner.objects.filter(chain_id=toured_chain.id, position__gte=0).order_by("-position")
    assert [(row.position, row.key) for row in found if row.kind is Change.OWNER] == [
        (each.position, None if each.key is None else bytes(each.key)) for each in owners
    ]
    assert all(row.transaction is not None for row in found if row.kind is Change.OWNER)
    set_at = {row.height for row in found if row.transaction is None}
    assert set_at == {
        each.height for each in configurations.all_of(toured_chain) if each.governs and each.height
    }
    assert set_at


def test_a_configuration_says_whether_it_changed_signers_or_code() -> None:
    made = MadeChain()
    made.block(call(add()))
    made.configure(VALIDATORS[:2])
    made.block(call(add()))
    made.configure(
        VALIDATORS[:2], more={"gtx": {"rell": {"modules": ["m"], "sources": {"m.rell": "module;"}}}}
    )
    made.block()
    made.configure(VALIDATORS[:1])
    made.block(call(add()))
    made.configure(VALIDATORS[:1], more={"blockstrategy": {"maxblocktime": 2000}})
    made.block()
    found = rows([shown.index_made(made)])
    assert [(row.height, row.kind) for row in found] == [
        (4, Change.SETTINGS), (3, Change.CODE), (3, Change.SIGNERS), (2, Change.CODE), (1, Change.SIGNERS),
    ]  # fmt: skip
    assert {row.transaction for row in found} == {None}


def made_ledger() -> MadeChain:
    """Edits of words and of ids alone, a deletion, a batch of two, a new owner, and a configuration."""
    made = MadeChain()
    made.block(call(add(completion("one", id="a"), uid=3, model="m*1")))
    made.block(call(add(completion("two"), uid=4), add(completion("three"), uid=4)), at=FIRST_AT + 90_000_000)
    made.block(call(update(1, completion("one", id="b"))), call(update(2, completion("other"))))
    made.configure(VALIDATORS[:2])
    made.block(call(delete(1)), call(change_owner(SECOND_OWNER), keys=(OWNER, SECOND_OWNER)))
    made.block(call(batch_delete(-1, FIRST_AT * 2), keys=(SECOND_OWNER,)))
    return made


@pytest.fixture
def made(db: None) -> ChainView:
    return shown.index_again(made_ledger())


def told(chain: ChainView, wanted: LedgerFilter) -> list[tuple[str, int | None]]:
    found = rows([chain], wanted)
    assert found == rows([chain], wanted, OLDEST)[::-1]
    first = ledger.page([chain], wanted, PageRequest(limit=1))
    assert ledger.count(wanted, PageRequest(limit=1), first).value == len(found)
    return [(row.kind.value, row.prompt_id) for row in found]


Told = list[tuple[str, int | None]]
BATCH: Told = [("batch-delete", 3), ("batch-delete", 2)]
BLOCK_3: Told = [("owner", None), ("delete", 1), ("signers", None)]
BLOCK_2: Told = [("edit", 2), ("edit", 1)]
FILTERS: list[tuple[Callable[[ChainView], LedgerFilter], Told]] = [
    (lambda chain: LedgerFilter(), [*BATCH, *BLOCK_3, *BLOCK_2]),
    (lambda chain: LedgerFilter(kind=Change.EDIT), BLOCK_2),
    (lambda chain: LedgerFilter(kind=Change.DELETE), [("delete", 1)]),
    (lambda chain: LedgerFilter(kind=Change.BATCH_DELETE), BATCH),
    (lambda chain: LedgerFilter(kind=Change.OWNER), [("owner", None)]),
    (lambda chain: LedgerFilter(kind=Change.SIGNERS), [("signers", None)]),
    (lambda chain: LedgerFilter(kind=Change.CODE), []),
    (lambda chain: LedgerFilter(wording=True), [("edit", 2)]),
    (lambda chain: LedgerFilter(wording=False), [("edit", 1)]),
    (lambda chain: LedgerFilter(wording=False, kind=Change.EDIT, scout=3), [("edit", 1)]),
    (lambda chain: LedgerFilter(scout=4), [*BATCH, ("edit", 2)]),
    (lambda chain: LedgerFilter(scout=5), []),
    (lambda chain: LedgerFilter(model="m\\*1"), [("delete", 1), ("edit", 1)]),
    (lambda chain: LedgerFilter(model="gemma*", kind=Change.BATCH_DELETE), BATCH),
    (lambda chain: LedgerFilter(provider="gr*q"), [*BATCH, ("delete", 1), *BLOCK_2]),
    (lambda chain: LedgerFilter(record=2), [("batch-delete", 2), ("edit", 2)]),
    (lambda chain: LedgerFilter(block=Span(3, 3)), BLOCK_3),
    (lambda chain: LedgerFilter(block=Span(None, 2)), BLOCK_2),
    (lambda chain: LedgerFilter(since=at_of(chain, 3)), [*BATCH, *BLOCK_3]),
    (lambda chain: LedgerFilter(until=at_of(chain, 3)), BLOCK_2),
    (lambda chain: LedgerFilter(signer=secp256k1.public_key(SECOND_OWNER)), [*BATCH, ("owner", None)]),
    (lambda chain: LedgerFilter(signer=secp256k1.public_key(OWNER)), [*BLOCK_3[:2], *BLOCK_2]),
    (lambda chain: LedgerFilter(signer=secp256k1.public_key(OWNER)[1:]), []),
    (lambda chain: LedgerFilter(tx=record(chain, 3).revisions[1].transaction_rid), BATCH),
    (lambda chain: LedgerFilter(tx=b"\xab" * 32), []),
]


def at_of(chain: ChainView, height: int) -> int:
    (row,) = {row.at for row in rows([chain]) if row.height == height}
    return round(row.timestamp() * 1000)


def test_each_filter_leaves_what_it_says(made: ChainView) -> None:
    for wanted, expected in FILTERS:
        assert told(made, wanted(made)) == expected, wanted(made)


# Two chains


@pytest.mark.parametrize("begin", [NEWEST, OLDEST])
def test_chains_are_merged_by_the_times_of_their_blocks(
    recorded_chain: ChainView, toured_chain: ChainView, begin: PageRequest
) -> None:
    of = sorted((recorded_chain, toured_chain), key=lambda each: each.id)
    places = {each.brid: at for at, each in enumerate(of)}
    every = [row for chain in of for row in rows([chain], begin=OLDEST)]
    every.sort(key=lambda row: (row.at, places[row.chain]))
    found = rows(of, begin=begin)
    assert found == (every if begin.oldest_first else every[::-1])
    assert len({row.chain for row in found}) == 2


@pytest.mark.parametrize("begin", [NEWEST, OLDEST])
def test_going_back_gives_the_pages_that_there_were(
    recorded_chain: ChainView, toured_chain: ChainView, begin: PageRequest
) -> None:
    of = [recorded_chain, toured_chain]
    every = list(pages(of, begin=begin))
    assert len(every) > 3
    for before, after in pairwise(every):
        back = after.older if begin.oldest_first else after.newer
        assert back is not None
        assert ledger.page(of, EVERYTHING, back).rows == before.rows
    assert (every[0].older if begin.oldest_first else every[0].newer) is None


def test_a_chain_that_came_since_the_first_page_is_told_of(
    recorded_chain: ChainView, toured_chain: ChainView
) -> None:
    first = ledger.page([recorded_chain], EVERYTHING, PageRequest(limit=1))
    assert first.older is not None
    after = ledger.page([recorded_chain, toured_chain], EVERYTHING, first.older)
    assert (after.of, after.later) == ([recorded_chain], [toured_chain])


def test_a_cursor_of_another_ledger_is_refused(recorded_chain: ChainView, toured_chain: ChainView) -> None:
    onwards = ledger.page([recorded_chain], EVERYTHING, PageRequest(limit=1), only=recorded_chain.rid).older
    assert onwards is not None
    for of, wanted, only in (
        (toured_chain, EVERYTHING, toured_chain.rid),
        (recorded_chain, LedgerFilter(kind=Change.EDIT), recorded_chain.rid),
        (recorded_chain, EVERYTHING, ""),
    ):
        with pytest.raises(BadQuestion):
            ledger.page([of], wanted, onwards, only=only)


# However many changes there are


def put_changes(chain: ChainView, *, kind: int, before: bool) -> None:
    """Ten thousand other changes, all later than those that are here, or all earlier."""
    position = "-g" if before else f"{chain.freshness.height + 1} * 1048576 + g"
    first = f"(SELECT * FROM indexer_record WHERE chain_id = {chain.id} ORDER BY position LIMIT 1)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO indexer_revision (chain_id, generation, position, prompt_id, kind)
            SELECT r.chain_id, r.generation, {position}, 1000000 + g, {kind}
            FROM generate_series(1, 9999) AS g, {first} AS r"""
        )
        cursor.execute("ANALYZE indexer_revision")


@pytest.mark.parametrize(
    "wanted",
    [
        EVERYTHING,
        LedgerFilter(kind=Change.DELETE),
        LedgerFilter(kind=Change.OWNER),
        LedgerFilter(kind=Change.SIGNERS),
        LedgerFilter(record=5),
        LedgerFilter(block=Span(0, 60)),
        LedgerFilter(tx=b"\xab" * 32),
        LedgerFilter(signer=b"\x02" * 33),
    ],
)
@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_page_reads_few_of_any_number_of_changes(
    recorded_chain: ChainView, wanted: LedgerFilter, oldest_first: bool
) -> None:
    put_changes(recorded_chain, kind=2, before=oldest_first)
    with CaptureQueriesContext(connection) as asked:
        ledger.page([recorded_chain], wanted, PageRequest(limit=10, oldest_first=oldest_first))
    assert len(asked) <= 8
    assert most_read(asked) < 1_000


def test_a_rare_scout_is_found_behind_any_number_of_changes(recorded_chain: ChainView) -> None:
    expected = rows([recorded_chain], LedgerFilter(scout=22))
    put_changes(recorded_chain, kind=2, before=False)
    with CaptureQueriesContext(connection) as asked:
        found = ledger.page([recorded_chain], LedgerFilter(scout=22), PageRequest(limit=100))
    assert found.rows == expected[:100]
    assert found.rows
    assert most_read(asked) < 1_000


def put_edits(chain: ChainView, *, is_same: bool) -> None:
    """Ten thousand other edits, all earlier than those that are here, kept as such that left the words, or
    changed them.
    """
    put_changes(chain, kind=2, before=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO indexer_editwording (chain_id, generation, position, prompt_id, is_same)
            SELECT chain_id, generation, position, prompt_id, %s FROM indexer_revision
            WHERE chain_id = %s AND position < 0""",
            [is_same, chain.id],
        )
        cursor.execute("ANALYZE indexer_editwording")


@pytest.mark.parametrize(
    "wanted",
    [
        LedgerFilter(wording=True),
        LedgerFilter(wording=False),
        LedgerFilter(wording=True, scout=22),
        LedgerFilter(wording=True, model="*gemma*"),
    ],
)
def test_edits_by_their_words_are_found_among_any_number_of_others(
    recorded_chain: ChainView, wanted: LedgerFilter
) -> None:
    expected = rows([recorded_chain], wanted)
    put_edits(recorded_chain, is_same=bool(wanted.wording))
    with CaptureQueriesContext(connection) as asked:
        found = ledger.page([recorded_chain], wanted, PageRequest(limit=100))
    assert found.rows == expected[:100]
    assert bool(found.rows) is wanted.wording
    assert not found.searched_to
    assert most_read(asked) < 1_000


def test_what_is_not_derived_yet_is_compared_as_it_is_asked_for(made: ChainView) -> None:
    """With all edits kept, those of the first block with any, and none."""
    expected = {is_same: rows([made], LedgerFilter(wording=is_same)) for is_same in (False, True)}
    checkpoint = DerivationCheckpoint.objects.filter(chain_id=made.id, name="wordings")
    for height in (checkpoint.get().height, 1, -1):
        checkpoint.update(height=height)
        EditWording.objects.filter(chain_id=made.id, position__gte=(height + 1) << 20).delete()
        assert {each: rows([made], LedgerFilter(wording=each)) for each in (False, True)} == expected
    Chain.objects.filter(id=made.id).update(heard_to=0)
    assert [rows([made], LedgerFilter(wording=is_same)) for is_same in (False, True)] == [[], []]


def test_where_time_is_up_it_is_said_how_far_was_looked(
    recorded_chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_changes(recorded_chain, kind=2, before=False)
    monkeypatch.setattr(walk, "SOON", 0.0)
    monkeypatch.setattr(walk, "SECONDS", 0.0)
    found = ledger.page([recorded_chain], LedgerFilter(wording=False), PageRequest(limit=100))
    (searched,) = found.searched_to
    assert searched.chain == recorded_chain
    assert found.older is not None
    with CaptureQueriesContext(connection) as asked:
        counted = ledger.count(LedgerFilter(wording=False), PageRequest(), found)
    assert (counted, len(asked)) == (Count(len(found.rows), is_exact=False), 0)


# Withheld


@pytest.mark.parametrize("mode", Suppression.Mode)
def test_what_is_withheld_stays_in_it_with_its_hash_and_time(made: ChainView, mode: Suppression.Mode) -> None:
    before = rows([made])
    told_of = record(made, 2).revisions[1]
    assert told_of.answer is not None
    for subject, hash in (
        (Suppression.Subject.CONTENT, told_of.answer.hash),
        (Suppression.Subject.CONTENT, record(made, 1).prompt),
        (Suppression.Subject.TRANSACTION, record(made, 1).revisions[1].transaction_rid),
    ):
        suppress(subject, hash, mode=mode, reason="because", by="the operator")
    assert rows([made]) == before
    assert [row.prompt_id for row in rows([made], LedgerFilter(wording=True))] == [2]
    assert [row.prompt_id for row in rows([made], LedgerFilter(wording=False))] == [1]
