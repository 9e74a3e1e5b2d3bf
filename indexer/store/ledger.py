"""The records of one generation as the fold needs them: read by id or time, written in batches by COPY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from django.db.backends.utils import CursorWrapper

from indexer.dapp.replay import Record, Revision
from indexer.models import Record as RecordRow
from indexer.models import Revision as RevisionRow
from indexer.store import names
from indexer.store.copy import copy_rows

_KINDS = {each.label: each.value for each in RevisionRow.Kind}
Status = RecordRow.Status

_SELECT = """
    SELECT r.prompt_id, r.position, r.created_at, r.scout, r.seed, r.model_id, r.provider_id,
           o.messages, r.revised_position, r.revisions, r.prompt, r.answer, r.said
    FROM indexer_record r JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = r.position
    WHERE r.chain_id = %s AND r.generation = %s AND r.status <> 3
"""
_BY_ID = _SELECT + " AND r.prompt_id = ANY(%s)"
_BETWEEN = (
    _SELECT + " AND r.created_at > %s AND r.created_at < %s ORDER BY r.created_at DESC, r.prompt_id LIMIT %s"
)
_UPDATE_RECORDS = """
    UPDATE indexer_record r
    SET revised_position = v.revised_position, revisions = v.revisions, status = v.status, answer = v.answer,
        said = v.said
    FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int2[], %s::bytea[], %s::bytea[])
         AS v (position, revised_position, revisions, status, answer, said)
    WHERE r.chain_id = %s AND r.generation = %s AND r.position = v.position
"""
_UPDATE_REVISIONS = """
    UPDATE indexer_revision r SET superseded_position = v.superseded_position
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS v (position, prompt_id, superseded_position)
    WHERE r.chain_id = %s AND r.generation = %s AND r.position = v.position AND r.prompt_id = v.prompt_id
