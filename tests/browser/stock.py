"""What the browser tests' site holds: a recorded chain, and a devnet's on which every act was played."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
from django.db.models.functions import Length
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from devnet.serving.node import DevnetNode
from explorer.accounts.models import Account
from explorer.challenges import acting, drafts, filing, reports
from explorer.challenges.acting import Act
from explorer.challenges.filing import Filing
from explorer.challenges.parties import Actor
from explorer.challenges.person import Person
from explorer.challenges.reports import Draft
from explorer.challenges.target import Target, questioned
from explorer.pages.rendering.outside import way_to
from explorer.queries.groups.naming import part_of
from explorer.rules import naming, registry
from explorer.rules.lifecycle import Role
from indexer import derive
from indexer.follow import sync
from indexer.follow.sync import Options
from indexer.models import (
    Answer,
    Asked,
    Block,
    Chain,
    Incident,
    Node,
    Operation,
    Prompt,
    Record,
    Suppression,
    Transaction,
    Window,
)
from indexer.node.pool import NodePool
from indexer.records.erase import suppress
from tests.browser.pages import NAMES, SECRET_KEY, Address
from tests.devnet import grown
from tests.devnet.served import serving
from tests.explorer import shown

# What is more than plain words, and how long an answer of a model is at most in this chain's own prose.
ODD = re.compile(r"[^\w\s.,;:!?'\"()\u2019\u201c\u201d\u2013-]|[^\S\n ]")
LONG = 1_500
NOBODY = "http://127.0.0.1:9"
NAMED = "Four validators"
"""What the recorded chain is called; the other one has no name."""


@dataclass(frozen=True, slots=True)
class Stock:
    """The second chain's node, and the pool that asks it."""

    node: DevnetNode
    pool: NodePool

    def grow(self) -> int:
        """One more record on the second chain, indexed; gives its prompt id."""
        chain = sync.chain_of(self.pool, None)
        grown.submit(self.node.dapp, grown.add(uid=Record.objects.filter(chain=chain).count()))
        self.node.dapp.close_block()
        _index(chain, self.pool)
        return int(
            Record.objects.filter(chain=chain).order_by("-prompt_id").values_list("prompt_id", flat=True)[0]
        )


@contextmanager
def stocked() -> Iterator[Stock]:
    """Both chains indexed, one record hidden; the second one's node lives until the end."""
    shown.index_recorded("four-validators")
    Chain.objects.update(name=NAMED)
    for chain in Chain.objects.all():
        derive.catch_up(chain)
    with (
        closing(grown.grown()) as node,
        serving(node) as served,
        closing(NodePool([served.server.url])) as pool,
    ):
        _index(sync.chain_of(pool, None), pool)
        _trouble(Chain.objects.order_by("id")[0])
        yield Stock(node, pool)


def _trouble(chain: Chain) -> None:
    """What may be the matter with a chain, in words that are as bad as a node can make them."""
    words = "<script>alert(1)</script> \u202egnorw si siht " + "a node may say what it likes, " * 30
    Incident.objects.create(chain=chain, kind="state-differs", height=57, subject=NOBODY, message=words)
    Incident.objects.create(chain=chain, kind="refused-root", height=12, message="w" * 900, times=1_204)
    Node.objects.create(chain=chain, url=NOBODY, failed_at=datetime.now(UTC), failure="A1" * 150 + words)
    Window.objects.create(chain=chain, first=9_000, last=9_400, transactions=0, operations=0)


def _index(chain: Chain, pool: NodePool) -> None:
    sync.sync(chain, pool, options=Options(processes=1))
    derive.catch_up(chain)


