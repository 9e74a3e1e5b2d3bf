"""The API's reference for people, read from its schema: addresses, what they take, what answers hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from explorer.api import problems, schema
from explorer.api.describing import CHALLENGE_PATTERN, PATTERNS, PROBLEMS
from explorer.queries.db.kinds import Moment, Range, Times

_ANY = 2**63 - 1  # the upper bound of what has none of its own
_PATTERNS = {
    "^[0-9A-F]{64}$": "64 hex digits",
    "^([0-9A-F]{2})*$": "hex",
    "^-?[0-9]+$": "a whole number as text",
    "^([0-9]{1,19}|[0-9A-F]{64})$": "a whole number, or 64 hex digits",
    "^([0-9A-Fa-f]{2}){32,32}$": "64 hex digits",
    "^([0-9A-Fa-f]{2}){1,65}$": "hex",
    CHALLENGE_PATTERN: "a name as C-2026-000123",
    PATTERNS[Range]: "a whole number, or a range as 100..200",
    PATTERNS[Moment]: "a day as 2026-10-01, or a moment as 2026-10-01T12:30:00Z",
    PATTERNS[Times]: "a day as 2026-10-01, or times as 2026-10-01..2026-11-01",
}
_FORMATS = {"date-time": "a time, UTC", "date": "a day, UTC"}
_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "object": "an object",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an answer, or a parameter. ``kind`` says in words what its value is, ``shape`` names what
    it holds where that is an object or a list of such, else it is empty.
    """

    name: str
    kind: str
    about: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of object that answers hold."""

    name: str
    about: str
    members: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Address:
    """What can be asked for, or sent. ``body`` is what is sent, None where nothing is; ``refusals`` are the
    problems it may answer with, ``example`` is a real answer.
    """

    operation: str
    method: str
    path: str
    summary: str
    about: str
    parameters: Sequence[Member]
    body: Member | None
    refusals: Sequence[problems.Kind]
    answer: Member
    example: str


@dataclass(frozen=True, slots=True)
class Reference:
    """All of it; ``addresses`` by their path."""

    addresses: Sequence[Address]
    shapes: Sequence[Shape]


@cache
def reference() -> Reference:
    """The reference. It is made once, as the schema is."""
    document = schema.document()
    return Reference(
        addresses=[
            _address(path, method, each)
            for path, methods in document["paths"].items()
            for method, each in methods.items()
        ],
        shapes=[_shape(name, each) for name, each in document["components"]["schemas"].items()],
    )


def _address(path: str, method: str, described: Mapping[str, Any]) -> Address:
    found = _first(described["responses"][min(described["responses"])])
    sent = described.get("requestBody")
    examples = [each["value"] for each in found.get("examples", {}).values()]
    return Address(
        operation=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        about=described["description"],
        parameters=[_member(each["name"], each["schema"], each) for each in _asked(path, described)],
        body=None if sent is None else _member("", _first(sent)["schema"], {}),
        refusals=[each for each in problems.KINDS if each.name in described[PROBLEMS]],
        answer=_member("", found["schema"], found),
        example=json.dumps(examples[0], ensure_ascii=False, indent=2) if examples else "",
    )


def _first(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The form that comes first of what is sent, or answered."""
    found: Mapping[str, Any] = next(iter(content["content"].values()))
    return found


def _asked(path: str, described: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The parameters of the path, as they stand in it, and of the query."""

    def place(parameter: Mapping[str, Any]) -> int:
        return path.find(f"{{{parameter['name']}}}") if parameter["in"] == "path" else len(path)

    asked = described.get("parameters", ())
    return sorted((each for each in asked if each["in"] in ("path", "query")), key=place)


def _shape(name: str, described: Mapping[str, Any]) -> Shape:
    members = [_member(member, each, each) for member, each in described["properties"].items()]
    return Shape(name, described.get("description", ""), members)


def _member(name: str, described: Mapping[str, Any], about: Mapping[str, Any]) -> Member:
    kind, shape = _kind(described)
    return Member(name, kind, about.get("description", ""), shape)


def _kind(described: Mapping[str, Any]) -> tuple[str, str]:
    """What a value is, in words, and the shape of the objects that it holds."""
    for several in ("allOf", "oneOf"):
        if several in described:
            kind, shape = _kind(described[several][0])
            return (f"{kind} or null" if several == "oneOf" else kind), shape
    if "$ref" in described:
        return "an object", described["$ref"].rpartition("/")[2]
    types = described["type"] if isinstance(described["type"], list) else [described["type"]]
    null = " or null" if "null" in types else ""
    if types[0] == "array":
        kind, shape = _kind(described["items"])
        return f"a list{null}" if shape else f"a list{null}, each {kind}", shape
    return _plain(types[0], described) + null, ""


def _plain(type_: str, described: Mapping[str, Any]) -> str:
    if "enum" in described:
        found = "one of " + ", ".join(str(each) for each in described["enum"] if each is not None)
    elif "pattern" in described:
        found = _PATTERNS.get(described["pattern"], _TYPES[type_])
    else:
        found = _FORMATS.get(described.get("format", ""), _TYPES[type_])
    if described.get("maximum", _ANY) != _ANY:
        found += f", {described['minimum']} to {described['maximum']}"
    return f"{found}; {described['default']} unless given" if "default" in described else found
