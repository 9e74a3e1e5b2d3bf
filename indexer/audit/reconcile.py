"""Our records against what a node's own queries say, at the height that the node was at.

The node may move on meanwhile: an answer counts where the node says its height beside it, or where the height
was the same before and after. What differs is asked again, and only a difference that is still there is one.
A node that does not know the queries, or cannot answer, differs in nothing.
"""

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from indexer.audit import expected
from indexer.audit.expected import Inference
from indexer.dapp.operations import signed_hash
from indexer.dapp.rell_json import respell
from indexer.models import Chain, Node, Reconciliation
from indexer.node.client import NodeClient
from indexer.node.errors import Refused, printable
from indexer.postchain.gtv import Gtv
from indexer.trust import incidents

logger = logging.getLogger(__name__)

NEWEST = 8
DELETED = 4
CHOSEN = 8  # by chance, of all
KEPT = 5  # results of each node
_TRIES = 5  # to have the same height before and after a question
_LONGEST = 2000  # characters of detail
_NONE_FOUND = "No records found"  # how Rell refuses a query for exactly one of what is not there

Reach = Callable[[int], bool]
"""Has the records folded up to a height; whether that could be done."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query of the dapp; ``prompt_id`` for the one that asks for a record."""

    name: str
    prompt_id: int | None = None

    def __str__(self) -> str:
        return f"{self.name}({'' if self.prompt_id is None else self.prompt_id})"

    @property
    def arguments(self) -> dict[str, int]:
        """As the query takes them."""
        return {} if self.prompt_id is None else {"prompt_id": self.prompt_id}


@dataclass(frozen=True, slots=True)
class NodeAnswer:
    """A node's answer, and the height of its last block then. No value: the node says there is no such."""

    question: Question
    height: int
    value: Gtv


class CannotAnswer(Exception):
    """The node refuses a query for another reason than that there is no such record."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of comparing: one clause for each difference. ``records`` are those that were asked for."""

    height: int
    asked: int
    differences: Sequence[str]
    records: Sequence[int] = ()
    differing: Sequence[int] = ()


def reconcile(
    chain: Chain, node: NodeClient, *, reach: Reach, chance: random.Random
) -> Reconciliation | None:
    """Ask a node, compare, keep what came of it; a difference that holds is an incident.

    None where nothing could be compared yet. Raises ``indexer.node.errors.NodeError``.
    """
    try:
        compared = _compare(chain, _Asker(chain, node), _questions(chain, chance), reach)
    except CannotAnswer as error:
        return _keep(chain, node, Compared(-1, 0, ()), detail=str(error))
    if not compared.asked:
        return None
    if compared.differences:
        _tell(chain, node, compared)
    return _keep(chain, node, compared, detail="; ".join(compared.differences))


def _questions(chain: Chain, chance: random.Random) -> list[Question]:
    ids = set(expected.ids(chain, newest=NEWEST, deleted=DELETED))
    ids |= {chance.randint(1, max(ids)) for _ in range(CHOSEN)} if ids else set()
    whole = ("get_prompt_history_count", "latest_prompt_id", "get_owner")
    return [*map(Question, whole), *(Question("get_prompt_history", each) for each in sorted(ids))]


def _compare(chain: Chain, asker: "_Asker", questions: Sequence[Question], reach: Reach) -> Compared:
    """Twice, the second time what differed. The node's height is reached before records are looked at."""
    said = asker.ask(questions)
    if not said or not reach(max(each.height for each in said)):
        return Compared(-1, 0, ())
    doubted = [each.question for each in said if _difference(chain, each) is not None]
    again = asker.ask(doubted) if doubted else []
    if again and not reach(max(each.height for each in again)):
        return Compared(-1, 0, ())
    differing = {each.question: found for each in again if (found := _difference(chain, each)) is not None}
    return Compared(
        height=max(each.height for each in said),
        asked=len(said),
        differences=list(differing.values()),
        records=_records(each.question for each in said),
        differing=_records(differing),
    )


def _records(questions: Iterable[Question]) -> Sequence[int]:
    """Those that are asked for a record by itself."""
    return [each.prompt_id for each in questions if each.prompt_id is not None]


