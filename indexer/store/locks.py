"""Advisory locks of PostgreSQL. They end with the transaction that takes them, but where said otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.utils import CursorWrapper

_SUPPRESSION = 7401
_FOLD = 7402
_BUILD = 7403
_FOLLOW = 7404


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


def own_suppression(cursor: CursorWrapper) -> None:
    """Taken by what hides or erases: waits until nobody is writing text."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_SUPPRESSION])


def try_fold(cursor: CursorWrapper, chain_id: int, generation: int) -> bool:
    """One writer for each chain and generation; False where another one is at work."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_FOLD, _pair(chain_id, generation)])
    return bool(cursor.fetchone()[0])


def own_fold(cursor: CursorWrapper, chain_id: int, generation: int) -> None:
    """As ``try_fold``, but waits."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_FOLD, _pair(chain_id, generation)])


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


def _hold(cursor: CursorWrapper, what: int, chain_id: int) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [what, chain_id])
    return bool(cursor.fetchone()[0])


def _release(cursor: CursorWrapper, what: int, chain_id: int) -> None:
    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [what, chain_id])


def _pair(chain_id: int, generation: int) -> int:
    """Both in the 32 bits that the second half of a lock's name has."""
    return (chain_id << 16) + generation
