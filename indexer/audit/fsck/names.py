"""Names: each hashes to its key, and each one that a row refers to is there."""

from collections.abc import Iterator

from django.db import connection

from indexer.audit.fsck.finding import Finding
from indexer.models import Name
from indexer.postchain import gtv
from indexer.store import names

Kind = Name.Kind

_REFERENCES = (
    ("block", "height", "header_end_id", Kind.HEADER_END),
    ("transaction", "height", "signers_id", Kind.SIGNERS),
    ("operation", "position", "name_id", Kind.OPERATION),
    ("operation", "position", "model_id", Kind.MODEL),
    ("operation", "position", "provider_id", Kind.PROVIDER),
    ("record", "position", "model_id", Kind.MODEL),
    ("record", "position", "provider_id", Kind.PROVIDER),
)
_REFERRED = """
    SELECT t.{column}, n.kind, min(t.{place})
    FROM indexer_{table} t LEFT JOIN indexer_name n ON n.id = t.{column}
    WHERE t.{column} IS NOT NULL AND n.kind IS DISTINCT FROM {kind} GROUP BY 1, 2 ORDER BY 1
"""


def check() -> Iterator[Finding]:
    """Names that do not hash to their key."""
    for each in Name.objects.order_by("id").iterator():
        if _fault(each) is None and names.hash_of(names.value_of(each)) != bytes(each.hash):
            yield Finding(f"name {each.id}", "its value does not hash to its key")


def unreadable() -> Iterator[Finding]:
    """Names without which the rows that refer to them cannot be read."""
    for each in Name.objects.order_by("id").iterator():
        if (fault := _fault(each)) is not None:
            yield Finding(f"name {each.id}", fault)
    for table, place, column, kind in _REFERENCES:
        with connection.cursor() as cursor:
            cursor.execute(_REFERRED.format(table=table, place=place, column=column, kind=int(kind)))
            for name, found, at in cursor.fetchall():
                said = "missing" if found is None else f"it is of kind {found}, not {int(kind)}"
                yield Finding(f"name {name}", f"{said}; the {table} at {place} {at} refers to it")


def _fault(name: Name) -> str | None:
    """Why a name's value cannot be read."""
    if name.text is None and name.raw is None:
        return "it has no value"
    try:
        value = names.value_of(name)
        if isinstance(value, bytes) and not isinstance(gtv.decode(value), list):
            return "its value does not hash to its key, and is no array"
    except ValueError as error:
        return f"its value does not hash to its key, and cannot be read: {error}"
    return None
