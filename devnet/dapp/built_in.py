"""Operations that Postchain brings itself: `nop`, `__nop`, `timeb` (Postchain, StandardOpsGTXModule)."""

from collections.abc import Callable, Mapping, Sequence

from devnet.dapp.parameters import kind_of
from indexer.postchain.gtv import BigInteger, Gtv

_MOST_ARGUMENT = 64


class Unfit(ValueError):
    """Arguments that a built-in operation does not take."""


def check(name: str, arguments: Sequence[Gtv]) -> None:
    """Raise Unfit for arguments that do not fit the operation with this name, a key of `BUILT_IN`."""
    BUILT_IN[name](arguments)


def is_time_for(arguments: Sequence[Gtv], *, last_block_time: int) -> bool:
    """Whether a `timeb` of these (checked) arguments holds."""
    start, end = arguments
    return _integer(start) <= last_block_time and (end is None or last_block_time <= _integer(end))


def _check_nop(arguments: Sequence[Gtv]) -> None:
    if len(arguments) > 1:
        raise Unfit("expected not more than one argument")
    for argument in arguments:
        if isinstance(argument, BigInteger | list | dict):
            raise Unfit(f"Argument of type: {kind_of(argument)} not allowed for operation: nop.")
        size = _size(argument)
        if size > _MOST_ARGUMENT:
            kind = "GtvString" if isinstance(argument, str) else "GtvByteArray"
            limits = f"Max: {_MOST_ARGUMENT} chains but was {size}"
            raise Unfit(f"Argument of type: {kind} too big. {limits} (operation: nop) ")


def _size(argument: Gtv) -> int:
    if isinstance(argument, str):
        return len(argument.encode("utf-16-le")) // 2
    return len(argument) if isinstance(argument, bytes) else 0


def _check_timeb(arguments: Sequence[Gtv]) -> None:
    if len(arguments) != 2:
        raise Unfit("expected 2 args")
    start, end = arguments
    if _integer(start) > (_integer(end) if end is not None else _integer(start)):
        raise Unfit("expected arg1 < arg0")


def _integer(value: Gtv) -> int:
    if not isinstance(value, int) or isinstance(value, BigInteger):
        raise Unfit(f"Type error: integer expected, found {kind_of(value)}")
    return value


BUILT_IN: Mapping[str, Callable[[Sequence[Gtv]], None]] = {
    "nop": _check_nop,
    "__nop": _check_nop,
    "timeb": _check_timeb,
}
