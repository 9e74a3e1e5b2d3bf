"""What is derived from the records after the fold, of one generation each, and how far each derivation is.

All of it follows from the records and facts up to its checkpoint: deriving again from nothing gives the same
rows, and fsck compares. What derivations keep here is hashes and numbers, which stay when a text is erased;
the words of ``SearchUnit`` and the fingerprints of results alone are made from texts, and go with them.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from indexer.models.chain import Chain, Name
from indexer.models.sync import Node


class DerivationCheckpoint(models.Model):
    """How far a derivation is: moved in the transaction that writes its rows."""

    class Of(models.TextChoices):
        """The derivations there are, in the order in which readers are told of them: for those who read only.
        What each is, ``indexer.derive.registry`` knows.
        """

        ROLLUPS = "rollups"
        GROUPS = "groups"
        SEARCH = "search"
        SERVED = "served"
        PROMPTS = "prompts"
        PRESENCE = "presence"
        DAYS = "days"
        FINGERPRINTS = "fingerprints"
        CHECKS = "checks"

    pk = models.CompositePrimaryKey("chain_id", "generation", "name")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    generation = models.SmallIntegerField()
    name = models.TextField()  # one of Of
    height = models.BigIntegerField()  # of the last block that is in it; -1 before the first
    at = models.DateTimeField()  # when it was last looked for more


class Group(models.Model):
    """The records that answer the same messages with the same seed.

    ``number`` is the prompt id of its first record. Answers are told apart by the keys of what they say.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "prompt", "seed")
    number = models.BigIntegerField()
    seed = models.BigIntegerField()
    records = models.IntegerField()  # ever written
    live = models.IntegerField()
    answers = models.IntegerField()  # that differ, as first written
    answers_now = models.IntegerField()  # that differ among the live records
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    prompt = models.BinaryField()


class GroupAnswer(models.Model):
    """How many records of a group first gave an answer, and how many live ones give it now."""

    pk = models.CompositePrimaryKey("chain_id", "generation", "number", "answer")
    number = models.BigIntegerField()  # of the group
    first = models.IntegerField()
    now = models.IntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    answer = models.BinaryField()


def _of(column: str, *order: Any, **more: Any) -> models.Index:
    """Rows with one value, in an order. By an expression, so that nobody is led here who asks for one row by
    its key: without statistics any index that holds a part of the key looks as good as that of all of it.
    """
    value = models.Func(column, template="(%(expressions)s + 0)")
    return models.Index(value, models.F("chain"), models.F("generation"), *order, **more)


class Asked(models.Model):
    """A prompt: how many records of a chain answer the same messages, and how far their answers agree.

    ``number`` is the prompt id of its first record. Answers are told apart by the keys of what they say. Of
    a cohort (``Cohort``) of two or more records, those that first gave its commonest answer agree and the
    others differ: ``paired`` are all records of such cohorts, ``differing`` those that differ.

    Written by the derivation of prompts alone, with the four tables that follow, read by whoever asks; each
    is of one generation. They hold hashes and numbers, so nothing erases them; fsck derives them again.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "prompt")
    number = models.BigIntegerField()
    newest = models.BigIntegerField()  # the position of its newest record
    records = models.IntegerField()  # ever written
    live = models.IntegerField()
    edited = models.IntegerField()  # of them, and not deleted
    answers = models.IntegerField()  # that differ, as first written
    answers_now = models.IntegerField()  # that differ among the live records
    answers_ever = models.IntegerField()  # that differ, in all revisions
    cohorts = models.IntegerField()
    paired = models.IntegerField()
    differing = models.IntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    prompt = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["chain", "generation", "newest", "number"], name="asked_newest"),
            models.Index(fields=["chain", "generation", "answers", "number"], name="asked_answers"),
            models.Index(fields=["chain", "generation", "differing", "number"], name="asked_differing"),
        ]


class AskedAnswer(models.Model):
    """An answer to a prompt, of all that any revision gave: how often, and what became of it.

    ``number`` is the position of the revision that gave it first. Role, erasing and fsck: see ``Asked``.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "asked", "answer")
    asked = models.BigIntegerField()  # the number of the prompt
    number = models.BigIntegerField()
    said = models.IntegerField()  # revisions that gave it
    first = models.IntegerField()  # records that gave it first
    now = models.IntegerField()  # live records that give it now
    edited = models.IntegerField()  # of those that gave it first: edited since, and not deleted
    deleted = models.IntegerField()  # of those that gave it first
    scouts = models.IntegerField()  # that ever gave it
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    answer = models.BinaryField()

    class Meta:
        indexes = [_of("asked", models.F("first").desc(), models.F("number"), name="asked_answer_first")]


