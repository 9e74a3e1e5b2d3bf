"""Configurations: each hashes as its row says, and stands as what is stored bears out."""

from collections.abc import Iterator

from indexer.audit.fsck.finding import Finding, shown
from indexer.models import Chain, Configuration, ConfigurationStanding
from indexer.postchain import configuration as gtv_configuration
from indexer.trust import configuration_trust
from indexer.trust.configurations import plain

Standing = ConfigurationStanding.Standing


def check(chain: Chain) -> Iterator[Finding]:
    """Bytes against their rows, then standings."""
    given = list(Configuration.objects.filter(chain=chain).order_by("height"))
    for each in given:
        for what in _bytes(chain, each):
            yield Finding(_where(each.height), what)
    standings = {each.height: each for each in ConfigurationStanding.objects.filter(chain=chain)}
    for height in sorted(standings.keys() - {each.height for each in given}):
        if standings[height].standing != Standing.UNSEEN:
            said = f"it is said to be {standings[height].standing}, and its bytes are missing"
            yield Finding(_where(height), said)
    before: Configuration | None = None
    for each in given:
        standing = standings.get(each.height)
        if (fault := _standing(chain, each, before, standing)) is not None:
            yield Finding(_where(each.height), fault)
        if standing is None or standing.standing != Standing.NOT_APPLIED:
            before = each


def _where(height: int) -> str:
    return f"configuration at height {height}"


def _bytes(chain: Chain, each: Configuration) -> Iterator[str]:
    try:
        found = gtv_configuration.decode(bytes(each.raw))
    except ValueError as error:
        yield f"its bytes cannot be read: {error}"
        return
    if found.hash != bytes(each.hash):
        yield f"its bytes hash to {shown(found.hash)}, its row says {shown(each.hash)}"
    if found.signers != tuple(bytes(key) for key in each.signers):
        yield "its row names other signers than its bytes"
    if plain(found.features) != each.features:
        yield "its row names other features than its bytes"
    if found.merkle_version != each.merkle_version:
        yield "its row names another merkle version than its bytes"
    if each.height == 0 and found.hash != bytes(chain.brid):
        yield "it does not hash to the blockchain RID"


def _standing(
    chain: Chain, each: Configuration, before: Configuration | None, standing: ConfigurationStanding | None
) -> str | None:
    if standing is None:
        return "it has no standing"
    if bytes(standing.hash) != bytes(each.hash):
        return f"its standing is of {shown(standing.hash)}, its row of {shown(each.hash)}"
    doubt = configuration_trust.doubt(chain, each, before, standing)
    return None if doubt is None else f"it is said to be {standing.standing}, and {doubt}"
