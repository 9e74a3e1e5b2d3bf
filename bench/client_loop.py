"""What one would write first: a loop over the public Python client's decoder, with a row by the ORM for each.

It asks for the same pages, decodes each transaction with `postchain-client-py` and creates one row, in one
database transaction a block. It checks no hash, no signature, no witness and no link, normalises no JSON,
shares no text, keeps no bytes, folds no record and cannot go on where it was interrupted.

Importing the client takes every handler off the root logger, so this belongs in a process of its own.
"""

from collections.abc import Callable, Iterator
from typing import Any

import httpx

_PAGE = 100


def prepared(url: str) -> Callable[[int], int]:
    """Make the table; gives the loop, which stops once it has so many records and says how many it has."""
    from django.db import connection, models, transaction
    from postchain_client_py.utils.gtv import decode_raw_value  # type: ignore[import-untyped]

    class Row(models.Model):
        height = models.BigIntegerField(db_index=True)
        rid = models.BinaryField(unique=True)
        scout = models.BigIntegerField()
        messages = models.TextField()
        result = models.TextField()
        seed = models.BigIntegerField()
        model = models.TextField()
        provider = models.TextField()
        signer = models.BinaryField()

        class Meta:
            app_label = "bench"
            db_table = "bench_row"

    with connection.schema_editor() as editor:
        editor.create_model(Row)

    def keep(height: int, stated: dict[str, Any]) -> None:
        (_, ((_, arguments),), signers), _ = decode_raw_value(bytes.fromhex(stated["data"]))
        scout, messages, result, seed, model, provider = arguments
        Row(
            height=height,
            rid=bytes.fromhex(stated["rid"]),
            scout=scout,
            messages=messages,
            result=result,
            seed=seed,
            model=model,
            provider=provider,
            signer=signers[0],
        ).save(force_insert=True)

    def loop(records: int) -> int:
        done = 0
        for block in _blocks(url):
            if done >= records:
                break
            with transaction.atomic():
                for stated in block["transactions"]:
                    keep(block["height"], stated)
            done += len(block["transactions"])
        return done

    return loop


def _blocks(url: str) -> Iterator[dict[str, Any]]:
    """All blocks with their transactions, newest first."""
    with httpx.Client(base_url=url) as client:
        before = client.get("/blockchain/iid_1/height").json()["blockHeight"]
        while before > 0:
            parameters: dict[str, str | int] = {"before-height": before, "limit": _PAGE, "txs": "true"}
            page = client.get("/blocks/iid_1", params=parameters).json()
            yield from page
            before = page[-1]["height"]
