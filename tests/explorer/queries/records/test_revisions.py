"""Records that were revised very often, or within one transaction."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from explorer.queries.lists import listing
from explorer.queries.records.record import Record, record
from explorer.queries.records.revisions import STRETCH
from explorer.queries.records.states import Status
from indexer.postchain import gtx
from tests.explorer import shown
from tests.explorer.conftest import Tables
from tests.indexer.made import MadeChain, add, call, completion, delete, update

pytestmark = pytest.mark.django_db
TIMES = 3 * STRETCH


@pytest.fixture(scope="module")
def restless(_tables: Tables) -> ChainView:
    """Record 1 was edited over and over; 2 was, and was deleted; 3 was added, edited and deleted at once;
    of 4, one transaction did all that was ever done.
    """
    made = MadeChain()
    made.block(add(completion("first")), call(add(completion("first")), update(2, completion("second"))))
    for number in range(1, TIMES + 1):
        made.block(call(update(1, completion(f"edit {number}")), update(2, completion(f"edit {number}"))))
    made.block(delete(2), call(add(completion("a")), update(3, completion("b")), delete(3)))
    edits = (update(4, completion(f"{number}")) for number in range(1, TIMES))
    made.block(call(add(completion("0")), *edits))
    return _tables.hold("restless", lambda: shown.index_made(made, is_kept=True))


def test_the_first_and_the_newest_are_given_and_all_are_counted(restless: ChainView) -> None:
    found = record(restless, 1)
    assert (found.row.revisions, len(found.revisions)) == (TIMES + 1, STRETCH + 1)
    newest = [*range(TIMES + 2 - STRETCH, TIMES + 2)]
    assert [each.number for each in found.revisions] == [1, *newest]
    said = [each.answer.value for each in found.revisions if each.answer is not None]
    assert said == ["first", *(f"edit {number - 1}" for number in newest)]
    assert found.current.number == TIMES + 1
    assert {each.operation for each in found.revisions} == {0}


@pytest.mark.parametrize("last", [*range(1, 5), *range(48, 54), 100, *range(TIMES - 3, TIMES + 2)])
def test_those_up_to_any_one_of_them_are_given(restless: ChainView, last: int) -> None:
    end = min(max(last, STRETCH + 1), TIMES + 1)
    found = record(restless, 1, revision=last)
    expected = {1, *range(end - STRETCH + 1, end + 1), TIMES, TIMES + 1}
    assert [each.number for each in found.revisions] == sorted(expected)
    assert found.current.number == TIMES + 1
    for each in found.revisions[1:]:
        assert each.answer is not None
        assert each.answer.value == f"edit {each.number - 1}"


@pytest.mark.parametrize("number", [-1, 0, TIMES + 2, 2**63 - 1])
def test_one_that_there_is_not_is_not_here(restless: ChainView, number: int) -> None:
    with pytest.raises(NotHere, match=f"no revision {number}: it has {TIMES + 1} in all"):
        record(restless, 1, revision=number)


def test_the_last_text_of_a_deleted_one_is_among_them(restless: ChainView) -> None:
    found = record(restless, 2)
    assert found.row.status is Status.DELETED
    assert found.revisions[-1].kind == "delete_prompt_history"
    assert found.current.answer is not None
    assert found.current.answer.value == f"edit {TIMES}"
    assert found.row.answer.text == listing.page(restless).rows[-2].answer.text == f"edit {TIMES}"
    assert {each.operation for each in found.revisions[1:-1]} == {1}


def test_several_in_one_transaction_are_told_apart_by_their_index(restless: ChainView) -> None:
    found = record(restless, 3)
    assert [(each.number, each.operation, each.kind) for each in found.revisions] == [
        (1, 0, "add_prompt_history"),
        (2, 1, "update_prompt_history"),
        (3, 2, "delete_prompt_history"),
    ]
    assert len({each.transaction_rid for each in found.revisions}) == 1
    assert found.state is None


def test_one_transaction_that_holds_all_of_them_is_decoded_once(restless: ChainView) -> None:
    times, found = decodes(lambda: record(restless, 4))
    assert times == 1
    assert [each.answer and each.answer.value for each in found.revisions] == [
        f"{each.number - 1}" for each in found.revisions
    ]


def decodes(ask: Callable[[], Record]) -> tuple[int, Record]:
    """How often transactions are decoded for an answer, and the answer."""
    seen: list[FrameType] = []

    def called(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is gtx.decode.__code__:
            seen.append(frame)

    sys.setprofile(called)
    try:
        found = ask()
    finally:
        sys.setprofile(None)
    return len(seen), found
