"""Challenges to look at on the chain of this machine, which `make run` has where no other one is named: in
every state, by people whose names say that they are made up.

They are made by the functions that the web calls. Where a server takes challenges none is made.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from explorer.accounts.models import Account
from explorer.challenges import acting, deciding, drafts, filing
from explorer.challenges.acting import Act
from explorer.challenges.deciding import Reasons
from explorer.challenges.filing import Filing
from explorer.challenges.models import Challenge
from explorer.challenges.parties import Actor
from explorer.challenges.person import Person
from explorer.challenges.target import Target, questioned
from explorer.desk.models import DESK
from explorer.queries.chain.chains import ChainView, chains
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import listing
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.states import Status
from explorer.rules import deadlines, registry
from explorer.rules.lifecycle import AppealGround, CloseReason, Resolution, Role

_EDITED, _LIVE = 2, 4
"""Records that are needed."""

_WHY = "An example: this installation made it about a chain of its own, so that there is something to see."
_ARBITERS = (Actor(Role.ARBITER, "example arbiter 1"), Actor(Role.ARBITER, "example arbiter 2"))
_OTHERS = (Actor(Role.ARBITER, "example arbiter 3"), Actor(Role.ARBITER, "example arbiter 4"))
_REASONS = Reasons(
    found="An example: what the record's transactions say.",
    relied_on="The check of the ground, as it stands on this page.",
    automated="The checks. Nobody and nothing decided this: it is an example.",
    unknown="Why it is so.",
    effect="None: nothing on the chain changes.",
    conflicts="None: these arbiters do not exist.",
)
_FIELDS = {
    "truncated": {"ending": "(an example)"},
    "param-mismatch": {"runs": "3", "conditions": "An example: nothing was run."},
}
_LONG_AGO = timedelta(days=40)


def make(*, now: datetime) -> int:
    """Make them where they belong and are not there yet; gives how many were made."""
    if not settings.CHALLENGES_ARE_LOCAL:
        return 0
    every = chains()
    if not all(each.is_made_up for each in every):
        return 0
    return sum(_made_of(each, now) for each in every if not _has_any(each))


def _has_any(chain: ChainView) -> bool:
    return Challenge.objects.filter(brid=chain.brid).exists()


def _made_of(chain: ChainView, now: datetime) -> int:
    edited, live = _some(chain, Status.EDITED, _EDITED), _some(chain, Status.LIVE, _LIVE)
    if len(edited) < _EDITED or len(live) < _LIVE:
        return 0  # the chain has just begun
    with transaction.atomic(using=DESK):
        _Examples(chain, now).make(edited, live)
    return Challenge.objects.filter(brid=chain.brid).count()


def _some(chain: ChainView, status: Status, count: int) -> Sequence[int]:
    found = listing.page(chain, RecordFilter(status=status), PageRequest(limit=count))
    return [each.prompt_id for each in found.rows]


class _Examples:
    """Those of one chain."""

    def __init__(self, chain: ChainView, now: datetime) -> None:
        self._chain = chain
        self._now = now
        self._count = 0

    def make(self, edited: Sequence[int], live: Sequence[int]) -> None:
        """One in each state. None is upheld where its check says that there is nothing to it."""
        altered, unclear, mismatch = "result-altered", "truncated", "param-mismatch"
        self._file(edited[0], altered)  # open at once, where a check finds it
        self._file(live[0], unclear)  # is screened
        self._screened(live)
        before = self._now - _LONG_AGO
        self._decided(live[1], unclear, Resolution.INCONCLUSIVE, self._now)
        self._decided(edited[1], altered, Resolution.UPHELD, before)  # and is final
        self._decided(edited[0], mismatch, Resolution.PARTLY_UPHELD, self._now)
        self._decided(live[2], "malformed", Resolution.NOT_UPHELD, before)
        appealed, by = self._decided(edited[1], unclear, Resolution.INCONCLUSIVE, self._now)
        acting.appeal(appealed, self._act(by), ground=AppealGround.NEW_EVIDENCE, words=_WHY)
        again, _ = self._decided(live[3], "malformed", Resolution.NOT_UPHELD, before)
        acting.elapsed_by(again, now=self._now)
        acting.reopen(again, self._act(_ARBITERS[0]), second=_ARBITERS[1], words=_WHY)

    def _screened(self, live: Sequence[int]) -> None:
        """Those of which somebody looked whether they can be opened, and one that was taken back."""
        arbiter = self._act(_ARBITERS[0])
        number, _ = self._file(live[0], "malformed")
        acting.ask(number, arbiter, missing=["statement"], words=_WHY)
        number, _ = self._file(live[0], "time-inconsistent")
        acting.refuse(number, arbiter, reason=CloseReason.OUT_OF_SCOPE, words=_WHY)
        number, by = self._file(live[1], "time-inconsistent")
        acting.withdraw(number, self._act(by), words="")
        number, _ = self._file(live[2], "time-inconsistent")
        acting.accept(number, arbiter)
        number, _ = self._file(live[3], "time-inconsistent")
        acting.accept(number, arbiter)
        acting.respond(number, self._act(Actor(Role.RESPONDENT, "example respondent")), words=_WHY)

    def _file(self, prompt_id: int, ground: str, *, at: datetime | None = None) -> tuple[int, Actor]:
        """Its number, and who filed it."""
        at, person = at or self._now, self._somebody()
        draft = drafts.begin(Target(self._chain.brid, prompt_id), person=person, address=person.name, now=at)
        about = questioned(drafts.target_of(draft))
        filed = Filing(registry.by_name()[ground], _FIELDS.get(ground, {}), _WHY)
        number = filing.file(draft, filed, about, person=person, now=at)
        return number, Actor(Role.CHALLENGER, person.name, person.id)

    def _decided(
        self, prompt_id: int, ground: str, resolution: Resolution, at: datetime
    ) -> tuple[int, Actor]:
        """Decided at that time; filed, opened where it is not, and answered before evidence had its time."""
        at -= deadlines.EVIDENCE
        number, by = self._file(prompt_id, ground, at=at)
        first, second = _ARBITERS if resolution is not Resolution.PARTLY_UPHELD else _OTHERS
        if not Challenge.objects.get(number=number).is_confirmed:
            acting.accept(number, Act(first, at))
        acting.respond(number, Act(Actor(Role.RESPONDENT, "example respondent"), at), words=_WHY)
        at += deadlines.EVIDENCE
        acting.publish(number, Act(first, at))
        deciding.decide(number, Act(first, at), others=[second], resolution=resolution, reasons=_REASONS)
        return number, by

    def _somebody(self) -> Person:
        self._count += 1
        name = f"example-challenger-{self._count}"
        account, _ = Account.objects.get_or_create(handle=name, defaults={"opened_at": self._now})
        return Person(account.pk, name)

    def _act(self, actor: Actor) -> Act:
        return Act(actor, self._now)
