"""The variable parts of addresses."""

from explorer.queries.groups.naming import scout_named
from explorer.rules import naming


class Rid:
    """A blockchain, block or transaction RID: 32 bytes in hex. Lower case leads to upper case."""

    regex = "[0-9A-Fa-f]{64}"

    def to_python(self, value: str) -> bytes:
        return bytes.fromhex(value)

    def to_url(self, value: str | bytes) -> str:
        return value.hex().upper() if isinstance(value, bytes) else value


class Begun:
    """The beginning of a blockchain RID in hex: eight digits of it at least, and not all."""

    regex = "[0-9A-Fa-f]{8,63}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


class Number:
    """A height or a prompt id, without leading zeros, that a 64-bit integer holds."""

    regex = "0|[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int | str) -> str:
        return str(value)


class Uid:
    """A scout's UID, any 64-bit number, without leading zeros."""

    regex = "0|-?[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        uid = scout_named(value)
        if uid is None:
            raise ValueError(f"{value} is beyond 64 bits")
        return uid

    def to_url(self, value: int | str) -> str:
        return str(value)


class ChallengeName:
    """What a challenge is called, as C-2026-000123."""

    regex = naming.PATTERN

    def to_python(self, value: str) -> int:
        return naming.key_named(value)

    def to_url(self, value: int | str) -> str:
        return value if isinstance(value, str) else naming.name_of(value)
