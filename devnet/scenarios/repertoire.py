"""The scenarios by name, and how a chain is given one.

The same seed on the same chain gives the same steps, but for the times that results name and a batch
deletion's bounds, which are those of the clock and of the blocks.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from random import Random

from devnet.dapp.dapp import Dapp
from devnet.scenarios import acts, odd_acts
from devnet.scenarios.findings import a_finding, findings
from devnet.scenarios.stage import Stage, Step, begin_stage

Act = Callable[[Stage], Iterator[Step]]

_OPENING: Sequence[Act] = (
    acts.peers,
    acts.languages,
    acts.dissent,
    acts.silent_edit,
    acts.peers,
    acts.double_edit,
    acts.deletion,
    odd_acts.a_hostile_one,
    findings,
)

_WEIGHTS: Mapping[Act, int] = {
    acts.peers: 90,
    acts.languages: 25,
    acts.conversation: 20,
    acts.dissent: 18,
    acts.silent_edit: 22,
    acts.double_edit: 4,
    acts.deletion: 8,
    acts.batch_deletion: 4,
    acts.owner_change: 3,
    acts.many_operations: 2,
    acts.quiet_minute: 5,
    odd_acts.an_awkward_one: 8,
    odd_acts.a_hostile_one: 6,
    odd_acts.a_secret: 4,
    a_finding: 3,
    odd_acts.enormous: 1,
}

_TOUR: Sequence[Act] = (
    acts.peers,
    acts.dissent,
    acts.every_language,
    acts.conversation,
    acts.silent_edit,
    acts.double_edit,
    acts.deletion,
    acts.batch_deletion,
    acts.owner_change,
    acts.many_operations,
    odd_acts.awkward_results,
    odd_acts.awkward_messages,
    odd_acts.enormous,
    odd_acts.hostile,
    odd_acts.secrets,
    findings,
)


def _demo(stage: Stage) -> Iterator[Step]:
    """A bit of everything first, then the mix of `_WEIGHTS` for ever, at a pace that one can follow."""
    yield from _played(stage, _OPENING)
    chances = list(accumulate(_WEIGHTS.values()))
    while True:
        yield from _played(stage, stage.random.choices(list(_WEIGHTS), cum_weights=chances))


def _played(stage: Stage, played: Sequence[Act]) -> Iterator[Step]:
    for act in played:
        stage.catch_up()
        yield from act(stage)
        yield stage.pause(2, 6)


def _tour(stage: Stage) -> Iterator[Step]:
    """Every act once."""
    yield from _played(stage, _TOUR)


def _after_some(*played: Act) -> Act:
    """Acts that need inferences to act upon."""

    def scenario(stage: Stage) -> Iterator[Step]:
        yield from _played(stage, (acts.peers, acts.peers, *played))

    return scenario


SCENARIOS: Mapping[str, Act] = {
    "demo": _demo,
    "tour": _tour,
    "peers": acts.peers,
    "dissent": acts.dissent,
    "languages": acts.every_language,
    "edits": _after_some(acts.silent_edit, acts.silent_edit, acts.double_edit),
    "deletions": _after_some(acts.deletion, acts.deletion),
    "batch-deletions": _after_some(acts.batch_deletion, acts.peers, acts.batch_deletion),
    "owner-change": acts.owner_change,
    "many-operations": acts.many_operations,
    "findings": findings,
    "awkward": lambda stage: _played(stage, (odd_acts.awkward_results, odd_acts.awkward_messages)),
    "enormous": odd_acts.enormous,
    "hostile": odd_acts.hostile,
    "secrets": odd_acts.secrets,
    "quiet-hours": acts.quiet_hours,
}
"""By name. `demo` never ends, the others do."""


def begin(name: str, *, seed: int, dapp: Dapp, now: Callable[[], float] = time.time) -> Iterator[Step]:
    """The steps of a scenario (a key of `SCENARIOS`) on a chain as it stands; `now` gives seconds.

    On a chain that went on, the same seed gives other steps than before. Raises NoKey.
    """
    random = Random(f"{seed} {name} {dapp.last_prompt_id}")
    return SCENARIOS[name](begin_stage(random=random, dapp=dapp, now=now))
