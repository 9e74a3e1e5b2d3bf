"""Malformed: the result is no chat completion that says something."""

from collections.abc import Mapping

from indexer.checks.check import Check, Judged, Outcome, Result
from indexer.checks.evidence import Evidence, Written
from indexer.dapp.choice import Choice
from indexer.dapp.written import has_halves

_FORMED = Outcome(0, "well-formed", Result.PASS, "It is a chat completion that says something.")
_NOT_JSON = Outcome(1, "not-json", Result.FAIL, "The result is no JSON.")
_NOT_AN_OBJECT = Outcome(2, "not-an-object", Result.FAIL, "The result is JSON, but no object.")
_NO_CHOICES = Outcome(3, "no-choices", Result.FAIL, "The result has no list of choices.")
_NO_MESSAGE = Outcome(4, "no-message", Result.FAIL, "A choice holds no message.")
_ROLE = Outcome(5, "not-the-assistant", Result.FAIL, "A message is by another role than the assistant's.")
_EMPTY = Outcome(
    6, "empty", Result.FAIL, "Nothing is said: no words, no call, no refusal, no picture or file."
)
_ERROR = Outcome(7, "error", Result.FAIL, "The provider's error stands where the answer should be.")
_HALVES = Outcome(
    8, "half-characters", Result.FAIL, "Half a character is in it, which is no text in Unicode."
)


def judge(evidence: Evidence) -> Judged:
    """By the shape of the last result."""
    return Judged(_shape(evidence.last))


def _shape(written: Written) -> Outcome:
    if written.value is None and (written.text or "").strip(" \t\r\n") != "null":
        return _NOT_JSON
    if not isinstance(written.value, dict):
        return _NOT_AN_OBJECT
    choices = written.members.get("choices")
    if not isinstance(choices, list) or not choices:
        return _ERROR if written.members.get("error") else _NO_CHOICES
    if written.completion is None:
        return _NO_MESSAGE
    if any(_role(each) not in (None, "assistant") for each in choices):
        return _ROLE
    said = written.completion.choices
    if not any(map(_says_something, said)):
        return _ERROR if any(each.error for each in said) else _EMPTY
    return _HALVES if _holds_halves(choices) else _FORMED


def _says_something(choice: Choice) -> bool:
    return bool(choice.text.strip()) or not choice.is_plain


def _role(choice: object) -> object:
    message = choice.get("message") if isinstance(choice, dict) else None
    return message.get("role") if isinstance(message, dict) else None


def _holds_halves(value: object) -> bool:
    """Whether half a character is in any string of it."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str) and not each.isascii() and has_halves(each):
            return True
        if isinstance(each, Mapping):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            left += each
    return False


CHECK = Check(
    number=2,
    name="malformed",
    version=1,
    title="Malformed",
    question="Is the result anything else than a chat completion that says something?",
    how="The last result is read as JSON. It should be an object with a list of choices, each with a message "
    "of the assistant, and say something: words, a call of a tool, a refusal, a picture or a file. Half a "
    "character is a surrogate without its other half (U+D800 to U+DFFF).",
    causes=(
        "The provider answered with an error, and the error was stored.",
        "The model spent all that it was allowed on reasoning, or a filter left nothing.",
        "A text was cut in the middle of a character by software on the way.",
    ),
    limits="Whether the model, the provider or the software between them made it so.",
    outcomes=(
        _FORMED, _NOT_JSON, _NOT_AN_OBJECT, _NO_CHOICES, _NO_MESSAGE, _ROLE, _EMPTY, _ERROR, _HALVES,
    ),
    reads_texts=True,
    judge=judge,
)  # fmt: skip
