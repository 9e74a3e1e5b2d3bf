"""Signatures as Postchain makes and checks them: ECDSA on secp256k1 over a 32-byte digest.

Postchain (secp256k1.kt) checks with BouncyCastle, which takes high-S signatures, ignores what follows the
first 64 bytes, and reads compressed, uncompressed and hybrid keys. libsecp256k1 wants low S, so S is
brought down before it is asked.
"""

from functools import lru_cache
from typing import Final

from coincurve import PrivateKey, PublicKey

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SIGNATURE_SIZE: Final = 64
_HALF_ORDER_BYTES: Final = (ORDER // 2).to_bytes(32, "big")
_KNOWN_KEYS: Final = 4096


def verify(digest: bytes, *, signature: bytes, key: bytes) -> bool:
    """Whether the first 64 bytes of `signature` (r ‖ s) sign `digest` (32 bytes). Malformed ones do not."""
    parsed = _parsed(key)
    if parsed is None or len(signature) < SIGNATURE_SIZE:
        return False
    return parsed.verify(_low_s_der(signature), digest, None)


def is_high_s(signature: bytes) -> bool:
    """Whether S lies in the upper half of the group's order: Postchain accepts it, most others do not."""
    return signature[32:64] > _HALF_ORDER_BYTES


def sign(digest: bytes, *, private_key: bytes) -> bytes:
    """r ‖ s, 64 bytes, deterministic (RFC 6979), low S."""
    return PrivateKey(private_key).sign_recoverable(digest, None)[:SIGNATURE_SIZE]


def public_key(private_key: bytes) -> bytes:
    """The compressed public key, 33 bytes."""
    return PublicKey.from_secret(private_key).format()


@lru_cache(maxsize=_KNOWN_KEYS)
def _parsed(key: bytes) -> PublicKey | None:
    try:
        return PublicKey(key)
    except ValueError:
        return None


def _low_s_der(signature: bytes) -> bytes:
    r, s = signature[:32], signature[32:64]
    if s > _HALF_ORDER_BYTES:
        number = ORDER - int.from_bytes(s, "big")
        if number < 0:
            return b"\x30\x06\x02\x01\x00\x02\x01\x00"
        s = number.to_bytes(32, "big")
    body = _der_integer(r) + _der_integer(s)
    return b"\x30" + bytes((len(body),)) + body


def _der_integer(unsigned: bytes) -> bytes:
    content = unsigned.lstrip(b"\0") or b"\0"
    if content[0] & 0x80:
        content = b"\0" + content
    return b"\x02" + bytes((len(content),)) + content
