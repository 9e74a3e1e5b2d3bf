"""How single values are written: one class a kind of value, each with its schema."""

from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.rules import envelope

_RID = {"type": "string", "pattern": "^[0-9A-F]{64}$"}
_BIG = {"type": "string", "pattern": "^-?[0-9]+$"}


class Written(serializers.Field[Any, Any, Any, Any]):
    """A value that is only ever written."""

    def to_internal_value(self, data: Any) -> Any:
        """Nothing is read: the API takes no body."""
        raise NotImplementedError("the API takes no body")

    def to_representation(self, value: Any) -> Any:
        """The value itself."""
        return value


@extend_schema_field({"type": "string", "pattern": "^([0-9A-F]{2})*$"})
class Hex(Written):
    """Bytes in upper-case hex."""

    def to_representation(self, value: bytes) -> str:
        """Such as ``00FF``."""
        return value.hex().upper()


@extend_schema_field(_RID)
class Rid(Hex):
    """32 bytes: a RID or a SHA-256."""


@extend_schema_field(_BIG)
class Big(Written):
    """A whole number that may be beyond 2^53, as decimal digits in a string."""

    def to_representation(self, value: int) -> str:
        """Such as ``"9223372036854775807"``."""
        return str(value)


@extend_schema_field({"type": "integer", "format": "int64"})
class Whole(Written):
    """A whole number."""


@extend_schema_field({"type": "boolean"})
class Flag(Written):
    """Yes or no."""


@extend_schema_field({"type": "string"})
class Words(Written):
    """Text of any kind and length, verbatim."""


@extend_schema_field({"type": "string", "format": "date-time"})
class Moment(Written):
    """A time in UTC with milliseconds, as RFC 3339 has it."""

    def to_representation(self, value: datetime) -> str:
        """Such as ``2026-11-23T14:02:11.840Z``."""
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ExactMoment(Moment):
    """The same with microseconds, as hashed envelopes have it."""

    def to_representation(self, value: datetime) -> str:
        """Such as ``2026-11-23T14:02:11.840000Z``."""
        return envelope.written(value)


@extend_schema_field({"type": "string", "format": "date"})
class Day(Written):
    """A day in UTC."""

    def to_representation(self, value: date) -> str:
        """Such as ``2026-11-23``."""
        return value.isoformat()


class Choice(Written):
    """One of an enum's words."""

    def to_representation(self, value: Enum) -> str:
        """Its word."""
        return str(value.value)


def choice(enum: type[Enum], **options: Any) -> Choice:
    """A field whose value is one of the enum's."""
    words = [*(str(each.value) for each in enum), *([None] if options.get("allow_null") else [])]
    made: type[Choice] = extend_schema_field({"type": "string", "enum": words})(
        type(f"{enum.__name__}Choice", (Choice,), {})
    )
    return made(**options)