"""
_RECORD = {
    "chain_id": "int2",
    "generation": "int2",
    "position": "int8",
    "prompt_id": "int8",
    "scout": "int8",
    "seed": "int8",
    "created_at": "int8",
    "revised_position": "int8",
    "model_id": "int4",
    "provider_id": "int4",
    "revisions": "int4",
    "status": "int2",
    "prompt": "bytea",
    "answer": "bytea",
    "said": "bytea",
}
_REVISION = {
    "chain_id": "int2",
    "generation": "int2",
    "position": "int8",
    "prompt_id": "int8",
    "kind": "int2",
    "superseded_position": "int8",
}
_DIGEST = {"chain_id": "int2", "generation": "int2", "height": "int8", "digest": "bytea"}


@dataclass(slots=True)
class _Entry:
    """A record that this batch made or touched."""

    record: Record
    prompt: bytes
    answer: bytes
    said: bytes | None
    status: int
    stored: bool  # its row is in the table


@dataclass(slots=True)
class _Change:
    """A revision of this batch that is not in the table yet."""

    kind: int
    superseded_position: int | None = None


class StoredLedger:
    """``indexer.dapp.replay.Ledger`` over the tables of one chain and generation, within one transaction.

    Each revision is kept by ``revise`` before the next operation is applied.
    """

    def __init__(self, cursor: CursorWrapper, *, chain_id: int, generation: int) -> None:
        self._cursor = cursor
        self._of = (chain_id, generation)
        self._entries: dict[int, _Entry] = {}
        self._touched: set[int] = set()
        self._changes: dict[tuple[int, int], _Change] = {}
        self._superseded: dict[tuple[int, int], int] = {}
        self._digests: list[tuple[int, bytes]] = []
        self.live_difference = 0

    def load(self, prompt_ids: Iterable[int]) -> None:
        """Read the live records with these ids at once, so that ``get`` need not ask for each."""
        wanted = [each for each in prompt_ids if each not in self._entries]
        if wanted:
            self._cursor.execute(_BY_ID, [*self._of, wanted])
            self._read()

    def get(self, prompt_id: int) -> Record | None:
        """The live record with that id. ``load`` must have asked for it, or this batch have added it."""
        entry = self._entries.get(prompt_id)
        return entry.record if entry and entry.status != Status.DELETED else None

    def between(self, start: int, end: int, limit: int) -> Sequence[Record]:
        """As ``Ledger.between``. What this batch did so far is written first."""
        self.flush()
        self._cursor.execute(_BETWEEN, [*self._of, start, end, limit])
        return self._read()

    def put(self, record: Record) -> None:
        """A new record, or a new answer to one."""
        entry = self._entries.get(record.prompt_id)
        if entry is None:
            entry = _Entry(record, b"", b"", None, Status.LIVE, stored=False)
            self._entries[record.prompt_id] = entry
            self.live_difference += 1
        else:
            entry.record, entry.status = record, Status.EDITED
        self._touched.add(record.prompt_id)

    def remove(self, record: Record) -> None:
        """The record is live no more; its row stays, with the newest answer."""
        entry = self._entries[record.prompt_id]
        entry.record, entry.status = record, Status.DELETED
        self._touched.add(record.prompt_id)
        self.live_difference -= 1

    def revise(self, revision: Revision, *, prompt: bytes, answer: bytes, said: bytes | None = None) -> None:
        """Keep a revision, the content keys of what it says, and where the one before it ends. ``said`` is
        the key of all that it says, None where that is the answer's.
        """
        prompt_id = revision.record.prompt_id
        entry = self._entries[prompt_id]
        if revision.supersedes is None:
            entry.prompt = prompt
        if revision.result is not None:
            entry.answer, entry.said = answer, said
        self._changes[revision.position, prompt_id] = _Change(_KINDS[revision.kind])
        if revision.supersedes is None:
            return
        before = (revision.supersedes, prompt_id)
        pending = self._changes.get(before)
        if pending is not None:
            pending.superseded_position = revision.position
        else:
            self._superseded[before] = revision.position

    def mark(self, height: int, digest: bytes) -> None:
        """Keep the digest after a block that has revisions."""
        self._digests.append((height, digest))

    def flush(self) -> None:
        """Write what the batch did so far."""
        touched = [self._entries[each] for each in sorted(self._touched)]
        self._insert([each for each in touched if not each.stored])
        self._update([each for each in touched if each.stored])
        self._write_revisions()
        copy_rows(
            self._cursor, "indexer_blockdigest", _DIGEST, ((*self._of, *each) for each in self._digests)
        )
        for entry in touched:
            entry.stored = True
        self._touched.clear()
        self._digests.clear()

    def _read(self) -> list[Record]:
        rows = self._cursor.fetchall()
        models = names.MODELS.values(row[5] for row in rows)
        providers = names.PROVIDERS.values(row[6] for row in rows)
        found = []
        for (
            id_,
            position,
            created_at,
            scout,
            seed,
            model,
            provider,
            messages,
            revised,
            revisions,
            *keys,
        ) in rows:
            record = Record(
                prompt_id=id_,
                position=position,
                created_at=created_at,
                uid=scout,
                seed=seed,
                model=cast(str, models[model]),
                provider=cast(str, providers[provider]),
                messages=bytes(messages),
                revised_position=revised,
                revisions=revisions,
            )
            prompt, answer, said = keys
            status = Status.LIVE if revisions == 1 else Status.EDITED
            self._entries.setdefault(id_, _Entry(record, prompt, answer, said, status, stored=True))
            found.append(record)
        return found

    def _insert(self, entries: Sequence[_Entry]) -> None:
        models = names.MODELS.intern(each.record.model for each in entries)
        providers = names.PROVIDERS.intern(each.record.provider for each in entries)
        rows = (
            (
                *self._of,
                each.record.position,
                each.record.prompt_id,
                each.record.uid,
                each.record.seed,
                each.record.created_at,
                each.record.revised_position,
                models[each.record.model],
                providers[each.record.provider],
                each.record.revisions,
                each.status,
                each.prompt,
                each.answer,
                each.said,
            )
            for each in entries
        )
        copy_rows(self._cursor, "indexer_record", _RECORD, rows)

    def _update(self, entries: Sequence[_Entry]) -> None:
        if not entries:
            return
        columns = (
            [each.record.position for each in entries],
            [each.record.revised_position for each in entries],
            [each.record.revisions for each in entries],
            [each.status for each in entries],
            [each.answer for each in entries],
            [each.said for each in entries],
        )
        self._cursor.execute(_UPDATE_RECORDS, [*columns, *self._of])

    def _write_revisions(self) -> None:
        rows = (
            (*self._of, position, prompt_id, each.kind, each.superseded_position)
            for (position, prompt_id), each in self._changes.items()
        )
        copy_rows(self._cursor, "indexer_revision", _REVISION, rows)
        if self._superseded:
            positions, prompt_ids = zip(*self._superseded, strict=True)
            ends = list(self._superseded.values())
            self._cursor.execute(_UPDATE_REVISIONS, [list(positions), list(prompt_ids), ends, *self._of])
        self._changes.clear()
        self._superseded.clear()
