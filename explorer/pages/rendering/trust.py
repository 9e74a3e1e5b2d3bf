"""What the page of a record says of whether to trust it: that it was written, in which version, and what
nodes answered when they were asked for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.pages.rendering.since import Edits
from explorer.queries.chain.evidence import ProofStatus
from explorer.queries.records.record import Record
from explorer.queries.records.revisions import Revision
from explorer.queries.site.status import Reconciliation


@dataclass(frozen=True, slots=True)
class Trust:
    """What is found of that it was written: the ``state`` of a mark and its ``word``, and a sentence."""

    state: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """What nodes answered when they were asked for a sample of records. ``state`` is ``failed`` where an
    answer for this record differs, ``open`` where others differ, and empty; ``sentences`` say it, node by
    node.
    """

    state: str
    sentences: Sequence[str]


def trust_of(record: Record, read: Revision, edits: Edits, sampling: Sampling) -> Trust:
    """That the revision that is ``read`` was written, as far as that is checked. A tick stands before nothing
    but a record that is as it was first written.
    """
    if sampling.state == "failed":
        return Trust("failed", "differs", "A node answers otherwise when it is asked for this record.")
    if read.is_by_another:
        by_another = f"Written in {_block(read)}, signed by a key that was not allowed to write at that time."
        return Trust("failed", "not as it should be", by_another)
    version = _version(record, read, edits)
    if read.evidence.standing is not ProofStatus.ON_CHAIN:
        which = "" if len(record.revisions) == 1 else f"; {_block(read)}"
        return Trust("unchecked", "not proved", f"{version}{which}: {read.evidence.standing.value}.")
    if read.evidence.is_by_one:
        return Trust("unchecked", "one validator", f"{version}; one validator alone signs this chain.")
    last = record.revisions[-1]
    if last.result is None:
        return Trust("deleted", "deleted", f"{version}.")
    if last.number > 1:
        return Trust("edited", "edited, same words" if record.row.same_words else "edited", f"{version}.")
    return Trust("holds", "checked", f"{version}.")


def _version(record: Record, read: Revision, edits: Edits) -> str:
    """Which version is shown, and where it and the others were written."""
    last = record.revisions[-1]
    deleted = f"; the record was deleted in {_block(last)}" if last.result is None else ""
    if record.current.number == 1:
        whole = f"Written in {_block(read)}, and unaltered there"
        return f"{whole}{deleted}" if deleted else f"Written and unaltered in {_block(read)}"
    first, current = record.revisions[0], record.current
    now = "the version before deletion" if deleted else "the version shown now"
    if read is current:
        said = f"the version first written, in {_block(first)}, {_compared(record, edits)}"
        told = f"{now.capitalize()} was written by {_edit(current)}, and is unaltered there; {said}"
    elif read is first:
        told = (
            f"This is the version first written, in {_block(first)}, and unaltered there; {_stands(deleted)} "
            f"was written by {_edit(current)}"
        )
    else:
        told = (
            f"This version was written by {_edit(read)}, and is unaltered there; the first one is in "
            f"{_block(first)}, and {_stands(deleted)} was written by {_edit(current)}"
        )
    return told + deleted


def _compared(record: Record, edits: Edits) -> str:
    """How the first version differs from the one that stands."""
    if record.between is not None:
        return "says the same, and one in between did not"
    if record.current.says_as(record.revisions[0]):
        return "says the same words"
    if edits.all is not None and edits.all.came_back:
        return "differs in white space alone, and one in between in words"
    is_spaced = edits.all is not None and edits.all.is_white_space
    return "differs in white space alone" if is_spaced else "said something else"


def _stands(deleted: str) -> str:
    return "the last one" if deleted else "the one that stands now"


def _edit(revision: Revision) -> str:
    which = "the edit" if revision.number == 2 else f"edit {revision.number - 1:,}"
    return f"{which} in {_block(revision)}"


def _block(revision: Revision) -> str:
    return f"block {revision.height:,}"


def sampling_of(prompt_id: int, compared: Sequence[Reconciliation]) -> Sampling:
    """What nodes answered last, of which ``compared`` tells."""
    asked = [each for each in compared if each.asked]
    if any(prompt_id in each.differing_records for each in asked):
        state = "failed"
    else:
        state = "open" if any(each.differing for each in asked) else ""
    return Sampling(state, [_sampled(prompt_id, each) for each in asked])


def _sampled(prompt_id: int, compared: Reconciliation) -> str:
    """What one node answered, in a sentence that says whether it was asked for this record."""
    at = f"at height {compared.height:,}"
    if prompt_id in compared.differing_records:
        return f"A node that was asked for this record answers otherwise, {at}."
    which = f"a sample of {compared.asked:,} answers of a node, {at}"
    differ = f"{compared.differing:,} of them differ{'s' if compared.differing == 1 else ''}"
    if prompt_id in compared.records:
        begun = f"This record was in {which}, and agrees"
        return f"{begun}; {differ}." if compared.differing else f"{begun}."
    found = f"{differ} from ours" if compared.differing else "all of them agree"
    return f"This record was not in {which}; {found}."
