"""Facts: what the chain wrote, independent of the order in which it came.

What a block RID commits to is never updated; another RID at a height is an incident. Erasing is the one
rewrite: a block's body is written again without the erased transactions, whose offset becomes null.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

RID_HEAD = "substr(%(expressions)s, 1, 6)"
"""What RIDs and content keys are looked up by, before they are compared whole: half the size of an index on
all of it.
"""

GENERATION = "(SELECT generation FROM indexer_chain WHERE id = %(chain)s)"
"""The generation that readers see as a statement runs, as SQL of the chain's id."""


class Chain(models.Model):
    """A blockchain that is followed, named by its RID."""

    THIS_MACHINE = "this machine"
    """The network of a chain that ``manage.py run`` made, with scouts that make up what they write."""

    id = models.SmallAutoField(primary_key=True)
    brid = models.BinaryField(unique=True)
    name = models.TextField(default="")
    network = models.TextField(default="")
    generation = models.SmallIntegerField(default=1)  # the one that readers see
    longest_block_ms = models.IntegerField(null=True)  # from a block to the next, by its configuration
    backfilled_at = models.DateTimeField(null=True)  # the last sign of a backfill that is under way
    # The height up to which ``Operation.said`` is read from stored bytes; null where nothing is left to read.
    heard_to = models.BigIntegerField(null=True)
    turn_at = models.DateTimeField(db_default=Now())  # when its nodes are asked next
    round_at = models.DateTimeField(null=True)  # when all of them were asked last
    news_at = models.DateTimeField(null=True)  # when a block with transactions came last


class Configuration(models.Model):
    """A configuration set at a height, as raw GTV: signers, features and the Rell sources that ran."""

    pk = models.CompositePrimaryKey("chain_id", "height")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    height = models.BigIntegerField()
    hash = models.BinaryField()
    merkle_version = models.SmallIntegerField()
    signers = ArrayField(models.BinaryField())
    features = models.JSONField()
    raw = models.BinaryField()


class ConfigurationStanding(models.Model):
    """How far the configuration at a height is proved. Raw bytes may be missing (*unseen*)."""

    class Standing(models.TextChoices):
        """The words of the design."""

        GENESIS = "genesis", "hashes to the blockchain RID"
        PENDING = "pending", "not in force yet"
        NOT_APPLIED = "not applied", "the block at its height says that it failed"
        NAMED = "named by headers", "its hash is the headers' config_hash"
        NOT_NAMED = "not named", "the chain's headers name no configuration"
        CONFIRMED = "signer change confirmed", "a second node says the same"
        NOT_SELF_PROVED = "signer change not self-proved", "no second node confirms it"
        UNSEEN = "unseen", "headers name a configuration that no node gave"

    pk = models.CompositePrimaryKey("chain_id", "height")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    height = models.BigIntegerField()
    standing = models.TextField(choices=Standing)
    hash = models.BinaryField()
    by = models.TextField(default="")  # the nodes that said so
    why = models.TextField(default="")
    assessed_at = models.DateTimeField(auto_now=True)


class ConfigurationInForce(models.Model):
    """Which configuration is in force at a height: a view of the standings without what was not applied.

    From ``height`` to ``last``, both included; ``last`` is null for the newest one, which may be of a height
    that no block has yet. ``signers`` and ``raw`` are null where no node gave it (*unseen*).
    """

    pk = models.CompositePrimaryKey("chain_id", "height")
    chain = models.ForeignKey(Chain, models.DO_NOTHING, related_name="+")
    height = models.BigIntegerField()
    last = models.BigIntegerField(null=True)
    hash = models.BinaryField()
    standing = models.TextField()
    why = models.TextField()
    signers = ArrayField(models.BinaryField(), null=True)
    raw = models.BinaryField(null=True)

    class Meta:
        managed = False


LETTERS = "(lower(left(coalesce(%(expressions)s, ''), 200) COLLATE \"C\"))"
"""What names are sorted by: so many letters of them, capital or small."""


class Name(models.Model):
    """A value that repeats, kept once: models, providers, operation names, signer sets, header ends.

    Looked up by hash: a name may be 12 kB long and must never be a B-tree key.
    """

    class Kind(models.IntegerChoices):
        """What the value is; texts for the first three, GTV for the others."""

        OPERATION = 1
        MODEL = 2
        PROVIDER = 3
        SIGNERS = 4
        HEADER_END = 5

    id = models.AutoField(primary_key=True)
    kind = models.SmallIntegerField(choices=Kind)
    hash = models.BinaryField()
    text = models.TextField(null=True)  # null where PostgreSQL refuses it, or where it is GTV
    raw = models.BinaryField(null=True)  # UTF-8 or GTV, where there is no text

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hash", "kind"], name="name_once")]
        # By their letters, in whichever case, as lists of models and providers have them.
        indexes = [
            models.Index(
                "kind",
                models.Func("text", template=LETTERS),
                "id",
                name="name_letters",
                condition=models.Q(kind__in=(2, 3)),
            )
        ]


class Block(models.Model):
    """A block. One that is empty holds no more than this row: its header is rebuilt from it.

    ``header_end`` interns the GTV array [dependencies, extra].
    """

    pk = models.CompositePrimaryKey("chain_id", "height")
    height = models.BigIntegerField()
    timestamp = models.BigIntegerField()  # ms since 1970, set by the block's builder
    transactions = models.IntegerField()
    header_end = models.ForeignKey(Name, models.DO_NOTHING, db_index=False, db_constraint=False)
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    rid = models.BinaryField()

    class Meta:
        indexes = [models.Index(models.Func("rid", template=RID_HEAD), name="block_rid")]


