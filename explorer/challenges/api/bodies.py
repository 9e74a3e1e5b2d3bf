"""What stands in a body that a program sends: all that is wrong with it is said at once, by its members."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.forms import Form
from rest_framework.request import Request

from explorer.api.exception_handler import Refused
from explorer.query_parameters import BadParameters, Fault

_KINDS = {str: "a text", int: "a whole number", dict: "an object", list: "a list of texts"}
_LONGEST_NAME = 80
_MOST_UNKNOWN = 20


def members(request: Request, **known: type) -> dict[str, Any]:
    """The members of the body, of these types. Raises BadParameters where it is no JSON object, and Refused
    with those that there are not and those that are something else.
    """
    try:
        body = msgspec.json.decode(request._request.body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadParameters([Fault("body", "not-json", f"The body is no JSON: {error}.")]) from error
    if not isinstance(body, dict):
        raise BadParameters([Fault("body", "not-json", "The body is a JSON object.")])
    faults = unknown(body, known)
    for name, kind in known.items():
        if name in body and not _is_of(body[name], kind):
            faults.append(Fault(name, "not-that-type", f"{name} is {_KINDS[kind]}."))
    refuse(faults)
    return body


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
