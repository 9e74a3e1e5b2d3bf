"""How the index of each chain stands."""

from rest_framework import serializers

from explorer.api.fields import Flag, Moment, Whole, Words
from explorer.api.serializers.chains import OfChain
from explorer.api.serializers.lists import ListOf
from explorer.queries.site import status


class Span(serializers.Serializer[status.HeightRange]):
    """Heights, both ends included."""

    first = Whole()
    last = Whole()


class UnknownOperation(serializers.Serializer[status.UnknownOperation]):
    """An operation name, or its arguments, that the dapp as it is known here does not have."""

    name = Words()
    times = Whole()
    first_height = Whole()
    last_height = Whole()


class Incident(serializers.Serializer[status.Incident]):
    """Something that contradicts what should be."""

    kind = Words()
    words = Words(help_text="What happened, in a sentence.")
    height = Whole(allow_null=True, help_text="Null where it is of no block.")
    subject = Words()
    message = Words()
    first_at = Moment()
    last_at = Moment()
    times = Whole()


class Node(serializers.Serializer[status.Node]):
    """A node that was asked, and what came of it."""

    url = Words()
    height = Whole(allow_null=True, help_text="Of its last block, as it said.")
    answered_at = Moment(allow_null=True)
    failed_at = Moment(allow_null=True)
    failing = Flag(source="is_failing", help_text="Whether it has not answered since it failed.")
    failure = Words()


class Lag(serializers.Serializer[status.Lag]):
    """How far something is that is made after the records: its height, and how many blocks that is behind."""

    name = Words()
    height = Whole()
    behind = Whole()
    at = Moment(allow_null=True)


class Reconciliation(serializers.Serializer[status.Reconciliation]):
    """The last comparison of the records here with what a node's own queries say."""

    node = Words()
    height = Whole()
    at = Moment()
    asked = Whole(help_text="Answers that were compared.")
    differing = Whole()
    detail = Words()


class Verdict(serializers.Serializer[status.Verdict]):
    """How an index stands, in a sentence, and what to do."""

    state = Words(
        help_text="holds; unchecked where something is open or missing; failed where something is wrong."
    )
    word = Words(help_text="What is open or wrong, as the page marks it, such as “catching up”.")
    sentence = Words()
    todo = Words(help_text="What a reader, or whoever runs the site, can do.")


class Status(OfChain):
    """One chain's."""

    verdict = Verdict()
    covered = Span(many=True)
    gaps = Span(many=True)
    blocks = Whole()
    transactions = Whole()
    operations = Whole()
    unproved = serializers.ListField(child=Words(), help_text="What is not proved, lowest height first.")
    unknown_operations = UnknownOperation(many=True, help_text="The most frequent first, at most 100.")
    erased_transactions = Whole()
    suppressed = Whole(help_text="Texts and transactions that the operator withholds, of all chains.")
    incidents = Incident(many=True, help_text="Newest first, at most 100.")
    nodes = Node(many=True)
    rules = Whole(
        source="rules.folded_by",
        allow_null=True,
        help_text="By which the records were made; null before that.",
    )
    waits = Words(
        source="rules.sentence",
        help_text="Where another version made the records: that new blocks wait until all are made anew, and "
        "how far that is. Else empty.",
    )
    lags = Lag(many=True)
    reconciliations = Reconciliation(many=True)


class StatusList(ListOf):
    """The status of every chain."""

    results = Status(many=True)
