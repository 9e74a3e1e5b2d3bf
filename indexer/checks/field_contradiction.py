"""Field contradiction: the record and its result name different models or providers."""

import re
from hashlib import sha256

from indexer.checks.check import Check, Judged, Outcome, Result
from indexer.checks.evidence import Evidence, Written
from indexer.dapp.model_names import canonical

_SAME = Outcome(0, "same-names", Result.PASS, "The result names the same model and provider as the record.")
_ALIAS = Outcome(
    1, "another-name", Result.PASS, "The names differ, and are known as names of the same model."
)
_MODEL = Outcome(2, "other-model", Result.FAIL, "The result names another model than the record.")
_PROVIDER = Outcome(3, "other-provider", Result.FAIL, "The result names another provider than the record.")
_BOTH = Outcome(
    4, "other-model-and-provider", Result.FAIL, "The result names another model and another provider."
)
_PREFIX = Outcome(
    5, "other-id", Result.FAIL, "The result's id has the form of another provider than the record names."
)
_NO_NAMES = Outcome(6, "no-names", Result.UNKNOWN, "The result names no model and no provider.")
_NO_RESULT = Outcome(7, "no-object", Result.NOT_APPLICABLE, "The result is no JSON object.")

_OPENROUTER = re.compile(r"gen-\d{10}-\w+")  # the form of its ids


def judge(evidence: Evidence) -> Judged:
    """By the names that the last result states, against those of the record."""
    written = evidence.last
    if not isinstance(written.value, dict):
        return Judged(_NO_RESULT)
    models = {name: each for name, each in _models(written).items() if each}
    provider = _text(written.member("scout").get("provider"))
    differing = {name: each for name, each in models.items() if canonical(each) != canonical(evidence.model)}
    is_other = bool(provider) and provider.strip().lower() != evidence.provider.strip().lower()
    values = {f"{name}_sha256": _hash(each) for name, each in differing.items()}
    if is_other:
        values["scout_provider_sha256"] = _hash(provider)
    if differing or is_other:
        return Judged(_BOTH if differing and is_other else _MODEL if differing else _PROVIDER, values)
    if _OPENROUTER.fullmatch(_text(written.members.get("id"))) and not _is_openrouter(evidence.provider):
        return Judged(_PREFIX, {"id_sha256": _hash(_text(written.members["id"]))})
    if not models and not provider:
        return Judged(_NO_NAMES)
    return Judged(_ALIAS if any(each != evidence.model for each in models.values()) else _SAME)


def _models(written: Written) -> dict[str, str]:
    return {
        "model": _text(written.members.get("model")),
        "scout_model": _text(written.member("scout").get("model")),
    }


def _is_openrouter(provider: str) -> bool:
    return "openrouter" in provider.lower().replace("-", "").replace(" ", "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _hash(name: str) -> str:
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest().upper()


CHECK = Check(
    number=3,
    name="field-contradiction",
    version=2,
    title="Field contradiction",
    question="Do the record and its result name different models or providers?",
    how="The record's model is compared with `model` and `scout.model` of the last result, and its provider "
    "with `scout.provider`. Names count as the same where they differ only in who offers the model, in "
    "spelling, in a date, or in words for how it was tuned or is served, such as `gemma2-9b-it`, "
    "`google/gemma-2-9b-it` and `gemma2:9b`. An id that begins as OpenRouter's do (`gen-` and ten digits) "
    "should be of a record that names OpenRouter. The values hold the SHA-256 of the names that differ; the "
    "names stand under “Reported by the provider”.",
    causes=(
        "The scout's software went on with another provider after the first one failed.",
        "A name for the same model that is not known here.",
        "A gateway that writes ids as OpenRouter does.",
    ),
    limits="Which model gave the answer: both names are words that somebody wrote.",
    outcomes=(_SAME, _ALIAS, _MODEL, _PROVIDER, _BOTH, _PREFIX, _NO_NAMES, _NO_RESULT),
    reads_texts=True,
    judge=judge,
)
