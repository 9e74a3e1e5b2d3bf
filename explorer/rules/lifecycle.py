"""How a challenge goes on: who may do what in which status, and what it comes to. One table says all of it.

Status, resolution and flags are kept apart. A resolution there is only of what is decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """Where a challenge stands."""

    SCREENING = "screening"
    NEEDS_INFO = "needs-info"
    OPEN = "open"
    REVIEW = "review"
    DECIDED = "decided"
    APPEALED = "appealed"
    FINAL = "final"
    CLOSED = "closed"

    @property
    def words(self) -> str:
        """In a few words."""
        return _STATUS[self]

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come, so that the same may be challenged again."""
        return self in OVER

    @property
    def is_decided(self) -> bool:
        """Whether there is a resolution."""
        return self in DECIDED


_STATUS = {
    Status.SCREENING: "being screened",
    Status.NEEDS_INFO: "more is asked for",
    Status.OPEN: "open",
    Status.REVIEW: "in review",
    Status.DECIDED: "decided",
    Status.APPEALED: "appealed",
    Status.FINAL: "final",
    Status.CLOSED: "closed",
}
OVER = frozenset({Status.FINAL, Status.CLOSED})
DECIDED = frozenset({Status.DECIDED, Status.APPEALED, Status.FINAL})
"""Those in which there is a resolution."""
PENDING = frozenset(Status) - OVER
"""Those in which there may be but one challenge of a record on a ground."""