def addresses(*, bare: str, waiting: str) -> dict[str, dict[str, Any]]:
    """Where each page of `NAMES` is; two sites have no chain, and a chain of which no node answers."""
    recorded, toured = Chain.objects.order_by("id")
    found = {
        **_general(),
        "home-without-chain": Address("/", site=bare),
        "home-waiting": Address("/", site=waiting),
        "status-waiting": Address("/status", site=waiting),
        **_of_records(recorded, toured),
        **_of_comparisons(recorded, toured),
        **_of_prompts(recorded, toured),
        **_of_names(recorded, toured),
        **_of_facts(recorded, toured),
        **_of_challenges(recorded),
    }
    assert set(found) == set(NAMES), set(found) ^ set(NAMES)
    return {name: asdict(found[name]) for name in NAMES}


def hostile() -> dict[str, list[str]]:
    """The paths of the records and transactions that hold what a page could stumble over."""
    toured = Chain.objects.order_by("id").last()
    assert toured is not None
    answers = {bytes(each.hash): each for each in Answer.objects.all()}
    found = Record.objects.filter(chain=toured).order_by("position").select_related("model", "provider")
    # One of each: scouts say the same words.
    odd = {
        (bytes(each.answer), each.model_id, each.provider_id): each
        for each in found
        if _is_odd(each, answers[bytes(each.answer)])
    }.values()
    return {
        "records": [f"{_path(toured)}/records/{each.prompt_id}" for each in odd],
        "transactions": [_transaction(toured, each.position) for each in odd],
    }


def _is_odd(record: Record, answer: Answer) -> bool:
    names = (record.model.text, record.provider.text)
    said = answer.text or ""
    return len(said) > LONG or any(text is None or ODD.search(text) for text in (answer.text, *names))


def _transaction(chain: Chain, position: int) -> str:
    operation = Operation.objects.get(chain=chain, position=position)
    found = Transaction.objects.get(chain=chain, height=position >> 20, ordinal=operation.transaction)
    return f"{_path(chain)}/transactions/{bytes(found.rid).hex().upper()}"


def _path(chain: Chain) -> str:
    return f"/chains/{bytes(chain.brid).hex().upper()}"


def _general() -> dict[str, Address]:
    return {
        "home": Address("/"),
        "status": Address("/status"),
        "find-several": Address("/find?q=1"),
        "find-nothing": Address("/find?q=deadbeefdeadbeef", 404),
        "privacy": Address("/privacy"),
        "terms": Address("/terms"),
        "contact": Address("/contact"),
        "data-licence": Address("/data-licence"),
        "source": Address("/source"),
        "how-checks-are-made": Address("/how-checks-are-made"),
        "checks": Address("/checks"),
        "check": Address("/checks/altered"),
        "glossary": Address("/glossary"),
        "find": Address("/find"),
        "api": Address("/api"),
        "api-address": Address("/reference/list_all_records"),
        "api-shape": Address("/reference/Record"),
        "report": Address("/my/report?page=/checks%3Fa=1"),
        "sign-in": Address("/my/sign-in?next=/my/report"),
        "report-sent": Address(f"/my/report/sent/{_report()}"),
        "not-found": Address("/nothing/here", 404),
    }


def _leaving(of: str) -> str:
    """The page before an address elsewhere of which everything has to be said, from the words of an event."""
    with override_settings(SECRET_KEY=SECRET_KEY):
        return way_to(f"https://bank.example@xn--bcher-kva.example:8443/{'long/' * 40}?q=%C3%A4", of) or ""


def _report() -> UUID:
    draft = Draft(uuid4(), "/checks", "It is wrong.")
    reports.file(draft, address="", now=timezone.now())
    return draft.id


