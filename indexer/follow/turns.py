"""When it is a chain's turn to be asked about: soon while blocks come that hold something, ever later while
none does.

The schedule comes by far more often than that, and takes along the chains whose turn it is. A chain that was
taken along is nobody else's for a while, in which whoever took it says when the next turn is; so it is asked
about by one at a time, and however long that takes, no second one waits behind it for long.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from django.db import connection
from django.utils import timezone

from indexer.models import Block, Chain, Checkpoint
from indexer.store import coverage

LONGEST = timedelta(seconds=5)  # between two turns, and until one that was taken along is given away again
ROUND = timedelta(minutes=1)  # after which all nodes are asked, not the leading one alone
_SHORTEST, _SHORT = timedelta(seconds=0.5), timedelta(seconds=1)
_SHARE = 20  # who waits for what comes after a silence waits at most this part of it longer
_BLOCKS = 10  # the last so many show how fast the chain is
_NEAR = timedelta(seconds=0.25)  # half of what the schedule takes to come again

_CLAIM = """
    UPDATE indexer_chain SET turn_at = %(until)s
    WHERE id IN (SELECT id FROM indexer_chain WHERE turn_at <= %(now)s FOR UPDATE SKIP LOCKED) RETURNING id
"""


def claim(now: datetime) -> Sequence[int]:
    """The chains whose turn it is by now, or is before the schedule comes again; each is given to one caller
    alone until ``LONGEST`` is over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now + _NEAR, "until": now + LONGEST})
        return sorted(id_ for (id_,) in cursor.fetchall())


def pause(*, quiet: timedelta, block_time: timedelta) -> timedelta:
    """How long to wait between two turns of a chain that has had nothing new for so long.

    ``block_time`` is from one of its blocks to the next, while they come.
    """
    shortest = min(max(block_time / 2, _SHORTEST), _SHORT)
    return min(max(shortest, quiet / _SHARE), LONGEST)


def end(chain: Chain, *, begun: datetime, news: bool, is_round: bool) -> None:
    """Say when a chain's next turn is: ``news`` is whether this one brought a block with transactions,
    ``is_round`` whether all nodes were asked.

    Pauses are from the beginning of one to that of the next, but nodes that take long are left alone for half
    of it. Where blocks are missing nothing new can be shown soon.
    """
    now = timezone.now()
    told: dict[str, datetime] = {"round_at": now} if is_round else {}
    if news:
        told["news_at"] = chain.news_at = now
    after = LONGEST
    if chain.news_at is not None and level_at(chain) is not None:
        after = pause(quiet=now - chain.news_at, block_time=_block_time(chain))
    Chain.objects.filter(id=chain.id).update(turn_at=max(begun + after, now + after / 2), **told)


def level_at(chain: Chain) -> int | None:
    """The height up to which every block is in and folded; None where something above that is in too, or
    nothing is.
    """
    folded = Checkpoint.objects.filter(chain=chain, generation=chain.generation).first()
    spans = coverage.covered(chain.id)
    if folded is None or len(spans) != 1 or (spans[0].first, spans[0].last) != (0, folded.height):
        return None
    return folded.height


def _block_time(chain: Chain) -> timedelta:
    """From one of the last blocks to the next, mostly, by their own times."""
    newest = Block.objects.filter(chain=chain).order_by("-height").values_list("timestamp", flat=True)
    gaps = [later - earlier for later, earlier in pairwise(newest[:_BLOCKS])]
    return timedelta(milliseconds=median(gaps)) if gaps else _SHORT