class _Asker:
    """Asks one node."""

    def __init__(self, chain: Chain, node: NodeClient) -> None:
        self._node = node
        self._brid = bytes(chain.brid)

    def ask(self, questions: Iterable[Question]) -> list[NodeAnswer]:
        """The answers whose height is certain, of a chain that has any block."""
        height = self._node.height(self._brid)
        found = []
        for each in questions:
            for _ in range(_TRIES):
                value, stated = self._query(each)
                before, height = height, self._node.height(self._brid)
                if stated is None and before == height:
                    stated = height - 1
                if stated is not None:
                    found.append(NodeAnswer(each, stated, value))
                    break
        return [each for each in found if each.height >= 0]

    def _query(self, question: Question) -> tuple[Gtv, int | None]:
        try:
            answer = self._node.query(self._brid, question.name, question.arguments)
        except Refused as refusal:
            if refusal.status == 400 and _NONE_FOUND in refusal.message:
                return None, None
            raise CannotAnswer(f"{question} is refused: {printable(refusal.message)}") from refusal
        return answer.value, answer.block_height


def _difference(chain: Chain, said: NodeAnswer) -> str | None:
    """How an answer differs from the records, as a clause; None where it does not."""
    question, height, value = said.question, said.height, said.value
    if question.prompt_id is not None:
        ours = expected.inference(chain, height, question.prompt_id)
        found = _record_difference(ours, value)
    elif question.name == "get_owner":
        key = expected.owner(chain, height)
        found = None if key is None else _plain_difference(key, value)
    elif question.name == "latest_prompt_id":
        found = _plain_difference(expected.latest(chain, height), value)
    else:
        found = _plain_difference(expected.count(chain, height), value)
    return None if found is None else f"{question} after block {height} gives {found}"


def _plain_difference(ours: Gtv, value: Gtv) -> str | None:
    return None if value == ours else f"{_shown(value)}, where the records say {_shown(ours)}"


def _record_difference(ours: Inference | None, value: Gtv) -> str | None:
    if ours is None or value is None:
        if ours is None and value is None:
            return None
        return "a record, where there is none" if ours is None else "none, where there is a record"
    if not isinstance(value, dict):
        return f"{_shown(value)}, which is no record"
    expected_fields: dict[str, object] = {
        "UID": ours.uid,
        "created_at": ours.created_at,
        "seed": ours.seed,
        "model": ours.model,
        "provider": ours.provider,
        "messages": ours.messages,
        "result": ours.result,
    }
    other = [
        name
        for name, known in expected_fields.items()
        if not (_says(value.get(name), known) if isinstance(known, bytes) else value.get(name) == known)
    ]
    return f"another {', another '.join(other)}" if other else None


def _says(text: Gtv, hashed: bytes) -> bool:
    """Whether it is the text with that hash, whichever Java chose the digits of its doubles."""
    return isinstance(text, str) and hashed in (signed_hash(text), signed_hash(respell(text)))


def _shown(value: Gtv) -> str:
    return value.hex().upper() if isinstance(value, bytes) else printable(repr(value))


def _tell(chain: Chain, node: NodeClient, compared: Compared) -> None:
    said = "; ".join(compared.differences)
    incidents.record(
        chain.id,
        "state-differs",
        f"Node {node.name} does not say what the records here say: {said}. Either its state or our replay is "
        "wrong: compare with other nodes, and run fsck.",
        subject=node.name,
    )


def _keep(chain: Chain, node: NodeClient, compared: Compared, *, detail: str) -> Reconciliation | None:
    row = Node.objects.filter(chain=chain, url=node.name).first()
    if row is None:  # nobody is to ask it any more
        return None
    kept = Reconciliation.objects.create(
        node=row,
        height=compared.height,
        at=timezone.now(),
        asked=compared.asked,
        differing=len(compared.differences),
        records=list(compared.records),
        differing_records=list(compared.differing),
        detail=detail[:_LONGEST].replace("\0", "\\0"),
    )
    newest = Reconciliation.objects.filter(node=row).order_by("-id").values_list("id", flat=True)[:KEPT]
    Reconciliation.objects.filter(node=row, id__lt=min(newest)).delete()
    logger.info("node %s: %d answers compared, %d differ", node.name, kept.asked, kept.differing)
    return kept
