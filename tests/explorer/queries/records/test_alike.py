"""Records that say the same, in whatever their results hold, and what the home page counts of them."""

from collections.abc import Iterator, Sequence

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from explorer.queries.site import figures
from indexer.models import Group
from tests.explorer import shown
from tests.indexer.dapp.test_completion import called, result
from tests.indexer.made import MadeChain, add, update

pytestmark = pytest.mark.django_db
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
OTHER = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgA="}}
ANN, BOB = called('{"to": "ann", "amount": 10}'), called('{"to": "bob", "amount": 9000}', id="call_2")


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What is rolled back is not remembered."""
    yield
    shown.forget()


def peers(*results: str, edits: Sequence[tuple[int, str]] = ()) -> ChainView:
    made = MadeChain()
    made.block(*(add(each, uid=uid) for uid, each in enumerate(results)))
    for prompt_id, signed in edits:
        made.block(update(prompt_id, signed))
    return shown.index_made(made)


def letters(chain: ChainView) -> tuple[str, str]:
    """Those of what was first written, and of what stands."""
    found = record(chain, 1).peers
    return "".join(each.first for each in found), "".join(each.now or "-" for each in found)


def counted(chain: ChainView) -> tuple[int, int, int]:
    """Groups that answered alike, and the answers of the one group, first and now."""
    group = Group.objects.get()
    return figures.figures(chain).alike, group.answers, group.answers_now


def test_calls_refusals_and_nothing_are_four_answers() -> None:
    """Four scouts, one prompt and seed: all of their contents are empty."""
    chain = peers(
        result(ANN, reason="tool_calls", id="c1"),
        result(BOB, reason="tool_calls", id="c2"),
        result({"content": "", "refusal": "I will not."}, id="c3"),
        result({"content": "", "reasoning": "They ask"}, reason="length", id="c4"),
    )
    assert letters(chain) == ("ABCD", "ABCD")
    assert counted(chain) == (0, 4, 4)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (
            result(ANN, id="1"),
            result({**called('{"amount":10,"to":"ann"}', id="x"), "content": None}, id="2"),
        ),
        (
            result({"content": None, "refusal": "No."}, id="1"),
            result({"content": "", "refusal": "No."}, id="2"),
        ),
        (result({"content": [{"type": "text", "text": "Four."}]}), result({"content": "Four."}, id="2")),
        (result({"content": "Four.", "reasoning": "2+2"}), result({"content": "Four."}, reason="length")),
        (result({"content": "", "images": [IMAGE]}), result({"content": None, "images": [IMAGE]})),
        (
            result({"content": "a"}, {"content": "b"}, id="1"),
            result({"content": "a"}, {"content": "b"}, id="2"),
        ),
        (result({"content": ""}, id="1"), result({"content": None}, id="2")),
        (result({"content": "", "images": [IMAGE]}), result({"images": [{"b64_json": "iVBORw0KGgo="}]})),
        (result(called("")), result(called("{}", id="2"))),
        (result({"content": "a", "annotations": [1]}), result({"content": "a"})),
    ],
)
def test_what_says_the_same_is_alike(one: str, same: str) -> None:
    chain = peers(one, same)
    assert letters(chain) == ("AA", "AA")
    assert counted(chain) == (1, 1, 1)


DIFFERING = pytest.mark.parametrize(
    ("one", "other"),
    [
        (result(ANN), result(BOB)),
        (result({"content": ""}), result(ANN)),
        (result({"content": "a"}, {"content": "b"}), result({"content": "a"}, {"content": "c"})),
        (result({"content": "a"}, {"content": "b"}), result({"content": "a"})),
        (result({"content": "", "images": [IMAGE]}), result({"content": "", "images": [OTHER]})),
        (result({"content": "No."}), result({"content": "", "refusal": "No."})),
        (
            result({"images": [{"b64_json": "iVBORw0KGgo="}]}),
            result({"images": [{"b64_json": "iVBORw0KGgA="}]}),
        ),
        ('{"choices":[{"message":{"content":"a\\ud83d"}}]}', result({"content": "a?"})),
        ('{"candidates":[{"content":"a"}]}', '{"candidates":[{"content":"b"}]}'),
    ],
)


@DIFFERING
def test_what_says_something_else_is_not_alike(one: str, other: str) -> None:
    chain = peers(one, other)
    assert letters(chain) == ("AB", "AB")
    assert counted(chain) == (0, 2, 2)


@DIFFERING
def test_an_edit_to_something_else_makes_another_answer(one: str, other: str) -> None:
    chain = peers(one, one, edits=[(2, other)])
    assert letters(chain) == ("AA", "AB")
    assert counted(chain) == (1, 1, 2)


def test_an_edit_beside_what_is_said_makes_no_other_answer() -> None:
    one, same = (result(ANN, id=each, created=number) for number, each in enumerate("12"))
    assert letters(peers(one, one, edits=[(1, same)])) == ("AA", "AA")
