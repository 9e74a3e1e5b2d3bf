"""The Postchain protocol, pure: GTV, its merkle hash, GTX transactions, blocks, proofs, configurations.

Nothing here knows of Django, a network or a database. What real nodes accept is accepted (`oddities` says
what was odd about it); what they could never have signed is refused with a typed error that names the step.
"""
