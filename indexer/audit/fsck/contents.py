"""Contents: each hashes to its key, each one that is said is there, and what is erased is gone by order."""

from collections.abc import Iterator

from django.db import connection

from indexer.audit.fsck.finding import Finding, shown
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Answer, Chain, Prompt
from indexer.models.content import Text
from indexer.store import suppression
from indexer.store.suppression import Suppressed

_MISSING = """
    SELECT min(o.position), o.{column} FROM indexer_operation o JOIN indexer_transaction t
      ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
    WHERE o.chain_id = %s AND o.{column} IS NOT NULL AND t."offset" IS NOT NULL
      AND NOT EXISTS (SELECT FROM indexer_{column} c WHERE c.hash = o.{column})
    GROUP BY o.{column} ORDER BY 1
"""


def check(chain: Chain) -> Iterator[Finding]:
    """Every content, of whichever chain; those that are missing, of this one."""
    with connection.cursor() as cursor:
        erased = suppression.erased(cursor)
    for table in (Prompt, Answer):
        for each in table.objects.order_by("hash").iterator(chunk_size=500):
            if (what := _content(each, erased)) is not None:
                yield Finding(f"{table.__name__.lower()} {shown(each.hash)}", what)
    yield from _missing(chain)


def _content(each: Text, erased: Suppressed) -> str | None:
    if each.reason == Text.Reason.ERASED:
        return _erased(each, erased)
    if bytes(each.hash) in erased.contents:
        return "it is to be erased, and its text is still there"
    is_text = each.text is not None
    if is_text == (each.raw is not None) or is_text != (each.reason == Text.Reason.NONE):
        return f"its reason is “{each.get_reason_display()}”, and that is not what it holds"
    return _text(each)


def _erased(each: Text, erased: Suppressed) -> str | None:
    if each.text is not None or each.raw is not None:
        return "it is erased, and its text is still there"
    if bytes(each.hash) not in erased.contents:
        return "it is said to be erased, and no suppression says so"
    return None


def _text(each: Text) -> str | None:
    try:
        text = each.text if each.text is not None else bytes(each.raw or b"").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        return f"its bytes are no text: {error}"
    if len(text) != each.length:
        return f"its text has {len(text)} characters, its row says {each.length}"
    keys = {signed_hash(text)}
    if not isinstance(each, Prompt):
        keys.add(signed_hash(rell_json.quote(text)))
    return None if bytes(each.hash) in keys else "its text does not hash to its key"


def _missing(chain: Chain) -> Iterator[Finding]:
    """Contents that no row holds, though a transaction that says them was not erased."""
    for column in ("prompt", "answer"):
        with connection.cursor() as cursor:
            cursor.execute(_MISSING.format(column=column), [chain.id])
            for position, key in cursor.fetchall():
                said = f"missing; the operation at position {position} says it"
                yield Finding(f"{column} {shown(key)}", said)