class Resolution(Enum):
    """What a decision finds of the challenge."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly-upheld"
    NOT_UPHELD = "not-upheld"
    INCONCLUSIVE = "inconclusive"

    @property
    def words(self) -> str:
        """In a sentence."""
        return _RESOLUTION[self]


_RESOLUTION = {
    Resolution.UPHELD: "The evidence supports the challenge.",
    Resolution.PARTLY_UPHELD: "The evidence supports a part of the challenge.",
    Resolution.NOT_UPHELD: "The evidence contradicts the challenge.",
    Resolution.INCONCLUSIVE: "The available evidence cannot settle it.",
}


class CloseReason(Enum):
    """Why a challenge was closed before it was decided."""

    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    INCOMPLETE = "incomplete"
    OUT_OF_SCOPE = "out-of-scope"
    SPAM = "spam"

    @property
    def words(self) -> str:
        """In a few words."""
        return _CLOSED[self]


_CLOSED = {
    CloseReason.WITHDRAWN: "withdrawn by whoever filed it",
    CloseReason.DUPLICATE: "the same is challenged already",
    CloseReason.INCOMPLETE: "what was asked for did not come in time",
    CloseReason.OUT_OF_SCOPE: "nothing that a challenge can settle",
    CloseReason.SPAM: "not meant as a challenge",
}


class AppealGround(Enum):
    """For what a decision can be appealed. That one disagrees is none."""

    NEW_EVIDENCE = "new-evidence"
    CHECK_ERROR = "check-error"
    PROCEDURE = "procedure"
    CONFLICT = "conflict"

    @property
    def words(self) -> str:
        """In a sentence."""
        return _APPEAL[self]


_APPEAL = {
    AppealGround.NEW_EVIDENCE: "There is evidence that could not be had before.",
    AppealGround.CHECK_ERROR: "A check, or how the record was made again, was wrong.",
    AppealGround.PROCEDURE: "The procedure was not followed.",
    AppealGround.CONFLICT: "Somebody who decided has an interest in it.",
}


class Role(Enum):
    """As what somebody acts on a challenge."""

    CHALLENGER = "challenger"
    JOINER = "joiner"
    RESPONDENT = "respondent"
    ARBITER = "arbiter"
    MODERATOR = "moderator"
    SYSTEM = "system"


class Action(Enum):
    """What can be done to a challenge that is filed."""

    ACCEPT = "accept"
    ASK = "ask"
    ANSWER = "answer"
    REFUSE = "refuse"
    LAPSE = "lapse"
    JOIN = "join"
    ADD_EVIDENCE = "add-evidence"
    EXTEND = "extend"
    RESPOND = "respond"
    STOP_WAITING = "stop-waiting"
    WITHDRAW = "withdraw"
    DECIDE = "decide"
    APPEAL = "appeal"
    FINALISE = "finalise"
    REOPEN = "reopen"
    PUBLISH = "publish"
    SUPPRESS = "suppress"
    AGREE = "agree"

    @property
    def words(self) -> str:
        """What was done, in a sentence of the timeline."""
        return _DONE[self]


FILED = "file"
"""The first event of a challenge, which is no action on one."""

_DONE = {
    Action.ACCEPT: "Accepted: the challenge is open, and the other side may respond.",
    Action.ASK: "More was asked of the challenger.",
    Action.ANSWER: "The challenger answered what was asked.",
    Action.REFUSE: "Closed without being opened.",
    Action.LAPSE: "Closed: what was asked for did not come in time.",
    Action.JOIN: "Somebody else joined the challenge.",
    Action.ADD_EVIDENCE: "Evidence was added.",
    Action.EXTEND: "The time to respond was extended by a week.",
    Action.RESPOND: "A response came.",
    Action.STOP_WAITING: "No response came in time. That is no admission.",
    Action.WITHDRAW: "Withdrawn by the challenger.",
    Action.DECIDE: "Decided.",
    Action.APPEAL: "The decision was appealed.",
    Action.FINALISE: "The decision is final: the time to appeal is over.",
    Action.REOPEN: "Opened again: a check was found wrong, or the chain's data were read otherwise.",
    Action.PUBLISH: "What was written was looked through, and is shown.",
    Action.SUPPRESS: "Something that was written is withheld.",
    Action.AGREE: "A second person agreed that it is withheld.",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """An action, who may do it in which status, and the status after it; None where that stays."""

    action: Action
    roles: frozenset[Role]
    before: frozenset[Status]
    after: Status | None = None


def _row(
    action: Action, roles: Sequence[Role], before: Sequence[Status], after: Status | None = None
) -> Transition:
    return Transition(action, frozenset(roles), frozenset(before), after)


_S, _R, _A = Status, Role, Action
_UNSETTLED = (_S.SCREENING, _S.NEEDS_INFO, _S.OPEN, _S.REVIEW)
_STAFF = (_R.ARBITER, _R.MODERATOR)
_PARTIES = (_R.CHALLENGER, _R.JOINER, _R.RESPONDENT)

TRANSITIONS: Sequence[Transition] = (
    _row(_A.ACCEPT, [_R.ARBITER], [_S.SCREENING], _S.OPEN),
    _row(_A.ASK, [_R.ARBITER], [_S.SCREENING], _S.NEEDS_INFO),
    _row(_A.ANSWER, [_R.CHALLENGER], [_S.NEEDS_INFO], _S.SCREENING),
    _row(_A.LAPSE, [_R.SYSTEM], [_S.NEEDS_INFO], _S.CLOSED),
    _row(_A.REFUSE, [_R.ARBITER], [_S.SCREENING], _S.CLOSED),
    _row(_A.JOIN, [_R.JOINER], _UNSETTLED),
    _row(_A.ADD_EVIDENCE, _PARTIES, [_S.OPEN, _S.REVIEW]),
    _row(_A.EXTEND, [_R.RESPONDENT], [_S.OPEN]),
    _row(_A.RESPOND, [_R.RESPONDENT], [_S.OPEN], _S.REVIEW),
    _row(_A.STOP_WAITING, [_R.SYSTEM], [_S.OPEN], _S.REVIEW),
    _row(_A.WITHDRAW, [_R.CHALLENGER], _UNSETTLED, _S.CLOSED),
    _row(_A.DECIDE, [_R.ARBITER], [_S.REVIEW, _S.APPEALED], _S.DECIDED),
    _row(_A.APPEAL, [_R.CHALLENGER, _R.RESPONDENT], [_S.DECIDED], _S.APPEALED),
    _row(_A.FINALISE, [_R.SYSTEM], [_S.DECIDED], _S.FINAL),
    _row(_A.REOPEN, [_R.ARBITER], [_S.FINAL], _S.REVIEW),
    _row(_A.PUBLISH, _STAFF, list(Status)),
    _row(_A.SUPPRESS, [_R.MODERATOR], list(Status)),
    _row(_A.AGREE, _STAFF, list(Status)),
)
_BY_ACTION: Mapping[Action, Transition] = {each.action: each for each in TRANSITIONS}


class NotAllowed(Exception):
    """Nobody in this role may do that, or not in this status; the message says which."""


def transition(action: Action, *, role: Role, status: Status) -> Transition:
    """The row of the table for it. Raises NotAllowed."""
    found = _BY_ACTION[action]
    if role not in found.roles:
        raise NotAllowed(f"A challenge is not for a {role.value} to {action.value.replace('-', ' ')}.")
    if status not in found.before:
        raise NotAllowed(f"This challenge is {status.words}: that cannot be done now.")
    return found


def may(action: Action, *, role: Role, status: Status) -> bool:
    """Whether it can be done."""
    found = _BY_ACTION[action]
    return role in found.roles and status in found.before


def offered(*, role: Role, status: Status) -> frozenset[str]:
    """What a role can do now: the names of the actions."""
    return frozenset(each.value for each in Action if may(each, role=role, status=status))
