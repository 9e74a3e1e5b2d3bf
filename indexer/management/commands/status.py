"""``manage.py status``: what is indexed and how far it is proved, as one JSON object."""

import json
from typing import Any

from indexer.management.status import status_of
from indexer.models import Chain
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Every chain that is here."""

    help = "Print what is indexed, what is missing, not proved or not understood, as JSON."

    def run(self, **options: Any) -> None:
        chains = [status_of(chain) for chain in Chain.objects.order_by("id")]
        self.stdout.write(json.dumps({"chains": chains}, indent=2))