def _of_challenges(chain: Chain) -> dict[str, Address]:
    target = Target(bytes(chain.brid), _with(chain, Record.Status.EDITED))
    handle = "reader-b7c9d2f"
    person = Person(Account.objects.create(handle=handle, opened_at=timezone.now()).pk, handle)
    begun, left = (drafts.begin(target, person=None, address=name, now=timezone.now()) for name in "ab")
    words = "The second result says **another thing** than the first.\n\nNobody said why."
    whole = Filing(registry.by_name()["result-altered"], {}, words)
    number = filing.file(begun, whole, questioned(target), person=person, now=timezone.now())
    acting.publish(number, Act(Actor(Role.ARBITER, "arbiter one"), timezone.now()))
    drafts.choose(left, "not-reproducible", now=timezone.now())
    at = f"/my/challenges/{left.id}"
    return {
        "challenges": Address("/challenges"),
        "challenge": Address(f"/challenges/{naming.name_of(number)}"),
        "leaving": Address(_leaving(f"{number}.1")),
        "challenge-metrics": Address("/challenges/metrics"),
        "grounds": Address("/grounds"),
        "question": Address(f"/my/challenges/new?record={target}"),
        "question-ground": Address(f"{at}/ground"),
        "question-evidence": Address(f"{at}/evidence"),
    }


def _of_records(recorded: Chain, toured: Chain) -> dict[str, Address]:
    one, other = f"{_path(recorded)}/records", f"{_path(toured)}/records"
    hostile = f"{other}/{_said(toured, '<script>alert(document.domain)').prompt_id}"
    return {
        "chain": Address(_path(recorded)),
        "records": Address(one),
        "records-of-hostile-texts": Address(f"{other}?before={_said(toured, 'ontoggle').position + 1}"),
        "records-deleted": Address(f"{one}?status=deleted"),
        "records-of-all-chains": Address("/records"),
        "records-changed": Address("/records?order=changed&limit=25"),
        "records-filtered": Address("/records?status=edited&model=*&has=edit&since=2026-01-01"),
        "records-searched": Address("/records?q=alert%20OR%20lighthouse"),
        "records-refused": Address("/records?q=modle:x%20%22", 400),
        "records-none-fits": Address(f"{one}?status=edited&model=none/of%20them&scout=-7"),
        "records-counted": Address("/records/facets?q=lighthouse&model=gemma2*"),
        "records-counted-hostile": Address(f"{other}/facets?status=live"),
        "record": Address(f"{one}/{_with(recorded, Record.Status.LIVE)}"),
        "record-edited": Address(f"{one}/{_with(recorded, Record.Status.EDITED)}"),
        "record-deleted": Address(f"{one}/{_with(recorded, Record.Status.DELETED)}", 410),
        "record-suppressed": Address(f"{other}/{_hide(toured)}", 451),
        "record-hostile": Address(hostile),
        "record-hostile-as-json": Address(f"{hostile}?view=json"),
        "record-hostile-as-bytes": Address(f"{hostile}?view=raw"),
        "record-enormous": Address(f"{other}/{_said(toured, 'aaaaaaaaaa' * 100).prompt_id}"),
        "record-bidi": Address(f"{other}/{_said(toured, 'invoice').prompt_id}"),
        "record-not-there": Address(f"{one}/99999", 404),
        "not-a-parameter": Address(f"{one}?colour=red", 400),
    }


def _of_comparisons(recorded: Chain, toured: Chain) -> dict[str, Address]:
    edited, live = (_with(recorded, each) for each in (Record.Status.EDITED, Record.Status.LIVE))
    one, other = (bytes(each.brid).hex().upper() for each in (recorded, toured))
    both = f"/compare?a={one}:{edited}.1&b={one}:{edited}.2"
    script, number = (
        _said(toured, "<script>alert(document.domain)").prompt_id,
        _said(toured, "invoice").prompt_id,
    )
    return {
        "compare": Address(f"{both}&view=words"),
        "compare-side-by-side": Address(f"{both}&view=split"),
        "compare-paths": Address(f"{both}&view=json"),
        "compare-several": Address(f"{both}&c={one}:{live}.1&d={one}:{live}&e={other}:{number}.1&baseline=c"),
        "compare-hostile": Address(f"/compare?a={other}:{script}.1&b={other}:{number}.1&view=words"),
        "compare-nothing": Address("/compare"),
    }


