"""The keys of owner and validators, which are those of the recorded chains and known to everybody, and how
validators sign a block.
"""

from collections.abc import Mapping, Sequence
from random import Random

from indexer.postchain import secp256k1
from indexer.postchain.block import threshold

OWNER = b"\x01" * 32
ALONE = b"12345678901234567890123456789011"
FOUR = tuple(bytes([each]) * 32 for each in (0x40, 0x41, 0x42, 0x43))
KEYS: Mapping[bytes, bytes] = {secp256k1.public_key(key): key for key in (ALONE, *FOUR)}
"""Private keys of validators by their public keys."""


class NoKeys(ValueError):
    """Signers of a configuration whose private keys are not known here."""


def keys_of(validators: int) -> tuple[bytes, ...]:
    """The private keys of one validator or of four."""
    return (ALONE,) if validators == 1 else FOUR


def check_known(signers: Sequence[bytes]) -> None:
    """Raise NoKeys where too few of these signers can sign here."""
    known = sum(each in KEYS for each in set(signers))
    if known < threshold(len(set(signers))):
        raise NoKeys(
            f"of {len(set(signers))} signers, the keys of {known} are known here: "
            "take those of devnet.chain.validators, or blocks could not be signed"
        )


def chosen(signers: Sequence[bytes], *, seed: bytes) -> list[bytes]:
    """Which of these signers sign a block and in which order: enough, or more, as it happens on a node. The
    same seed gives the same ones.
    """
    random = Random(seed)
    known = [each for each in dict.fromkeys(signers) if each in KEYS]
    least = threshold(len(set(signers)))
    return random.sample(known, random.randint(least, len(known)))
