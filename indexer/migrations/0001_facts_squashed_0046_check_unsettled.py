"""The index's tables as 0001 to 0046 leave them, for a database that has none yet.

A column lies where those put it, so that every database has the same order. What they did to rows that were
there is left out: here are none.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

_REASONS = [
    (0, "None"),
    (1, "holds a NUL character"),
    (2, "too large for a text column"),
    (3, "erased, hash only"),
]
_ANSWERS = [
    (0, "the content string"),
    (1, "not-json"),
    (2, "not-an-object"),
    (3, "no-choices"),
    (4, "no-message"),
    (5, "no-content"),
    (6, "content-is-not-text"),
]
_READINGS = [(0, "Understood"), (1, "Unknown Name"), (2, "Unknown Arguments")]
_KINDS = [
    (1, "add_prompt_history"),
    (2, "update_prompt_history"),
    (3, "delete_prompt_history"),
    (4, "batch_delete_prompt_histories"),
]
_NAMES = [(1, "Operation"), (2, "Model"), (3, "Provider"), (4, "Signers"), (5, "Header End")]
_SUBJECTS = [("content", "Content"), ("transaction", "Transaction")]
_STANDINGS = [
    ("genesis", "hashes to the blockchain RID"),
    ("pending", "not in force yet"),
    ("not applied", "the block at its height says that it failed"),
    ("named by headers", "its hash is the headers' config_hash"),
    ("not named", "the chain's headers name no configuration"),
    ("signer change confirmed", "a second node says the same"),
    ("signer change not self-proved", "no second node confirms it"),
    ("unseen", "headers name a configuration that no node gave"),
]


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


def _chain(*, db_index: bool = False, **options: bool | str) -> models.ForeignKey:
    return models.ForeignKey("indexer.chain", models.CASCADE, db_index=db_index, **options)


def _name(**options: bool) -> models.ForeignKey:
    return models.ForeignKey(
        "indexer.name", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", **options
    )


def _head(column: str) -> models.Func:
    return models.Func(column, template="substr(%(expressions)s, 1, 6)")


def _unnamed(column: str) -> models.Func:
    return models.Func(column, template="(%(expressions)s + 0)")


_TABLES = [
    migrations.CreateModel(
        "Answer",
        [
            ("hash", models.BinaryField(primary_key=True, serialize=False)),
            ("length", models.IntegerField()),
            ("reason", models.SmallIntegerField(choices=_REASONS)),
            ("text", models.TextField(null=True)),
            ("raw", models.BinaryField(null=True)),
        ],
    ),
    migrations.CreateModel(
        "Chain",
        [
            ("id", models.SmallAutoField(primary_key=True, serialize=False)),
            ("brid", models.BinaryField(unique=True)),
            ("name", models.TextField(default="")),
            ("network", models.TextField(default="")),
            ("generation", models.SmallIntegerField(default=1)),
            ("backfilled_at", models.DateTimeField(null=True)),
            ("heard_to", models.BigIntegerField(null=True)),
            ("turn_at", models.DateTimeField(db_default=Now())),
            ("round_at", models.DateTimeField(null=True)),
            ("news_at", models.DateTimeField(null=True)),
            ("longest_block_ms", models.IntegerField(null=True)),
        ],
    ),
    migrations.CreateModel(
        "Prompt",
        [
            ("hash", models.BinaryField(primary_key=True, serialize=False)),
            ("length", models.IntegerField()),
            ("reason", models.SmallIntegerField(choices=_REASONS)),
            ("text", models.TextField(null=True)),
            ("raw", models.BinaryField(null=True)),
        ],
    ),
    migrations.CreateModel(
        "BlockDigest",
        [
            ("pk", _key("chain_id", "generation", "height")),
            ("height", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("digest", models.BinaryField()),
            ("chain", _chain(db_constraint=False)),
        ],
        options={"indexes": [models.Index(_head("digest"), name="block_digest")]},
    ),
    migrations.CreateModel(
        "BlockBody",
        [
            ("pk", _key("chain_id", "height")),
            ("height", models.BigIntegerField()),
            ("length", models.BigIntegerField()),
            ("header", models.BinaryField(null=True)),
            ("witness", models.BinaryField(null=True)),
            ("body", models.BinaryField(null=True)),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
    migrations.CreateModel(
        "Checkpoint",
        [
            ("pk", _key("chain_id", "generation")),
            ("generation", models.SmallIntegerField()),
            ("height", models.BigIntegerField()),
            ("block_rid", models.BinaryField()),
            ("timestamp", models.BigIntegerField()),
            ("digest", models.BinaryField()),
            ("last_prompt_id", models.BigIntegerField()),
            ("live", models.BigIntegerField()),
            ("owner", models.BinaryField(null=True)),
            ("transactions", models.BigIntegerField()),
            ("operations", models.BigIntegerField()),
            ("chain", _chain()),
        ],
    ),
    migrations.CreateModel(
        "Configuration",
        [
            ("pk", _key("chain_id", "height")),
            ("height", models.BigIntegerField()),
            ("hash", models.BinaryField()),
            ("merkle_version", models.SmallIntegerField()),
            ("signers", ArrayField(models.BinaryField())),
            ("features", models.JSONField()),
            ("raw", models.BinaryField()),
            ("chain", _chain()),
        ],
    ),
    migrations.CreateModel(
        "ConfigurationStanding",
        [
            ("pk", _key("chain_id", "height")),
            ("height", models.BigIntegerField()),
            ("standing", models.TextField(choices=_STANDINGS)),
            ("hash", models.BinaryField()),
            ("by", models.TextField(default="")),
            ("why", models.TextField(default="")),
            ("assessed_at", models.DateTimeField(auto_now=True)),
            ("chain", _chain()),
        ],
    ),
    migrations.CreateModel(
        "Generation",
        [
            ("pk", _key("chain_id", "generation")),
            ("generation", models.SmallIntegerField()),
            ("rules", models.SmallIntegerField()),
            ("started_at", models.DateTimeField(auto_now_add=True)),
            ("chain", _chain(related_name="+")),
        ],
    ),
    migrations.CreateModel(
        "Name",
        [
            ("id", models.AutoField(primary_key=True, serialize=False)),
            ("kind", models.SmallIntegerField(choices=_NAMES)),
            ("hash", models.BinaryField()),
            ("text", models.TextField(null=True)),
            ("raw", models.BinaryField(null=True)),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("hash", "kind"), name="name_once")],
            "indexes": [
                models.Index(
                    models.F("kind"),
                    models.Func(
                        "text", template="(lower(left(coalesce(%(expressions)s, ''), 200) COLLATE \"C\"))"
                    ),
                    models.F("id"),
                    condition=models.Q(kind__in=(2, 3)),
                    name="name_letters",
                )
            ],
        },
    ),
    migrations.CreateModel(
        "Owner",
        [
            ("pk", _key("chain_id", "generation", "position")),
            ("generation", models.SmallIntegerField()),
            ("position", models.BigIntegerField()),
            ("key", models.BinaryField(null=True)),
            ("chain", _chain()),
        ],
    ),
    migrations.CreateModel(
        "Suppression",
        [
            ("id", models.AutoField(primary_key=True, serialize=False)),
            ("subject", models.TextField(choices=_SUBJECTS)),
            ("hash", models.BinaryField()),
            ("mode", models.TextField(choices=[("hide", "Hide"), ("erase", "Erase")])),
            ("reason", models.TextField()),
            ("by", models.TextField()),
            ("at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("subject", "hash"), name="suppression_once")]
        },
    ),
    migrations.CreateModel(
        "UncheckedWitness",
        [
            ("pk", _key("chain_id", "height")),
            ("height", models.BigIntegerField()),
            ("why", models.TextField()),
            ("chain", _chain(db_constraint=False)),
            ("tried_by", models.BinaryField(null=True)),
        ],
    ),
    migrations.CreateModel(
        "Window",
        [
            ("pk", _key("chain_id", "first")),
            ("first", models.BigIntegerField()),
            ("last", models.BigIntegerField()),
            ("transactions", models.BigIntegerField()),
            ("operations", models.BigIntegerField()),
            ("finished_at", models.DateTimeField(auto_now_add=True)),
            ("chain", _chain()),
        ],
    ),
    migrations.CreateModel(
        "Incident",
        [
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("kind", models.TextField()),
            ("height", models.BigIntegerField()),
            ("subject", models.TextField(default="")),
            ("message", models.TextField()),
            ("first_at", models.DateTimeField(auto_now_add=True)),
            ("last_at", models.DateTimeField(auto_now=True)),
            ("times", models.IntegerField(default=1)),
            ("chain", _chain(db_index=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("chain", "kind", "height", "subject"), name="incident_once")
            ]
        },
    ),
    migrations.CreateModel(
        "Block",
        [
            ("pk", _key("chain_id", "height")),
            ("height", models.BigIntegerField()),
            ("timestamp", models.BigIntegerField()),
            ("transactions", models.IntegerField()),
            ("rid", models.BinaryField()),
            ("chain", _chain(db_constraint=False)),
            (
                "header_end",
                models.ForeignKey("indexer.name", models.DO_NOTHING, db_constraint=False, db_index=False),
            ),
        ],
        options={"indexes": [models.Index(_head("rid"), name="block_rid")]},
    ),
    migrations.CreateModel(
        "Node",
        [
            ("id", models.AutoField(primary_key=True, serialize=False)),
            ("url", models.TextField()),
            ("height", models.BigIntegerField(null=True)),
            ("version", models.IntegerField(null=True)),
            ("answered_at", models.DateTimeField(null=True)),
            ("failed_at", models.DateTimeField(null=True)),
            ("failure", models.TextField(default="")),
            ("chain", _chain(db_index=True)),
            ("was_false", models.BooleanField(db_default=False, default=False)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("chain", "url"), name="node_once")]},
    ),
    migrations.CreateModel(
        "Operation",
        [
            ("pk", _key("chain_id", "position")),
            ("position", models.BigIntegerField()),
            ("first", models.BigIntegerField(null=True)),
            ("second", models.BigIntegerField(null=True)),
            ("transaction", models.IntegerField()),
            ("reading", models.SmallIntegerField(choices=_READINGS)),
            ("answer_reason", models.SmallIntegerField(choices=_ANSWERS, null=True)),
            ("key", models.BinaryField(null=True)),
            ("messages", models.BinaryField(null=True)),
            ("prompt", models.BinaryField(null=True)),
            ("result", models.BinaryField(null=True)),
            ("result_normal", models.BinaryField(null=True)),
            ("answer", models.BinaryField(null=True)),
            ("chain", _chain(db_constraint=False)),
            ("model", _name(null=True)),
            ("name", _name()),
            ("provider", _name(null=True)),
            ("said", models.BinaryField(null=True)),
            ("noted", models.BooleanField(null=True)),
            ("halved", models.BooleanField(null=True)),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(reading__gt=0),
                    fields=["chain", "position"],
                    name="operation_not_understood",
                ),
                models.Index(
                    _head("answer"), condition=models.Q(answer__isnull=False), name="operation_answer"
                ),
                models.Index(
                    _head("messages"), condition=models.Q(messages__isnull=False), name="operation_messages"
                ),
                models.Index(
                    _head("result"), condition=models.Q(result__isnull=False), name="operation_result"
                ),
                models.Index(
                    _head("prompt"), condition=models.Q(prompt__isnull=False), name="operation_prompt"
                ),
                models.Index(
                    _head("result_normal"),
                    condition=models.Q(result_normal__isnull=False),
                    name="operation_result_normal",
                ),
                models.Index(_head("said"), condition=models.Q(said__isnull=False), name="operation_said"),
                models.Index(
                    condition=models.Q(reading=2),
                    fields=["chain", "name", "position"],
                    name="operation_not_read",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        "Record",
        [
            ("pk", _key("chain_id", "generation", "position")),
            ("position", models.BigIntegerField()),
            ("prompt_id", models.BigIntegerField()),
            ("scout", models.BigIntegerField()),
            ("seed", models.BigIntegerField()),
            ("created_at", models.BigIntegerField()),
            ("revised_position", models.BigIntegerField()),
            ("revisions", models.IntegerField()),
            ("generation", models.SmallIntegerField()),
            ("status", models.SmallIntegerField(choices=[(1, "live"), (2, "edited"), (3, "deleted")])),
            ("prompt", models.BinaryField()),
            ("answer", models.BinaryField()),
            ("chain", _chain(db_constraint=False)),
            ("model", _name()),
            ("provider", _name()),
            ("said", models.BinaryField(null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("chain", "generation", "prompt_id"), name="record_prompt_id")
            ],
            "indexes": [
                models.Index(
                    models.F("chain"),
                    models.F("generation"),
                    models.F("created_at"),
                    models.OrderBy(models.F("prompt_id"), descending=True),
                    condition=~models.Q(status=3),
                    name="record_live",
                ),
                models.Index(_head("prompt"), models.F("seed"), models.F("position"), name="record_prompt"),
                models.Index(
                    condition=models.Q(status__gt=1),
                    fields=["chain", "generation", "status", "position"],
                    name="record_changed",
                ),
                models.Index(
                    condition=models.Q(status=1),
                    fields=["chain", "generation", "position"],
                    name="record_unchanged",
                ),
                models.Index(
                    condition=models.Q(status__gt=1),
                    fields=["chain", "generation", "status", "revised_position", "position"],
                    name="record_revised",
                ),
                models.Index(fields=["scout", "chain", "generation", "position"], name="record_scout"),
                models.Index(fields=["model", "chain", "generation", "position"], name="record_model"),
                models.Index(fields=["provider", "chain", "generation", "position"], name="record_provider"),
                models.Index(
                    _unnamed("seed"),
                    models.F("chain"),
                    models.F("generation"),
                    models.F("position"),
                    name="record_seed",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        "Revision",
        [
            ("pk", _key("chain_id", "generation", "position", "prompt_id")),
            ("position", models.BigIntegerField()),
            ("prompt_id", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("kind", models.SmallIntegerField(choices=_KINDS)),
            ("superseded_position", models.BigIntegerField(null=True)),
            ("chain", _chain(db_constraint=False)),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(kind__gt=1),
                    fields=["chain", "generation", "prompt_id", "position"],
                    name="revision_later",
                ),
                models.Index(
                    condition=models.Q(kind__gt=1),
                    fields=["chain", "generation", "position", "prompt_id"],
                    name="revision_changes",
                ),
                models.Index(
                    condition=models.Q(kind__gt=1),
                    fields=["chain", "generation", "kind", "position", "prompt_id"],
                    name="revision_kind",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        "Transaction",
        [
            ("pk", _key("chain_id", "height", "ordinal")),
            ("height", models.BigIntegerField()),
            ("ordinal", models.IntegerField()),
            ("length", models.IntegerField()),
            ("oddities", models.SmallIntegerField()),
            ("rid", models.BinaryField()),
            ("hash", models.BinaryField()),
            ("offset", models.IntegerField(null=True)),
            ("chain", _chain(db_constraint=False)),
            (
                "signers",
                models.ForeignKey("indexer.name", models.DO_NOTHING, db_constraint=False, db_index=False),
            ),
        ],
        options={
            "indexes": [
                models.Index(_head("rid"), name="transaction_rid"),
                models.Index(
                    condition=models.Q(offset=None), fields=["chain", "height"], name="transaction_erased"
                ),
                models.Index(_head("hash"), name="transaction_hash"),
            ]
        },
    ),
    migrations.CreateModel(
        "Group",
        [
            ("pk", _key("chain_id", "generation", "prompt", "seed")),
            ("number", models.BigIntegerField()),
            ("seed", models.BigIntegerField()),
            ("records", models.IntegerField()),
            ("live", models.IntegerField()),
            ("answers", models.IntegerField()),
            ("answers_now", models.IntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("generation", models.SmallIntegerField()),
            ("prompt", models.BinaryField()),
        ],
    ),
    migrations.CreateModel(
        "GroupAnswer",
        [
            ("pk", _key("chain_id", "generation", "number", "answer")),
            ("number", models.BigIntegerField()),
            ("first", models.IntegerField()),
            ("now", models.IntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("generation", models.SmallIntegerField()),
            ("answer", models.BinaryField()),
        ],
    ),
    migrations.CreateModel(
        "Rollup",
        [
            ("pk", _key("chain_id", "generation", "day")),
            ("chain", _chain()),
            ("generation", models.SmallIntegerField()),
            ("day", models.BigIntegerField()),
            ("written", models.BigIntegerField()),
            ("edits", models.BigIntegerField()),
            ("deletions", models.BigIntegerField()),
            ("first_height", models.BigIntegerField(null=True)),
            ("last_height", models.BigIntegerField(null=True)),
        ],
    ),
    migrations.CreateModel(
        "Count",
        [
            ("pk", _key("chain_id", "generation", "of")),
            ("chain", _chain()),
            ("generation", models.SmallIntegerField()),
            ("of", models.TextField()),
            ("count", models.BigIntegerField()),
        ],
    ),
    migrations.CreateModel(
        "NotUnderstood",
        [
            ("pk", _key("chain_id", "generation", "name_id")),
            ("chain", _chain()),
            ("generation", models.SmallIntegerField()),
            ("name", _name()),
            ("times", models.BigIntegerField()),
            ("first_height", models.BigIntegerField()),
            ("last_height", models.BigIntegerField()),
        ],
    ),
    migrations.CreateModel(
        "Reconciliation",
        [
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("node", models.ForeignKey("indexer.node", models.CASCADE, db_index=False)),
            ("height", models.BigIntegerField()),
            ("at", models.DateTimeField()),
            ("asked", models.IntegerField()),
            ("differing", models.IntegerField()),
            ("detail", models.TextField(default="")),
            ("differing_records", ArrayField(models.BigIntegerField(), default=list)),
            ("records", ArrayField(models.BigIntegerField(), default=list)),
        ],
        options={"indexes": [models.Index(fields=["node", "-id"], name="reconciliation_newest")]},
    ),
    migrations.CreateModel(
        "DerivationCheckpoint",
        [
            ("pk", _key("chain_id", "generation", "name")),
            ("chain", _chain()),
            ("generation", models.SmallIntegerField()),
            ("name", models.TextField()),
            ("height", models.BigIntegerField()),
            ("at", models.DateTimeField()),
        ],
    ),
    migrations.CreateModel(
        "ConfigurationInForce",
        [
            (
                "pk",
                models.CompositePrimaryKey(
                    "chain_id", "height", blank=True, editable=False, primary_key=True
                ),
            ),
            ("height", models.BigIntegerField()),
            ("last", models.BigIntegerField(null=True)),
            ("hash", models.BinaryField()),
            ("standing", models.TextField()),
            ("why", models.TextField()),
            ("signers", ArrayField(models.BinaryField(), null=True)),
            ("raw", models.BinaryField(null=True)),
            ("chain", models.ForeignKey("indexer.chain", models.DO_NOTHING, related_name="+")),
        ],
        options={"managed": False},
    ),
    migrations.CreateModel(
        "SearchUnit",
        [
            ("id", models.UUIDField(primary_key=True, serialize=False)),
            ("chain", _chain(db_constraint=False)),
            ("prompt_cut", models.BooleanField()),
            ("answer_cut", models.BooleanField()),
            ("private", models.SmallIntegerField()),
            ("words", SearchVectorField()),
        ],
        options={
            "indexes": [
                GinIndex(fields=["words"], gin_pending_list_limit=16384, name="search_unit_words"),
                models.Index(condition=models.Q(private__gt=0), fields=["id"], name="search_unit_private"),
            ]
        },
    ),
    migrations.CreateModel(
        "SearchRecord",
        [
            ("pk", _key("chain_id", "generation", "position")),
            ("position", models.BigIntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("generation", models.SmallIntegerField()),
            ("ever", models.UUIDField()),
            ("first", models.UUIDField(null=True)),
            ("now", models.UUIDField(null=True)),
        ],
        options={
            "indexes": [
                models.Index(fields=["ever", "generation", "position"], name="search_record_ever"),
                models.Index(
                    condition=models.Q(first__isnull=False),
                    fields=["first", "generation", "position"],
                    name="search_record_first",
                ),
                models.Index(
                    condition=models.Q(now__isnull=False),
                    fields=["now", "generation", "position"],
                    name="search_record_now",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        "Served",
        [
            ("pk", _key("chain_id", "generation", "model_id", "provider_id")),
            ("generation", models.SmallIntegerField()),
            ("records", models.BigIntegerField()),
            ("edited", models.BigIntegerField()),
            ("deleted", models.BigIntegerField()),
            ("chain", _chain()),
            ("model", _name()),
            ("provider", _name()),
        ],
        options={
            "indexes": [models.Index(fields=["provider", "chain", "generation"], name="served_provider")]
        },
    ),
    migrations.CreateModel(
        "AnswerScout",
        [
            ("pk", _key("chain_id", "generation", "number", "scout")),
            ("number", models.BigIntegerField()),
            ("scout", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
    migrations.CreateModel(
        "Asked",
        [
            ("pk", _key("chain_id", "generation", "prompt")),
            ("number", models.BigIntegerField()),
            ("newest", models.BigIntegerField()),
            ("records", models.IntegerField()),
            ("live", models.IntegerField()),
            ("edited", models.IntegerField()),
            ("answers", models.IntegerField()),
            ("answers_now", models.IntegerField()),
            ("answers_ever", models.IntegerField()),
            ("cohorts", models.IntegerField()),
            ("paired", models.IntegerField()),
            ("differing", models.IntegerField()),
            ("generation", models.SmallIntegerField()),
            ("prompt", models.BinaryField()),
            ("chain", _chain(db_constraint=False)),
        ],
        options={
            "indexes": [
                models.Index(fields=["chain", "generation", "newest", "number"], name="asked_newest"),
                models.Index(fields=["chain", "generation", "answers", "number"], name="asked_answers"),
                models.Index(fields=["chain", "generation", "differing", "number"], name="asked_differing"),
            ]
        },
    ),
    migrations.CreateModel(
        "AskedAnswer",
        [
            ("pk", _key("chain_id", "generation", "asked", "answer")),
            ("asked", models.BigIntegerField()),
            ("number", models.BigIntegerField()),
            ("said", models.IntegerField()),
            ("first", models.IntegerField()),
            ("now", models.IntegerField()),
            ("edited", models.IntegerField()),
            ("deleted", models.IntegerField()),
            ("scouts", models.IntegerField()),
            ("generation", models.SmallIntegerField()),
            ("answer", models.BinaryField()),
            ("chain", _chain(db_constraint=False)),
        ],
        options={
            "indexes": [
                models.Index(
                    _unnamed("asked"),
                    models.F("chain"),
                    models.F("generation"),
                    models.OrderBy(models.F("first"), descending=True),
                    models.F("number"),
                    name="asked_answer_first",
                )
            ]
        },
    ),
    migrations.CreateModel(
        "Cohort",
        [
            ("pk", _key("chain_id", "generation", "asked", "seed", "model_id", "provider_id")),
            ("asked", models.BigIntegerField()),
            ("seed", models.BigIntegerField()),
            ("number", models.BigIntegerField()),
            ("commonest", models.BigIntegerField()),
            ("records", models.IntegerField()),
            ("live", models.IntegerField()),
            ("answers", models.IntegerField()),
            ("most", models.IntegerField()),
            ("generation", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("model", _name()),
            ("provider", _name()),
        ],
        options={
            "indexes": [
                models.Index(
                    _unnamed("asked"),
                    models.F("chain"),
                    models.F("generation"),
                    models.OrderBy(models.F("records"), descending=True),
                    models.F("number"),
                    name="cohort_records",
                ),
                models.Index(
                    _unnamed("asked"),
                    models.F("chain"),
                    models.F("generation"),
                    models.OrderBy(models.F("records") - models.F("most"), descending=True),
                    models.F("number"),
                    condition=models.Q(records__gt=models.F("most")),
                    name="cohort_differing",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        "CohortAnswer",
        [
            ("pk", _key("chain_id", "generation", "number", "cohort")),
            ("number", models.BigIntegerField()),
            ("cohort", models.BigIntegerField()),
            ("position", models.BigIntegerField(null=True)),
            ("first", models.IntegerField()),
            ("now", models.IntegerField()),
            ("generation", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("model", _name()),
            ("provider", _name()),
        ],
        options={
            "indexes": [
                models.Index(
                    _unnamed("cohort"),
                    models.F("chain"),
                    models.F("generation"),
                    models.OrderBy(models.F("first"), descending=True),
                    models.F("position"),
                    name="cohort_answer_first",
                )
            ]
        },
    ),
    migrations.CreateModel(
        "Presence",
        [
            ("pk", _key("chain_id", "generation", "of", "key")),
            ("key", models.BigIntegerField()),
            ("records", models.BigIntegerField()),
            ("edited", models.BigIntegerField()),
            ("deleted", models.BigIntegerField()),
            ("first", models.BigIntegerField()),
            ("last", models.BigIntegerField()),
            ("first_at", models.BigIntegerField()),
            ("last_at", models.BigIntegerField()),
            ("chain", _chain()),
            ("generation", models.SmallIntegerField()),
            ("of", models.SmallIntegerField(choices=[(1, "Model"), (2, "Provider"), (3, "Scout")])),
        ],
        options={
            "indexes": [
                models.Index(fields=["chain", "generation", "of", "records", "key"], name="presence_records"),
                models.Index(
                    fields=["chain", "generation", "of", "first_at", "key"], name="presence_first_at"
                ),
                models.Index(fields=["chain", "generation", "of", "last_at", "key"], name="presence_last_at"),
            ]
        },
    ),
    migrations.CreateModel(
        "Agreement",
        [
            ("pk", _key("chain_id", "generation", "of", "key")),
            ("key", models.BigIntegerField()),
            ("compared", models.BigIntegerField()),
            ("agreeing", models.BigIntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("generation", models.SmallIntegerField()),
            ("of", models.SmallIntegerField()),
        ],
    ),
    migrations.CreateModel(
        "AgreementDay",
        [
            ("pk", _key("chain_id", "generation", "of", "key", "day")),
            ("key", models.BigIntegerField()),
            ("day", models.BigIntegerField()),
            ("compared", models.BigIntegerField()),
            ("agreeing", models.BigIntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("generation", models.SmallIntegerField()),
            ("of", models.SmallIntegerField()),
        ],
    ),
    migrations.CreateModel(
        "NamedDay",
        [
            ("pk", _key("chain_id", "generation", "of", "key", "day")),
            ("key", models.BigIntegerField()),
            ("day", models.BigIntegerField()),
            ("written", models.BigIntegerField()),
            ("edits", models.BigIntegerField()),
            ("deletions", models.BigIntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("generation", models.SmallIntegerField()),
            ("of", models.SmallIntegerField()),
        ],
    ),
    migrations.CreateModel(
        "Fingerprint",
        [
            ("pk", _key("chain_id", "generation", "of", "key", "fingerprint")),
            ("fingerprint", models.UUIDField()),
            ("key", models.BigIntegerField()),
            ("records", models.BigIntegerField()),
            ("first", models.BigIntegerField()),
            ("last", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("of", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
        ],
        options={
            "indexes": [
                models.Index(fields=["chain", "generation", "of", "key", "last"], name="fingerprint_last")
            ]
        },
    ),
    migrations.CreateModel(
        "FingerprintRecord",
        [
            ("pk", _key("chain_id", "generation", "position")),
            ("fingerprint", models.UUIDField()),
            ("position", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
            ("model", _name()),
            ("provider", _name()),
        ],
        options={
            "indexes": [
                models.Index(
                    fields=["fingerprint", "chain", "generation", "position"], name="fingerprint_record"
                )
            ]
        },
    ),
    migrations.CreateModel(
        "Checked",
        [
            ("pk", _key("chain_id", "generation", "prompt_id")),
            ("prompt_id", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("outcomes", models.BinaryField()),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
    migrations.CreateModel(
        "CheckEvent",
        [
            ("pk", _key("chain_id", "generation", "prompt_id", "number", "position")),
            ("prompt_id", models.BigIntegerField()),
            ("position", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("number", models.SmallIntegerField()),
            ("was", models.SmallIntegerField()),
            ("now", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
    migrations.CreateModel(
        "CheckFinding",
        [
            ("pk", _key("chain_id", "generation", "number", "prompt_id")),
            ("prompt_id", models.BigIntegerField()),
            ("since", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("number", models.SmallIntegerField()),
            ("outcome", models.SmallIntegerField()),
            ("measured", models.JSONField()),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
    migrations.CreateModel(
        "CheckTally",
        [
            ("pk", _key("chain_id", "generation", "number", "outcome")),
            ("records", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("number", models.SmallIntegerField()),
            ("outcome", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
    migrations.CreateModel(
        "CheckKin",
        [
            ("pk", _key("chain_id", "generation", "number", "prompt_id")),
            ("prompt_id", models.BigIntegerField()),
            ("position", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("number", models.SmallIntegerField()),
            ("key", models.BinaryField()),
            ("value", models.BinaryField()),
            ("chain", _chain(db_constraint=False)),
        ],
        options={
            "indexes": [
                models.Index(
                    fields=["key", "number", "chain", "generation", "prompt_id", "value"],
                    name="check_kin_key",
                ),
                models.Index(
                    condition=models.Q(number=10),
                    fields=["key", "chain", "generation", "value", "prompt_id"],
                    name="check_kin_value",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        "Withdrawal",
        [
            ("id", models.AutoField(primary_key=True, serialize=False)),
            ("subject", models.TextField(choices=_SUBJECTS)),
            ("hash", models.BinaryField()),
            ("is_listed", models.BooleanField(db_default=False, default=False)),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("subject", "hash"), name="withdrawal_once")]
        },
    ),
    migrations.CreateModel(
        "WithdrawnOperation",
        [
            ("pk", _key("withdrawal_id", "chain_id", "position")),
            ("position", models.BigIntegerField()),
            ("is_erased", models.BooleanField()),
            ("chain", _chain(db_index=True)),
            ("withdrawal", models.ForeignKey("indexer.withdrawal", models.CASCADE, db_index=False)),
        ],
    ),
    migrations.CreateModel(
        "CheckBand",
        [
            ("pk", _key("chain_id", "generation", "band", "prompt_id")),
            ("band", models.BigIntegerField()),
            ("prompt_id", models.BigIntegerField()),
            ("text", models.UUIDField()),
            ("generation", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
        ],
        options={"indexes": [models.Index(fields=["text", "chain", "generation"], name="check_band_text")]},
    ),
    migrations.CreateModel(
        "CheckAsked",
        [
            ("pk", _key("chain_id", "generation", "prompt")),
            ("prompt", models.UUIDField()),
            ("generation", models.SmallIntegerField()),
            ("counts", ArrayField(models.IntegerField())),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
    migrations.CreateModel(
        "CheckNamed",
        [
            ("pk", _key("chain_id", "generation", "of", "key")),
            ("key", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("of", models.SmallIntegerField()),
            ("counts", ArrayField(models.IntegerField())),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
    migrations.CreateModel(
        "CheckUnsettled",
        [
            ("pk", _key("chain_id", "generation", "band")),
            ("band", models.BigIntegerField()),
            ("text_of", models.BigIntegerField()),
            ("after", models.BigIntegerField()),
            ("generation", models.SmallIntegerField()),
            ("chain", _chain(db_constraint=False)),
        ],
    ),
]


_VIEW = """
    CREATE VIEW indexer_configurationinforce AS
    SELECT s.chain_id, s.height,
           lead(s.height) OVER (PARTITION BY s.chain_id ORDER BY s.height) - 1 AS last,
           s.hash, s.standing, s.why, c.signers, c.raw
    FROM indexer_configurationstanding s
    LEFT JOIN indexer_configuration c
        ON c.chain_id = s.chain_id AND c.height = s.height AND c.hash = s.hash AND s.standing <> 'unseen'
    WHERE s.standing <> 'not applied'
