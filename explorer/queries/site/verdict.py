"""How a chain's index stands, in a sentence, and what a reader or whoever runs the site can do."""

from dataclasses import dataclass, replace

from explorer.queries.chain.chains import Freshness
from indexer.trust.index_status import IndexStatus

_NAME_ANOTHER = "If you run this site, name another node."
_WAIT = "The newest records are not here yet: wait a little and load this page again."
_ALONE = "one validator"
_DONE = "Nothing is to be done."
_ONE_NODE = (
    "One node alone says how far the chain is: if you run this site, name a second one, so that it is seen "
    "where one stands still."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state`` is that of a mark, and ``word`` its word: ``holds``, ``unchecked`` where something is open or
    missing, ``failed`` where something is wrong. ``sentence`` says how it stands, ``todo`` what to do.
    ``is_up_to_date`` is whether all that its nodes have is here and checked.
    """

    state: str
    word: str
    sentence: str
    todo: str
    is_up_to_date: bool = False


def verdict(found: IndexStatus, fresh: Freshness) -> Verdict:
    """The worst that is to be said of a chain's index; that one validator alone signs it is said beside."""
    if wrong := _wrong(found, fresh):
        return wrong
    said = _open(found, fresh) or _proved(found) or _sound(found)
    if found.signers != 1 or fresh.height < 0 or said.word == _ALONE:
        return said
    return replace(
        said, todo=f"{said.todo} One validator alone signs this chain: nobody else vouches for it."
    )


def _wrong(found: IndexStatus, fresh: Freshness) -> Verdict | None:
    until = f"What is shown was checked, up to block {fresh.height:,}." if fresh.height >= 0 else ""
    if fresh.stopped:
        why = "Reading has stopped: what its nodes give does not hold, and is refused."
        return _failed(why, until, "If you run this site, read the incidents below and name another node.")
    if fresh.answered_at is None:
        return _failed(
            "No node has answered so far.", until, f"They are asked again and again. {_NAME_ANOTHER}"
        )
    if fresh.stalled and fresh.unasked:
        why = "Reading stands still: no node has been asked for a while."
        return _failed(
            why, until, "Newer blocks are missing. If you run this site, see whether its worker runs."
        )
    if fresh.stalled:
        why = "Reading stands still: no node has answered for a while."
        return _failed(why, until, f"Newer blocks are missing. {_NAME_ANOTHER}")
    if fresh.incident:
        return _failed(
            f"Something contradicts what is shown here. {fresh.incident}",
            "Do not rely on it before that is explained: the incidents below say what is known.",
        )
    differing = sum(each.differing for each in found.reconciliations)
    if differing:
        return _failed(
            f"Of what nodes answered, {differing:,} differ{'s' if differing == 1 else ''} from our records.",
            "Do not rely on these before that is explained: see what was compared, below.",
        )
    return None


def _open(found: IndexStatus, fresh: Freshness) -> Verdict | None:
    if found.rules.differ:
        return Verdict(
            "unchecked",
            "rebuilding",
            "All records are being rebuilt for a new version, and new blocks are shown once that is done.",
            "What is shown until then is complete up to the height above. Nothing is to be done.",
        )
    if fresh.height < 0:
        return Verdict("unchecked", "nothing yet", "No block has been read so far.", _WAIT)
    if fresh.behind:
        blocks = f"{fresh.behind:,} block{'s' if fresh.behind != 1 else ''} behind"
        return Verdict("unchecked", "catching up", f"Catching up with the chain: {blocks}.", _WAIT)
    if found.gaps:
        return Verdict("unchecked", "gaps", "Some blocks are missing, and are asked for again.", _WAIT)
    if fresh.ahead:
        blocks = f"{fresh.ahead:,} block{'s' if fresh.ahead != 1 else ''}"
        return Verdict(
            "unchecked",
            "ahead of its nodes",
            f"Here are {blocks} more than its nodes have just now.",
            "Nothing is to be done: its nodes catch up by themselves.",
        )
    if fresh.quiet:
        return Verdict(
            "unchecked",
            "no new block",
            "All that its nodes have is here, but the chain has made no new block for a while.",
            "What is shown is complete. Whether the chain itself stands still, its operators know.",
        )
    return None


def _proved(found: IndexStatus) -> Verdict | None:
    """What is to be said of all that is here."""
    if found.unproved:
        things = f"{len(found.unproved):,} thing{' is' if len(found.unproved) == 1 else 's are'} not proved"
        return Verdict(
            "unchecked",
            "not all proved",
            f"Up to date: all blocks are here and checked, but {things}.",
            "What rests on that is marked so on its page; “Not proved” below says what it is.",
            is_up_to_date=True,
        )
    if found.unknown_operations:
        return Verdict(
            "unchecked",
            "not all understood",
            "Up to date: all blocks are here and checked, but some operations are not understood.",
            "They change no record here, and may on the chain; “Not understood” below names them.",
            is_up_to_date=True,
        )
    if found.signers == 1:
        return Verdict(
            "unchecked",
            _ALONE,
            "Up to date: all blocks are here and checked, but one validator alone signs this chain.",
            f"What it signed is shown, and nobody else vouches for it. {_todo(found)}",
            is_up_to_date=True,
        )
    return None


def _failed(why: str, *todo: str) -> Verdict:
    return Verdict("failed", "trouble", why, " ".join(filter(None, todo)))


def _sound(found: IndexStatus) -> Verdict:
    sentence = "Up to date: all blocks are here, and all were checked."
    return Verdict("holds", "sound", sentence, _todo(found), is_up_to_date=True)


def _todo(found: IndexStatus) -> str:
    return _ONE_NODE if len(found.nodes) == 1 else _DONE