class BlockBody(models.Model):
    """Header, witness and transactions of a block that has any; header alone where it cannot be rebuilt.

    ``body`` is one zstd frame of the transactions' bytes, one after the other; ``length`` is its size before.
    An empty block's witness is kept until it was checked.
    """

    pk = models.CompositePrimaryKey("chain_id", "height")
    height = models.BigIntegerField()
    length = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    header = models.BinaryField(null=True)
    witness = models.BinaryField(null=True)
    body = models.BinaryField(null=True)


class UncheckedWitness(models.Model):
    """A block whose witness could not be checked, and why. A block without a row here was checked.

    ``tried_by`` is the hash of the configuration that came later and by whose signers it was tried in vain.
    """

    pk = models.CompositePrimaryKey("chain_id", "height")
    height = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    why = models.TextField()
    tried_by = models.BinaryField(null=True)


class Transaction(models.Model):
    """A transaction: where its bytes are in the block's body, and who signed it.

    ``offset`` is null once it was erased. ``oddities`` are the bits of ``indexer.postchain.gtx.Oddity``.
    """

    pk = models.CompositePrimaryKey("chain_id", "height", "ordinal")
    height = models.BigIntegerField()
    ordinal = models.IntegerField()
    length = models.IntegerField()
    signers = models.ForeignKey(Name, models.DO_NOTHING, db_index=False, db_constraint=False)
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    oddities = models.SmallIntegerField()
    rid = models.BinaryField()
    hash = models.BinaryField()
    offset = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(models.Func("rid", template=RID_HEAD), name="transaction_rid"),
            models.Index(models.Func("hash", template=RID_HEAD), name="transaction_hash"),
            models.Index(
                fields=["chain", "height"], name="transaction_erased", condition=models.Q(offset=None)
            ),
        ]


def _by_hash(column: str) -> models.Index:
    """Operations by the head of a hash, where they have one."""
    return models.Index(
        models.Func(column, template=RID_HEAD),
        name=f"operation_{column}",
        condition=models.Q(**{f"{column}__isnull": False}),
    )


class Operation(models.Model):
    """One operation, typed. ``position`` is height * 2^20 + its ordinal in the block.

    ``first`` and ``second`` are its integers: UID and seed of an add, the prompt id of an update or deletion,
    start and end of a batch deletion. Hashes are SHA-256: ``messages`` and ``result`` of the arguments as
    signed, ``result_normal`` of the Rell-normal result, ``prompt`` and ``answer`` are content keys.

    ``said`` is the key of what the result says (``indexer.dapp.completion``), null where it is ``answer``;
    ``noted`` is true where lists have more to tell of it than the answer's text, false where they have not,
    but it has reasoning beside it, else null. ``halved`` is true where the messages hold half a character,
    else null: their text has a question mark there. An operation that was erased before these were kept has
    none of them.
    """

    class Reading(models.IntegerChoices):
        """How the operation was read."""

        UNDERSTOOD = 0
        UNKNOWN_NAME = 1
        UNKNOWN_ARGUMENTS = 2

    class AnswerReason(models.IntegerChoices):
        """Why the answer's text is the whole result: see ``indexer.dapp.rell_json``."""

        CONTENT = 0, "the content string"
        NOT_JSON = 1, "not-json"
        NOT_AN_OBJECT = 2, "not-an-object"
        NO_CHOICES = 3, "no-choices"
        NO_MESSAGE = 4, "no-message"
        NO_CONTENT = 5, "no-content"
        CONTENT_IS_NOT_TEXT = 6, "content-is-not-text"

    pk = models.CompositePrimaryKey("chain_id", "position")
    position = models.BigIntegerField()
    first = models.BigIntegerField(null=True)
    second = models.BigIntegerField(null=True)
    transaction = models.IntegerField()  # ordinal of its transaction in the block
    name = models.ForeignKey(Name, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    model = models.ForeignKey(
        Name, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    provider = models.ForeignKey(
        Name, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    reading = models.SmallIntegerField(choices=Reading)
    answer_reason = models.SmallIntegerField(choices=AnswerReason, null=True)
    key = models.BinaryField(null=True)
    messages = models.BinaryField(null=True)
    prompt = models.BinaryField(null=True)
    result = models.BinaryField(null=True)
    result_normal = models.BinaryField(null=True)
    answer = models.BinaryField(null=True)
    said = models.BinaryField(null=True)
    noted = models.BooleanField(null=True)
    halved = models.BooleanField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["chain", "position"],
                name="operation_not_understood",
                condition=models.Q(reading__gt=0),
            ),
            # Those of one name of which the arguments cannot be read: an add gave out an id all the same.
            models.Index(
                fields=["chain", "name", "position"],
                name="operation_not_read",
                condition=models.Q(reading=2),
            ),
            # Whoever said an answer, first or in an edit, or a text that is erased: erasing keeps all who
            # write texts waiting. Equal keys share one entry, and answers repeat.
            *map(_by_hash, ("answer", "prompt", "result_normal", "said")),
            # What anyone can hash for themselves: the arguments as they were signed.
            *map(_by_hash, ("messages", "result")),
        ]
