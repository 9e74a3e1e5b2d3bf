"""Chains that grow at random from a few messages, seeds and answers, so that groups meet, part and vanish."""

import random
from collections.abc import Sequence

from indexer.postchain.gtx import Operation
from tests.indexer.made import MadeChain, add, batch_delete, completion, delete, update

DAY = 86_400_000


def grow(made: MadeChain, chance: random.Random, *, blocks: int) -> None:
    """Add blocks of random operations, some of which name records that are gone or never were."""
    for _ in range(blocks):
        before = made.blocks[-1].timestamp if made.blocks else chance.randrange(-3 * DAY, 20_000 * DAY)
        operations = [_operation(made, chance) for _ in range(chance.choice((0, 0, 1, 2, 5)))]
        made.block(*operations, at=before + chance.choice((0, 1, 1000, DAY // 3, DAY)))


def _operation(made: MadeChain, chance: random.Random) -> Operation:
    match chance.randrange(10):
        case 0 | 1:
            return update(chance.randint(1, 12), completion(chance.choice("abc")))
        case 2:
            return delete(chance.randint(1, 12))
        case 3:
            times = _times(made)
            return batch_delete(chance.choice(times) - 1, chance.choice(times) + 1)
        case 4:
            return Operation(chance.choice(("note_prompt", "a\0b", "delete_prompt_history")), ())
        case _:
            return add(
                completion(chance.choice("aaabc")),
                messages=chance.choice(('["x"]', '["y"]', "no JSON")),
                seed=chance.choice((1, 2)),
                model=chance.choice(("one", "two")),
            )


def _times(made: MadeChain) -> Sequence[int]:
    return [each.timestamp for each in made.blocks[-4:]] or [0]
