"""What waits for a decision since before anybody was told of that is told of too, as late as all others:
30 days after it came to wait, or at once where that is over. What was told long ago may be told once more.
"""

from datetime import timedelta
from typing import Any

from django.db import migrations
from django.utils import timezone

_ESCALATE = "escalate"


def ask(apps: Any, editor: Any) -> None:
    """One entry of the outbox for each that has none."""
    alias = editor.connection.alias
    challenges = apps.get_model("challenges", "Challenge").objects.using(alias)
    entries = apps.get_model("desk", "OutboxEntry")
    asked = entries.objects.using(alias).filter(name=_ESCALATE).values_list("arguments", flat=True)
    known = {(each["number"], each["since"]) for each in asked.iterator()}
    waiting = challenges.filter(status__in=["review", "appealed"]).values_list("number", "entered_at")
    now = timezone.now()
    entries.objects.using(alias).bulk_create(
        [
            entries(
                name=_ESCALATE,
                arguments={"number": number, "since": since.isoformat()},
                created_at=now,
                due_at=since + timedelta(days=30),
            )
            for number, since in waiting.iterator()
            if (number, since.isoformat()) not in known
        ],
        batch_size=1_000,
    )


class Migration(migrations.Migration):
    dependencies = [("challenges", "0023_own_words"), ("desk", "0001_tables")]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop, elidable=True)]
