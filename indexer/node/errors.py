"""What can go wrong between us and a node: one class per cause.

A message names the node (never with credentials), what it did, and what to do next. What a node writes is
foreign text: `printable` cuts it and takes control characters out before it reaches a message, a log or a
page.
"""

from collections.abc import Mapping
from typing import Any

_LONGEST = 300


def printable(text: str) -> str:
    """`text` from a node as one short line: no control characters, no lone surrogates, at most 300
    characters.
    """
    head = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:_LONGEST])
    return head + "…" if len(text) > _LONGEST else head


class BadNodeUrl(ValueError):
    """The address given for a node cannot be one. The message never repeats credentials that stood in it."""


class NodeError(Exception):
    """A node did not give what was asked of it; `node` is its address, `why` what it did and what to do.

    `is_fail_fast` where more patience might have had an answer, `may_pass` where a node that restarts, or is
    too busy, does so for a while. Not `is_failure` where the node is well, and has not yet what is wanted.
    """

    is_fail_fast = False
    may_pass = False
    is_failure = True

    def __init__(self, node: str, why: str) -> None:
        super().__init__(f"node {node}: {why}")
        self.node = node
        self.why = why

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is: it is raised in one process and told in another."""
        return _revived, (type(self), self.args, self.__dict__)


def _revived(kind: type[NodeError], said: tuple[Any, ...], state: dict[str, Any]) -> NodeError:
    error = kind.__new__(kind, *said)
    error.args = said
    error.__dict__.update(state)
    return error


class Unreachable(NodeError):
    """No connection, no answer in time, or a connection that broke before an answer came."""

    may_pass = True


class Silent(Unreachable):
    """The node let the time pass in which an answer should have begun."""


class TooSlow(Unreachable):
    """The answer was still coming when the time for the whole request was over; ask for less, or ask
    another node.
    """


class Unavailable(NodeError):
    """429, 500, 502, 503, 504, still after the retries (503 is also what a node says while a configuration is
    applied).

    `status` is the HTTP status, `retry_after` the seconds that the node asked to wait, where it did.
    """

    may_pass = True

    def __init__(self, node: str, why: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(node, why)
        self.status = status
        self.retry_after = retry_after


class Refused(NodeError):
    """The node understood and refused: 400, 404, 409, 413 and other 4xx. `message` is the node's own text,
    `status` the HTTP status.

    400, 404, 409 and 413 are about what was asked, so that another node would say the same.
    """

    def __init__(self, node: str, why: str, *, status: int, message: str) -> None:
        super().__init__(node, why)
        self.status = status
        self.message = message


class NoSuchRoute(Refused):
    """404 without a node's error text: an older version, or an address that is not the root of a node's
    REST API. A proxy says so too while the node behind it starts.
    """

    may_pass = True


class UnknownChain(NodeError):
    """The node does not run the chain that was asked for; one that starts runs none for some seconds."""

    may_pass = True


class BadAnswer(NodeError):
    """Garbage, the wrong shape, or a list that breaks the rules of lists: nothing of it may be used."""


class BrokenList(BadAnswer):
    """A list of blocks with a null, a height that does not belong there, or more blocks than asked for."""


class Truncated(BadAnswer):
    """The answer ended before its end."""

    may_pass = True


class TooLarge(BadAnswer):
    """The answer is larger than what this kind of request may bring, counted after decompression; ask for
    less.
    """


class Redirected(BadAnswer):
    """The node sent us to another address. That is not followed: an answer must come from the node that
    was named.
    """


class NoNodeAnswers(NodeError):
    """None of the nodes gave an answer; `reasons` says of each, by its address, why not.

    Of the `errors` just now, by address: `is_refused` where each node that was asked was there and said that
    it does not give this, or not now; `is_busy` where one said that it will in a while, `lacks_chain` where
    one said that it does not run it, `is_late` where one is well and does not have it yet. Where one at least
    sent something, it is not said that none answered.
    """

    def __init__(self, reasons: Mapping[str, str], errors: Mapping[str, NodeError]) -> None:
        told = "".join(f" {node}: {why}." for node, why in reasons.items())
        super().__init__(", ".join(reasons), f"did not answer.{told}")
        came = list(errors.values())
        is_reached = any(not isinstance(each, Unreachable) for each in came)
        none = "no node gave what was asked" if is_reached else "no node answered"
        self.args = (f"{none}.{told}",)
        self.reasons = reasons
        self.is_refused = bool(came) and all(isinstance(each, Refused | Unavailable) for each in came)
        self.is_busy = any(isinstance(each, Unavailable) for each in came)
        self.is_late = any(not each.is_failure for each in came)
        self.lacks_chain = any(isinstance(each, UnknownChain) for each in came)
        self.may_pass = any(each.may_pass for each in came)
