"""Ask nodes, and stop believing one whose answer is false.

A node that does not answer is only passed over. One whose answer does not verify is an incident, and the next
is asked; where every node that answers gives a false one, that is a ``Contradiction`` and the work halts.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TypeVar

from django.db.models import Q

from indexer.models import Chain, Incident
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError, NoNodeAnswers
from indexer.node.pool import NodePool
from indexer.node.transport import fail_fast
from indexer.postchain.verify import Refusal
from indexer.store.write import BlockChanged
from indexer.trust import incidents

T = TypeVar("T")
False_ = Refusal | BlockChanged

_REFUSED = "refused-"  # and the step: the kind of incident of an answer that does not verify
_CHANGED = "block-changed"


class Contradiction(Exception):
    """Every node that answers contradicts the chain's own proofs, or what is stored of it."""


def ask(chain: Chain, pool: NodePool, question: Callable[[NodeClient], T]) -> T:
    """What ``question`` gives with the first node whose answer holds.

    ``question`` raises ``Refusal`` or ``BlockChanged`` for an answer that does not. Raises ``NoNodeAnswers``
    and ``Contradiction``.
    """
    false: False_ | None = None
    while True:
        asked: list[NodeClient] = []

        def noted(node: NodeClient, asked: list[NodeClient] = asked) -> T:
            asked.append(node)
            return question(node)

        try:
            return pool.ask(noted)
        except NoNodeAnswers as nobody:
            raise _unanswered(pool, nobody) from false
        except (Refusal, BlockChanged) as error:
            disbelieve(chain, pool, asked[-1], error)
            false = error


def _unanswered(pool: NodePool, nobody: NoNodeAnswers) -> Contradiction | NoNodeAnswers:
    """Nobody is left to ask: because nobody answers, or because of what the false ones said."""
    false = [each.why for each in pool.failures.values() if each.was_false]
    return Contradiction(" ".join(false)) if false else nobody


def ask_each(
    chain: Chain, pool: NodePool, question: Callable[[NodeClient], T], *, once: bool = False
) -> list[T]:
    """What ``question`` gives with each node that is believed, at least one answer; errors as in ``ask``.

    All are asked at the same time, each in a thread, which must leave the tables alone. No node is waited for
    long while there are others, unless none of them answers; where all are asked but ``once``, never.
    """
    found: list[T] = []
    errors: dict[str, NodeError] = {}
    for node, answer in _asked(pool.believed, question, fail_fast if once else pool.failing_fast):
        try:
            found.append(answer.result())
        except NodeError as error:
            pool.remember(node, error)
            errors[node.name] = error
        except (Refusal, BlockChanged) as error:
            disbelieve(chain, pool, node, error)
    if not found and not once and any(each.is_fail_fast for each in errors.values()):
        return [ask(chain, pool, question)]
    if not found:
        reasons = {name: error.why for name, error in errors.items()}
        raise _unanswered(pool, NoNodeAnswers(reasons, errors))
    return found


def _asked(
    nodes: Sequence[NodeClient],
    question: Callable[[NodeClient], T],
    pace: Callable[[], AbstractContextManager[None]],
) -> Sequence[tuple[NodeClient, Future[T]]]:
    """Each node with its answer to come. Nobody who is interrupted waits for the threads."""

    def answer(node: NodeClient, future: Future[T]) -> None:
        try:
            with pace():
                future.set_result(question(node))
        except BaseException as error:
            future.set_exception(error)

    asked = [(node, Future[T]()) for node in nodes]
    for each in asked:
        threading.Thread(target=answer, args=each, daemon=True).start()
    return asked


def disbelieve(chain: Chain, pool: NodePool, node: NodeClient, error: False_) -> None:
    """Keep a false answer as an incident, and do not ask that node again in this run."""
    kind = f"{_REFUSED}{error.step}" if isinstance(error, Refusal) else _CHANGED
    incidents.record(chain.id, kind, f"Node {node.name}: {error}", height=error.height, subject=node.name)
    pool.report_false(node, str(error))


def disbelieved(chain: Chain, *, since: datetime) -> frozenset[str]:
    """The names of the nodes of which a false answer was kept since then, by whichever process.

    Incidents of other kinds may be of a node too, and say nothing against its blocks.
    """
    false = Q(kind__startswith=_REFUSED) | Q(kind=_CHANGED)
    kept = Incident.objects.filter(false, chain=chain, last_at__gte=since)
    return frozenset(kept.values_list("subject", flat=True))
