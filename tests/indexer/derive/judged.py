"""Chains of which checks are derived, what is kept of that, and that it is the same in whatever steps."""

import random
from typing import Any

import pytest

from indexer import derive
from indexer.checks.registry import checks
from indexer.derive.checks import DERIVATION
from indexer.follow import sync
from indexer.models import (
    Chain,
    CheckAsked,
    CheckBand,
    Checked,
    CheckEvent,
    CheckFinding,
    CheckNamed,
    CheckSlice,
    CheckTally,
)
from indexer.records import generations
from tests.indexer import kept
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain
from tests.indexer.records.erasing import TRANSACTION, findings, hide, indexed
from tests.indexer.writing import row_of, write

Rows = list[list[tuple[Any, ...]]]


def checked(made: MadeChain) -> Chain:
    chain = indexed(made)
    derive.catch_up(chain, only=[DERIVATION])
    return chain


def rows(chain: Chain) -> Rows:
    """All that is kept of the generation that readers see."""
    chain.refresh_from_db()
    of = {"chain": chain, "generation": chain.generation}
    checked = [
        (prompt, bytes(of))
        for prompt, of in Checked.objects.filter(**of).values_list("prompt_id", "outcomes")
    ]
    found = CheckFinding.objects.filter(**of).values_list(
        "prompt_id", "number", "since", "outcome", "measured"
    )
    events = CheckEvent.objects.filter(**of).values_list("prompt_id", "number", "position", "was", "now")
    tally = CheckTally.objects.filter(**of).values_list("number", "outcome", "records")
    bands = CheckBand.objects.filter(**of).values_list("band", "prompt_id", "text")
    named = CheckNamed.objects.filter(**of).values_list("of", "key", "counts")
    asked = CheckAsked.objects.filter(**of).values_list("prompt", "counts")
    sliced = CheckSlice.objects.filter(**of).values_list("slice", "counts")
    return [sorted(each, key=repr) for each in (checked, found, events, tally, bands, named, asked, sliced)]


def said(chain: Chain, prompt_id: int) -> dict[str, str]:
    """The reason of each check, by its name."""
    chain.refresh_from_db()
    row = Checked.objects.get(chain=chain, generation=chain.generation, prompt_id=prompt_id)
    return {
        each.name: each.outcome(code).reason for each, code in zip(checks(), bytes(row.outcomes), strict=True)
    }


def is_the_same_in_steps(
    made: MadeChain, chance: random.Random, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Derived in two halves and in steps of so many operations, a chain has the rows that it has in one go;
    and what is hidden leaves what deriving anew gives.
    """
    chain = row_of(made)
    try:
        with monkeypatch.context() as patched:
            in_steps_of(batch, patched)
            half = chance.randint(1, len(made.blocks) - 1)
            for some in (made.blocks[:half], made.blocks[half:]):
                write(chain, some)
                sync.fold_all(chain)
                derive.catch_up(chain)
        stepwise = rows(chain)
        generations.rebuild(chain)
        assert rows(chain) == stepwise
        busy = [each for each in made.blocks if each.transactions]
        if busy:
            hide(TRANSACTION, chance.choice(busy).transactions[0].rid)
            assert findings(chain) == []
    finally:
        kept.clear()
