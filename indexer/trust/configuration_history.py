"""Which configuration of a chain is in force at a height, and whose signatures count there."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.models import Chain, ConfigurationInForce
from indexer.postchain.block import Header
from indexer.postchain.verify import Refusal, Step

FIRST_NOT_GIVEN = "no node gave the chain's first configuration"
"""Why no witness can be checked before any configuration is known."""


@dataclass(frozen=True, slots=True)
class KnownConfiguration:
    """A configuration from a height on. ``signers`` is None where no node gave its bytes (*unseen*)."""

    height: int
    hash: bytes
    signers: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signatures a block's witness must bear; ``keys`` is None where that is not known, ``why`` says
    so.
    """

    keys: tuple[bytes, ...] | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigurationHistory:
    """The configurations of a chain by height, lowest first."""

    known: Sequence[KnownConfiguration]

    def at(self, height: int) -> KnownConfiguration | None:
        """The one in force: the last whose height is at or below this one."""
        found = [each for each in self.known if each.height <= height]
        return found[-1] if found else None

    def signers_of(self, header: Header) -> Signers:
        """The signers of a block, by its header. Raises ``Refusal`` (CONFIGURATION) where it names another
        hash.
        """
        known = self.at(header.height)
        if known is None:
            return Signers(None, FIRST_NOT_GIVEN)
        named = header.configuration_hash
        if named is not None and named != known.hash:
            why = (
                f"its header names configuration {named.hex().upper()}, but the one given for height "
                f"{known.height} hashes to {known.hash.hex().upper()}"
            )
            raise Refusal(Step.CONFIGURATION, height=header.height, why=why)
        if known.signers is None:
            return Signers(None, not_given(known.hash))
        return Signers(known.signers)


def not_given(hash: bytes) -> str:
    """Why a witness cannot be checked where a header names this configuration and no node gives it."""
    return f"no node gave configuration {hash.hex().upper()}"


def configuration_history_of(chain: Chain) -> ConfigurationHistory:
    """What is known of a chain's configurations."""
    found = ConfigurationInForce.objects.filter(chain=chain).order_by("height").defer("raw")
    return ConfigurationHistory([_known(each) for each in found])


def _known(row: ConfigurationInForce) -> KnownConfiguration:
    signers = None if row.signers is None else tuple(bytes(key) for key in row.signers)
    return KnownConfiguration(row.height, bytes(row.hash), signers)
