"""How long a chain takes at most from one block to the next: what its newest configuration says."""

from indexer.models import Chain, ConfigurationInForce
from indexer.postchain.configuration import longest_block_ms


def keep(chain: Chain, *, height: int) -> None:
    """Keep it of the configuration that is in force at a height, so that readers need not decode that."""
    found = ConfigurationInForce.objects.filter(chain=chain, height__lte=height).order_by("-height").first()
    raw = None if found is None else found.raw
    known = None if raw is None else longest_block_ms(bytes(raw))
    if known != chain.longest_block_ms:
        chain.longest_block_ms = known
        chain.save(update_fields=["longest_block_ms"])
