"""Blocks that are fetched again: upwards, in pages of any size, and written in the place of what is here."""

import pytest

from devnet.rest.exchange import Answer, Question
from indexer.follow import refetching, sync
from indexer.models import Block, Chain, Window
from indexer.postchain import gtv
from indexer.store.coverage import HeightRange
from indexer.store.rewrite import rewrite_window
from tests.indexer.made import MadeChain, add, completion
from tests.indexer.records.erasing import findings
from tests.indexer.serving import AlteredNode, Rule, octets, pool_of
from tests.indexer.writing import row_of, window, write

pytestmark = pytest.mark.django_db
SPANS = [HeightRange(0, 9), HeightRange(4, 7), HeightRange(5, 5), HeightRange(0, 6), HeightRange(3, 6)]


def ten_blocks() -> MadeChain:
    made = MadeChain()
    for number in range(10):
        made.block(add(completion(f"answer {number}")))
    return made


def at_most(blocks: int) -> Rule:
    """A node whose lists hold no more than so many blocks, as one with large blocks does."""

    def cut(question: Question, answer: Answer) -> Answer | None:
        if question.path[0] != "blocks" or answer.status != 200 or not question.wants_gtv:
            return None
        found = gtv.decode(answer.body)
        return octets(gtv.encode(found[:blocks])) if isinstance(found, list) else None

    return cut


@pytest.mark.parametrize("damaged", [4, 5, 6, 7])
@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_a_damaged_block_is_mended_wherever_pages_are_cut(page: int, damaged: int) -> None:
    made = ten_blocks()
    chain = indexed(made)
    Block.objects.filter(height=damaged).update(rid=b"\xab" * 32)
    with pool_of(AlteredNode(made.recording(), at_most(page))) as pool:
        found = refetching.refetch(chain, pool, HeightRange(4, 7))
    assert (found.blocks, found.changed) == (4, [damaged])
    assert findings(chain) == []


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("windows", [[(0, 4), (5, 9)], [(3, 6), (0, 4), (0, 9), (7, 7), (2, 2)], [(0, 9)]])
def test_each_block_is_counted_once_whatever_windows_there_were(
    windows: list[tuple[int, int]], span: HeightRange
) -> None:
    made = ten_blocks()
    chain = row_of(made)
    for first, last in windows:
        write(chain, made.blocks[first : last + 1])
    rewrite_window(window(chain, made.blocks[span.first : span.last + 1]))
    rows = Window.objects.all()
    assert sum(each.transactions for each in rows) == sum(each.operations for each in rows) == 10
    sync.fold_all(chain)
    assert findings(chain) == []


def indexed(made: MadeChain) -> Chain:
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    return chain
