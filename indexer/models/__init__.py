"""The tables, in four families: facts, content, records, and the progress of the work.

Facts do not depend on the order in which they come and are never updated. Content is keyed by hash. Records
are a function of facts. No table refers to records by foreign key, and every key of a large table begins with
columns that it can be partitioned by.
"""

from indexer.models.chain import (
    Block,
    BlockBody,
    Chain,
    Configuration,
    ConfigurationStanding,
    Name,
    Operation,
    Transaction,
    UncheckedWitness,
)
from indexer.models.content import Answer, Prompt
from indexer.models.records import BlockDigest, Checkpoint, Generation, Owner, Record, Revision
from indexer.models.sync import Incident, Node, Suppression, Window

__all__ = [
    "Answer",
    "Block",
    "BlockBody",
    "BlockDigest",
    "Chain",
    "Checkpoint",
    "Configuration",
    "ConfigurationStanding",
    "Generation",
    "Incident",
    "Name",
    "Node",
    "Operation",
    "Owner",
    "Prompt",
    "Record",
    "Revision",
    "Suppression",
    "Transaction",
    "UncheckedWitness",
    "Window",
]
