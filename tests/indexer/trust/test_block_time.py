"""How long a block takes at most, of the configuration in force."""

import pytest

from indexer.follow import sync
from indexer.models import Chain
from indexer.trust import block_time
from tests.indexer.made import VALIDATORS, MadeChain, add
from tests.indexer.serving import AlteredNode, pool_of
from tests.indexer.writing import row_of

pytestmark = pytest.mark.django_db


def paced(ms: int) -> dict[str, dict[str, int]]:
    return {"blockstrategy": {"maxblocktime": ms}}


def test_a_sync_keeps_what_the_newest_configuration_says() -> None:
    made = MadeChain(more=paced(2_000))
    for _ in range(2):
        made.block(add())
    with pool_of(AlteredNode(made.recording())) as pool:
        chain = sync.chain_of(pool, made.brid)
        sync.sync(chain, pool)
    assert Chain.objects.get().longest_block_ms == 2_000
    made.configure(VALIDATORS[:1], more=paced(5_000))
    made.block(add())
    with pool_of(AlteredNode(made.recording())) as pool:
        sync.sync(chain, pool)
    assert Chain.objects.get().longest_block_ms == 5_000
    block_time.keep(chain, height=1)
    assert Chain.objects.get().longest_block_ms == 2_000


def test_of_a_chain_without_a_block_it_is_not_known() -> None:
    chain = row_of(MadeChain(more=paced(2_000)))
    block_time.keep(chain, height=-1)
    assert Chain.objects.get().longest_block_ms is None
