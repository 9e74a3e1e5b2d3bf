"""What a ground of a challenge is: a reason to question a record, and all that its form asks.

A ground is about a record and never about a person. Who changes a ground raises ``registry.VERSION``: the
hash of all grounds as they were is kept with each challenge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Assurance(Enum):
    """How a ground can be settled."""

    CHAIN = "chain"  # A: from the chain alone
    ACROSS = "across"  # B: from the chain, comparing records: strong indications
    RERUN = "rerun"  # C: by running a model again
    JUDGEMENT = "judgement"  # D: by people, as law and privacy are

    @property
    def words(self) -> str:
        """In a sentence."""
        return _WORDS[self]


_WORDS = {
    Assurance.CHAIN: "What is on the chain settles it: anyone can compute it again.",
    Assurance.ACROSS: "Records on the chain are compared: a strong indication, and seldom a proof.",
    Assurance.RERUN: "A model has to be run again, under conditions that the chain does not hold.",
    Assurance.JUDGEMENT: "People have to judge it. It is told to the operator in private.",
}


class Kind(Enum):
    """What a field of a ground holds."""

    TEXT = "text"
    NUMBER = "number"
    RECORD = "record"
    TRANSACTION = "transaction"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something that a ground asks for. ``label`` is a question, ``hint`` says how an answer looks.

    ``most`` is the length of a text in characters, or the largest number; ``least`` the smallest number.
    ``choices`` are words and what they say.
    """

    name: str
    kind: Kind
    label: str
    hint: str
    is_required: bool = True
    least: int = 0
    most: int = 500
    choices: Mapping[str, str] | None = None

    def schema(self) -> Mapping[str, Any]:
        """As JSON Schema."""
        return {"title": self.label, "description": self.hint, **self._type()}

    def _type(self) -> Mapping[str, Any]:
        match self.kind:
            case Kind.TEXT:
                return {"type": "string", "minLength": int(self.is_required), "maxLength": self.most}
            case Kind.NUMBER:
                return {"type": "integer", "minimum": self.least, "maximum": self.most}
            case Kind.RECORD:
                return {"type": "string", "pattern": RECORD_PATTERN}
            case Kind.TRANSACTION:
                return {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"}
            case Kind.CHOICE:
                return {"type": "string", "enum": list(self.choices or {})}


RECORD_PATTERN = "^([0-9A-Fa-f]{64}:)?[1-9][0-9]{0,17}$"
"""A record as a field names it: its id, or one of another chain with the RID of that chain before it."""


def record_named(text: str, brid: bytes) -> tuple[bytes, int]:
    """Chain and prompt id of a record that a field names; ``brid`` is the chain of the one in question."""
    rid, _, number = text.rpartition(":")
    return bytes.fromhex(rid) if rid else brid, int(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A ground. ``meaning`` is a sentence of what is questioned; ``asks`` what to write about it.

    ``checks`` are the names of the checks that look for it by themselves, the one that decides first;
    ``causes`` are innocent ones; ``best`` says what the best outcome can be. A private ground is told to the
    operator alone, and is never published.
    """

    name: str
    title: str
    assurance: Assurance
    meaning: str
    asks: str
    causes: Sequence[str]
    best: str
    checks: Sequence[str] = ()
    fields: Sequence[Field] = ()

    @property
    def is_private(self) -> bool:
        """Whether it is told to the operator alone."""
        return self.assurance is Assurance.JUDGEMENT

    @property
    def opens_at_once(self) -> bool:
        """Whether nobody has to look at it first where its check finds it."""
        return self.assurance is Assurance.CHAIN and bool(self.checks)

    @property
    def deciders(self) -> int:
        """How many arbiters decide it together."""
        return 1 if self.assurance is Assurance.CHAIN else 2

    def schema(self) -> Mapping[str, Any]:
        """The JSON Schema of ``fields``."""
        return {
            "type": "object",
            "properties": {each.name: each.schema() for each in self.fields},
            "required": [each.name for each in self.fields if each.is_required],
            "additionalProperties": False,
        }
