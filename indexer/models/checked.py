"""What checks say of records (``indexer.checks``), of one generation each.

Written by the derivation of checks alone, up to its checkpoint, and read by pages and the API. They hold
numbers and hashes, no words. What is made from a text goes with it: hiding or erasing a text has the records
that say it judged anew, in the same transaction, and then those checks say that they do not know. fsck
derives all of it again, and compares.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from indexer.models.chain import Chain


class Checked(models.Model):
    """What every check says of a record, as of the derivation's checkpoint: for each check, by its number, a
    byte with the code of its outcome. Role, erasing and fsck: see the module.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "prompt_id")
    prompt_id = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    outcomes = models.BinaryField()


class CheckFinding(models.Model):
    """Something that a check finds of a record now, and by which values.

    ``since`` is the position that caused it. Role, erasing and fsck: see the module.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "number", "prompt_id")
    prompt_id = models.BigIntegerField()
    since = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    number = models.SmallIntegerField()  # of the check
    outcome = models.SmallIntegerField()
    measured = models.JSONField()


class CheckEvent(models.Model):
    """That the outcome of a check changed, by the operation at ``position``: what it was, and is since then.

    What it was when the record was added is no event. Role, erasing and fsck: see the module.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "prompt_id", "number", "position")
    prompt_id = models.BigIntegerField()
    position = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    number = models.SmallIntegerField()  # of the check
    was = models.SmallIntegerField()
    now = models.SmallIntegerField()


class CheckTally(models.Model):
    """Of how many records a check has an outcome now. Role, erasing and fsck: see the module."""

    pk = models.CompositePrimaryKey("chain_id", "generation", "number", "outcome")
    records = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    number = models.SmallIntegerField()  # of the check
    outcome = models.SmallIntegerField()


class CheckNamed(models.Model):
    """Of how many of the records that name a model, provider or scout each check has each result now.

    ``of`` and ``key`` are those of ``Presence``. ``counts`` are four numbers for each check, by its number:
    of how many records it says PASS, FAIL, NOT APPLICABLE and UNKNOWN. They are one value so that a record
    that is added changes three rows, however many checks there are. Role, erasing and fsck: see the module.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "of", "key")
    key = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    of = models.SmallIntegerField()  # of Presence.Of
    counts = ArrayField(models.IntegerField())


class CheckAsked(models.Model):
    """The same of the records that answer a prompt. ``prompt`` is half of its key. Role, erasing and fsck:
    see the module.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "prompt")
    prompt = models.UUIDField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    counts = ArrayField(models.IntegerField())


class CheckSlice(models.Model):
    """The same of the records whose ids are the same but for the last ``BITS`` bits: so a list of what a
    check says passes by those of which it says it of none. Role, erasing and fsck: see the module.
    """

    BITS = 7

    pk = models.CompositePrimaryKey("chain_id", "generation", "slice")
    slice = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    counts = ArrayField(models.IntegerField())


class CheckKin(models.Model):
    """By what a record is compared with all others: those with the same ``key`` should have the same
    ``value``; both are halves of hashes. ``position`` is that of the record. Role, erasing and fsck: see the
    module.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "number", "prompt_id")
    prompt_id = models.BigIntegerField()
    position = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    number = models.SmallIntegerField()  # of the check
    key = models.BinaryField()
    value = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(
                fields=["key", "number", "chain", "generation", "prompt_id", "value"], name="check_kin_key"
            ),
            # What records of a cohort said, each answer once.
            models.Index(
                fields=["key", "chain", "generation", "value", "prompt_id"],
                name="check_kin_value",
                condition=models.Q(number=10),
            ),
        ]


class CheckBand(models.Model):
    """A hash of some runs of words of a text, of which those that are nearly the same have one in common.
    ``text`` is half of the text's key in ``CheckKin``, ``prompt_id`` the record that gave the text first.
    Role, erasing and fsck: see the module.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "band", "prompt_id")
    band = models.BigIntegerField()
    prompt_id = models.BigIntegerField()
    text = models.UUIDField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["text", "chain", "generation"], name="check_band_text")]


class CheckUnsettled(models.Model):
    """A band of which a text stands for another record now, or for none, since something was hidden, erased
    or shown again: who shares it is to be compared anew, in steps. Done are those who give the text that
    stands for the record ``text_of``, up to the one ``after``, and all before them. Role, erasing and fsck:
    see the module; there is none where every ``Withdrawal`` is done.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "band")
    band = models.BigIntegerField()
    text_of = models.BigIntegerField()
    after = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
