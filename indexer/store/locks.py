"""Advisory locks of PostgreSQL. They end with the transaction that takes them, but where said otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

_SUPPRESSION = 7401
_FOLD = 7402
_BUILD = 7403
_FOLLOW = 7404
_RECONCILE = 7405
_UNITS = 7406
_WITHDRAW = 7407
_DERIVE = 7500  # and above: one for each derivation

# Windows alone are named by one number of 64 bits (objsubid 1): chain and height.
_HEIGHT_BITS = 48
_FILLED = """
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND classid::bigint >> %s = %s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1
"""


@contextmanager
def sharing_suppression(cursor: CursorWrapper) -> Iterator[None]:
    """Held by whoever writes text, from its first transaction to its last, so that none writes back what is
    being erased and none is caught between the two.
    """
    cursor.execute("SELECT pg_advisory_lock_shared(%s, 0)", [_SUPPRESSION])
    try:
        yield
    finally:
        cursor.execute("SELECT pg_advisory_unlock_shared(%s, 0)", [_SUPPRESSION])


def share_suppression(cursor: CursorWrapper) -> None:
    """As ``sharing_suppression``, to the end of the transaction: for what is made from texts in one."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [_SUPPRESSION])


def own_suppression(cursor: CursorWrapper) -> None:
    """Taken by what hides or erases: waits until nobody is writing text."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_SUPPRESSION])


def own_withdrawal(cursor: CursorWrapper) -> None:
    """Taken, before every other lock, by who makes anew what was made from withdrawn texts."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_WITHDRAW])


def try_fold(cursor: CursorWrapper, chain_id: int, generation: int) -> bool:
    """One writer for each chain and generation; False where another one is at work."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_FOLD, _pair(chain_id, generation)])
    return bool(cursor.fetchone()[0])


def own_fold(cursor: CursorWrapper, chain_id: int, generation: int) -> None:
    """As ``try_fold``, but waits."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_FOLD, _pair(chain_id, generation)])


def try_derive(cursor: CursorWrapper, chain_id: int, generation: int, which: int) -> bool:
    """One writer for each derivation of a chain and generation; False where another one is at work."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_DERIVE + which, _pair(chain_id, generation)])
    return bool(cursor.fetchone()[0])


def own_derive(cursor: CursorWrapper, chain_id: int, generation: int, which: int) -> None:
    """As ``try_derive``, but waits."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_DERIVE + which, _pair(chain_id, generation)])


def own_units(cursor: CursorWrapper, chain_id: int) -> None:
    """One writer of a chain's units of search: generations share them, and each may be the last to need one.
    Taken after every other lock.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_UNITS, chain_id])


def hold_build(cursor: CursorWrapper, chain_id: int) -> bool:
    """One builder of a generation beside the present one, until ``release_build`` or the session's end."""
    return _hold(cursor, _BUILD, chain_id)


def wait_build(cursor: CursorWrapper, chain_id: int) -> None:
    """As ``hold_build``, but waits."""
    cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_BUILD, chain_id])


def release_build(cursor: CursorWrapper, chain_id: int) -> None:
    """The end of ``hold_build``."""
    _release(cursor, _BUILD, chain_id)


def hold_follow(cursor: CursorWrapper, chain_id: int) -> bool:
    """One follower of a chain, until ``release_follow`` or the session's end."""
    return _hold(cursor, _FOLLOW, chain_id)


def release_follow(cursor: CursorWrapper, chain_id: int) -> None:
    """The end of ``hold_follow``."""
    _release(cursor, _FOLLOW, chain_id)


@contextmanager
def reconciling(chain_id: int) -> Iterator[bool]:
    """Whether nobody else reconciles this chain while the block runs."""
    with connection.cursor() as cursor:
        mine = _hold(cursor, _RECONCILE, chain_id)
        try:
            yield mine
        finally:
            if mine:
                _release(cursor, _RECONCILE, chain_id)


@contextmanager
def filling(chain_id: int, first: int) -> Iterator[bool]:
    """Whether nobody else fills the window that begins at that height while the block runs."""
    key = (chain_id << _HEIGHT_BITS) + first
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s::bigint)", [key])
        mine = bool(cursor.fetchone()[0])
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(%s::bigint)", [key])


def is_filled(chain_id: int) -> bool:
    """Whether anybody fills a window of this chain just now."""
    with connection.cursor() as cursor:
        cursor.execute(_FILLED, [_HEIGHT_BITS - 32, chain_id])
        return cursor.fetchone() is not None


def _hold(cursor: CursorWrapper, what: int, chain_id: int) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [what, chain_id])
    return bool(cursor.fetchone()[0])


def _release(cursor: CursorWrapper, what: int, chain_id: int) -> None:
    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [what, chain_id])


def _pair(chain_id: int, generation: int) -> int:
    """Both in the 32 bits that the second half of a lock's name has."""
    return (chain_id << 16) + generation
