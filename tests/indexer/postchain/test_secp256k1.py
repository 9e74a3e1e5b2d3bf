"""Signatures: what BouncyCastle takes is taken, anything malformed is simply no signature."""

import secrets
from hashlib import sha256

import coincurve
import pytest

from indexer.postchain import secp256k1

KEY = bytes([7]) * 32
DIGEST = sha256(b"any").digest()
SIGNATURE = secp256k1.sign(DIGEST, private_key=KEY)
PUBLIC = secp256k1.public_key(KEY)
UNCOMPRESSED = coincurve.PublicKey(PUBLIC).format(compressed=False)


def high_s(signature: bytes) -> bytes:
    number = secp256k1.ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + number.to_bytes(32, "big") + signature[64:]


def accepts(signature: bytes = SIGNATURE, key: bytes = PUBLIC, digest: bytes = DIGEST) -> bool:
    return secp256k1.verify(digest, signature=signature, key=key)


def test_a_signature_is_64_bytes_low_s_and_always_the_same() -> None:
    assert len(SIGNATURE) == 64
    assert not secp256k1.is_high_s(SIGNATURE)
    assert secp256k1.sign(DIGEST, private_key=KEY) == SIGNATURE
    assert accepts()


def test_signatures_by_many_keys_over_many_digests_hold() -> None:
    for _ in range(50):
        key, digest = secrets.token_bytes(32), secrets.token_bytes(32)
        signature = secp256k1.sign(digest, private_key=key)
        public = secp256k1.public_key(key)
        assert secp256k1.verify(digest, signature=signature, key=public)
        assert secp256k1.verify(digest, signature=high_s(signature), key=public)
        assert not secp256k1.verify(sha256(digest).digest(), signature=signature, key=public)


def test_a_high_s_signature_is_accepted_as_postchain_does() -> None:
    assert secp256k1.is_high_s(high_s(SIGNATURE))
    assert accepts(signature=high_s(SIGNATURE))


def test_what_follows_64_bytes_is_ignored() -> None:
    assert accepts(signature=SIGNATURE + b"\x1b")
    assert accepts(signature=high_s(SIGNATURE) + bytes(100))


def test_uncompressed_and_hybrid_keys_are_read() -> None:
    assert accepts(key=UNCOMPRESSED)
    parity = UNCOMPRESSED[-1] & 1
    assert accepts(key=bytes((6 + parity,)) + UNCOMPRESSED[1:])
    assert not accepts(key=bytes((7 - parity,)) + UNCOMPRESSED[1:])


@pytest.mark.parametrize(
    "key",
    [b"", b"\x00", b"\x05" + PUBLIC[1:], PUBLIC[:32], PUBLIC + b"\x00", b"\x02" + b"\xff" * 32, bytes(65)],
)
def test_a_malformed_key_signed_nothing(key: bytes) -> None:
    assert not accepts(key=key)


ORDER = secp256k1.ORDER.to_bytes(32, "big")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:63],
        bytes(64),
        SIGNATURE[:32] + bytes(32),
        bytes(32) + SIGNATURE[32:],
        SIGNATURE[:32] + ORDER,
        ORDER + SIGNATURE[32:],
        SIGNATURE[:32] + b"\xff" * 32,
        b"\xff" * 64,
    ],
)
def test_a_malformed_signature_is_none(signature: bytes) -> None:
    assert not accepts(signature=signature)


def test_no_bit_of_a_signature_can_change() -> None:
    for bit in range(512):
        changed = bytearray(SIGNATURE)
        changed[bit // 8] ^= 1 << bit % 8
        assert not accepts(signature=bytes(changed)), bit