class AnswerScout(models.Model):
    """That a scout ever gave an answer to a prompt; ``number`` is the answer's.

    Role, erasing and fsck: see ``Asked``.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "number", "scout")
    number = models.BigIntegerField()
    scout = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()


class Cohort(models.Model):
    """The records that answer the same messages with the same seed, model and provider.

    ``number`` is the prompt id of its first record. ``commonest`` is the number of the answer that most of
    them gave first, of several the one that was given first; ``most`` is how many that are. Role, erasing and
    fsck: see ``Asked``.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "asked", "seed", "model_id", "provider_id")
    asked = models.BigIntegerField()  # the number of the prompt
    seed = models.BigIntegerField()
    number = models.BigIntegerField()
    commonest = models.BigIntegerField()
    model = models.ForeignKey(Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    provider = models.ForeignKey(
        Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    records = models.IntegerField()  # ever written
    live = models.IntegerField()
    answers = models.IntegerField()  # that differ, as first written
    most = models.IntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()

    class Meta:
        indexes = [
            _of("asked", models.F("records").desc(), models.F("number"), name="cohort_records"),
            # Those in which not all agree: few of them.
            _of(
                "asked",
                (models.F("records") - models.F("most")).desc(),
                models.F("number"),
                name="cohort_differing",
                condition=models.Q(records__gt=models.F("most")),
            ),
        ]


class CohortAnswer(models.Model):
    """How many records of a cohort first gave an answer, and how many live ones give it now.

    ``position`` is that of the first record that gave it first, null where none did. Role, erasing and fsck:
    see ``Asked``.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "number", "cohort")
    number = models.BigIntegerField()  # of the answer
    cohort = models.BigIntegerField()  # its number
    position = models.BigIntegerField(null=True)
    model = models.ForeignKey(Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    provider = models.ForeignKey(
        Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    first = models.IntegerField()
    now = models.IntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()

    class Meta:
        indexes = [_of("cohort", models.F("first").desc(), models.F("position"), name="cohort_answer_first")]


class Agreement(models.Model):
    """Of the records of a chain that name this model, provider or scout, or of all of them (``ALL``, with key
    0): how many have peers, and how many of these first gave an answer that a peer first gave too.

    Peers are the other records of a record's cohort (``Cohort``). What a record counts for can only grow: it
    is compared once it has a peer, and agrees once one of them says the same. Role, erasing and fsck: see
    ``Asked``. ``of`` and ``key`` are those of ``Presence``.
    """

    ALL = 0

    pk = models.CompositePrimaryKey("chain_id", "generation", "of", "key")
    key = models.BigIntegerField()
    compared = models.BigIntegerField()  # records that have a peer
    agreeing = models.BigIntegerField()  # of these
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    of = models.SmallIntegerField()  # ALL, or one of Presence.Of


class AgreementDay(models.Model):
    """The same of the records that were written on one UTC day, by the time of the block that added them; of
    scouts none. Role, erasing and fsck: see ``Asked``.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "of", "key", "day")
    key = models.BigIntegerField()
    day = models.BigIntegerField()  # see Rollup
    compared = models.BigIntegerField()
    agreeing = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    of = models.SmallIntegerField()  # Agreement.ALL, or a model or provider of Presence.Of


class Rollup(models.Model):
    """What was written on one UTC day, by the time of the blocks."""

    pk = models.CompositePrimaryKey("chain_id", "generation", "day")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    generation = models.SmallIntegerField()
    day = models.BigIntegerField()  # days since 1970; whatever a block states as its time, so maybe no date
    written = models.BigIntegerField()
    edits = models.BigIntegerField()
    deletions = models.BigIntegerField()
    # Of the lowest and highest block of that day with any of these: all of them lie between.
    first_height = models.BigIntegerField(null=True)
    last_height = models.BigIntegerField(null=True)


class Served(models.Model):
    """How many records name this model and this provider, and what became of them.

    Written by the derivation of that name alone, read by whoever counts. Names cannot be withheld, so nothing
    erases it. fsck derives it again.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "model_id", "provider_id")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    generation = models.SmallIntegerField()
    model = models.ForeignKey(Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    provider = models.ForeignKey(
        Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    records = models.BigIntegerField()  # ever written
    edited = models.BigIntegerField()  # of them, and not deleted
    deleted = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["provider", "chain", "generation"], name="served_provider")]


class Presence(models.Model):
    """How many records of a chain name this model, provider or scout, what became of them, and since when.

    Written by the derivation of that name alone, of one generation, read by the pages of models, providers
    and scouts. ``key`` is the id of a name, or a scout's UID; names and UIDs cannot be withheld, so nothing
    erases it. fsck derives it again.
    """

    class Of(models.IntegerChoices):
        """What is named."""

        MODEL = 1
        PROVIDER = 2
        SCOUT = 3

    pk = models.CompositePrimaryKey("chain_id", "generation", "of", "key")
    key = models.BigIntegerField()
    records = models.BigIntegerField()  # ever written
    edited = models.BigIntegerField()  # of them, and not deleted
    deleted = models.BigIntegerField()
    first = models.BigIntegerField()  # the position of the first of them
    last = models.BigIntegerField()
    first_at = models.BigIntegerField()  # ms, the time of the block that added the first
    last_at = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    generation = models.SmallIntegerField()
    of = models.SmallIntegerField(choices=Of)

    class Meta:
        indexes = [
            models.Index(fields=["chain", "generation", "of", column, "key"], name=f"presence_{column}")
            for column in ("records", "first_at", "last_at")
        ]


class NamedDay(models.Model):
    """What was written on one UTC day, by the time of the blocks, of the records that name a model or a
    provider.

    Written by the derivation of days alone, of one generation, read by the pages of models and providers.
    ``of`` and ``key`` are those of ``Presence``; names cannot be withheld, so nothing erases it. fsck derives
    it again. A revision adds to two rows, so there are at most twice as many as revisions, whatever names
    they have.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "of", "key", "day")
    key = models.BigIntegerField()
    day = models.BigIntegerField()  # see Rollup
    written = models.BigIntegerField()
    edits = models.BigIntegerField()
    deletions = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    of = models.SmallIntegerField()  # a model or a provider of Presence.Of