def _of_prompts(recorded: Chain, toured: Chain) -> dict[str, Address]:
    most, alike = (
        Asked.objects.filter(chain=recorded, paired__gt=1).order_by(order, "number")[0]
        for order in ("-differing", "differing")
    )
    hostile = _said(toured, "<script>alert(document.domain)").prompt
    return {
        "prompts": Address("/prompts"),
        "prompts-of-disagreement": Address(f"/prompts?chain={_path(toured)[8:]}&order=disagreement"),
        "prompt": Address(_prompt(alike.prompt)),
        "prompt-with-dissent": Address(_prompt(most.prompt)),
        "prompt-hostile": Address(_prompt(hostile)),
    }


def _prompt(key: bytes | memoryview) -> str:
    return f"/prompts/{bytes(key).hex().upper()}"


def _of_names(recorded: Chain, toured: Chain) -> dict[str, Address]:
    usual = Record.objects.filter(chain=recorded).order_by("position")[0]
    long = Record.objects.filter(chain=toured).annotate(size=Length("model__text")).order_by("-size")[0]
    return {
        "models": Address("/models"),
        "model": Address(reverse("model", args=[part_of(str(usual.model.text))])),
        "model-hostile": Address(reverse("model", args=[part_of(str(long.model.text))])),
        "providers": Address("/providers"),
        "provider": Address(reverse("provider", args=[part_of(str(usual.provider.text))])),
        "scouts": Address(f"{_path(toured)}/scouts"),
        "scouts-of-all-chains": Address("/scouts?order=oldest&limit=100"),
        "scout": Address(f"{_path(recorded)}/scouts/{usual.scout}"),
    }


def _of_facts(recorded: Chain, toured: Chain) -> dict[str, Address]:
    one, other = _path(recorded), _path(toured)
    full = Block.objects.filter(chain=recorded).order_by("-transactions", "height")[0]
    empty = Block.objects.filter(chain=recorded, transactions=0).order_by("height")[0]
    ordinary = Transaction.objects.filter(chain=recorded, height=full.height).order_by("ordinal")[0]
    odd = Operation.objects.filter(chain=toured, reading__gt=0).order_by("position")[0]
    return {
        "blocks": Address(f"{one}/blocks"),
        "blocks-of-all-chains": Address("/blocks?limit=25"),
        "block": Address(f"{one}/blocks/{full.height}"),
        "block-empty": Address(f"{one}/blocks/{empty.height}"),
        "block-first": Address(f"{other}/blocks/0"),
        "transaction": Address(f"{one}/transactions/{bytes(ordinary.rid).hex().upper()}"),
        "transaction-not-understood": Address(_transaction(toured, odd.position)),
        "ledger": Address(f"{other}/ledger"),
        "ledger-filtered": Address(f"{one}/ledger?kind=edit&wording=changed&limit=25"),
        "ledger-of-all-chains": Address("/ledger?limit=100"),
        "missing": Address(f"{one}/missing"),
        "configurations": Address(f"{other}/configurations"),
        "configurations-of-all-chains": Address("/configurations"),
        "configuration": Address(f"{other}/configurations/0"),
    }


def _with(chain: Chain, status: Record.Status) -> int:
    return Record.objects.filter(chain=chain, status=status).order_by("prompt_id")[0].prompt_id


def _said(chain: Chain, text: str) -> Record:
    """The first record whose answer or prompt holds this text."""
    saying = [
        bytes(key)
        for table in (Answer, Prompt)
        for key in table.objects.filter(text__contains=text).values_list("hash", flat=True)
    ]
    said = Q(answer__in=saying) | Q(prompt__in=saying)
    return (
        Record.objects.filter(said, chain=chain).exclude(status=Record.Status.DELETED).order_by("position")[0]
    )


def _hide(chain: Chain) -> int:
    """Hide the answer of a record that nobody else gave; gives its prompt id."""
    record = _said(chain, "=HYPERLINK")
    suppress(
        Suppression.Subject.CONTENT,
        bytes(record.answer),
        mode=Suppression.Mode.HIDE,
        reason="Holds a telephone number; asked for by its owner.",
        by="the operator",
    )
    return record.prompt_id