"""
# What is compressed already does not shrink, and words are walked past; no statistics may hold a text.
_STORED = """
    ALTER TABLE indexer_blockbody ALTER COLUMN body SET STORAGE EXTERNAL, ALTER COLUMN body SET STATISTICS 0;
    ALTER TABLE indexer_prompt ALTER COLUMN text SET STATISTICS 0, ALTER COLUMN raw SET STATISTICS 0;
    ALTER TABLE indexer_answer ALTER COLUMN text SET STATISTICS 0, ALTER COLUMN raw SET STATISTICS 0;
    ALTER TABLE indexer_searchunit SET (toast_tuple_target = 128),
        ALTER COLUMN words SET STORAGE EXTERNAL, ALTER COLUMN words SET STATISTICS 0
"""


class CreateModels(Operation):
    """Many of `CreateModel` at once.

    They refer to one table, so for each that a state gets Django renders anew those that it has: more than a
    thousand for these. Of a state that is not rendered yet it renders each once.
    """

    def __init__(self, models: list[migrations.CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # rendered when it is asked for next
        for each in self.models:
            each.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for each in self.models:
            each.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for each in reversed(self.models):
            each.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.models)} models"


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("indexer", name)
        for name in (
            "0001_facts",
            "0002_storage",
            "0003_derived",
            "0004_record_lookups",
            "0005_operation_answer",
            "0006_transaction_erased",
            "0007_hash_lookups",
            "0008_node_was_false",
            "0009_chain_backfilled_at",
            "0010_derivation_checkpoint",
            "0011_configuration_in_force",
            "0012_witness_tried_by",
            "0013_operation_said_lookups",
            "0014_record_unchanged",
            "0015_standing_words",
            "0016_said",
            "0017_operation_said",
            "0018_chain_turns",
            "0019_chain_block_time",
            "0020_operation_halved",
            "0021_search",
            "0022_reasoning",
            "0023_rollup_heights",
            "0024_record_filters",
            "0025_served",
            "0026_said_anew",
            "0027_sampled_records",
            "0028_revision_kind",
            "0029_operation_not_read",
            "0030_prompts",
            "0031_presence",
            "0032_served_provider",
            "0033_agreement",
            "0034_named_days",
            "0035_presence_orders",
            "0036_fingerprints",
            "0037_checks",
            "0038_check_kin",
            "0039_checks_anew",
            "0040_check_kin_value",
            "0041_withdrawals",
            "0042_check_bands",
            "0043_checks_with_near_duplicates",
            "0044_check_counts",
            "0045_checks_with_counts",
            "0046_check_unsettled",
        )
    ]
    dependencies = []

    operations = [
        CreateModels(_TABLES),
        migrations.RunSQL(_VIEW, "DROP VIEW indexer_configurationinforce"),
        migrations.RunSQL(_STORED, migrations.RunSQL.noop),
    ]
