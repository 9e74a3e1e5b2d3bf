"""The queries of the dapp, of Rell and of Postchain, with answers and refusals as a node gives them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from devnet.dapp.parameters import INTEGER, Misfit, Parameter, bytes_of, read_all
from devnet.dapp.sources import RELL_VERSION, app_structure
from devnet.dapp.state import Inference, State
from indexer.postchain.gtv import Encodable, Gtv

_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")
_TRUTH = {"true": 1, "false": 0}


class QueryRefused(ValueError):
    """A query that a node does not answer: the status (400 or 500) and its words."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class LastBlock:
    """The chain's last block, for `last_block_info`."""

    height: int
    timestamp: int
    rid: bytes


class _Failed(Exception):
    """A failure in the code of a query; `at` is the place in its source, where there is one."""

    def __init__(self, why: str, *, at: str | None = None) -> None:
        super().__init__(why)
        self.at = at


def untyped(arguments: Mapping[str, str]) -> dict[str, Gtv]:
    """Arguments of a query string: numbers and truth values are integers, the rest is text."""
    return {name: _untyped(text) for name, text in arguments.items()}


def _untyped(text: str) -> Gtv:
    if text in _TRUTH:
        return _TRUTH[text]
    value = int(text) if _NUMBER.fullmatch(text) else None
    return text if value is None or not -(2**63) <= value < 2**63 else value


@dataclass(frozen=True, slots=True)
class Queries:
    """What can be asked at one moment; `heights` has the block of each transaction by its RID."""

    state: State
    heights: Mapping[bytes, int]
    last_block: LastBlock | None
    upgraded: bool

    def answer(self, name: str, arguments: Mapping[str, Gtv]) -> Encodable:
        """The answer; raises QueryRefused."""
        if name in _STANDARD:
            return _STANDARD[name](self, arguments)
        found = _QUERIES.get(name)
        if found is None or (found.is_upgrade and not self.upgraded):
            raise QueryRefused(400, f"Unknown query: {name}")
        try:
            return found.answer(self, *read_all(found.parameters, arguments))
        except (_Failed, Misfit) as error:
            at = getattr(error, "at", None)
            where = f"[{at}] " if at else ""
            raise QueryRefused(400, f"{where}Query '{name}' failed: {error}") from None

    def last_block_info(self, arguments: Mapping[str, Gtv]) -> Encodable:
        block = self.last_block
        if block is None:
            return {"height": -1, "timestamp": -1, "blockRID": None}
        return {"height": block.height, "timestamp": block.timestamp, "blockRID": block.rid}

    def tx_confirmation_time(self, arguments: Mapping[str, Gtv]) -> Encodable:
        """This asks a table that no real node has, and says so."""
        height = self.heights.get(bytes_of(arguments.get("txRID")) or b"")
        if height is None:
            raise QueryRefused(400, "Can't get confirmation proof for nonexistent tx")
        raise QueryRefused(
            500,
            'ERROR: relation "blocks" does not exist\n  Position: 23\n'
            "  Location: File: parse_relation.c, Routine: parserOpenTable, Line: 1392\n"
            "  Server SQLState: 42P01 Query: SELECT timestamp FROM blocks WHERE block_iid = ? "
            f"Parameters: [{height + 1}]",
        )

    def owner(self) -> Encodable:
        return self.state.owner

    def count(self) -> Encodable:
        return len(self.state)

    def latest(self) -> Encodable:
        newest = next(self.state.newest_first(), None)
        return 0 if newest is None else newest.prompt_id

    def one(self, prompt_id: int) -> Encodable:
        found = self.state.get(prompt_id)
        if found is None:
            raise _Failed("No records found", at="main:get_prompt_history(main.rell:86)")
        return _shown(found)

    def page(self, start: int, end: int, pointer: int, limit: int) -> Encodable:
        _check_page(pointer, limit, at="main:get_prompt_histories(main.rell:89)")
        return _page(pointer, self.state.between(start, end, offset=pointer, limit=limit))

    def page_of_scout(self, uid: int, limit: int, pointer: int) -> Encodable:
        _check_page(pointer, limit, at="main:get_prompt_histories_by_uid(main.rell:94)")
        found = (each for each in self.state.newest_first() if each.uid == uid)
        return _page(pointer, list(islice(islice(found, pointer, None), limit)))

    def notes(self, prompt_id: int) -> Encodable:
        found = (each for each in self.state.notes if each.prompt_id == prompt_id)
        return [{"note": each.note, "weight": _written(each.weight)} for each in found]

    def rell_version(self) -> Encodable:
        return RELL_VERSION

    def no_version(self) -> Encodable:
        raise _Failed("Version information not found")

    def structure(self) -> Encodable:
        return app_structure(upgraded=self.upgraded)


def _check_page(pointer: int, limit: int, *, at: str) -> None:
    if limit < 0:
        raise _Failed(f"Negative limit: {limit}", at=at)
    if pointer < 0:
        raise _Failed(f"Negative offset: {pointer}", at=at)


def _page(pointer: int, found: Sequence[Inference]) -> Encodable:
    return {"pointer": pointer + len(found), "prompts": [_shown(each) for each in found]}


def _shown(row: Inference) -> dict[str, Encodable]:
    return {
        "UID": row.uid,
        "created_at": row.created_at,
        "messages": row.messages,
        "model": row.model,
        "prompt_id": row.prompt_id,
        "provider": row.provider,
        "result": row.result,
        "seed": row.seed,
    }


def _written(weight: Decimal) -> str:
    """A decimal as Rell writes it: no exponent, no zeros at the end."""
    text = format(weight, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


@dataclass(frozen=True, slots=True)
class _Query:
    """A query's parameters, what answers it, and whether only the upgraded dapp has it."""

    parameters: tuple[Parameter, ...]
    answer: Callable[..., Encodable]
    is_upgrade: bool = False


def _integers(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, INTEGER) for name in names)


_STANDARD: Mapping[str, Callable[[Queries, Mapping[str, Gtv]], Encodable]] = {
    "last_block_info": Queries.last_block_info,
    "tx_confirmation_time": Queries.tx_confirmation_time,
}

_QUERIES = {
    "get_owner": _Query((), Queries.owner),
    "get_prompt_history_count": _Query((), Queries.count),
    "latest_prompt_id": _Query((), Queries.latest),
    "get_prompt_history": _Query(_integers("prompt_id"), Queries.one),
    "get_prompt_histories": _Query(_integers("start_time", "end_time", "pointer", "n_prompts"), Queries.page),
    "get_prompt_histories_by_uid": _Query(_integers("UID", "n_prompts", "pointer"), Queries.page_of_scout),
    "get_notes": _Query(_integers("prompt_id"), Queries.notes, is_upgrade=True),
    "rell.get_rell_version": _Query((), Queries.rell_version),
    "rell.get_postchain_version": _Query((), Queries.no_version),
    "rell.get_build": _Query((), Queries.no_version),
    "rell.get_build_details": _Query((), Queries.no_version),
    "rell.get_app_structure": _Query((), Queries.structure),
}
