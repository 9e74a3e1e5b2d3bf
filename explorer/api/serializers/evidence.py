"""How far a block is proved."""

from rest_framework import serializers

from explorer.api.fields import Whole, Words, choice
from explorer.queries.chain import evidence


class Evidence(serializers.Serializer[evidence.Evidence]):
    """What vouches for a block and all that it holds. Never a bare “verified”."""

    standing = choice(
        evidence.ProofStatus,
        help_text="On chain: root, link and witness hold, under signers that are proved themselves.",
    )
    why = Words(help_text="A sentence where it is not simply on chain, else empty.")
    configured_at = Whole(allow_null=True, help_text="Height of the configuration whose signers count.")
    signed = Whole(allow_null=True, help_text="How many validators signed; null where no witness is kept.")
    signers = Whole(allow_null=True, help_text="How many validators there are.")
    needed = Whole(allow_null=True, help_text="How many have to sign.")
