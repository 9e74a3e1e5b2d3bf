"""Secrets and personal data, all of it made up: what people paste into prompts and models repeat.

Each is put together when it is needed, from documented examples, numbers reserved for fiction and digits of
chance, so that nothing here belongs to anyone and no scanner finds a key in this file.
"""

from collections.abc import Callable, Sequence
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from string import digits as decimal

_NAMES = (
    "Ada Exempel",
    "Bo Beispiel",
    "Chidi Ejemplo",
    "Dilnoza Misol",
    "Eun-ji Yesi",
    "Femi Apeere",
    "Greta M\u00f8nster",
    "Hana P\u0159\u00edklad",
)
_STREETS = ("Example Street", "Musterweg", "Rue de l'Exemple", "Exempelgatan")
_TOWNS = ("Springfield", "Musterstadt", "Ankeborg", "Nowhere-on-Sea")


def _some(random: Random, letters: str, count: int) -> str:
    return "".join(random.choices(letters, k=count))


def _address(random: Random) -> str:
    name = random.choice(_NAMES)
    mail = name.lower().replace(" ", ".").encode("ascii", "ignore").decode()
    return (
        f"{name}, born {random.randint(1, 28):02d}.{random.randint(1, 12):02d}.{random.randint(1950, 2005)}, "
        f"{random.randint(1, 99)} {random.choice(_STREETS)}, {random.choice(_TOWNS)}, "
        f"{mail}@example.com, +1 202-555-01{random.randint(0, 99):02d}"
    )


def _identity(random: Random) -> str:
    name, middle, last = random.choice(_NAMES), _some(random, decimal, 2), _some(random, decimal, 4)
    return f"{name}: social security number 000-{middle}-{last}, passport L{_some(random, decimal, 6)}X"


def _payment(random: Random) -> str:
    until = f"{random.randint(1, 12):02d}/{random.randint(27, 33)}"
    return f"Card 4111 1111 1111 1111, valid until {until}, code 123; IBAN GB33 BUKB 2020 1555 5555 55"


def _health(random: Random) -> str:
    found = random.choice(("diabetes", "a broken wrist", "depression", "an allergy to penicillin"))
    return f"My patient {random.choice(_NAMES)} (room {random.randint(1, 400)}) was diagnosed with {found}."


def _cloud(random: Random) -> str:
    key, secret = _some(random, ascii_uppercase, 9), _some(random, ascii_letters + decimal + "/+", 40)
    return f"aws_access_key_id = AKIA{key}EXAMPLE\naws_secret_access_key = {secret}"


def _tokens(random: Random) -> str:
    token, key = _some(random, ascii_letters + decimal, 36), _some(random, ascii_letters + decimal, 48)
    return f"export GIT_TOKEN={'gh' + 'p_' + token}\nexport MODEL_KEY={'s' + 'k-' + key}"


def _chat_token(random: Random) -> str:
    numbers = _some(random, decimal, 12), _some(random, decimal, 12)
    return "xo" + "xb-" + "-".join((*numbers, _some(random, ascii_letters, 24)))


def _private_key(random: Random) -> str:
    lines = "\n".join(_some(random, ascii_letters + decimal + "/+", 64) for _ in range(4))
    kind = "PRIVATE" + " KEY"
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"


def _database(random: Random) -> str:
    return f"postgres://admin:{_some(random, ascii_lowercase, 10)}@db.example.invalid:5432/customers"


def _wallet(random: Random) -> str:
    return "seed phrase: " + "abandon " * 11 + "about; private key 0x" + f"{random.getrandbits(256):064x}"


def _session(random: Random) -> str:
    parts = (_some(random, ascii_letters + decimal, count) for count in (33, 70, 43))
    return "Authorization: Bearer " + ".".join(
        "ey" + "J" * (index < 2) + part for index, part in enumerate(parts)
    )


def _network(random: Random) -> str:
    return (
        f"ssh root@192.0.2.{random.randint(1, 254)} (password: {_some(random, ascii_letters + decimal, 12)})"
    )


KINDS: Sequence[Callable[[Random], str]] = (
    _address,
    _identity,
    _payment,
    _health,
    _cloud,
    _tokens,
    _chat_token,
    _private_key,
    _database,
    _wallet,
    _session,
    _network,
)
"""Makers of a text that holds something of one kind."""
