"""The tables, in five families: facts, content, records, what is derived from them, and the progress of the
work.

Facts do not depend on the order in which they come and are never updated. Content is keyed by hash. Records
are a function of facts. No table refers to records by foreign key, and every key of a large table begins with
columns that it can be partitioned by.
"""

from indexer.models.asked import (
    Agreement,
    AgreementDay,
    AnswerScout,
    Asked,
    AskedAnswer,
    Cohort,
    CohortAnswer,
)
from indexer.models.chain import (
    Block,
    BlockBody,
    Chain,
    Configuration,
    ConfigurationInForce,
    ConfigurationStanding,
    Name,
    Operation,
    Transaction,
    UncheckedWitness,
)
from indexer.models.checked import (
    CheckAsked,
    CheckBand,
    Checked,
    CheckEvent,
    CheckFinding,
    CheckKin,
    CheckNamed,
    CheckSlice,
    CheckTally,
    CheckUnsettled,
)
from indexer.models.content import Answer, Prompt
from indexer.models.derived import (
    Count,
    DerivationCheckpoint,
    EditWording,
    Group,
    GroupAnswer,
    NotUnderstood,
    Reconciliation,
    Rollup,
    SearchRecord,
    SearchUnit,
)
from indexer.models.named import Fingerprint, FingerprintRecord, NamedDay, Presence, Served
from indexer.models.records import BlockDigest, Checkpoint, Generation, Owner, Record, Revision
from indexer.models.sync import Incident, Node, Suppression, Window, Withdrawal, WithdrawnOperation

__all__ = [
    "Agreement",
    "AgreementDay",
    "Answer",
    "AnswerScout",
    "Asked",
    "AskedAnswer",
    "Block",
    "BlockBody",
    "BlockDigest",
    "Chain",
    "CheckAsked",
    "CheckBand",
    "CheckEvent",
    "CheckFinding",
    "CheckKin",
    "CheckNamed",
    "CheckSlice",
    "CheckTally",
    "CheckUnsettled",
    "Checked",
    "Checkpoint",
    "Cohort",
    "CohortAnswer",
    "Configuration",
    "ConfigurationInForce",
    "ConfigurationStanding",
    "Count",
    "DerivationCheckpoint",
    "EditWording",
    "Fingerprint",
    "FingerprintRecord",
    "Generation",
    "Group",
    "GroupAnswer",
    "Incident",
    "Name",
    "NamedDay",
    "Node",
    "NotUnderstood",
    "Operation",
    "Owner",
    "Presence",
    "Prompt",
    "Reconciliation",
    "Record",
    "Revision",
    "Rollup",
    "SearchRecord",
    "SearchUnit",
    "Served",
    "Suppression",
    "Transaction",
    "UncheckedWitness",
    "Window",
    "Withdrawal",
    "WithdrawnOperation",
]
