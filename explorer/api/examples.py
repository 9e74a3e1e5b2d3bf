"""Examples of the schema: files of real answers, named after the operation and, for an error, its kind."""

import json
from pathlib import Path
from typing import Any

from explorer.api import problems

_FOLDER = Path(__file__).with_name("example_answers")


def add(result: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Add to a schema the examples that there are, as drf-spectacular's last step."""
    operations = [each for methods in result["paths"].values() for each in methods.values()]
    responses = {each["operationId"]: each["responses"] for each in operations}
    for path in sorted(_FOLDER.glob("*.json")):
        operation, _, name = path.stem.partition(".")
        kind = problems.kind(name)
        found = min(responses[operation])  # the first of what is no refusal
        status = found if kind is None else str(int(kind.status))
        for content in responses[operation][status]["content"].values():
            content["examples"] = {path.stem: {"value": json.loads(path.read_text(encoding="utf-8"))}}
    return result
