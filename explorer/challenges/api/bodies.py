"""What stands in a body that a program sends: all that is wrong with it is said at once, by its members.

It is a JSON object. Where files go with it, both are parts of a form: the object as `body`, and each file as
`files`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from rest_framework.request import Request

from explorer.api.exception_handler import Refused
from explorer.api.problems import NOT_JSON
from explorer.challenges.files import Upload
from explorer.queries.db.errors import TooLarge
from explorer.query_parameters import BadParameters, Fault
from explorer.rules.evidence import LARGEST

BODY, FILES = "body", "files"
"""The parts of a form."""

LONGEST_JSON = 64 * 1024
"""Bytes of the object."""

_FORM = "multipart/form-data"
_KINDS = {str: "a text", int: "a whole number", dict: "an object", list: "a list of texts"}
_LONGEST_NAME = 80
_MOST_UNKNOWN = 20


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent. ``sent`` is all that makes it what it is, however it was cut into parts."""

    members: Mapping[str, Any]
    files: Sequence[Upload]
    sent: bytes


def read(request: Request, *, takes_files: bool = False, **known: type) -> Body:
    """The body, whose members are known by these types. Raises Refused where it is no JSON object, and with
    the members that there are not and those that are something else; BadParameters where the parts of a form
    are not those that there are; and TooLarge.
    """
    asked = request._request
    text, files = _parts(asked) if takes_files and asked.content_type == _FORM else (asked.body, [])
    if len(text) > LONGEST_JSON:
        raise TooLarge(f"The JSON of a body has at most {LONGEST_JSON:,} bytes, whatever files go with it.")
    sent = [text, *(part for each in files for part in (each.name.encode(), sha256(each.data).digest()))]
    return Body(_members(text, known), files, b"\0".join(sent))


def _members(text: bytes, known: Mapping[str, type]) -> Mapping[str, Any]:
    try:
        body = msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refused(NOT_JSON, faults=[Fault(BODY, NOT_JSON, f"The body is no JSON: {error}.")]) from error
    if not isinstance(body, dict):
        raise Refused(NOT_JSON, faults=[Fault(BODY, NOT_JSON, "The body is a JSON object.")])
    faults = unknown(body, known)
    for name, kind in known.items():
        if name in body and not _is_of(body[name], kind):
            faults.append(Fault(name, "not-that-type", f"{name} is {_KINDS[kind]}."))
    refuse(faults)
    return body


def _parts(request: HttpRequest) -> tuple[bytes, Sequence[Upload]]:
    """The object and the files of a form. Raises BadParameters."""
    try:
        texts, files = request.POST, request.FILES
    except MultiPartParserError as error:
        why = f"The parts of the body cannot be told apart: {error}."
        raise BadParameters([Fault(BODY, "not-a-form", why)]) from error
    faults = unknown([*texts, *files], [BODY, FILES])
    given = [each.encode() for each in texts.getlist(BODY)]
    given += [each.read(LONGEST_JSON + 1) for each in files.getlist(BODY)]
    if len(given) != 1:
        faults.append(Fault(BODY, "missing", "One part is called body: the JSON object."))
    if FILES in texts:
        faults.append(Fault(FILES, "not-a-file", "A file has a filename of its own in the head of its part."))
    if faults:
        raise BadParameters(faults)
    sent = [Upload(each.name or "", each.read(LARGEST + 1)) for each in files.getlist(FILES)]
    return given[0], sent


def _is_of(value: Any, kind: type) -> bool:
    if isinstance(value, list) and not all(type(each) is str for each in value):
        return False
    return type(value) is kind


def links(body: Mapping[str, Any]) -> str:
    """The records and comparisons that are pointed at, as forms have them: one a line."""
    return "\n".join(" ".join(each.split()) for each in body.get("links", []))


def unknown(given: Iterable[str], known: Collection[str], *, below: str = "") -> list[Fault]:
    """What is given and is none of those known."""
    named = f"there are {', '.join(known)}" if known else "there are none"
    found = [each for each in given if each not in known]
    return [
        Fault(f"{below}{each[:_LONGEST_NAME]}", "unknown", f"There is no such member here: {named}.")
        for each in found[:_MOST_UNKNOWN]
    ]


def of_form(form: Form, *, below: Mapping[str, str] | None = None) -> list[Fault]:
    """What is wrong with what was given to a form; ``below`` says what stands before a field's name."""
    errors: Mapping[str, list[ValidationError]] = form.errors.as_data()
    return [
        Fault(f"{(below or {}).get(name, '')}{name}", _code(each), " ".join(each.messages))
        for name, found in errors.items()
        for each in found
    ]


def refuse(faults: Collection[Fault]) -> None:
    """Raise Refused where there are any."""
    if faults:
        raise Refused("invalid-fields", faults=faults)


def _code(error: ValidationError) -> str:
    return (error.code or "invalid").replace("_", "-")
