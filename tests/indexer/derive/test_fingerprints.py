"""Fingerprints of results: counted as records were first written, and gone with what is withheld."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from uuid import UUID

import pytest

from indexer import derive
from indexer.dapp.completion import fingerprint_of
from indexer.derive.fingerprints import DERIVATION, named
from indexer.follow import sync
from indexer.models import (
    Chain,
    DerivationCheckpoint,
    Fingerprint,
    FingerprintRecord,
    Operation,
    Presence,
    Suppression,
    Transaction,
)
from indexer.records import erase, generations
from tests.indexer import kept
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
Rows = dict[tuple[int, int, UUID], tuple[int, int, int]]


def by(fingerprint: object, content: str = "a") -> str:
    return completion(content, system_fingerprint=fingerprint)


def derived(made: MadeChain) -> Chain:
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    derive.catch_up(chain)
    return chain


def stored_rows(chain: Chain) -> Rows:
    found = Fingerprint.objects.filter(chain=chain, generation=chain.generation)
    return {(each.of, each.key, each.fingerprint): (each.records, each.first, each.last) for each in found}


def counted(chain: Chain) -> Rows:
    """The same, of the records of which the fingerprints are kept."""
    places: dict[tuple[int, int, UUID], list[int]] = defaultdict(list)
    for each in FingerprintRecord.objects.filter(chain=chain, generation=chain.generation):
        places[Presence.Of.MODEL.value, each.model_id, each.fingerprint].append(each.position)
        places[Presence.Of.PROVIDER.value, each.provider_id, each.fingerprint].append(each.position)
    return {key: (len(of), min(of), max(of)) for key, of in places.items()}


def of_models(chain: Chain) -> Counter[UUID]:
    found: Counter[UUID] = Counter()
    for (of, _, fingerprint), (records, *_) in stored_rows(chain).items():
        if of == Presence.Of.MODEL:
            found[fingerprint] += records
    return found


@pytest.mark.parametrize(
    ("result", "fingerprint"),
    [
        (by("fp_1"), "fp_1"),
        (by(""), ""),
        (by(None), ""),
        (by(7), ""),
        (by(["fp"]), ""),
        (by("\u202e" + "x" * 12_000), "\u202e" + "x" * 12_000),
        (json.dumps({"system_fingerprint": "fp_2"}), "fp_2"),
        ('{"system\\u005ffingerprint": "fp_3"}', "fp_3"),
        ("no JSON", ""),
        ("[1]", ""),
        ("", ""),
    ],
)
def test_what_a_result_says_of_it(result: str, fingerprint: str) -> None:
    assert fingerprint_of(result) == fingerprint


@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_records_count_as_first_written_however_steps_are_cut(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_steps_of(batch, monkeypatch)
    made = MadeChain()
    made.block(add(by("one"), model="m"), add(by("one"), model="n"), add(completion("a"), model="m"))
    made.block(update(1, by("two")), delete(2), add(by("two"), model="m"), add(by("one"), model="m"))
    chain = derived(made)
    assert of_models(chain) == {named("one"): 3, named("two"): 1}
    found = stored_rows(chain)
    assert found == counted(chain)
    assert len(found) == 5  # one of model m and n, two of m, both of the provider
    generations.rebuild(chain)
    assert stored_rows(chain) == found


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
@pytest.mark.parametrize("subject", [Suppression.Subject.CONTENT, Suppression.Subject.TRANSACTION])
def test_what_is_withheld_counts_for_nothing_and_deriving_again_gives_the_same(
    mode: Suppression.Mode, subject: Suppression.Subject
) -> None:
    made = MadeChain()
    made.block(
        add(by("one", "secret"), model="m"),
        add(by("one", "b"), model="m"),
        add(by("two", "secret"), model="n"),
    )
    made.block(add(by("one", "c"), model="m"))
    chain = derived(made)
    if subject == Suppression.Subject.CONTENT:
        key = bytes(Operation.objects.get(chain=chain, position=0).answer or b"")
        left = {named("one"): 2}
    else:
        key = bytes(Transaction.objects.get(chain=chain, height=0, ordinal=0).rid)
        left = {named("one"): 2, named("two"): 1}
    erase.suppress(subject, key, mode=mode, reason="wish", by="me")
    assert of_models(chain) == left
    assert stored_rows(chain) == counted(chain)
    before = stored_rows(chain)
    derive.start_anew(DERIVATION, chain, chain.generation)
    derive.catch_up(chain)
    assert stored_rows(chain) == before
    if mode == Suppression.Mode.HIDE:
        erase.take_back(subject, key)
        derive.catch_up(chain)
        assert of_models(chain) == {named("one"): 3, named("two"): 1}


def test_hiding_a_prompt_changes_nothing_for_it_is_not_what_they_are_made_of(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = stored_rows(chain)
    key = bytes(Operation.objects.filter(chain=chain, prompt__isnull=False)[0].prompt or b"")
    erase.suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason="wish", by="me")
    assert stored_rows(chain) == before == counted(chain)
    assert DerivationCheckpoint.objects.get(chain=chain, name="fingerprints").height >= 0
