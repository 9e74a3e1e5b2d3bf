"""Challenges in every state, committed, for tests of what everybody reads: the readers' connection sees what
is committed alone.
"""

from collections.abc import Mapping
from datetime import datetime

from django.apps import apps
from django.db import connections
from django.utils import timezone

from explorer.challenges import acting
from explorer.challenges.models import Challenge
from explorer.challenges.parties import Actor
from explorer.queries.chain.chains import ChainView
from explorer.rules.lifecycle import AppealGround, CloseReason, Resolution, Role
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import BROKEN, DAY, DELETED, EDITED, UNTOUCHED, WHY
from tests.explorer.challenges.test_acting import decide

HOSTILE = "<script>alert(1)</script> **bold** [a](javascript:alert(2)) ![b](http://evil.example/b.png)"
_APPS = ("accounts", "challenges", "desk")


def filed_in_every_state(chain: ChainView) -> Mapping[str, Challenge]:
    """One for each state, by its name: all filed three days ago, by people of their own."""
    now = timezone.now()
    at = now - 3 * DAY
    found = {
        "screening": _file(chain, UNTOUCHED, "result-altered", at),
        "needs-info": _file(chain, UNTOUCHED, "malformed", at),
        "confirmed": _file(chain, EDITED, "result-altered", at),
        "open": _file(chain, EDITED, "time-inconsistent", at),
        "review": _file(chain, EDITED, "truncated", at, ending="is flat"),
        "decided": _file(chain, DELETED, "record-deleted", at),
        "appealed": _file(chain, DELETED, "time-inconsistent", at),
        "final": _file(chain, BROKEN, "malformed", at - 60 * DAY),
        "not-upheld": _file(chain, BROKEN, "time-inconsistent", at - 60 * DAY),
        "reopened": _file(chain, DELETED, "usage-implausible", at - 60 * DAY),
        "withdrawn": _file(chain, UNTOUCHED, "usage-implausible", at),
        "spam": _file(chain, UNTOUCHED, "time-inconsistent", at, statement="SPAM SPAM"),
        "elapsed": _file(chain, BROKEN, "usage-implausible", at - 20 * DAY),
        "hostile": _file(chain, EDITED, "usage-implausible", at, statement=HOSTILE, number="total"),
    }
    _screened(found, at)
    _judged(found, at)
    return {name: Challenge.objects.get(pk=each.pk) for name, each in found.items()}


def empty() -> None:
    """Nothing that people sent is in the tables any more."""
    tables = [each._meta.db_table for app in _APPS for each in apps.get_app_config(app).get_models()]
    with connections["desk"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def _file(
    chain: ChainView, prompt_id: int, ground: str, at: datetime, *, statement: str = WHY, **fields: str
) -> Challenge:
    by = filed.person(f"who questions {prompt_id} {ground}")
    return filed.file(chain, prompt_id, ground, by=by, now=at, statement=statement, files=(), **fields)


def _screened(found: Mapping[str, Challenge], at: datetime) -> None:
    arbiter = filed.act(Role.ARBITER, "arbiter one", now=at)
    for name in ("open", "review", "appealed", "elapsed", "hostile"):
        acting.accept(found[name].number, filed.act(Role.ARBITER, "arbiter one", now=found[name].filed_at))
    acting.ask(found["needs-info"].number, arbiter, missing=["statement"], words="Which part is broken?")
    acting.refuse(found["spam"].number, arbiter, reason=CloseReason.SPAM, words="Not meant as a challenge.")
    own = found["withdrawn"].parties.get()
    acting.withdraw(
        found["withdrawn"].number,
        filed.act(Role.CHALLENGER, own.name, person=own.person_id, now=at),
        words="",
    )
    for name in ("not-upheld", "reopened"):
        acting.accept(found[name].number, filed.act(Role.ARBITER, "one", now=found[name].filed_at))


def _judged(found: Mapping[str, Challenge], at: datetime) -> None:
    for name, resolution in (
        ("review", None),
        ("decided", Resolution.UPHELD),
        ("appealed", Resolution.INCONCLUSIVE),
        ("final", Resolution.UPHELD),
        ("not-upheld", Resolution.NOT_UPHELD),
        ("reopened", Resolution.UPHELD),
    ):
        number, when = found[name].number, found[name].filed_at
        acting.respond(number, filed.act(Role.RESPONDENT, "the writer", now=when), words="It was corrected.")
        if resolution is not None:
            judge = filed.act(Role.ARBITER, "arbiter two", now=when)
            decide(number, judge, "arbiter three", resolution=resolution)
    own = found["appealed"].parties.get(role="challenger")
    appellant = filed.act(Role.CHALLENGER, own.name, person=own.person_id, now=at)
    acting.appeal(
        found["appealed"].number, appellant, ground=AppealGround.PROCEDURE, words="They did not ask."
    )
    for name in ("final", "not-upheld", "reopened"):
        assert acting.elapsed_by(found[name].number, now=at)
    second = Actor(Role.ARBITER, "arbiter two")
    acting.reopen(
        found["reopened"].number, filed.act(Role.ARBITER, "one", now=at), second=second, words="It was wrong."
    )
