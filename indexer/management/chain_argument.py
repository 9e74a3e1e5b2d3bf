"""Which chain is meant by what a person typed."""

import re
from collections.abc import Sequence

from django.core.management.base import CommandError

from indexer.models import Chain


def chosen(text: str) -> Sequence[Chain]:
    """The chain with that RID, or every chain where none is named. Raises ``CommandError``."""
    chains = list(Chain.objects.order_by("id"))
    if not text:
        return chains
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise CommandError(f"CHAIN must be a blockchain RID of 64 hexadecimal digits, not {text[:80]!r}.")
    found = [each for each in chains if bytes(each.brid) == bytes.fromhex(text)]
    if not found:
        raise CommandError(f"Chain {text.upper()} is not here: {_here(chains)}")
    return found


def the_chain(text: str) -> Chain:
    """The chain with that RID; without one, the only chain that is here."""
    found = chosen(text)
    if len(found) != 1:
        raise CommandError(f"Name one chain by its RID: {_here(found)}")
    return found[0]


def _here(chains: Sequence[Chain]) -> str:
    if not chains:
        return "there is none yet, run sync first."
    return "here are " + ", ".join(bytes(each.brid).hex().upper() for each in chains) + "."
