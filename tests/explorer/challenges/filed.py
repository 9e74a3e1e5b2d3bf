"""Challenges for tests: a chain with records to question, people, and challenges that are filed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from explorer.accounts.models import Account
from explorer.challenges import drafts, filing
from explorer.challenges.acting import Act
from explorer.challenges.files import Place, Upload
from explorer.challenges.files import add as add_file
from explorer.challenges.filing import Filing
from explorer.challenges.models import Challenge, Draft
from explorer.challenges.parties import Actor
from explorer.challenges.person import Person
from explorer.challenges.target import Target, questioned
from explorer.queries.chain.chains import ChainView
from explorer.rules import registry
from explorer.rules.lifecycle import Role
from tests.explorer import shown
from tests.indexer.made import MadeChain, add, call, completion, delete, update

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
EDITED, UNTOUCHED, DELETED, BROKEN = 1, 2, 3, 4
"""Records of the chain."""

WHY = "What stands now is not what was said."


def made_chain() -> MadeChain:
    """A chain with a record that was edited, one that was not, one that was deleted and one without an
    answer.
    """
    made = MadeChain()
    made.block(
        call(add(completion("the earth is round")), add(completion("a lake")), add(completion("a tree"))),
        call(add('{"error": "busy"}')),
    )
    made.block(call(update(EDITED, completion("the earth is flat"))), call(delete(DELETED)))
    return made


def indexed() -> ChainView:
    """The same, in the tables of one test."""
    return shown.index_again(made_chain())


def person(name: str = "mallow") -> Person:
    """Somebody with an account."""
    return Person(Account.objects.create(handle=name, opened_at=NOW).pk, name)


def draft(chain: ChainView, prompt_id: int = EDITED, *, by: Person | None = None) -> Draft:
    """A draft about a record."""
    return drafts.begin(Target(chain.brid, prompt_id), person=by, address=str(uuid4()), now=NOW)


def file(
    chain: ChainView, prompt_id: int = EDITED, ground: str = "result-altered", *,
    by: Person, now: datetime = NOW, statement: str = WHY, files: Sequence[bytes] = (), **fields: str,
) -> Challenge:  # fmt: skip
    """File a challenge, with texts as files; gives its row."""
    filed = Filing(registry.by_name()[ground], fields, statement)
    begun = draft(chain, prompt_id, by=by)
    for count, each in enumerate(files):
        add_file(Place(by.id, draft=begun.pk), Upload(f"{count}.txt", each), now=now)
    number = filing.file(begun, filed, questioned(drafts.target_of(begun)), person=by, now=now)
    return Challenge.objects.get(number=number)


def act(role: Role, name: str = "", *, person: Any = None, now: datetime = NOW) -> Act:
    """Somebody who acts."""
    return Act(Actor(role, name or role.value, person), now)
