"""The progress of the work, what went wrong, and what must not be shown."""

from django.db import models

from indexer.models.chain import Chain


class Window(models.Model):
    """A span of heights whose facts are in. The fold compacts those that lie below its checkpoint."""

    pk = models.CompositePrimaryKey("chain_id", "first")
    chain = models.ForeignKey(Chain, models.CASCADE, db_index=False)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    transactions = models.BigIntegerField()
    operations = models.BigIntegerField()
    finished_at = models.DateTimeField(auto_now_add=True)


class Incident(models.Model):
    """Something that contradicts what should be. Told once for each subject, counted when it comes again."""

    id = models.BigAutoField(primary_key=True)
    chain = models.ForeignKey(Chain, models.CASCADE)
    kind = models.TextField()
    height = models.BigIntegerField()  # -1: of no block
    subject = models.TextField(default="")  # a node's address, a RID
    message = models.TextField()
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(auto_now=True)
    times = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "kind", "height", "subject"], name="incident_once")
        ]


class Node(models.Model):
    """A node that was asked about a chain, and what came of it."""

    id = models.AutoField(primary_key=True)
    chain = models.ForeignKey(Chain, models.CASCADE)
    url = models.TextField()
    height = models.BigIntegerField(null=True)  # of its last block, as it said
    version = models.IntegerField(null=True)  # of its REST API
    answered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.TextField(default="")
    was_false = models.BooleanField(default=False, db_default=False)  # an answer, and nothing held since

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "url"], name="node_once")]


class Suppression(models.Model):
    """A content hash or transaction RID that must not be shown (*hide*) or not even be kept (*erase*)."""

    class Subject(models.TextChoices):
        """What the hash names."""

        CONTENT = "content"
        TRANSACTION = "transaction"

    class Mode(models.TextChoices):
        """How far it goes."""

        HIDE = "hide"
        ERASE = "erase"

    id = models.AutoField(primary_key=True)
    subject = models.TextField(choices=Subject)
    hash = models.BinaryField()
    mode = models.TextField(choices=Mode)
    reason = models.TextField()
    by = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "hash"], name="suppression_once")]


class Withdrawal(models.Model):
    """What derivations made from texts that were hidden, erased or shown again is to be made anew: there
    until that is done, and readers are told meanwhile that it is not known.

    ``is_listed`` is whether ``WithdrawnOperation`` has all that say it and are not done yet; ``is_partial``
    that they were listed before it was known of every record which texts its result holds: once it is, they
    are listed again.
    """

    id = models.AutoField(primary_key=True)
    subject = models.TextField(choices=Suppression.Subject)
    hash = models.BinaryField()
    is_listed = models.BooleanField(default=False, db_default=False)
    is_partial = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "hash"], name="withdrawal_once")]


class WithdrawnOperation(models.Model):
    """An operation for whose texts something is to be made anew; ``is_erased`` is whether the transaction
    loses its bytes too.
    """

    pk = models.CompositePrimaryKey("withdrawal_id", "chain_id", "position")
    position = models.BigIntegerField()
    withdrawal = models.ForeignKey(Withdrawal, models.CASCADE, db_index=False)
    chain = models.ForeignKey(Chain, models.CASCADE)
    is_erased = models.BooleanField()
