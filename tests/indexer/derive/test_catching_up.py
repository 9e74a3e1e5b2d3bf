"""How a chain catches up: as many steps as there is something to derive, and none besides."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from indexer import derive
from indexer.derive import registry
from indexer.derive.derivation import PositionRange
from indexer.derive.rollups import DERIVATION as ROLLUPS
from indexer.follow import sync
from indexer.models import Chain, DerivationCheckpoint
from tests.indexer import kept
from tests.indexer.made import MadeChain, add
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db


def steps_of(work: Callable[[], object]) -> Sequence[str]:
    """What moves a checkpoint."""
    with CaptureQueriesContext(connection) as asked:
        work()
    return [each["sql"] for each in asked if "INSERT INTO indexer_derivationcheckpoint" in each["sql"]]


def test_each_derivation_takes_one_step_where_one_does(stored: Callable[[str], Chain]) -> None:
    chain = stored(kept.VARIED)
    assert len(steps_of(lambda: derive.catch_up(chain))) == len(registry.derivations())


def test_what_is_folded_meanwhile_is_derived_too() -> None:
    made = MadeChain()
    for _ in range(3):
        made.block(add())
    chain = row_of(made)
    write(chain, made.blocks[:1])
    sync.fold_all(chain)
    ranges = []

    def step(cursor: CursorWrapper, positions: PositionRange) -> None:
        ranges.append(positions)
        if len(ranges) == 1:
            write(chain, made.blocks[1:])
            sync.fold_all(chain)
        ROLLUPS.step(cursor, positions)

    assert derive.catch_up(chain, only=[replace(ROLLUPS, step=step)]) is False
    assert len(ranges) == 2
    assert DerivationCheckpoint.objects.get(name=ROLLUPS.name).height == 2
