"""What is derived from the records after the fold, of one generation each, and how far each derivation is.

All of it follows from the records and facts up to its checkpoint: deriving again from nothing gives the same
rows, and fsck compares. What derivations keep here is hashes and numbers, which stay when a text is erased;
the words of ``SearchUnit`` and the fingerprints of results alone are made from texts, and go with them.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from indexer.models.chain import Chain, Name
from indexer.models.sync import Node


class DerivationCheckpoint(models.Model):
    """How far a derivation is: moved in the transaction that writes its rows."""

    class Of(models.TextChoices):
        """The derivations there are, in the order in which readers are told of them, with their names there:
        for those who read only. What each is, ``indexer.derive.registry`` knows.
        """

        ROLLUPS = "rollups", "Counts of each day and of the whole chain"
        GROUPS = "groups", "Answers to the same prompt and seed"
        SEARCH = "search", "Words to search for"
        SERVED = "served", "Counts of each model and provider together"
        PROMPTS = "prompts", "Answers to the same prompt"
        PRESENCE = "presence", "Counts of each model, provider and scout"
        DAYS = "days", "Counts of each day of a model or provider"
        FINGERPRINTS = "fingerprints", "Fingerprints that providers report"
        CHECKS = "checks", "Checks of records"
        WORDINGS = "wordings", "Edits that left the words the same"

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


class EditWording(models.Model):
    """Whether an edit says the same as what was said before it, told by the keys of what is said.

    Written by the derivation of wordings alone, read by the ledger. It is made of keys, which stay when a
    text is erased, so nothing erases it. fsck derives it again.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "prompt_id", "position")
    prompt_id = models.BigIntegerField()
    position = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    is_same = models.BooleanField()

    class Meta:
        indexes = [
            # Those of either kind, as the chain has them.
            models.Index(
                fields=["chain", "generation", "is_same", "position", "prompt_id"], name="edit_wording_order"
            )
        ]


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
