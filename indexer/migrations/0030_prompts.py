"""Prompts: how many records answer each, and how far they agree; filled from the first block on."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0029_operation_not_read"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerScout",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "number",
                        "scout",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("scout", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Asked",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "prompt",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
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
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["chain", "generation", "newest", "number"], name="asked_newest"),
                    models.Index(fields=["chain", "generation", "answers", "number"], name="asked_answers"),
                    models.Index(
                        fields=["chain", "generation", "differing", "number"], name="asked_differing"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AskedAnswer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "asked",
                        "answer",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
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
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.Func("asked", template="(%(expressions)s + 0)"),
                        models.F("chain"),
                        models.F("generation"),
                        models.OrderBy(models.F("first"), descending=True),
                        models.F("number"),
                        name="asked_answer_first",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cohort",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "asked",
                        "seed",
                        "model_id",
                        "provider_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("asked", models.BigIntegerField()),
                ("seed", models.BigIntegerField()),
                ("number", models.BigIntegerField()),
                ("commonest", models.BigIntegerField()),
                ("records", models.IntegerField()),
                ("live", models.IntegerField()),
                ("answers", models.IntegerField()),
                ("most", models.IntegerField()),
                ("generation", models.SmallIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="indexer.name",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="indexer.name",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.Func("asked", template="(%(expressions)s + 0)"),
                        models.F("chain"),
                        models.F("generation"),
                        models.OrderBy(models.F("records"), descending=True),
                        models.F("number"),
                        name="cohort_records",
                    ),
                    models.Index(
                        models.Func("asked", template="(%(expressions)s + 0)"),
                        models.F("chain"),
                        models.F("generation"),
                        models.OrderBy(
                            django.db.models.expressions.CombinedExpression(
                                models.F("records"), "-", models.F("most")
                            ),
                            descending=True,
                        ),
                        models.F("number"),
                        condition=models.Q(("records__gt", models.F("most"))),
                        name="cohort_differing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CohortAnswer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "number",
                        "cohort",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("cohort", models.BigIntegerField()),
                ("position", models.BigIntegerField(null=True)),
                ("first", models.IntegerField()),
                ("now", models.IntegerField()),
                ("generation", models.SmallIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="indexer.name",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="indexer.name",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.Func("cohort", template="(%(expressions)s + 0)"),
                        models.F("chain"),
                        models.F("generation"),
                        models.OrderBy(models.F("first"), descending=True),
                        models.F("position"),
                        name="cohort_answer_first",
                    )
                ],
            },
        ),
    ]
