"""How Java and PostgreSQL spell the values of a `json` argument: doubles, strings, and the order of keys."""

import re
from decimal import Decimal
from math import isinf

import msgspec

_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|.)")
_ENCODER = msgspec.json.Encoder()
_STRING_OR_NUMBER = re.compile(
    r"""("(?:\\.|[^"\\])*(?:"|\\?\Z)) | -?\d+(?:\.\d+)?(?:E[+-]?\d+)?""", re.VERBOSE | re.DOTALL
)
_LONGEST_DOUBLE = 400  # characters


def double(text: str) -> float | str | msgspec.Raw:
    """Return a value that msgspec writes as the double that is written `text` comes back from a query.

    JSON has no infinity: Jackson writes the word as a string. A zero loses its sign in PostgreSQL's numeric.
    """
    number = float(text)
    size = abs(number)
    if 1e-3 <= size < 1e7:
        return number
    if size == 0:
        return 0.0
    if isinf(size):
        return "Infinity" if number > 0 else "-Infinity"
    return msgspec.Raw(("-" if number < 0 else "") + _scientific(size))


def respell(text: str) -> str:
    """Return a query's JSON with its doubles as Java 19 and later spell them: older ones choose other digits
    for some, such as 99999999999999990000000 for 1e23.

    An integer of up to 16 digits is left alone, and one of more than 17 that are no zeros at its end, which
    no double is spelled with.
    """
    return _STRING_OR_NUMBER.sub(lambda found: found[0] if found[1] else _respelt(found[0]), text)


def _respelt(number: str) -> str:
    digits = number.lstrip("-")
    may_be_integer = digits.isdigit() and (len(digits) <= 16 or len(digits.rstrip("0")) > 17)
    if may_be_integer or len(number) > _LONGEST_DOUBLE:
        return number
    return _ENCODER.encode(double(number)).decode()


def _scientific(size: float) -> str:
    """Print a double outside 10⁻³ to 10⁷ as Java does, or as an integer where PostgreSQL's numeric is one."""
    digits, scale = _shortest(size)
    if len(digits) <= scale + 1:
        return digits.ljust(scale + 1, "0")
    return f"{digits[0]}.{digits[1:] or '0'}E{scale}"


def _shortest(size: float) -> tuple[str, int]:
    """Return the digits that Java chooses, without trailing zeros, and the power of ten of the first one.

    They are the fewest that name the double, but the nearest two where one would do (JDK 19, toString).
    """
    parts = Decimal(repr(size)).as_tuple()
    digits = "".join(map(str, parts.digits))
    if len(digits.rstrip("0")) == 1:
        mantissa, exponent = f"{size:.1e}".split("e")
        return mantissa.replace(".", "").rstrip("0"), int(exponent)
    return digits.rstrip("0"), len(digits) - 1 + int(parts.exponent)


def quote(text: str) -> str:
    """Return a string in double quotes with Jackson's escapes; lone surrogates become `?`."""
    try:
        return upper_escapes(_ENCODER.encode(text))
    except UnicodeEncodeError:
        return upper_escapes(_ENCODER.encode(without_lone_surrogates(text)))


def upper_escapes(raw: bytes) -> str:
    """Decode what msgspec wrote. Jackson writes the same, but `\\u001F` where msgspec writes `\\u001f`."""
    text = raw.decode()
    if b"\\u" not in raw:
        return text
    return _ESCAPE.sub(lambda escape: escape[0][:2] + escape[0][2:].upper(), text)


def without_lone_surrogates(text: str) -> str:
    """Return the text as Java sends it to PostgreSQL: a question mark for each lone surrogate."""
    return text.encode("utf-8", "replace").decode()


def jsonb_rank(key: str) -> tuple[int, bytes]:
    """Return what JSONB orders the keys of an object by: the length in UTF-8, then the bytes."""
    raw = key.encode()
    return len(raw), raw
