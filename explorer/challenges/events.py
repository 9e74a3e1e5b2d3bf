"""The history of a challenge: each event chained to the one before, in the transaction of what it tells.

Events have one sequence over all challenges, whose row is locked until the transaction ends: it is taken last
of all locks, so that nobody waits in a circle.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from explorer.challenges import notices
from explorer.challenges.models import Challenge, Event, Party, Payload
from explorer.desk import sequences
from explorer.rules import envelope

_SALT = 32  # bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says: ``facts`` are enumerated words, numbers and hashes; ``words`` a person's, by what
    they are, None where there are none. Those of a party are shown once somebody looked them through; what
    ``is_withheld`` is for the desk alone.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] | None = None
    is_published: bool = False
    is_withheld: bool = False


def add(challenge: Challenge, kind: str, said: Said, *, party: Party | None, now: datetime) -> Event:
    """Write down what happened to a challenge, whose row is locked or new, count its version, and have those
    told whom it concerns.
    """
    last = challenge.events.order_by("-ordinal").first()
    payload = _payload(said, now)
    seq = sequences.next_number(sequences.locked("event"))
    prev = envelope.FIRST if last is None else bytes(last.sha256)
    ref = "system" if party is None else party.ref
    told = envelope.envelope(
        seq=seq, challenge=challenge.name, kind=kind, actor_ref=ref, prev=prev,
        payload=bytes(payload.sha256), at=now,
    )  # fmt: skip
    challenge.version = 1 if last is None else last.ordinal + 1
    challenge.changed_at = now
    event = Event.objects.create(
        seq=seq, challenge=challenge, ordinal=challenge.version, type=kind, actor_ref=ref, party=party,
        payload=payload, prev_event_sha256=prev, sha256=sha256(told).digest(), at=now,
    )  # fmt: skip
    notices.ask_to_tell(event, now=now)
    return event


def faults(challenge: Challenge) -> Iterator[str]:
    """What does not hold in the history of a challenge, in words; nothing where all of it does. A payload
    whose words were erased can be checked no more.
    """
    prev = envelope.FIRST
    for count, each in enumerate(challenge.events.select_related("payload").order_by("ordinal"), 1):
        if each.ordinal != count:
            yield f"event {count} is missing"
        told = envelope.envelope(
            seq=each.seq, challenge=challenge.name, kind=each.type, actor_ref=each.actor_ref, prev=prev,
            payload=bytes(each.payload_id), at=each.at,
        )  # fmt: skip
        if sha256(told).digest() != bytes(each.sha256) or bytes(each.prev_event_sha256) != prev:
            yield f"event {each.ordinal} is not what it was, or does not follow the one before it"
        if _is_other(each.payload):
            yield f"what event {each.ordinal} says is not what it said"
        prev = bytes(each.sha256)


def _is_other(payload: Payload) -> bool:
    if payload.salt is None:
        return False
    found = envelope.payload_sha256(bytes(payload.salt), facts=payload.facts, words=payload.words)
    return found != bytes(payload.sha256)


def _payload(said: Said, now: datetime) -> Payload:
    salt = secrets.token_bytes(_SALT)
    return Payload.objects.create(
        sha256=envelope.payload_sha256(salt, facts=said.facts, words=said.words),
        salt=salt,
        facts=said.facts,
        words=said.words,
        published_at=now if said.is_published or said.words is None else None,
        suppressed_at=now if said.is_withheld else None,
    )
