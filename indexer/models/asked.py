"""What is derived of prompts: who answered what, and how far that agrees. See ``indexer.models.derived``."""

from typing import Any

from django.db import models

from indexer.models.chain import Chain, Name


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
    """The same of the records that were written on one UTC day, by the time of the block that added them.
    Role, erasing and fsck: see ``Asked``.
    """

    pk = models.CompositePrimaryKey("chain_id", "generation", "of", "key", "day")
    key = models.BigIntegerField()
    day = models.BigIntegerField()  # see Rollup
    compared = models.BigIntegerField()
    agreeing = models.BigIntegerField()
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False, db_constraint=False)
    generation = models.SmallIntegerField()
    of = models.SmallIntegerField()  # Agreement.ALL, or one of Presence.Of
