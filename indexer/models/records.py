"""Records: a pure function of the facts and the rules' version, one set of rows for each generation."""

from django.db import models

from indexer.models.chain import RID_HEAD, Chain, Name


class Generation(models.Model):
    """One fold of a chain: the present one, or one that is being built beside it."""

    pk = models.CompositePrimaryKey("chain_id", "generation")
    chain = models.ForeignKey(Chain, models.CASCADE, related_name="+", db_index=False)
    generation = models.SmallIntegerField()
    rules = models.SmallIntegerField()  # indexer.dapp.replay.RULES
    started_at = models.DateTimeField(auto_now_add=True)


class Checkpoint(models.Model):
    """How far a generation is folded: moved in the transaction that writes the rows."""

    pk = models.CompositePrimaryKey("chain_id", "generation")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    generation = models.SmallIntegerField()
    height = models.BigIntegerField()  # of the last block folded; -1 before the first
    block_rid = models.BinaryField()
    timestamp = models.BigIntegerField()  # of that block; 0 before the first
    digest = models.BinaryField()
    last_prompt_id = models.BigIntegerField()
    live = models.BigIntegerField()
    owner = models.BinaryField(null=True)
    transactions = models.BigIntegerField()
    operations = models.BigIntegerField()


def _in_order(column: str) -> models.Index:
    """Records with one value, by position. The value comes first, so that nobody who asks for something else
    of a chain and a generation is led here: without statistics one index looks as good as another.
    """
    return models.Index(fields=[column, "chain", "generation", "position"], name=f"record_{column}")


class Record(models.Model):
    """An inference record ``(chain, prompt_id)`` as it stands at the generation's checkpoint."""

    class Status(models.IntegerChoices):
        """The same three words everywhere."""

        LIVE = 1, "live"
        EDITED = 2, "edited"
        DELETED = 3, "deleted"

    pk = models.CompositePrimaryKey("chain_id", "generation", "position")
    position = models.BigIntegerField()  # of the add
    prompt_id = models.BigIntegerField()
    scout = models.BigIntegerField()
    seed = models.BigIntegerField()
    created_at = models.BigIntegerField()  # ms, the previous block's time
    revised_position = models.BigIntegerField()  # of the newest revision
    model = models.ForeignKey(Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    provider = models.ForeignKey(
        Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    revisions = models.IntegerField()  # the add counts
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    status = models.SmallIntegerField(choices=Status)
    prompt = models.BinaryField()
    answer = models.BinaryField()  # the newest one, also of a deleted record
    said = models.BinaryField(null=True)  # the key of what it says, null where that is the answer's

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "generation", "prompt_id"], name="record_prompt_id")
        ]
        indexes = [
            # Read backwards, newest first and lowest id first within a block; rows are added at its end.
            models.Index(
                "chain",
                "generation",
                "created_at",
                models.F("prompt_id").desc(),
                name="record_live",
                condition=~models.Q(status=3),
            ),
            # The records that answer the same messages, with the same seed too, oldest first.
            models.Index(models.Func("prompt", template=RID_HEAD), "seed", "position", name="record_prompt"),
            # Those that are edited or deleted: few of them, and lists want them by themselves.
            models.Index(
                fields=["chain", "generation", "status", "position"],
                name="record_changed",
                condition=models.Q(status__gt=1),
            ),
            # Those that are not, which may lie behind any number of records that were deleted.
            models.Index(
                fields=["chain", "generation", "position"],
                name="record_unchanged",
                condition=models.Q(status=1),
            ),
            # By their newest change.
            models.Index(
                fields=["chain", "generation", "status", "revised_position", "position"],
                name="record_revised",
                condition=models.Q(status__gt=1),
            ),
            # By what lists are filtered by: whatever is rare is found at once, and in order.
            *map(_in_order, ("scout", "model", "provider")),
            # What a scout's records that were changed are found by, without a look at all that it has.
            models.Index(
                fields=["scout", "chain", "generation", "status", "revised_position", "position"],
                name="record_scout_changed",
                condition=models.Q(status__gt=1),
            ),
            # By an expression, so that nobody who asks for a prompt and its seed is led here, as one seed may
            # be that of all records.
            models.Index(
                models.Func("seed", template="(%(expressions)s + 0)"),
                "chain",
                "generation",
                "position",
                name="record_seed",
            ),
        ]


class Revision(models.Model):
    """What one operation did to one record. Its texts are those of the operation at ``position``.

    ``superseded_position`` is the next revision's position, so the state after any block is a range
    condition.
    """

    class Kind(models.IntegerChoices):
        """The operation that made it."""

        ADD = 1, "add_prompt_history"
        UPDATE = 2, "update_prompt_history"
        DELETE = 3, "delete_prompt_history"
        BATCH_DELETE = 4, "batch_delete_prompt_histories"

    pk = models.CompositePrimaryKey("chain_id", "generation", "position", "prompt_id")
    position = models.BigIntegerField()
    prompt_id = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    kind = models.SmallIntegerField(choices=Kind)
    superseded_position = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            # The revisions of one record; its first one is found by the record's own position.
            models.Index(
                fields=["chain", "generation", "prompt_id", "position"],
                name="revision_later",
                condition=models.Q(kind__gt=1),
            ),
            # Edits and deletions, as the chain has them, and those of one kind.
            models.Index(
                fields=["chain", "generation", "position", "prompt_id"],
                name="revision_changes",
                condition=models.Q(kind__gt=1),
            ),
            models.Index(
                fields=["chain", "generation", "kind", "position", "prompt_id"],
                name="revision_kind",
                condition=models.Q(kind__gt=1),
            ),
        ]


class BlockDigest(models.Model):
    """The digest after a block that has revisions."""

    pk = models.CompositePrimaryKey("chain_id", "generation", "height")
    height = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    digest = models.BinaryField()

    class Meta:
        indexes = [models.Index(models.Func("digest", template=RID_HEAD), name="block_digest")]


class Owner(models.Model):
    """The key that may write from a position on. Position -1: read in configuration 0's Rell source."""

    pk = models.CompositePrimaryKey("chain_id", "generation", "position")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    generation = models.SmallIntegerField()
    position = models.BigIntegerField()
    key = models.BinaryField(null=True)  # null: unknown
