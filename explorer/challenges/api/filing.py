"""Filing a challenge by a program: the forms of the pages, and the functions behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api.challenges import ChallengesEndpoint
from explorer.api.describing import problem_with, sent
from explorer.api.fields import Words, Written
from explorer.challenges import drafts, files
from explorer.challenges import filing as filings
from explorer.challenges.api import bodies
from explorer.challenges.api.bodies import Body
from explorer.challenges.api.sending import Sender, Sending, Taken, Task, looked_into, told
from explorer.challenges.files import Found, Place
from explorer.challenges.filing import Whole
from explorer.challenges.filing_forms import LONGEST_STATEMENT, EvidenceForm, PointingForm, RecordForm
from explorer.challenges.links import MOST_LINKS
from explorer.challenges.models import Challenge, Draft
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
    "pinned to the revision that is there now. And files of other challenges, by their addresses."
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
        takes_files=True,
        answer=Taken,
        may_be={"already-challenged": _DUPLICATE},
    )
    def post(self, request: Request) -> Response:
        body = bodies.read(request, takes_files=True, **_MEMBERS)
        return self.taken(request, body, lambda sender: _task(body, sender))


def _task(body: Body, sender: Sender) -> Task:
    """Filing it. Raises Refused with all that is wrong."""
    of_files: list[Fault] = []
    found = looked_into(body.files, sender, of_files)
    faults: list[Fault] = []
    about, ground = _record(body.members, faults), _ground(body.members, faults)
    given = body.members.get("fields", {})
    said = {"statement": body.members.get("statement", ""), "links": bodies.links(body.members)}
    if about is None or ground is None:
        faults += bodies.of_form(PointingForm(said))
    else:
        below = {each.name: "fields." for each in ground.fields}
        asked_for = {name: given[name] for name in below if name in given}
        form = EvidenceForm(ground, about, {**asked_for, **said})
        faults += [*_of_fields(given, list(below)), *bodies.of_form(form, below=below)]
    bodies.refuse([*faults, *of_files])
    assert about is not None
    whole = filings.whole(form.filing(), questioned(about), now=sender.now)
    return Task(lambda: _filed(whole, found, sender), found)


def _filed(whole: Whole, found: Sequence[Found], sender: Sender) -> Answer:
    number = filings.file_whole(
        whole, lambda: _draft(whole, found, sender), person=sender.person, now=sender.now
    )
    return told(Challenge.objects.get(number=number))


def _draft(whole: Whole, found: Sequence[Found], sender: Sender) -> Draft:
    """What goes with it, within its transaction and in its turn."""
    draft = drafts.begin(whole.about.target, person=sender.person, address=sender.address, now=sender.now)
    drafts.choose(draft, whole.filing.ground.name, now=sender.now)
    if found:
        files.keep(Place(sender.person.id, draft=draft.id), found, now=sender.now)
    return draft


def _ground(body: Mapping[str, Any], faults: list[Fault]) -> Ground | None:
    """The ground; where it is none, that is a fault."""
    name = body.get("ground", "")
    if name in _GROUNDS:
        return registry.by_name()[name]
    why = "/api/v1/grounds lists them; private ones are told to the operator by /my/report."
    faults.append(Fault("ground", "not-a-choice", f"This is no ground of a challenge: {why}"))
    return None


def _record(body: Mapping[str, Any], faults: list[Fault]) -> Target | None:
    """The record, and which revision of it; what is wrong with them is a fault."""
    form = RecordForm({"record": body.get("record", "")})
    faults += bodies.of_form(form)
    about: Target | None = form.cleaned_data.get("record")
    if about is not None and (position := body.get("position")) is not None:
        number = number_at(chain_with(about.brid).id, about.prompt_id, position)
        if number is None or about.revision not in (None, number):
            faults.append(Fault("position", "not-of-record", "No revision of this record is there."))
        about = replace(about, revision=number)
    return about


def _of_fields(given: Mapping[str, Any], known: list[str]) -> list[Fault]:
    wrong = [name for name in known if name in given and type(given[name]) not in (str, int)]
    return [
        *bodies.unknown(given, known, below="fields."),
        *(Fault(f"fields.{name}", "not-that-type", "It is a text or a whole number.") for name in wrong),
    ]
