"""How much of what strangers wrote is shown."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.pages.rendering import truncation
from explorer.pages.rendering.truncation import MOST_MESSAGES, MOST_OPERATIONS, SHOWN
from explorer.queries.chain.configurations import Source
from explorer.queries.chain.operations import Argument, Kind, Operation
from explorer.queries.db.texts import Message, Text


def said(*lengths: int) -> list[Message]:
    return [Message("user", "x" * length) for length in lengths]


def operation(index: int, *lengths: int) -> Operation:
    arguments = [Argument("", Kind.STRING, Text(b"", "x" * length, length)) for length in lengths]
    return Operation(index, index, "add_prompt_history", arguments, "", ())


@given(st.lists(st.integers(0, 2 * SHOWN), min_size=1, max_size=2 * MOST_MESSAGES), st.integers(0, 9))
def test_of_a_conversation_the_last_question_the_last_message_and_the_first_are_shown(
    lengths: list[int], after: int
) -> None:
    messages = [*said(*lengths), *[Message("tool", "y" * 30_000)] * after]
    found = truncation.turns(messages)
    shown = [id(each.message) for each in found]
    assert id(messages[len(lengths) - 1]) in shown
    assert found[-1].message is messages[-1]
    assert found[0].message is messages[0]
    assert sum(each.left_out for each in found) == len(messages) - len(found)
    assert len(found) <= MOST_MESSAGES
    assert sum(min(each.limit, len(each.message.content)) for each in found) <= SHOWN


def test_of_many_short_turns_the_oldest_after_the_first_are_left_out() -> None:
    messages = [Message(("user", "assistant")[at % 2], f"turn {at + 1}") for at in range(79)]
    found = truncation.turns(messages)
    assert [each.message.content for each in found][:2] == ["turn 1", "turn 31"]
    assert (found[1].left_out, found[-1].message.content, len(found)) == (29, "turn 79", MOST_MESSAGES)


def test_a_conversation_that_is_short_enough_is_shown_whole() -> None:
    found = truncation.turns(said(10, 0, 300, 0))
    assert [each.left_out for each in found] == [0, 0, 0, 0]
    assert all(len(each.message.content) <= each.limit for each in found if each.message.content)


def test_a_last_message_is_not_crowded_out_by_those_before_it() -> None:
    first, last = truncation.turns(said(SHOWN * 3, SHOWN * 3))
    assert (first.limit, last.limit) == (SHOWN // 8, SHOWN * 7 // 8)
    assert truncation.turns(said(SHOWN * 3))[0].limit == SHOWN


def test_of_many_operations_the_first_have_their_arguments() -> None:
    found = truncation.calls([operation(index, 10, 20) for index in range(MOST_OPERATIONS + 5)])
    assert len(found) == MOST_OPERATIONS
    assert [each.limit for each in found[0].parts or ()] == [60, 60]


def test_arguments_are_cut_and_all_of_them_together_are_bounded() -> None:
    found = truncation.calls([operation(index, 10_000, 10_000) for index in range(MOST_OPERATIONS)])
    limits = [part.limit for call in found for part in call.parts or ()]
    assert limits[0] == 4_000
    assert limits[-1] == 60
    assert sum(limits) < 210_000


def test_arguments_that_are_withheld_stay_so() -> None:
    hidden = Operation(0, 0, "delete_prompt_history", None, "", ())
    found = truncation.calls([hidden, operation(1, 5_000)])
    assert found[0].parts is None
    assert [part.limit for part in found[1].parts or ()] == [4_000]


def test_of_code_so_much_is_shown_that_a_page_can_bear() -> None:
    found = truncation.files([Source(f"{number}.rell", "x" * 200_000) for number in range(9)])
    assert [each.limit for each in found] == [100_000] * 5 + [0] * 4


def test_so_many_lines_are_shown_that_a_page_can_bear() -> None:
    assert truncation.room("a line\n" * 100) == SHOWN
    assert truncation.room("\n" * 100_000) == 399
    assert truncation.glimpse("one\n" * 100) == 47
    assert truncation.glimpse("") == 550
    assert [each.limit for each in truncation.turns([Message("user", "\n" * 9_000)] * 2)] == [399, 399]
