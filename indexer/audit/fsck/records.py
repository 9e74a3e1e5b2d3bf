"""Records: folding the facts again gives every row of the present generation, and so does deriving again."""

from collections.abc import Iterator

import psycopg
from django.db import DatabaseError

from indexer.audit.fsck import derived
from indexer.audit.fsck.comparison import differences
from indexer.audit.fsck.finding import Finding
from indexer.dapp.replay import RULES
from indexer.models import BlockDigest, Chain, Checkpoint, Generation, Owner, Record, Revision
from indexer.records import fold, generations

_COMPARED = (Record, Revision, BlockDigest, Owner, Checkpoint)
# What folding raises over rows that an earlier check has told already.
_UNFOLDABLE = (LookupError, TypeError, ValueError, AttributeError, DatabaseError, psycopg.Error)


def check(chain: Chain) -> Iterator[Finding]:
    """The generation that readers see against a fold of the facts beside it, up to the same height. One of
    other rules is not compared.
    """
    generation = Generation.objects.filter(chain=chain, generation=chain.generation).first()
    checkpoint = Checkpoint.objects.filter(chain=chain, generation=chain.generation).first()
    where = f"generation {chain.generation}"
    if generation is None and (checkpoint is not None or Generation.objects.filter(chain=chain).exists()):
        yield Finding(where, "missing, and readers are sent to it")
    if generation is not None and generation.rules != RULES:
        what = f"it was folded by rules {generation.rules}, now there are rules {RULES}: reindex"
        yield Finding(where, what, is_of_rules=True)
        return
    if generation is not None and checkpoint is None:
        yield Finding("checkpoint", f"missing, and {where} was begun")
    yield from derived.shared(chain)
    if checkpoint is not None:
        yield from _again(chain, last=checkpoint.height)


def _again(chain: Chain, *, last: int) -> Iterator[Finding]:
    with generations.building(chain, wait=True):
        try:
            again = generations.fold_beside(chain, last=last)
        except fold.LinkBroken as error:
            yield Finding("fold", str(error))
            return
        except _UNFOLDABLE as error:
            yield Finding("fold", f"the facts cannot be folded: {type(error).__name__}: {error}")
            return
        try:
            for table in _COMPARED:
                yield from differences(chain, table, again, how="folding the facts")
            yield from derived.check(chain, again)
        finally:
            generations.drop(chain, again)
