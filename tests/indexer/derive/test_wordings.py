"""Whether edits changed what is said: the same as comparing the keys of what was said, one by one."""

from collections.abc import Callable

import pytest

from indexer import derive
from indexer.derive.wordings import DERIVATION
from indexer.follow import sync
from indexer.models import Chain, EditWording, Generation, Operation, Record, Revision, Suppression
from indexer.records import erase, generations
from tests.indexer import kept
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.serving import CHAINS
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
Told = dict[tuple[int, int], bool]


def kept_of(chain: Chain) -> Told:
    rows = EditWording.objects.filter(chain=chain, generation=chain.generation)
    return {(each.position, each.prompt_id): each.is_same for each in rows}


def compared(chain: Chain) -> Told:
    """The same, each edit beside the revision before it."""
    of = {"chain": chain, "generation": chain.generation}
    keys = {
        each.position: bytes(each.said or each.answer or b"")
        for each in Operation.objects.filter(chain=chain, answer__isnull=False)
    }
    said = {each.prompt_id: keys[each.position] for each in Record.objects.filter(**of)}
    found: Told = {}
    for each in Revision.objects.filter(**of, kind=Revision.Kind.UPDATE).order_by("position"):
        now = keys[each.position]
        found[each.position, each.prompt_id] = now == said[each.prompt_id]
        said[each.prompt_id] = now
    return found


@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_they_are_what_comparing_the_keys_gives(name: str, stored: Stored) -> None:
    chain = stored(name)
    derive.catch_up(chain)
    assert kept_of(chain) == compared(chain) != {}


@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_an_edit_is_compared_with_what_stood_before_it(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    in_steps_of(batch, monkeypatch)
    made = MadeChain()
    made.block(add(completion("a", id="1")), add(completion("a")))
    made.block(update(1, completion("a", id="2")), update(1, completion("b")), update(2, completion("b")))
    made.block(update(1, completion("b", id="3")), update(2, completion("a")), delete(2))
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    derive.catch_up(chain)
    told = [(prompt_id, is_same) for (_, prompt_id), is_same in sorted(kept_of(chain).items())]
    assert told == [(1, True), (1, False), (2, False), (1, True), (2, False)]
    before = kept_of(chain)
    generations.rebuild(chain)
    assert kept_of(chain) == before == compared(chain)


def test_they_stay_when_a_text_is_erased(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = kept_of(chain)
    for each in Record.objects.filter(chain=chain, status=Record.Status.EDITED):
        erase.suppress(
            Suppression.Subject.CONTENT,
            bytes(each.answer),
            mode=Suppression.Mode.ERASE,
            reason="wish",
            by="me",
        )
    assert kept_of(chain) == before
    derive.start_anew(DERIVATION, chain, chain.generation)
    derive.catch_up(chain)
    assert kept_of(chain) == before


def test_rules_that_did_not_tell_all_that_a_result_says_have_none(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    Generation.objects.filter(chain=chain).update(rules=2)
    derive.start_anew(DERIVATION, chain, chain.generation)
    derive.catch_up(chain)
    assert kept_of(chain) == {}
