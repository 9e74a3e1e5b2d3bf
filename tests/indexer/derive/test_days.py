"""Days of models, providers and scouts: what was written and changed, as reading the revisions gives it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from indexer import derive
from indexer.dapp.replay import height_of
from indexer.derive.days import DERIVATION
from indexer.follow import sync
from indexer.models import Block, Chain, NamedDay, Presence, Record, Revision, Suppression
from indexer.records import erase, generations
from tests.indexer import kept
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.serving import CHAINS
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
Rows = dict[tuple[int, int, int], tuple[int, int, int]]
DAY = 86_400_000


def stored_days(chain: Chain) -> Rows:
    rows = NamedDay.objects.filter(chain=chain, generation=chain.generation)
    return {(each.of, each.key, each.day): (each.written, each.edits, each.deletions) for each in rows}


def counted(chain: Chain) -> Rows:
    """The same, of the revisions as they stand."""
    of = {"chain": chain, "generation": chain.generation}
    times = dict(Block.objects.filter(chain=chain).values_list("height", "timestamp"))
    records: dict[int, Any] = {each.prompt_id: each for each in Record.objects.filter(**of)}
    kinds: dict[tuple[int, int, int], Counter[int]] = {}
    for each in Revision.objects.filter(**of):
        record = records[each.prompt_id]
        day = times[height_of(each.position)] // DAY
        for what, named in (
            (Presence.Of.MODEL, record.model_id),
            (Presence.Of.PROVIDER, record.provider_id),
            (Presence.Of.SCOUT, record.scout),
        ):
            kinds.setdefault((int(what), named, day), Counter())[min(each.kind, 3)] += 1
    return {key: (of[1], of[2], of[3]) for key, of in kinds.items()}


@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_they_are_what_reading_the_revisions_gives(name: str, stored: Stored) -> None:
    chain = stored(name)
    derive.catch_up(chain)
    assert stored_days(chain) == counted(chain) != {}


@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_they_are_the_same_however_they_are_cut_and_after_the_fold_is_made_anew(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_steps_of(batch, monkeypatch)
    made = MadeChain()
    made.block(add(model="one"), add(model="two"), at=DAY - 1)
    made.block(update(1, completion("b")), add(model="one"), at=DAY)
    made.block(update(1, completion("c")), delete(1), delete(3), at=3 * DAY + 5)
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    derive.catch_up(chain)
    found = stored_days(chain)
    assert found == counted(chain)
    models = sorted(row[2:] + numbers for row, numbers in found.items() if row[0] == Presence.Of.MODEL)
    assert models == [(0, 1, 0, 0), (0, 1, 0, 0), (1, 1, 1, 0), (3, 0, 1, 2)]
    generations.rebuild(chain)
    assert stored_days(chain) == found


def test_they_stay_when_a_text_is_hidden_and_erased(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = stored_days(chain)
    answer = bytes(Record.objects.filter(chain=chain)[0].answer)
    for mode in (Suppression.Mode.HIDE, Suppression.Mode.ERASE):
        erase.suppress(Suppression.Subject.CONTENT, answer, mode=mode, reason="wish", by="me")
        derive.start_anew(DERIVATION, chain, chain.generation)
        derive.catch_up(chain)
        assert stored_days(chain) == before
