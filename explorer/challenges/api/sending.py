"""What all addresses have in common to which programs send: who may, once, and why not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.accounts.bearer import KeyAuthentication, MayChallenge
from explorer.api.describing import LONGEST_KEY
from explorer.api.endpoint import Endpoint
from explorer.api.exception_handler import Refused
from explorer.api.fields import Whole, Words, choice
from explorer.challenges import files, person
from explorer.challenges.api import bodies
from explorer.challenges.api.bodies import Body
from explorer.challenges.filers import TooMany
from explorer.challenges.files import Found, Place, TooMuch, Upload
from explorer.challenges.filing import Duplicate, TooManyOfScout
from explorer.challenges.inspection import NotNow, NotTaken, Time
from explorer.challenges.models import Challenge
from explorer.challenges.once import Answer, Key, KeyReused, answered, done_once
from explorer.challenges.person import Person
from explorer.desk.client_address import client_address
from explorer.desk.models import DESK
from explorer.desk.quotas import QuotaExceeded
from explorer.pages.rendering.sanitize import line
from explorer.queries.db.errors import Busy
from explorer.query_parameters import Fault
from explorer.rules import naming
from explorer.rules.evidence import MOST_FILES
from explorer.rules.lifecycle import NotAllowed, Status

_LATER = timedelta(days=1)
"""When to ask again where nobody can know when there will be room."""


class Taken(serializers.Serializer[Any]):
    """What was filed or done."""

    number = Words(help_text="What the challenge is called, as C-2026-000123.")
    url = Words(help_text="Its path in this API.")
    page = Words(help_text="The path of its page.")
    status = choice(Status, help_text="Where it stands.")
    event = Whole(help_text="The ordinal of what was done, among its events.")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends something, from where and when."""

    person: Person
    address: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done where nothing is wrong with what was sent: ``do`` in one transaction, while the
    bytes of ``files`` are in the storage.
    """

    do: Callable[[], Answer]
    files: Sequence[Found] = ()


class Sending(Endpoint):
    """An address to which something can be sent, with a key and nothing else; reading it takes none."""

    def get_authenticators(self) -> list[Any]:
        """Whoever reads is asked for nothing, and known by nothing."""
        return [KeyAuthentication()] if self._is_sent() else []

    def get_permissions(self) -> list[Any]:
        """A key for this."""
        return [MayChallenge()] if self._is_sent() else []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nothing is taken where the operator takes no challenges."""
        if self._is_sent() and not settings.CHALLENGES:
            raise PermissionDenied("This site takes no challenges: its operator did not turn that on.")
        super().initial(request, *args, **kwargs)

    def taken(self, request: Request, body: Body, task: Callable[[Sender], Task]) -> Response:
        """The answer to what was sent, which is done once where it comes with a key of its own. ``task``
        raises what is wrong with it.
        """
        self.asked.check()
        by = person.person_of(cast(HttpRequest, request))
        assert by is not None
        sender = Sender(by, client_address(request._request), timezone.now())
        with _refusals(sender.now):
            answer = _answered(sender, _key(request, body, sender), task)
        # One that was kept has its members in the order of the database.
        said = {name: answer[name] for name in Taken().get_fields()}
        return Response(said, status=201, headers={"Location": answer["url"]})

    def _is_sent(self) -> bool:
        # The schema is made without a request.
        return getattr(self.request, "method", None) == "POST"


def told(challenge: Challenge) -> Answer:
    """What is answered of a challenge to which something was done."""
    return Taken(
        {
            "number": challenge.name,
            "url": reverse("api:challenge", args=[challenge.name]),
            "page": reverse("challenge", args=[challenge.name]),
            "status": Status(challenge.status),
            "event": challenge.version,
        }
    ).data


def looked_into(
    sent: Sequence[Upload], sender: Sender, faults: list[Fault], *, challenge: int | None = None
) -> Sequence[Found]:
    """What is kept of files that go with a challenge, None where it is new; what is wrong with each is a
    fault, by its place among them. This takes seconds, so the index is asked after it. Raises TooMuch and
    NotNow.
    """
    place = Place(sender.person.id, challenge=challenge)
    found: list[Found] = []
    time = Time()
    for number, each in enumerate(sent[:MOST_FILES], 1):
        try:
            one = files.looked_into(each, place, now=sender.now, time=time)
            if any(one.row.sent_sha256 == other.row.sent_sha256 for other in found):
                raise NotTaken("It is here already.")
            found.append(one)
        except (TooMuch, NotNow):
            raise
        except NotTaken as refusal:
            named = f"{line(each.name)}: {refusal}"
            faults.append(Fault(f"{bodies.FILES}.{number}", "not-taken", named))
    if len(sent) > MOST_FILES:
        faults.append(Fault(bodies.FILES, "too-many", f"{MOST_FILES} files fit, not {len(sent)}."))
    return found


def _key(request: Request, body: Body, sender: Sender) -> Key | None:
    word = request.headers.get("Idempotency-Key")
    if word is None:
        return None
    if not 1 <= len(word) <= LONGEST_KEY:
        bodies.refuse([Fault("Idempotency-Key", "max-length", f"It has 1 to {LONGEST_KEY} characters.")])
    path = request._request.path_info.encode("utf-8", "surrogatepass")
    return Key(sender.person, word, path + b"\n" + body.sent)


def _answered(sender: Sender, key: Key | None, asked: Callable[[Sender], Task]) -> Answer:
    if key is not None and (before := answered(key, now=sender.now)) is not None:
        return before
    try:
        task = asked(sender)
    except (Duplicate, Refused):
        # Of what is sent twice at once, the second may find what the first has just filed, or its files.
        if key is not None and (before := answered(key, now=sender.now)) is not None:
            return before
        raise
    with files.written(task.files):
        if key is not None:
            return done_once(key, task.do, now=sender.now)
        with transaction.atomic(using=DESK):
            return task.do()


@contextmanager
def _refusals(now: datetime) -> Iterator[None]:
    """What is in the way, as a problem of the catalogue."""
    try:
        yield
    except Duplicate as refusal:
        raise Refused("already-challenged", str(refusal), members=_existing(refusal.number)) from refusal
    except NotAllowed as refusal:
        raise Refused("not-now", str(refusal)) from refusal
    except KeyReused as refusal:
        raise Refused("key-reused") from refusal
    except TooMany as refusal:
        raise _too_many(str(refusal), refusal.until, now) from refusal
    except TooManyOfScout as refusal:
        raise _too_many(str(refusal), None, now) from refusal
    except TooMuch as refusal:
        raise _too_many(str(refusal), refusal.until, now) from refusal
    except NotNow as refusal:
        raise Busy(str(refusal)) from refusal
    except QuotaExceeded as refusal:
        words = f"As much as may be was sent: send this after {refusal.until:%H:%M} UTC."
        raise _too_many(words, refusal.until, now) from refusal


def _existing(number: int) -> Mapping[str, str]:
    url = reverse("api:challenge", args=[naming.name_of(number)])
    return {"number": naming.name_of(number), "url": url, "join": f"{url}/join"}


def _too_many(words: str, until: datetime | None, now: datetime) -> Refused:
    seconds = ((until or now + _LATER) - now).total_seconds()
    return Refused("too-many", words, headers={"Retry-After": str(max(1, round(seconds)))})
