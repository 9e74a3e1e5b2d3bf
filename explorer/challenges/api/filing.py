"""Filing a challenge by a program: the forms of the pages, and the functions behind them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api.challenges import ChallengesEndpoint
from explorer.api.describing import problem_with, sent
from explorer.api.fields import Words, Written
from explorer.challenges import drafts
from explorer.challenges import filing as filings
from explorer.challenges.api import bodies
from explorer.challenges.api.sending import Sender, Sending, Taken, told
from explorer.challenges.filing_forms import LONGEST_STATEMENT, EvidenceForm, RecordForm
from explorer.challenges.links import MOST_LINKS
from explorer.challenges.models import Challenge
from explorer.challenges.once import Answer
from explorer.challenges.target import Target, questioned
from explorer.queries.chain.chains import chain_with
from explorer.queries.records.revisions import number_at
from explorer.query_parameters import Fault
from explorer.rules import registry
from explorer.rules.ground import Ground

_MEMBERS = {"record": str, "position": int, "ground": str, "fields": dict, "statement": str, "links": list}
_GROUNDS = [each.name for each in registry.public()]


@extend_schema_field({"type": "integer", "format": "int64"})
class Position(Written):
    """Of an operation."""


@extend_schema_field({"type": "string", "enum": _GROUNDS})
class GroundName(Written):
    """A ground that is not private."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": ["string", "integer"]}})
class GroundFields(Written):
    """By the names of the ground's fields."""


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": LONGEST_STATEMENT})
class Said(Written):
    """What somebody has to say."""


@extend_schema_field({"type": "array", "items": {"type": "string"}, "maxItems": MOST_LINKS})
class Links(Written):
    """Records and comparisons."""


POINTED_AT = (
    "Records and comparisons of this site to look at: addresses of their pages, or `BRID:prompt_id`. Each is "
    "pinned to the revision that is there now."
)


class ChallengeToFile(serializers.Serializer[Any]):
    """What is questioned, on which ground and why."""

    record = Words(help_text="BRID:prompt_id, as 32 bytes in hex, a colon and a whole number.")
    position = Position(
        required=False,
        help_text="Of the operation that is questioned: of one of the record's revisions, the newest unless "
        "given.",
    )
    ground = GroundName(help_text="See /grounds. Private ones are told to the operator by /my/report.")
    fields_ = GroundFields(required=False, help_text="What the ground asks for: see fields in /grounds.")
    statement = Said(help_text="In a few sentences; Markdown may be used, images are not shown.")
    links = Links(required=False, help_text=POINTED_AT)

    def get_fields(self) -> dict[str, Any]:
        """With the one whose name is the framework's own."""
        return {name.removesuffix("_"): each for name, each in super().get_fields().items()}


_DUPLICATE = problem_with(
    "ProblemChallenged",
    number=Words(help_text="The challenge that is pending."),
    url=Words(help_text="Its path in this API."),
    join=Words(help_text="Where one joins it: POST a statement."),
)


class FilingEndpoint(Sending, ChallengesEndpoint):
    @sent(
        "file_challenge",
        tag="challenges",
        summary="File a challenge",
        about="Question a record, with a key of scope `challenge`. It has a number at once, shows on its "
        "record, and cannot be taken out again. Its words are shown once somebody has looked them through. "
        "Where the same record is challenged on the same ground, 409 names that challenge, to be joined.",
        body=ChallengeToFile,
        answer=Taken,
        may_be={"already-challenged": _DUPLICATE},
    )
    def post(self, request: Request) -> Response:
        body = bodies.members(request, **_MEMBERS)
        return self.taken(request, lambda sender: _filed(body, sender))


def _filed(body: Mapping[str, Any], sender: Sender) -> Answer:
    about, ground = _asked(body)
    found = questioned(about)
    given = body.get("fields", {})
    below = {each.name: "fields." for each in ground.fields}
    asked_for = {name: given[name] for name in below if name in given}
    said = {"statement": body.get("statement", ""), "links": bodies.links(body)}
    form = EvidenceForm(ground, about, {**asked_for, **said})
    bodies.refuse([*_of_fields(given, list(below)), *bodies.of_form(form, below=below)])
    draft = drafts.begin(about, person=sender.person, address=sender.address, now=sender.now)
    drafts.choose(draft, ground.name, now=sender.now)
    number = filings.file(draft, form.filing(), found, person=sender.person, now=sender.now)
    return told(Challenge.objects.get(number=number))


def _asked(body: Mapping[str, Any]) -> tuple[Target, Ground]:
    """The record, and the ground. Raises Refused with all that is wrong with them."""
    form = RecordForm({"record": body.get("record", "")})
    faults = bodies.of_form(form)
    name = body.get("ground", "")
    if name not in _GROUNDS:
        why = "/api/v1/grounds lists them; private ones are told to the operator by /my/report."
        faults.append(Fault("ground", "not-a-choice", f"This is no ground of a challenge: {why}"))
    about: Target | None = form.cleaned_data.get("record")
    if about is not None and (position := body.get("position")) is not None:
        number = number_at(chain_with(about.brid).id, about.prompt_id, position)
        if number is None or about.revision not in (None, number):
            faults.append(Fault("position", "not-of-record", "No revision of this record is there."))
        about = replace(about, revision=number)
    bodies.refuse(faults)
    assert about is not None
    return about, registry.by_name()[name]


def _of_fields(given: Mapping[str, Any], known: list[str]) -> list[Fault]:
    wrong = [name for name in known if name in given and type(given[name]) not in (str, int)]
    return [
        *bodies.unknown(given, known, below="fields."),
        *(Fault(f"fields.{name}", "not-that-type", "It is a text or a whole number.") for name in wrong),
    ]
