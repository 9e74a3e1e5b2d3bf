"""Records: rows of a list, and one with all that its transactions said."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api import bounds
from explorer.api.fields import Big, Flag, Hex, Moment, Rid, Whole, Words, choice
from explorer.api.serializers.challenged import Challenges
from explorer.api.serializers.edits import TOLD, Edit
from explorer.api.serializers.evidence import Evidence
from explorer.api.serializers.lists import AsOf, Count, ListOf, Ranking, SearchedTo, WordsTo
from explorer.api.serializers.texts import Hash, LeftOut, Message, Snippet, Value, Withheld, missing
from explorer.queries.records import match, peer_answers, peers, record, revisions, row, said, states

_CREATED = "The dapp's created_at, in ms since 1970: the time of the block before the record's own."


class RecordRow(serializers.Serializer[row.RecordRow]):
    """A record in a list."""

    prompt_id = Whole()
    position = Big(help_text="height * 2^20 + the operation's ordinal in its block; unique in its chain.")
    height = Whole(help_text="Of the block that added it.")
    scout = Big(help_text="The UID.")
    seed = Big()
    model = Words()
    provider = Words()
    created_at = Whole(help_text=_CREATED)
    created = Moment(source="at", help_text="created_at as a time.")
    block_at = Moment(help_text="The time of the block that added it, as its builder states it.")
    status = choice(states.Status)
    revision_count = Whole(source="revisions", help_text="1 where it is as first written.")
    same_words = Flag(help_text="Whether it was edited and said the same all the time.")
    challenges = Challenges(help_text="See /challenges. That there are none says nothing of it.")
    prompt = Snippet(help_text="The user's last message.")
    answer = Snippet(help_text="The newest answer, also of a record that was deleted.")


class Match(serializers.Serializer[match.Match]):
    """A text of a record in which words of the query stand."""

    text = serializers.ChoiceField(
        ["prompt", "answer"], source="side", help_text="Messages, or the answer of a revision."
    )
    revision = Whole(help_text="The revision whose answer it is, from 1; 1 for the messages.")
    snippet = Words(source="line.text", help_text="A piece of it on one line.")
    marks = serializers.ListField(
        child=serializers.ListField(child=Whole(), min_length=2, max_length=2),
        source="line.marks",
        help_text="The places in the snippet where the words stand: from one character to before another.",
    )


class ListedRecord(RecordRow):
    """A record in a list."""

    change = Edit(
        source="edit",
        allow_null=True,
        help_text="Where status=edited is asked for, what all edits changed of what was first written; "
        f"{TOLD}",
    )
    matches = Match(many=True, help_text="Where the words of q stand; empty without, and where not read.")


_SEARCHED = (
    "Null where the page is whole. Else time ran out: how far each chain was searched that was not searched "
    "through, and next goes on from there."
)
_WORDS = (
    "Null where the words of all records are indexed, or q asks for none. Else each chain of which they are "
    "indexed to a block before its last: newer records are not searched yet, and the count is not exact."
)


_RANKING = "Null but for order=best, which is among so many of the newest matches."


class RecordList(ListOf):
    """A page of records."""

    results = ListedRecord(many=True)
    count = Count(help_text="Of all that the filters leave, counted one by one up to 1,000.")
    ranking = Ranking(allow_null=True, help_text=_RANKING)
    searched_to = SearchedTo(many=True, allow_null=True, help_text=_SEARCHED)
    words_to = WordsTo(many=True, allow_null=True, help_text=_WORDS)


class RecordOfChain(ListedRecord):
    """A record in a list over several chains."""

    chain = Rid(help_text="Blockchain RID. A record's name is (chain, prompt_id).")


class RecordsOfChains(serializers.Serializer[Any]):
    """A page of records of several chains."""

    results = RecordOfChain(many=True)
    next = Words(allow_null=True, help_text="The whole address of the next page; null on the last one.")
    as_of = AsOf(many=True, help_text="Of each chain in the list.")
    count = Count(help_text="Of all that the filters leave, counted one by one up to 1,000.")
    ranking = Ranking(allow_null=True, help_text=_RANKING)
    searched_to = SearchedTo(many=True, allow_null=True, help_text=_SEARCHED)
    words_to = WordsTo(many=True, allow_null=True, help_text=_WORDS)


class Call(serializers.Serializer[said.Call]):
    """A tool call, or a function call."""

    name = Words()
    arguments = Words(help_text="JSON in the dapp's form, or the text that is none.")


class Media(serializers.Serializer[said.Media]):
    """An image, sound, film or file, by its size and hash."""

    kind = Words(help_text="image, audio, video or file.")
    type = Words(help_text="As named, empty where it is not.")
    size = Whole(allow_null=True, help_text="Bytes; null where only an address is given.")
    sha256 = Rid(help_text="Of the bytes, else of the address.")


class Choice(serializers.Serializer[said.Choice]):
    """One choice of a result, in the order of their indexes."""

    text = Words(help_text="The content; of one in parts, their texts, one a line.")
    calls = Call(many=True)
    refusal = Words(help_text="The words of a refusal, or empty.")
    media = Media(many=True)
    reasoning = Words(help_text="No part of what was said.")
    finish_reason = Words(help_text="As reported by the provider.")
    ended = Words(help_text="How it was cut short, in words; empty where it was not.")
    error = Words(help_text="The provider's, or empty.")
    native_finish_reason = Words(
        source="native_reason", help_text="That of the model's own server, where a router reports it."
    )
    extra = Words(help_text="JSON of what else the message holds, or empty. No part of what was said.")


class Reported(serializers.Serializer[said.Fact]):
    """Something that the provider reports beside its answer."""

    name = Words()
    value = Words(help_text="At most 200 characters.")


_SAID_KEY = (
    "The same wherever the same was said, by all choices: words, calls, refusal, media. Peers, groups and "
    "edits are compared by it, where it is null by answer_key: for what is no chat completion, or not known."
)


class Revision(serializers.Serializer[revisions.Revision]):
    """What one operation did to a record."""

    number = Whole(help_text="From 1, the operation that added the record.")
    kind = Words(help_text="The operation's name.")
    position = Big(help_text="Of the operation in its chain.")
    height = Whole()
    transaction = Rid(source="transaction_rid", help_text="Transaction RID.")
    block = Rid(source="block_rid", help_text="Block RID.")
    operation = Whole(help_text="The operation's index in its transaction, from 0.")
    at = Moment(help_text="The time of its block, as its builder states it.")
    timestamp = Whole(help_text="The same in ms since 1970.")
    signers = serializers.ListField(child=Hex(), help_text="Public keys that signed the transaction.")
    standing = Words(source="evidence.standing.value", help_text="That of evidence.")
    evidence = Evidence()
    result = Value(allow_null=True, help_text="As signed; null for a deletion, or where it is withheld.")
    result_sha256 = Hash(source="result", allow_null=True, help_text="Over the UTF-8 of result as signed.")
    answer = Value(
        allow_null=True,
        help_text="choices[0].message.content of the result; the whole result in the dapp's form where "
        "there is no such text.",
    )
    answer_key = Hash(
        source="answer",
        allow_null=True,
        help_text="SHA-256 of answer as a JSON string (of the text itself where answer_reason is not empty).",
    )
    answer_reason = Words(source="reason", help_text="Why the answer is the whole result, else empty.")
    said_key = Rid(source="said", allow_null=True, help_text=_SAID_KEY)
    change = Edit(
        source="edit", allow_null=True, help_text=f"What it changed of the revision before it; {TOLD}"
    )


class Peer(serializers.Serializer[peers.Peer]):
    """A record that answers the same messages with the same seed. Equal answers share a letter."""

    prompt_id = Whole()
    scout = Big()
    first = Words(help_text="Letter of what was first written.")
    now = Words(allow_null=True, help_text="Letter of what stands; null where it was deleted.")


class Cluster(serializers.Serializer[peers.Cluster]):
    """Records that give one answer."""

    letter = Words()
    count = Whole()
    prompt_id = Whole(help_text="The lowest among them.")
    has_this = Flag(help_text="Whether this record is among them.")


class Tally(serializers.Serializer[peers.Tally]):
    """How often each answer was given."""

    clusters = Cluster(many=True, help_text="The largest, and that of this record.")
    others = Whole(help_text="Records of clusters that are left out.")
    deleted = Whole(help_text="Records that say nothing any more.")


class Tallies(serializers.Serializer[tuple[peers.Tally, peers.Tally]]):
    """Of the peers that are counted, as they were first written and as they stand."""

    first = Tally()
    now = Tally()

    def to_representation(self, instance: tuple[peers.Tally, peers.Tally]) -> dict[str, Any]:
        """Both by name."""
        first, now = instance
        return {"first": Tally(first).data, "now": Tally(now).data}


class PeerModel(serializers.Serializer[peer_answers.NamedModel]):
    """A model and a provider that records name."""

    model = Words()
    provider = Words()


class PeerAnswer(serializers.Serializer[peer_answers.PeerAnswer]):
    """A different answer of the peers."""

    letter = Words(help_text="That of peers and tallies.")
    said_key = Rid(source="key", help_text="What the filter said_key of records takes, with prompt_key.")
    answer = Snippet(source="text")
    records = Whole(source="first", allow_null=True, help_text="That gave it first; null where not counted.")
    now = Whole(allow_null=True, help_text="Live records that give it now; null where not counted.")
    prompt_id = Whole(help_text="The first of them.")
    revision = Whole(help_text="Of that record, the revision that gave it.")
    scouts = serializers.ListField(child=Big(), help_text="Three at most.")
    models = PeerModel(many=True, help_text="Three at most.")
    names_all = Flag(help_text="Whether scouts and models are all of them.")
    is_first = Flag(help_text="Whether this record gave it first.")
    stands = Flag(help_text="Whether this record gives it now.")
    is_white_space = Flag(
        help_text="Whether it is known to differ from the first of these in white space alone: not looked up "
        "where either has over 20,000 characters or says more than words."
    )


class Record(serializers.Serializer[record.Record]):
    """An inference record, all that its transactions said, and how far that is proved.

    Texts are those of the newest revision that has any, so also of a record that was deleted.
    """

    chain = Rid(source="chain.brid", help_text="Blockchain RID. A record's name is (chain, prompt_id).")
    prompt_id = Whole(source="row.prompt_id")
    scout = Big(source="row.scout", help_text="The UID.")
    model = Words(source="row.model")
    provider = Words(source="row.provider")
    seed = Big(source="row.seed")
    created_at = Whole(source="row.created_at", help_text=_CREATED)
    created = Moment(source="row.at", help_text="created_at as a time.")
    block_at = Moment(source="row.block_at", help_text="The time of the block that added it.")
    status = choice(states.Status, source="row.status")
    position = Big(
        source="row.position",
        help_text="height * 2^20 + the operation's ordinal in its block; unique in its chain.",
    )
    height = Whole(source="row.height", help_text="Of the block that added it.")
    challenges = Challenges(
        source="row.challenges", help_text="See /challenges. That there are none says nothing of it."
    )
    messages = Value(allow_null=True, help_text="The argument as signed (JSON as text); null where withheld.")
    messages_sha256 = Hash(source="messages", help_text="Over the UTF-8 of messages as signed.")
    conversation = Message(
        many=True, allow_null=True, help_text="messages read; null where they are no list of messages."
    )
    prompt_key = Rid(source="prompt", help_text="SHA-256 of the messages in the dapp's form.")
    result = Value(
        source="current.result",
        allow_null=True,
        help_text="The newest result, as signed (JSON as text); null where withheld.",
    )
    result_sha256 = Hash(source="current.result", help_text="Over the UTF-8 of result as signed.")
    result_state = Words(
        source="state",
        allow_null=True,
        help_text="The result as a node's query gives it; null where it was deleted or is withheld.",
    )
    answer = Value(
        source="current.answer",
        allow_null=True,
        help_text="choices[0].message.content of the result; the whole result in the dapp's form where "
        "there is no such text.",
    )
    answer_key = Hash(
        source="current.answer",
        help_text="SHA-256 of answer as a JSON string (of the text itself where answer_reason is not empty).",
    )
    answer_reason = Words(source="current.reason", help_text="Why the answer is the whole result, or empty.")
    said = Choice(
        source="current.completion.choices",
        many=True,
        allow_null=True,
        help_text="The choices of the newest result; null where it is no chat completion, or is withheld.",
    )
    said_key = Rid(source="current.said", allow_null=True, help_text=_SAID_KEY)
    reported = Reported(
        source="current.completion.reported",
        many=True,
        allow_null=True,
        help_text="What the result names beside its choices: model, id, usage and the like; null as said is.",
    )
    withheld = serializers.SerializerMethodField(help_text="Every text of this that is not there, and why.")
    left_out = serializers.SerializerMethodField(
        help_text="Every text that is too long for this answer and null in it, and where it is. Empty with "
        "include=texts."
    )
    revision_count = Whole(source="row.revisions")
    revisions = Revision(
        many=True,
        help_text="Oldest first: the first and the newest, 50 in all; or those up to `revision`, with the "
        "first and the newest two.",
    )
    writers = serializers.ListField(
        child=Hex(), help_text="Keys that owned the dapp when the revisions were written, first one first."
    )
    peer_count = Whole(help_text="Records that answer the same messages with the same seed, this one too.")
    peer_count_is_exact = Flag(help_text="False where there are more than that.")
    peers = Peer(many=True, help_text="By prompt id, this record among them, at most 60.")
    tallies = Tallies(
        allow_null=True,
        help_text="Of all that are counted: the oldest and this one, where there are more. Null where all "
        "peers are listed.",
    )
    peer_answers = PeerAnswer(
        many=True,
        help_text="Each different answer of the peers once: the twelve that most gave, and those of this "
        "record; empty where it has no peer.",
    )
    as_of = AsOf(source="chain")

    @extend_schema_field(LeftOut(many=True))
    def get_left_out(self, found: record.Record) -> Sequence[Any]:
        """Nothing where no text is long."""
        return [LeftOut(each).data for each in bounds.left_out(found)]

    @extend_schema_field(Withheld(many=True))
    def get_withheld(self, found: record.Record) -> Sequence[Any]:
        """Nothing where all is shown."""
        return [Withheld(each).data for each in missing(found)]
