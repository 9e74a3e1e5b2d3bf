"""Every page of the site, by a name of its own."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Address:
    """Where a page is, and the status that it answers with. ``site`` is empty for that of all other pages."""

    path: str
    status: int = 200
    site: str = ""

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Address":
        """From what the stage tells."""
        return cls(told["path"], told["status"], told["site"])


SECRET_KEY = "only for tests"
"""Of the site, and of whoever signs for it."""

NAMES = (
    "home",
    "chain",
    "records",
    "records-of-hostile-texts",
    "records-deleted",
    "records-of-all-chains",
    "records-changed",
    "records-filtered",
    "records-searched",
    "records-refused",
    "records-none-fits",
    "records-counted",
    "records-counted-hostile",
    "record",
    "record-edited",
    "record-deleted",
    "record-suppressed",
    "record-hostile",
    "record-hostile-as-json",
    "record-hostile-as-bytes",
    "record-enormous",
    "record-bidi",
    "compare",
    "compare-side-by-side",
    "compare-paths",
    "compare-several",
    "compare-hostile",
    "compare-nothing",
    "prompts",
    "prompts-of-disagreement",
    "prompt",
    "prompt-with-dissent",
    "prompt-hostile",
    "models",
    "model",
    "model-hostile",
    "providers",
    "provider",
    "scouts",
    "scouts-of-all-chains",
    "scout",
    "blocks",
    "blocks-of-all-chains",
    "block",
    "block-empty",
    "block-first",
    "transaction",
    "transaction-not-understood",
    "ledger",
    "ledger-filtered",
    "ledger-of-all-chains",
    "missing",
    "configurations",
    "configurations-of-all-chains",
    "configuration",
    "status",
    "find-several",
    "find-nothing",
    "privacy",
    "terms",
    "contact",
    "data-licence",
    "source",
    "how-checks-are-made",
    "checks",
    "check",
    "glossary",
    "find",
    "api",
    "api-address",
    "api-shape",
    "challenges",
    "challenge",
    "challenge-metrics",
    "grounds",
    "question",
    "question-ground",
    "question-evidence",
    "report",
    "report-sent",
    "leaving",
    "sign-in",
    "not-found",
    "record-not-there",
    "not-a-parameter",
    "home-without-chain",
    "home-waiting",
    "status-waiting",
)
