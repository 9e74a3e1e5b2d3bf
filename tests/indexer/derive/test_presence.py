"""Since when models, providers and scouts are named, and how often: the same as reading record by record."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from indexer import derive
from indexer.dapp.replay import height_of
from indexer.derive.presence import DERIVATION
from indexer.follow import sync
from indexer.models import Block, Chain, Presence, Record, Suppression
from indexer.records import erase, generations
from tests.indexer import kept
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.serving import CHAINS
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
Rows = dict[tuple[int, int], tuple[int, ...]]


def present(chain: Chain) -> Rows:
    rows = Presence.objects.filter(chain=chain, generation=chain.generation)
    return {
        (each.of, each.key): (
            *(each.records, each.edited, each.deleted),
            *(each.first, each.last, each.first_at, each.last_at),
        )
        for each in rows
    }


def counted(chain: Chain) -> Rows:
    """The same, of the records as they stand."""
    states: dict[tuple[int, int], Counter[int]] = {}
    places: dict[tuple[int, int], list[int]] = {}
    records: Any = Record.objects.filter(chain=chain, generation=chain.generation)
    for each in records:
        for what, named in (
            (Presence.Of.MODEL, each.model_id),
            (Presence.Of.PROVIDER, each.provider_id),
            (Presence.Of.SCOUT, each.scout),
        ):
            key = (int(what), named)
            states.setdefault(key, Counter())[each.status] += 1
            places.setdefault(key, []).append(each.position)
    times = dict(Block.objects.filter(chain=chain).values_list("height", "timestamp"))
    found: Rows = {}
    for key, of in states.items():
        ends = (min(places[key]), max(places[key]))
        found[key] = (
            *(of.total(), of[Record.Status.EDITED], of[Record.Status.DELETED]),
            *ends,
            *(times[height_of(each)] for each in ends),
        )
    return found


@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_they_are_what_reading_the_records_gives(name: str, stored: Stored) -> None:
    chain = stored(name)
    derive.catch_up(chain)
    assert present(chain) == counted(chain) != {}


@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_they_are_the_same_however_they_are_cut_and_after_the_fold_is_made_anew(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_steps_of(batch, monkeypatch)
    made = MadeChain()
    made.block(add(uid=5, model="one"), add(uid=-7, model="two"))
    made.block(*(add(uid=5, model=each) for each in ("one", "two")), update(1, completion("b")))
    made.block(update(1, completion("c")), delete(1), delete(3), delete(3))
    made.block(add(uid=2**63 - 1, model="two"), update(2, completion("d")))
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    derive.catch_up(chain)
    assert present(chain) == counted(chain)
    scouts = {key: row[:3] for (of, key), row in present(chain).items() if of == Presence.Of.SCOUT}
    assert scouts == {5: (3, 0, 2), -7: (1, 1, 0), 2**63 - 1: (1, 0, 0)}
    before = present(chain)
    generations.rebuild(chain)
    assert present(chain) == before


def test_they_stay_when_a_text_is_hidden_and_erased(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = present(chain)
    answer = bytes(Record.objects.filter(chain=chain)[0].answer)
    for mode in (Suppression.Mode.HIDE, Suppression.Mode.ERASE):
        erase.suppress(Suppression.Subject.CONTENT, answer, mode=mode, reason="wish", by="me")
        derive.start_anew(DERIVATION, chain, chain.generation)
        derive.catch_up(chain)
        assert present(chain) == before
