"""Each check over real chains, the recorded ones and the devnet's, as they were indexed: what it finds, what
it does not, what software is known to write, and what is not known.

Records of the recordings are named; they are what real nodes gave, and never change. Of the devnet's chain,
which its scenarios may make longer, some record has to be so. What no such chain holds is in ``SYNTHETIC``,
and stands in the table of ``tests/indexer/checks/test_checks.py`` alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.records import checks as queries
from explorer.queries.records.checks import Told
from explorer.queries.records.record import record
from indexer.checks.check import Result
from indexer.checks.registry import by_name, checks
from indexer.models import Checked

pytestmark = pytest.mark.django_db
CELLS = {"found": Result.FAIL, "not found": Result.PASS, "artefact": None, "missing": None}
"""Columns of the table, with the result that each has; what software writes, and what is not there, may be
any but a finding.
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a check says of a record: of that with this id on a chain, or of some where it is None. ``values``
    are some of those by which it is found.
    """

    check: str
    cell: str
    chain: str
    prompt_id: int | None
    reason: str
    values: Mapping[str, Any] | None = None


def _of(check: str, *cells: tuple[Any, ...]) -> Iterator[Cell]:
    return (Cell(check, *each) for each in cells)


GOLDEN = [
    *_of(
        "altered",
        ("found", "four", 5, "words-changed", {"first_height": 5, "last_height": 20}),
        ("found", "one", 3, "beside-changed", {"first_height": 19, "last_height": 33}),
        ("not found", "four", 1, "never-edited"),
    ),
    *_of(
        "deleted",
        ("found", "four", 9, "deleted", {"height": 23, "written_height": 5}),
        ("found", "one", 18, "batch-deleted", {"height": 42, "written_height": 21}),
        ("found", "devnet", None, "batch-deleted"),
        ("not found", "four", 1, "not-deleted"),
    ),
    *_of(
        "malformed",
        ("found", "four", 47, "empty"),
        ("found", "one", 46, "error"),
        ("found", "one", 49, "not-the-assistant"),
        ("found", "four", 39, "not-an-object"),
        ("found", "devnet", None, "error"),
        ("found", "devnet", None, "no-message"),
        ("not found", "four", 1, "well-formed"),
    ),
    *_of(
        "field-contradiction",
        ("found", "four", 50, "other-model"),
        ("found", "one", 60, "other-model-and-provider"),
        ("found", "devnet", None, "other-model-and-provider"),
        ("not found", "four", 1, "same-names"),
        ("missing", "four", 33, "no-names"),
        ("missing", "one", 40, "no-object"),
    ),
    *_of(
        "usage-implausible",
        ("found", "four", 55, "more-tokens-than-bytes", {"completion_tokens": 100_000, "answer_bytes": 12}),
        (
            "found",
            "one",
            56,
            "total-differs",
            {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 99},
        ),
        ("found", "devnet", None, "total-differs"),
        ("found", "devnet", None, "negative"),
        ("not found", "four", 1, "plausible"),
        ("artefact", "four", 56, "counted-by-software"),
        ("artefact", "devnet", None, "counted-by-software"),
        ("missing", "one", 49, "no-usage"),
        ("missing", "four", 33, "no-completion"),
    ),
    *_of(
        "time-inconsistent",
        ("found", "four", 59, "after-its-block", {"created": 1_795_560_411, "block_time": 1_795_474_087}),
        ("found", "devnet", None, "after-its-block", {"tolerance": 150}),
        ("found", "devnet", None, "long-before", {"tolerance": 86_400}),
        ("not found", "four", 1, "fits"),
        ("missing", "four", 33, "no-time"),
    ),
    *_of(
        "truncated",
        ("found", "four", 58, "said-to-be-cut"),
        ("found", "devnet", None, "said-to-be-cut"),
        ("found", "devnet", None, "mid-sentence"),
        ("found", "devnet", None, "open-code"),
        ("not found", "four", 1, "whole"),
        ("missing", "four", 24, "no-end-to-see"),
        ("missing", "one", 33, "not-text"),
    ),
    *_of(
        "id-gap",
        ("not found", "four", 2, "no-gap"),
        ("not found", "four", 10, "no-gap"),
        ("missing", "one", 1, "first"),
    ),
    *_of(
        "reused-response-id",
        ("found", "four", 61, "reused", {"other_record": 62}),
        ("found", "one", 62, "reused", {"other_record": 61}),
        ("found", "devnet", None, "reused"),
        ("not found", "four", 47, "own-id"),
        ("artefact", "four", 1, "counted"),
        ("artefact", "devnet", None, "counted"),
        ("missing", "four", 33, "no-id"),
    ),
    *_of(
        "replayed-text",
        ("found", "devnet", None, "replayed"),
        ("not found", "four", 24, "own-text"),
        ("artefact", "four", 1, "short"),
        ("missing", "four", 33, "not-text"),
    ),
    *_of(
        "peer-outlier",
        ("found", "four", 18, "outlier", {"other_record": 1}),
        ("found", "one", 18, "outlier", {"other_record": 1}),
        ("found", "devnet", None, "outlier"),
        ("not found", "four", 1, "agrees"),
        ("artefact", "four", 19, "no-unanimity"),
        ("missing", "four", 33, "no-answer"),
    ),
    *_of(
        "near-duplicate",
        ("found", "devnet", None, "near-duplicate"),
        ("not found", "four", 24, "own-wording"),
        ("artefact", "four", 1, "short"),
        ("artefact", "devnet", None, "long"),
        ("missing", "four", 33, "not-text"),
    ),
]

SYNTHETIC: Mapping[tuple[str, str], str | None] = {
    ("altered", "artefact"): "same-result",  # keys in another order: nobody wrote such an edit
    ("altered", "missing"): None,  # it reads hashes, which are never missing
    ("deleted", "artefact"): None,  # no software deletes unasked
    ("deleted", "missing"): None,  # it reads operations, which are never missing
    ("malformed", "artefact"): None,  # a call without words, a message without a role: well-formed
    ("malformed", "missing"): None,  # what is missing is what it finds
    ("field-contradiction", "artefact"): "another-name",  # a model as another provider names it
    ("time-inconsistent", "artefact"): None,  # a time in ms, and one that an edit left as it was
    ("truncated", "artefact"): None,  # titles and lists, which end without a full stop
    ("id-gap", "found"): "gap",  # an add that cannot be read, which the dapp of these chains does not take
    ("id-gap", "artefact"): None,  # the chain gives out ids, and no software
}
"""Cells that no chain here fills, each with the reason that it would have, where there is one of its own."""


@pytest.fixture
def chains(
    recorded_chain: ChainView, one_validator_chain: ChainView, toured_chain: ChainView
) -> Mapping[str, ChainView]:
    return {"four": recorded_chain, "one": one_validator_chain, "devnet": toured_chain}


def _every(chain: ChainView, check: str) -> dict[str, list[int]]:
    """The records of a chain by what the check says of them."""
    of = by_name()[check]
    found: dict[str, list[int]] = {}
    rows = Checked.objects.filter(chain=chain.id, generation=chain.generation).order_by("prompt_id")
    for prompt_id, outcomes in rows.values_list("prompt_id", "outcomes"):
        found.setdefault(of.outcome(bytes(outcomes)[of.number]).reason, []).append(prompt_id)
    return found


def _told(chain: ChainView, check: str, prompt_id: int) -> Told:
    (found,) = (each for each in queries.of_record(record(chain, prompt_id)).told if each.check.name == check)
    return found


@pytest.mark.parametrize(
    "cell", GOLDEN, ids=lambda cell: f"{cell.check} {cell.cell} {cell.chain} {cell.reason}"
)
def test_a_check_says_this_of_a_real_record(chains: Mapping[str, ChainView], cell: Cell) -> None:
    chain, wanted = chains[cell.chain], cell.prompt_id
    if wanted is None:
        wanted = _every(chain, cell.check)[cell.reason][0]
    told = _told(chain, cell.check, wanted)
    assert told.outcome.reason == cell.reason
    assert (told.outcome.result is Result.FAIL) is (cell.cell == "found")
    assert CELLS[cell.cell] in (None, told.outcome.result)
    assert (cell.values or {}).items() <= told.values.items()


def test_every_cell_is_filled_or_can_be_by_no_record_here(chains: Mapping[str, ChainView]) -> None:
    filled = {(each.check, each.cell) for each in GOLDEN}
    assert filled.isdisjoint(SYNTHETIC)
    assert filled | SYNTHETIC.keys() == {(each.name, cell) for each in checks() for cell in CELLS}
    for (check, _), reason in SYNTHETIC.items():
        assert reason not in {told for chain in chains.values() for told in _every(chain, check)}
