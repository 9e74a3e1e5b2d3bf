"""Values that repeat, interned: looked up by hash, remembered by the process.

A name's id never changes and names are never removed, so what was read once in a committed state stays true.
"""

from collections.abc import Iterable
from hashlib import sha256

from django.db import connection

from indexer.models import Name

Value = str | bytes

_WRITE = """
    INSERT INTO indexer_name (kind, hash, text, raw)
    SELECT %s, hash, text, raw FROM unnest(%s::bytea[], %s::text[], %s::bytea[]) AS new (hash, text, raw)
    ORDER BY hash ON CONFLICT (hash, kind) DO NOTHING
"""
_READ = "SELECT hash, id FROM indexer_name WHERE kind = %s AND hash = ANY(%s::bytea[])"


class Names:
    """The names of one kind in one database.

    Not bound to a chain: the same model or provider has one id everywhere.
    """

    def __init__(self, kind: Name.Kind, *, most: int = 50_000) -> None:
        self._kind = kind
        self._most = most
        self._ids: dict[Value, int] = {}
        self._values: dict[int, Value] = {}

    def intern(self, values: Iterable[Value]) -> dict[Value, int]:
        """Id of each value; new ones are written, and remembered: call it where they get committed, or where
        they are there already, as the fold does within its transaction (ingest interned what it reads).
        """
        wanted = set(values)
        known = {value: self._ids[value] for value in wanted if value in self._ids}
        missing = wanted - known.keys()
        return known | self._learn(missing) if missing else known

    def values(self, ids: Iterable[int]) -> dict[int, Value]:
        """Value of each id; every id must exist."""
        wanted = set(ids)
        known = {each: self._values[each] for each in wanted if each in self._values}
        missing = wanted - known.keys()
        if missing:
            read = {name.id: value_of(name) for name in Name.objects.filter(id__in=missing)}
            self._remember(read)
            known |= read
        return known

    def forget(self) -> None:
        """Forget what was read: for whoever takes the database away under a running process."""
        self._ids.clear()
        self._values.clear()

    def _learn(self, values: set[Value]) -> dict[Value, int]:
        by_hash = {hash_of(value): value for value in values}
        hashes = list(by_hash)
        texts = [_as_text(value) for value in by_hash.values()]
        raws = [
            _as_bytes(value) if text is None else None
            for value, text in zip(by_hash.values(), texts, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [self._kind, hashes, texts, raws])
            cursor.execute(_READ, [self._kind, hashes])
            learned = {by_hash[bytes(found)]: name_id for found, name_id in cursor.fetchall()}
        self._remember({name_id: value for value, name_id in learned.items()})
        return learned

    def _remember(self, values: dict[int, Value]) -> None:
        if len(self._ids) + len(values) > self._most:
            self.forget()
        self._values |= values
        self._ids |= {value: name_id for name_id, value in values.items()}


def hash_of(value: Value) -> bytes:
    """The hash that a value is looked up by: SHA-256 of its bytes or UTF-8."""
    return sha256(_as_bytes(value)).digest()


def _as_bytes(value: Value) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _as_text(value: Value) -> str | None:
    """The value where a text column takes it."""
    if isinstance(value, bytes) or "\0" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


def value_of(name: Name) -> Value:
    """What a row holds: text, or the GTV of kinds that are no text."""
    if name.text is not None:
        return name.text
    raw = bytes(name.raw or b"")
    texts = (Name.Kind.OPERATION, Name.Kind.MODEL, Name.Kind.PROVIDER)
    return raw.decode("utf-8", "surrogatepass") if name.kind in texts else raw


OPERATIONS = Names(Name.Kind.OPERATION)
MODELS = Names(Name.Kind.MODEL)
PROVIDERS = Names(Name.Kind.PROVIDER)
SIGNERS = Names(Name.Kind.SIGNERS)
HEADER_ENDS = Names(Name.Kind.HEADER_END)
ALL = (OPERATIONS, MODELS, PROVIDERS, SIGNERS, HEADER_ENDS)
