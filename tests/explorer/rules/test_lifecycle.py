"""Who may do what in which status, cell by cell, beside a table that was written by hand."""

from itertools import product

import pytest

from explorer.rules import lifecycle
from explorer.rules.lifecycle import Action, NotAllowed, Role, Status

# By status: what each role may do. What does not stand here may not be done.
TABLE = {
    "screening": {
        "challenger": "withdraw",
        "joiner": "join",
        "arbiter": "accept ask refuse publish agree",
        "moderator": "publish suppress agree",
    },
    "needs-info": {
        "challenger": "answer withdraw",
        "joiner": "join",
        "arbiter": "publish agree",
        "moderator": "publish suppress agree",
        "system": "lapse",
    },
    "open": {
        "challenger": "add-evidence withdraw",
        "joiner": "join add-evidence",
        "respondent": "add-evidence extend respond",
        "arbiter": "publish agree",
        "moderator": "publish suppress agree",
        "system": "stop-waiting",
    },
    "review": {
        "challenger": "add-evidence withdraw",
        "joiner": "join add-evidence",
        "respondent": "add-evidence",
        "arbiter": "decide publish agree",
        "moderator": "publish suppress agree",
    },
    "decided": {
        "challenger": "appeal",
        "respondent": "appeal",
        "arbiter": "publish agree",
        "moderator": "publish suppress agree",
        "system": "finalise",
    },
    "appealed": {"arbiter": "decide publish agree", "moderator": "publish suppress agree"},
    "final": {"arbiter": "reopen publish agree", "moderator": "publish suppress agree"},
    "closed": {"arbiter": "publish agree", "moderator": "publish suppress agree"},
}
AFTER = {
    "accept": "open",
    "ask": "needs-info",
    "answer": "screening",
    "refuse": "closed",
    "lapse": "closed",
    "respond": "review",
    "stop-waiting": "review",
    "withdraw": "closed",
    "decide": "decided",
    "appeal": "appealed",
    "finalise": "final",
    "reopen": "review",
}


@pytest.mark.parametrize("status", Status, ids=lambda each: each.value)
def test_each_cell_says_who_may_do_what(status: Status) -> None:
    for role, action in product(Role, Action):
        is_allowed = action.value in TABLE[status.value].get(role.value, "").split()
        assert lifecycle.may(action, role=role, status=status) is is_allowed, (role, action)
        if is_allowed:
            after = lifecycle.transition(action, role=role, status=status).after
            assert (None if after is None else after.value) == AFTER.get(action.value)
        else:
            with pytest.raises(NotAllowed):
                lifecycle.transition(action, role=role, status=status)


def test_each_action_has_one_row() -> None:
    assert [each.action for each in lifecycle.TRANSITIONS] == list(
        dict.fromkeys(each.action for each in lifecycle.TRANSITIONS)
    )
    assert {each.action for each in lifecycle.TRANSITIONS} == set(Action)


def test_what_is_over_is_final_or_closed_and_all_else_is_pending() -> None:
    assert {each.value for each in Status if each.is_over} == {"final", "closed"}
    assert {*lifecycle.PENDING, *lifecycle.OVER} == set(Status)


def test_each_word_is_told() -> None:
    told = [*Status, *lifecycle.Resolution, *lifecycle.CloseReason, *Action]
    assert all(each.words for each in told)
