"""Ask nodes, and stop believing one whose answer is false.

A node that does not answer is only passed over. One whose answer does not verify is an incident, and the next
is asked; where every node that answers gives a false one, that is a ``Contradiction`` and the work halts.
"""

from collections.abc import Callable
from typing import TypeVar

from indexer import incidents
from indexer.models import Chain
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError, NoNodeAnswers
from indexer.node.pool import NodePool
from indexer.postchain.verify import Refusal
from indexer.store.write import BlockChanged

T = TypeVar("T")
False_ = Refusal | BlockChanged


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


def ask_each(chain: Chain, pool: NodePool, question: Callable[[NodeClient], T]) -> list[T]:
    """What ``question`` gives with each node that is believed, at least one answer; errors as in ``ask``.

    No node is waited for long while there are others, unless none of them answers.
    """
    found: list[T] = []
    reasons: dict[str, str] = {}
    in_haste = False
    for node in pool.believed:
        try:
            with pool.hurried():
                found.append(question(node))
        except NodeError as error:
            pool.remember(node, error)
            reasons[node.name] = error.why
            in_haste |= error.in_haste
        except (Refusal, BlockChanged) as error:
            disbelieve(chain, pool, node, error)
    if not found and in_haste:
        return [ask(chain, pool, question)]
    if not found:
        raise _unanswered(pool, NoNodeAnswers(reasons))
    return found


def disbelieve(chain: Chain, pool: NodePool, node: NodeClient, error: False_) -> None:
    """Keep a false answer as an incident, and do not ask that node again in this run."""
    kind = f"refused-{error.step}" if isinstance(error, Refusal) else "block-changed"
    incidents.record(chain.id, kind, f"Node {node.name}: {error}", height=error.height, subject=node.name)
    pool.report_false(node, str(error))
