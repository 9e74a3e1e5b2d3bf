"""The rules of Chasm's dapp, pure: what an operation says, and what it does to the records."""
