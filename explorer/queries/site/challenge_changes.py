"""What became of a record since a challenge of it was filed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from explorer.queries.records import checks
from explorer.queries.records.snapshots import KeptCheck, Snapshot
from explorer.queries.site.challenge_events import UNTOLD


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not as it was when the challenge was filed: of the record, or what ``check`` says of
    it by other records too, which is its name. ``then`` and ``now`` are the reasons of a check.
    """

    what: str
    then: str
    now: str
    check: str = ""


def changes(then: Snapshot, now: Snapshot) -> Sequence[Change]:
    """What is not as it was, first of the record itself."""
    found = [
        Change("State", then.status, now.status),
        Change("Revisions", str(then.revision_count), str(now.revision_count)),
        Change("Result as signed", then.current.result_sha256, now.current.result_sha256),
    ]
    for each in now.checks:
        before = then.check(each.check)
        if before is not None and before.reason != UNTOLD:
            found.append(Change(f"Check “{each.check}”", before.reason, each.reason, each.check))
    return [each for each in found if each.then != each.now]


def masked(then: Snapshot, now: Snapshot | None, *, untold: Collection[str]) -> Snapshot:
    """What was kept, without what checks read in words that are withheld now: of the record, or, those that
    are ``untold``, of another one.
    """
    kept = [_masked_check(each, now, is_untold=each.check in untold) for each in then.checks]
    return replace(then, checks=kept)


def _masked_check(kept: KeptCheck, now: Snapshot | None, *, is_untold: bool) -> KeptCheck:
    if not kept.reads_texts:
        return kept
    if now is None:
        return replace(kept, result="unknown", reason="not-here", values={})
    said = None if is_untold else now.check(kept.check)
    if said is None or said.reason in checks.UNTOLD:
        return replace(kept, result="unknown", reason=UNTOLD if said is None else said.reason, values={})
    return kept