class FingerprintRecord(models.Model):
    """Which ``system_fingerprint`` the result of an add has, by the head of the SHA-256 of that text.

    Written by the derivation of fingerprints alone, with the table that follows, of one generation each; read
    by the pages of models and providers. Made from results: hiding or erasing a result, or its transaction,
    removes its row and what it counts for, in the same transaction. A record without one has no row. fsck
    reads the results again.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "position")
    fingerprint = models.UUIDField()
    position = models.BigIntegerField()  # of the add
    model = models.ForeignKey(Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    provider = models.ForeignKey(
        Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["fingerprint", "chain", "generation", "position"], name="fingerprint_record")
        ]


class Fingerprint(models.Model):
    """How many adds that name a model or a provider have a fingerprint, and the first and last of them.

    ``of`` and ``key`` are those of ``Presence``. Role, erasing and fsck: see ``FingerprintRecord``.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "of", "key", "fingerprint")
    fingerprint = models.UUIDField()
    key = models.BigIntegerField()
    records = models.BigIntegerField()
    first = models.BigIntegerField()  # positions
    last = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    of = models.SmallIntegerField()  # a model or a provider of Presence.Of

    class Meta:
        indexes = [models.Index(fields=["chain", "generation", "of", "key", "last"], name="fingerprint_last")]


