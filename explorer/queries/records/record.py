"""One record with all that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from explorer.queries.db.texts import Message, Snippet, Text, Withheld
from explorer.queries.db.transaction_bytes import is_damage
from explorer.queries.records import conversations
from explorer.queries.records.between import newest_other
from explorer.queries.records.peer_answers import PeerAnswer, answers_of
from explorer.queries.records.peers import Peer, Tally, peers_of
from explorer.queries.records.revisions import History, Revision, history_of
from explorer.queries.records.row import RecordRow
from explorer.queries.records.states import Status
from indexer.dapp import rell_json


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Texts are as of its newest revision that has any, so also of a record that was deleted.

    ``messages`` is the argument as signed; ``conversation`` its messages where it is a list of such, else
    None and the messages are shown as they are. ``state`` is the result as a node's query gives it, None
    where the record was deleted or its text is withheld. ``revisions`` are oldest first: the add, the 49 up
    to one that was asked for or the newest, and the newest two (``row.revisions`` counts all). ``peers``
    holds at most 60, by prompt id, this record among them; ``peer_count`` counts all, or, where it is not
    exact, 10,000 of more: the oldest and this one. Where not all are listed, ``tallies`` are of all that are
    counted, as first written and as it stands. ``between`` is the newest revision that says something else
    than both the first and the last one, which say the same; None where there is none.
    """

    chain: ChainView
    row: RecordRow
    prompt: bytes  # content key of its messages
    messages: Text
    conversation: Sequence[Message] | None
    state: str | None
    revisions: Sequence[Revision]
    peers: Sequence[Peer]
    peer_count: int
    peer_count_is_exact: bool
    tallies: tuple[Tally, Tally] | None
    peer_answers: Sequence[PeerAnswer]  # each different one once: the commonest, and those of this record
    writers: Sequence[bytes]  # keys that were owner when its revisions were written, first one first
    messages_unsearched: bool  # whether their end is not searched, for they are too long
    answers_unsearched: bool
    withheld: Sequence[Text]  # of what is shown here; a page with any is a 451
    between: int | None

    @property
    def damage(self) -> str:
        """What is wrong with the stored copy of what it said, and what to do; empty where all can be read."""
        said = (self.messages, *(each.result for each in self.revisions))
        return next((each.reason for each in said if each is not None and is_damage(each)), "")

    @property
    def more_answers(self) -> int:
        """How many different answers of the peers that are listed are not among ``peer_answers``."""
        every = {letter for each in self.peers for letter in (each.first, each.now)} - {None}
        return len(every - {each.letter for each in self.peer_answers})

    @property
    def current(self) -> Revision:
        """The newest revision that says something."""
        return _current(self.revisions)


def record(chain: ChainView, prompt_id: int, *, revision: int | None = None) -> Record:
    """One record with its texts, revisions and evidence; that revision among them. Raises ``NotHere``, which
    says the ids there are, or how many revisions.
    """
    found = history_of(chain.id, prompt_id, last=revision) if 0 < prompt_id < 1 << 63 else None
    if found is None:
        raise NotHere(why_not_here(chain, prompt_id))
    facts = found.facts
    if revision is not None and not 0 < revision <= facts.revisions:
        raise NotHere(f"Record {prompt_id} has no revision {revision}: it has {facts.revisions:,} in all.")
    peers = peers_of(chain.id, prompt_id=prompt_id, prompt=facts.prompt, seed=facts.seed)
    talk = _conversation(found)
    current = _current(found.revisions)
    between = _between(chain, found, current)
    return Record(
        chain=chain,
        row=facts.row(
            chain=chain.brid,
            timestamp=found.revisions[0].timestamp,
            changed=found.revisions[-1].timestamp,
            prompt=_asked(found, talk),
            answer=_answered(current),
            same_words=facts.status is Status.EDITED
            and current.says_as(found.revisions[0])
            and between is None,
        ),
        prompt=facts.prompt,
        messages=found.messages,
        conversation=talk,
        state=None if facts.status is Status.DELETED else _state(current.result),
        revisions=found.revisions,
        peers=peers.listed,
        peer_count=peers.count,
        peer_count_is_exact=peers.is_exact,
        tallies=peers.tallies,
        peer_answers=answers_of(chain, peers, prompt_id),
        writers=found.writers,
        messages_unsearched=found.messages_unsearched,
        answers_unsearched=found.answers_unsearched,
        withheld=_withheld(found),
        between=between,
    )


def why_not_here(chain: ChainView, prompt_id: int) -> str:
    """Why there is no such record, and which ids there are, in a sentence."""
    if not chain.records:
        return f"There is no record {prompt_id} on this chain: it has none yet."
    if 0 < prompt_id <= chain.records:
        return (
            f"Record {prompt_id} cannot be shown: its id was given out by an operation whose arguments are "
            "not understood. The status page tells of it among the incidents."
        )
    return (
        f"There is no record {prompt_id} on this chain as far as it is indexed: ids go from 1 to "
        f"{chain.records}."
    )


def _current(revisions: Sequence[Revision]) -> Revision:
    return next(each for each in reversed(revisions) if each.result is not None)


def _conversation(found: History) -> Sequence[Message] | None:
    messages = found.kept if found.messages.value is None else found.messages.value
    return None if messages is None else conversations.conversation(messages)


def _between(chain: ChainView, found: History, current: Revision) -> int | None:
    first, *later = found.revisions
    if first is current or not current.says_as(first):
        return None
    others = [each.number for each in later if each.result is not None and not each.says_as(first)]
    if others or found.facts.revisions == len(found.revisions):
        return others[-1] if others else None
    return newest_other(chain.id, found.facts.prompt_id)


def _asked(found: History, talk: Sequence[Message] | None) -> Snippet:
    if talk:
        return conversations.line(conversations.last_asked(talk))
    return _beginning(found.messages)


def _answered(revision: Revision) -> Snippet:
    if revision.completion is not None:
        return conversations.answered(revision.completion)
    return _beginning(revision.answer)


def _beginning(text: Text | None) -> Snippet:
    if text is None:
        return Snippet("", False)
    if text.value is None:
        return Snippet("", False, text.withheld, text.reason)
    return conversations.line(text.value)


def _state(result: Text | None) -> str | None:
    """The result as a node's query gives it."""
    if result is None or result.value is None:
        return None
    try:
        return rell_json.normalise(result.value)
    except rell_json.NotJson:
        return result.value


def _withheld(found: History) -> Sequence[Text]:
    """What the operator withholds, each text once."""
    said = [text for each in found.revisions for text in (each.answer, each.result) if text is not None]
    held = [each for each in (found.messages, *said) if each.withheld not in (None, Withheld.UNREADABLE)]
    return list({each.hash: each for each in held}.values())
