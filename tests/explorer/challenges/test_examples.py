"""Challenges to look at, on the chain of this machine alone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from explorer.challenges import events, examples
from explorer.challenges.acting import standing_of
from explorer.challenges.models import Challenge, Party
from explorer.queries.records.snapshots import Snapshot
from explorer.rules import registry
from explorer.rules.deadlines import standing_at
from explorer.rules.lifecycle import Resolution, Status
from indexer.models import Chain
from tests.explorer import shown
from tests.indexer.made import MadeChain, add, call, completion, update

pytestmark = pytest.mark.django_db(databases=["default", "desk"])


def test_every_state_is_there_once_on_the_chain_of_this_machine_alone(settings: Settings) -> None:
    made, now = MadeChain(), timezone.now()
    made.block(call(*(add(completion(f"answer {count}")) for count in range(9))))
    made.block(call(*(update(number, completion(f"other {number}")) for number in range(1, 5))))
    shown.index_again(made)
    settings.CHALLENGES_ARE_LOCAL = True
    assert examples.make(now=now) == 0  # it is no chain of this machine
    Chain.objects.update(network=Chain.THIS_MACHINE)
    settings.CHALLENGES_ARE_LOCAL = False
    assert examples.make(now=now) == 0  # a server
    settings.CHALLENGES_ARE_LOCAL = True
    count = examples.make(now=now)
    every = list(Challenge.objects.all())
    assert count == len(every) > len(Status)
    assert {standing_at(standing_of(each), now).status for each in every} == set(Status)
    assert {each.resolution for each in every if each.resolution} == {each.value for each in Resolution}
    for each in every:
        if each.resolution in ("upheld", "partly-upheld"):
            then = Snapshot.read(each.snapshot)
            assert all(then.finds(check) for check in registry.by_name()[each.ground].checks), each.name
    assert not [fault for each in every for fault in events.faults(each)]
    assert all(name.startswith("example") for name in Party.objects.values_list("name", flat=True))
    assert examples.make(now=now + timedelta(minutes=1)) == 0
