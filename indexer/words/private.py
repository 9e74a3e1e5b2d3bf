"""Secrets and personal data in texts: e-mail addresses, phone numbers, keys, tokens, passwords in addresses.

What is found is no search term and is blotted where texts are cut from what stands around them. Patterns of
keys and tokens are those of detect-secrets (https://github.com/Yelp/detect-secrets), numbers are judged by
phonenumbers (https://github.com/daviddrysdale/python-phonenumbers). Neither finds everything.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

# What it takes them from, ``phonenumbers`` and ``detect_secrets`` (with requests and all that that needs), is
# imported where the first text is looked at: most processes of ours never do.


class Kind(Enum):
    """What was found, in words for people."""

    EMAIL = "e-mail address"
    PHONE = "phone number"
    TOKEN = "key or token"
    PRIVATE_KEY = "private key"
    PASSWORD = "password in an address"


@dataclass(frozen=True, slots=True)
class Private:
    """A place in a text: from ``start`` on, below ``end``."""

    start: int
    end: int
    kind: Kind


FILL = "\ufffe"
"""What stands in a masked text: no character of any text, so it parts words and is none of a search."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_PHONE = re.compile(r"(?<![\w.,/:#=-])(?:\+|00|\(?)\d[\d ().\u00a0\u2010-\u2013/-]{6,24}\d(?![\w-]|[.,:]\d)")
_SEPARATED = re.compile(r"\(\d|\d[ .\u00a0\u2010-\u2013-]\d{3,4}[ .\u00a0\u2010-\u2013-]\d")
_DATED = re.compile(r"\(?(?:19|20)\d\d[-./]|\d{1,2}[./]\d{1,2}[./]")
_REGION = "US"
"""Where a number without a country's code is looked for: its form is the one that others take it by."""

_LONGEST_KEY = 16_384  # characters
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    rf"(?:.{{0,{_LONGEST_KEY}}}?-----END [A-Z0-9 ]{{0,40}}-----|.{{0,{_LONGEST_KEY}}})",
    re.DOTALL,
)
# In the place of patterns that are quadratic on what somebody writes to make them so.
_OWN = {
    "openai": (r"(?<![\w-])sk-[A-Za-z0-9_-]{20,256}(?![\w-])",),
    "jwt": (r"(?<![\w-])eyJ[\w=-]{10,8192}\.[\w=-]{2,8192}(?:\.[\w=-]{0,8192})?",),
    "npm": (r"(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)", r"_authToken=[\w-]{36,64}"),
    "anthropic": (r"(?<![\w-])sk-ant-[A-Za-z0-9_-]{20,256}(?![\w-])",),
    "google": (r"(?<![\w-])AIza[\w-]{35}(?![\w-])",),
    "wallet": (r"(?i)private[ _-]?key\W{1,5}(?:is\W{1,3})?(?:0x)?([0-9a-f]{64})(?![0-9a-f])",),
    "hugging face": (r"(?<!\w)hf_[A-Za-z0-9]{30,64}(?!\w)",),
}
_PASSWORDS = "basic_auth"
_LEFT_OUT = frozenset({"base", "high_entropy_strings", "ip_public", "keyword", "private_key", _PASSWORDS})
"""What finds too much in prose, and what is found by itself here."""

_STRETCH = re.compile(r"[A-Za-z0-9_+/=.:-]{20,}")
"""Each key and token has one, with a digit in it: all else is not looked at."""

_DIGIT = re.compile(r"\d")

_BEFORE = 64  # characters, which may name it
_AFTER = 1
_SECRET = 16  # characters of what a pattern tells from its surroundings


def private_in(text: str) -> list[Private]:
    """What is private in a text, in order; what overlaps is one place, of the kind that begins first."""
    found: list[Private] = []
    for each in sorted(
        _found(text), key=lambda each: (each.start, each.kind is not Kind.PASSWORD, -each.end)
    ):
        if found and each.start < found[-1].end:
            last = found[-1]
            found[-1] = Private(last.start, max(last.end, each.end), last.kind)
        else:
            found.append(each)
    return found


def masked(text: str) -> str:
    """The text with ``FILL`` for each character of what is private, as long as before."""
    return _replaced(text, lambda each: FILL * (each.end - each.start))


def kinds_in(text: str) -> int:
    """Which kinds are in a text: a bit for each, in the order of ``Kind``."""
    found = {each.kind for each in private_in(text)}
    return sum(1 << number for number, kind in enumerate(Kind) if kind in found)


def kinds_of(bits: int) -> list[Kind]:
    """The kinds that ``kinds_in`` gave as bits."""
    return [kind for number, kind in enumerate(Kind) if bits >> number & 1]


def blotted(text: str) -> str:
    """The text with words in brackets for what is private."""
    return _replaced(text, lambda each: f"[{each.kind.value}]")


def _replaced(text: str, by: Callable[[Private], str]) -> str:
    parts, at = [], 0
    for each in private_in(text):
        parts += [text[at : each.start], by(each)]
        at = each.end
    return text if not parts else "".join((*parts, text[at:]))


def _found(text: str) -> Iterator[Private]:
    if "@" in text:
        yield from (Private(*each.span(), Kind.EMAIL) for each in _EMAIL.finditer(text))
    if "-----BEGIN " in text:
        yield from (Private(*each.span(), Kind.PRIVATE_KEY) for each in _PEM.finditer(text))
    if "://" in text and "@" in text:
        yield from (Private(*each.span(1), Kind.PASSWORD) for each in _password().finditer(text))
    if not _DIGIT.search(text):
        return
    yield from _phone_numbers(text)
    for stretch in _STRETCH.finditer(text):
        if not _DIGIT.search(stretch[0]):
            continue
        first, end = max(0, stretch.start() - _BEFORE), stretch.end() + _AFTER
        for pattern in _patterns():
            yield from (Private(*_place(each), Kind.TOKEN) for each in pattern.finditer(text, first, end))


def _place(found: re.Match[str]) -> tuple[int, int]:
    """The secret itself where a pattern tells it from what stands around it."""
    spans = (found.span(each) for each in range(1, found.re.groups + 1))
    return next((each for each in spans if each[1] - each[0] >= _SECRET), found.span())


def _phone_numbers(text: str) -> Iterator[Private]:
    for each in _PHONE.finditer(text):
        if _is_number(each[0]):
            yield Private(*each.span(), Kind.PHONE)


def _is_number(written: str) -> bool:
    """Whether it may be somebody's number: with its country's code, or apart as one writes it."""
    is_whole = written.startswith(("+", "00"))
    if not is_whole and (_DATED.match(written) or not _SEPARATED.search(written)):
        return False
    import phonenumbers

    number = f"+{written[2:]}" if written.startswith("00") else written
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, None if is_whole else _REGION))
    except phonenumbers.NumberParseException:
        return False


@cache
def _patterns() -> list[re.Pattern[str]]:
    """Patterns of keys and tokens."""
    from detect_secrets import plugins

    names = {each.name for each in iter_modules(plugins.__path__)} - _LEFT_OUT - _OWN.keys()
    own = [re.compile(each, re.ASCII) for patterns in _OWN.values() for each in patterns]
    return [*(each for name in sorted(names) for each in _denied(name)), *own]


@cache
def _password() -> re.Pattern[str]:
    (found,) = _denied(_PASSWORDS)
    return found


def _denied(plugin: str) -> Iterator[re.Pattern[str]]:
    from detect_secrets.plugins.base import RegexBasedDetector

    module = import_module(f"detect_secrets.plugins.{plugin}")
    for each in vars(module).values():
        if (
            isinstance(each, type)
            and issubclass(each, RegexBasedDetector)
            and each.__module__ == module.__name__
        ):
            yield from each().denylist
