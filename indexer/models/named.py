"""What is derived of the models, providers and scouts that records name. See ``indexer.models.derived``."""

from django.db import models

from indexer.models.chain import Chain, Name


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
    """What was written on one UTC day, by the time of the blocks, of the records that name a model, a
    provider or a scout.

    Written by the derivation of days alone, of one generation, read by the pages of each.
    ``of`` and ``key`` are those of ``Presence``; names cannot be withheld, so nothing erases it. fsck derives
    it again. A revision adds to three rows, so there are at most three times as many as revisions, whatever
    names they have.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "of", "key", "day")
    key = models.BigIntegerField()
    day = models.BigIntegerField()  # see Rollup
    written = models.BigIntegerField()
    edits = models.BigIntegerField()
    deletions = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    of = models.SmallIntegerField()  # one of Presence.Of


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
