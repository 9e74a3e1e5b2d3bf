"""The dapp's state after any block, as its own query ``get_prompt_histories`` answers it, newest first.

Texts are read from the transactions' bytes and brought to Rell-normal form; they pass the suppression gate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from indexer.dapp import completion, rell_json
from indexer.dapp.replay import height_of, position_of
from indexer.models import Chain
from indexer.postchain.gtv import Gtv
from indexer.store import names
from indexer.store.read import read_arguments
from indexer.store.suppression import Gate, whole_gate

_PAGE = 2000
_BLOCKS_IN_MEMORY = 16
_MESSAGES = 1  # index of the argument in add_prompt_history
_RESULT_OF_ADD = 2
_RESULT_OF_UPDATE = 1

_STATE = """
    SELECT r.prompt_id, r.position, r.created_at, r.scout, r.seed, r.model_id, r.provider_id, v.position,
           r.prompt, o.answer, o.result_normal, o.said
    FROM indexer_revision v
    JOIN indexer_record r
      ON r.chain_id = v.chain_id AND r.generation = v.generation AND r.prompt_id = v.prompt_id
    JOIN indexer_operation o ON o.chain_id = v.chain_id AND o.position = v.position
    WHERE v.chain_id = %(chain)s
      AND v.generation = (SELECT generation FROM indexer_chain WHERE id = %(chain)s)
      AND v.position < %(end)s AND v.kind < 3
      AND (v.superseded_position IS NULL OR v.superseded_position >= %(end)s)
    ORDER BY r.created_at DESC, r.prompt_id
"""


@dataclass(frozen=True, slots=True)
class StateRecord:
    """A live record as the node's query gives it. A text that is suppressed is None."""

    prompt_id: int
    created_at: int
    uid: int
    seed: int
    model: str
    provider: str
    messages: str | None
    result: str | None

    def as_query_answers(self) -> dict[str, Any]:
        """The struct of the query, its fields in GTV's order."""
        return {
            "UID": self.uid,
            "created_at": self.created_at,
            "messages": self.messages,
            "model": self.model,
            "prompt_id": self.prompt_id,
            "provider": self.provider,
            "result": self.result,
            "seed": self.seed,
        }


def state_at(chain: Chain, height: int) -> Iterator[StateRecord]:
    """The live records after the block at ``height``, by created_at descending, then prompt id.

    One statement reads the generation that readers see and its rows: no fold and no switch shows.
    """
    asked = {"chain": chain.id, "end": position_of(height + 1, 0)}
    with transaction.atomic():
        reader = _Texts(chain.id, whole_gate())
        with connection.chunked_cursor() as cursor:
            cursor.execute(_STATE, asked)
            while rows := cursor.fetchmany(_PAGE):
                models = names.MODELS.values(row[5] for row in rows)
                providers = names.PROVIDERS.values(row[6] for row in rows)
                for row in rows:
                    yield _record(row, str(models[row[5]]), str(providers[row[6]]), reader)


def _record(row: Any, model: str, provider: str, texts: "_Texts") -> StateRecord:
    prompt_id, position, created_at, uid, seed, _, _, at, prompt, answer, result, said = row
    return StateRecord(
        prompt_id=prompt_id,
        created_at=created_at,
        uid=uid,
        seed=seed,
        model=model,
        provider=provider,
        messages=texts.read(position, _MESSAGES, {prompt}),
        result=texts.read(
            at, _RESULT_OF_ADD if at == position else _RESULT_OF_UPDATE, {answer, result, said}
        ),
    )


class _Texts:
    """Text arguments by position, unpacking each block once while its neighbours are read."""

    def __init__(self, chain_id: int, gate: Gate) -> None:
        self._gate = gate
        self._arguments = lru_cache(_BLOCKS_IN_MEMORY)(
            lambda height: read_arguments(chain_id, height=height, without=gate.transactions)
        )

    def read(self, position: int, argument: int, keys: set[bytes | None]) -> str | None:
        """The Rell-normal text of an argument; None where it, a text in it or its transaction is
        suppressed.
        """
        if self._gate.hold(*keys) is not None:
            return None
        arguments: tuple[Gtv, ...] | None = self._arguments(height_of(position))[position]
        if arguments is None:
            return None
        text = arguments[argument]
        assert isinstance(text, str)
        if self._gate.contents and self._gate.hold(*completion.keys_in(text)) is not None:
            return None
        try:
            return rell_json.normalise(text)
        except rell_json.NotJson:
            return text
