"""A chain with a secret in it, and where the secret still is."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from indexer.audit import fsck
from indexer.dapp import rell_json
from indexer.follow import sync
from indexer.models import (
    BlockBody,
    Chain,
    Checkpoint,
    Suppression,
)
from indexer.records.erase import order, suppress
from indexer.records.state import state_at
from indexer.store.read import read_transactions
from tests.indexer.made import MadeChain, add, call, completion, update
from tests.indexer.writing import contents, row_of, write

Stored = Callable[[str], Chain]
CONTENT, TRANSACTION = Suppression.Subject.CONTENT, Suppression.Subject.TRANSACTION
HIDE, ERASE = Suppression.Mode.HIDE, Suppression.Mode.ERASE
SECRET = "my telephone number is 555-0199"
NAMES = "one-validator"
KEPT_ON_EMPTYING = {
    "indexer_chain",
    "indexer_configuration",
    "indexer_configurationstanding",
    "indexer_suppression",
    "indexer_name",
}


def key_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


def answer_key(content: str) -> bytes:
    return key_of(rell_json.quote(content))


def erase(subject: Suppression.Subject, key: bytes) -> int:
    return suppress(subject, key, mode=ERASE, reason="personal data", by="a test").transactions


def hide(subject: Suppression.Subject, key: bytes) -> int:
    return suppress(subject, key, mode=HIDE, reason="personal data", by="a test").transactions


def ordered(withhold: Callable[..., int], subject: Suppression.Subject, key: bytes) -> bool:
    """The first moment of it, in which nothing is made anew yet."""
    return order(subject, key, mode=ERASE if withhold is erase else HIDE, reason="personal data", by="a test")


def findings(chain: Chain) -> list[str]:
    return [str(each) for each in fsck.check(chain)]


def digest(chain: Chain) -> bytes:
    return bytes(
        Checkpoint.objects.get(chain=chain, generation=Chain.objects.get(id=chain.id).generation).digest
    )


def is_anywhere(text: str) -> list[str]:
    """Which tables hold the text, plain or within a body."""
    found = set()
    for table, rows in contents(without=set()).items():
        if table != "blockbody" and any(text.encode() in _raw(value) for row in rows for value in row):
            found.add(table)
    for body in BlockBody.objects.exclude(body=None):
        for each in read_transactions(body.chain_id, height=body.height):
            if each.data is not None and text.encode() in each.data:
                found.add(f"body {body.height}")
    return sorted(found)


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def secretive() -> MadeChain:
    """The secret is said by two transactions, once as a prompt; its neighbours are harmless."""
    made = MadeChain()
    made.block(add(completion("harmless")), add(completion(SECRET)), add(completion("harmless too")))
    made.block(call(add(completion("before"), messages=f'["{SECRET}"]'), add(completion("after"))))
    made.block(update(1, completion(SECRET, id="2")))
    return made


def indexed(made: MadeChain) -> Chain:
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    return chain


def results(chain: Chain, height: int) -> dict[int, tuple[str | None, str | None]]:
    return {each.prompt_id: (each.messages, each.result) for each in state_at(chain, height)}
