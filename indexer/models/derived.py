"""What is derived from the records after the fold, of one generation each, and how far each derivation is.

All of it follows from the records and facts up to its checkpoint: deriving again from nothing gives the same
rows, and fsck compares. What derivations keep here is hashes and numbers, which stay when a text is erased.
"""

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


class Reconciliation(models.Model):
    """A comparison of our records with what a node's own queries say. The newest few of each node stay."""

    id = models.BigAutoField(primary_key=True)
    node = models.ForeignKey(Node, models.CASCADE, db_index=False)
    height = models.BigIntegerField()  # of the last block that the node's answers were compared at
    at = models.DateTimeField()
    asked = models.IntegerField()  # questions that were answered, and compared
    differing = models.IntegerField()
    detail = models.TextField(default="")  # what differed, or why nothing could be asked

    class Meta:
        indexes = [models.Index(fields=["node", "-id"], name="reconciliation_newest")]
