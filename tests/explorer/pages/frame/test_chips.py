"""Links that take off what a list is narrowed by."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from explorer.pages.frame.chips import chips_of
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.states import Status
from explorer.query_parameters import address
from explorer.search.parsing import parse
from explorer.search.tree import EVERYTHING, chips, less
from explorer.search.writing import canonical

LINES = (
    "cat",
    "cat OR dog",
    "cat (dog OR bird)",
    "-cat",
    "cat (dog OR bird) -(fish fowl) model:gpt* said:now",
    '"a phrase" "AND" xyl*',
    " ".join(f"-w{number}" for number in range(100)),
)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("status", [None, Status.EDITED])
def test_each_part_of_a_line_is_taken_off_as_if_it_had_not_been_written(
    line: str, status: Status | None
) -> None:
    tree = parse(line)
    wanted = RecordFilter(status, q=tree)
    part = PageRequest(best_first=True)
    found = chips_of("/records", wanted, part)
    of_line = found[: len(chips(tree))]
    for each, chip in zip(chips(tree), of_line, strict=True):
        left = less(tree, each)
        other = replace(wanted, q=None if left == EVERYTHING else left)
        is_best = other.q is not None and other.unordered("best") is None
        assert chip.words == canonical(each)
        assert chip.url == address("/records", other, PageRequest(best_first=is_best))
        (asked,) = parse_qs(urlsplit(chip.url).query).get("q", [""])
        assert not asked or parse(asked) == left
    assert [each.words for each in found[len(of_line) :]] == ([] if status is None else [status.value])