class Count(models.Model):
    """A figure of a chain that is kept, so that nobody counts while a reader waits."""

    class Of(models.TextChoices):
        """What is counted, each as of the checkpoint of the derivation that keeps it."""

        RECORDS = "records"  # rollups: ever written
        EDITED = "edited"  # rollups: records that are edited, and not deleted
        DELETED = "deleted"  # rollups
        OPERATIONS = "operations"  # rollups
        NOT_UNDERSTOOD = "not understood"  # rollups: operations
        UNCHECKED = "unchecked"  # rollups: blocks whose witness is not checked yet, as it is known now
        GROUPS = "groups"
        SHARED = "shared"  # groups: of two or more records
        ALIKE = "alike"  # groups: of two or more records that all gave one answer, as first written

    pk = models.CompositePrimaryKey("chain_id", "generation", "of")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    generation = models.SmallIntegerField()
    of = models.TextField()  # one of Of
    count = models.BigIntegerField()


class NotUnderstood(models.Model):
    """An operation name that the dapp as we know it does not have, or has with other arguments."""

    pk = models.CompositePrimaryKey("chain_id", "generation", "name_id")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    generation = models.SmallIntegerField()
    name = models.ForeignKey(Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    times = models.BigIntegerField()
    first_height = models.BigIntegerField()
    last_height = models.BigIntegerField()


class SearchUnit(models.Model):
    """The words of a prompt and of answers to it, as GIN finds them: see ``indexer.words.vector``.

    Kept by content and shared by generations: ``id`` follows from what the words were made of. Written by
    the derivation of search alone, read by who searches. Hiding or erasing a text removes the units that hold
    its words in the same transaction, ``purge`` what is left in files; fsck cuts the texts again, and
    compares. ``prompt_cut`` and ``answer_cut`` are whether the end of the texts is not in it, for they are
    too long. ``private`` is what kinds of secrets and personal data the texts hold, as bits
    (``indexer.words.private``): they are no words of it.
    """

    id = models.UUIDField(primary_key=True)
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    prompt_cut = models.BooleanField()
    answer_cut = models.BooleanField()
    private = models.SmallIntegerField()
    words = SearchVectorField()

    class Meta:
        indexes = [
            # New words wait in a list of up to 16 MB before they are sorted in, by whoever writes: that
            # halves the work, and readers look through it within milliseconds.
            GinIndex(fields=["words"], name="search_unit_words", gin_pending_list_limit=16_384),
            # Few of them, which the operator is told of.
            models.Index(fields=["id"], name="search_unit_private", condition=models.Q(private__gt=0)),
        ]


class SearchRecord(models.Model):
    """Which words a record has, of one generation, up to the checkpoint of the derivation of search.

    ``ever`` is the unit of its prompt and of all answers it ever gave, ``first`` of the prompt and the first
    answer, ``now`` of the prompt and the newest answer (also of a deleted record). The last two are null
    where they are the same as ``ever``. Written by that derivation alone, read by who searches; when a text
    is hidden or erased, the rows of all records that say it name other units in the same transaction. fsck
    derives them again.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "position")
    position = models.BigIntegerField()  # of the record: of its add
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    ever = models.UUIDField()
    first = models.UUIDField(null=True)
    now = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["ever", "generation", "position"], name="search_record_ever"),
            models.Index(
                fields=["first", "generation", "position"],
                name="search_record_first",
                condition=models.Q(first__isnull=False),
            ),
            models.Index(
                fields=["now", "generation", "position"],
                name="search_record_now",
                condition=models.Q(now__isnull=False),
            ),
        ]


class Reconciliation(models.Model):
    """A comparison of our records with what a node's own queries say. The newest few of each node stay."""

    id = models.BigAutoField(primary_key=True)
    node = models.ForeignKey(Node, models.CASCADE, db_index=False)
    height = models.BigIntegerField()  # of the last block that the node's answers were compared at
    at = models.DateTimeField()
    asked = models.IntegerField()  # questions that were answered, and compared
    differing = models.IntegerField()
    records = ArrayField(models.BigIntegerField(), default=list)  # ids of those that were among the questions
    differing_records = ArrayField(models.BigIntegerField(), default=list)
    detail = models.TextField(default="")  # what differed, or why nothing could be asked

    class Meta:
        indexes = [models.Index(fields=["node", "-id"], name="reconciliation_newest")]
