"""Rows that are added, and changes of several rows that agree with each other."""

from tests.indexer.audit.tampering.case import ZEROS, Case

OTHERS = [
    *(
        Case(
            (f"INSERT INTO indexer_{table} (chain_id, generation, {columns}) VALUES (1, 1, {values})",),
            f"{table}: {told}: stored, and deriving again does not give it",
        )
        for table, columns, values, told in (
            ("rollup", "day, written, edits, deletions", "7, 1, 0, 0", "day 7, .*"),
            (
                "group",
                "number, prompt, seed, records, live, answers, answers_now",
                f"98, {ZEROS}, 3, 1, 1, 1, 1",
                "number 98, .*",
            ),
            ("groupanswer", "number, answer, first, now", f"1, {ZEROS}, 1, 0", "number 1, .*"),
            (
                "notunderstood",
                "name_id, times, first_height, last_height",
                "999, 1, 1, 1",
                "name_id 999, .*",
            ),
        )
    ),
    Case(
        (
            "UPDATE indexer_transaction SET ordinal = ordinal + 10 WHERE height = 2 AND ordinal < 2",
            "UPDATE indexer_transaction SET ordinal = 11 - ordinal WHERE height = 2 AND ordinal >= 10",
        ),
        "block 2: its transactions' root",
    ),
    Case(
        (
            "INSERT INTO indexer_suppression (subject, hash, mode, reason, by, at)"
            " SELECT 'content', min(hash), 'erase', '', '', now() FROM indexer_prompt WHERE reason = 0",
        ),
        "prompt [0-9A-F]{64}: it is to be erased, and its text is still there",
    ),
    Case(
        (
            "INSERT INTO indexer_suppression (subject, hash, mode, reason, by, at)"
            " SELECT 'transaction', rid, 'erase', '', '', now() FROM indexer_transaction"
            " WHERE height = 2 AND ordinal = 1",
        ),
        "block 2: transaction 1: it is to be erased, and its bytes are still there",
    ),
    Case(
        (
            "UPDATE indexer_configuration SET height = 7 WHERE height = 6",
            "UPDATE indexer_configurationstanding SET height = 7 WHERE height = 6",
        ),
        "block 6: configuration: its header names configuration",
    ),
    Case(
        (
            "UPDATE indexer_configuration c SET raw = o.raw, hash = o.hash, signers = o.signers"
            " FROM indexer_configuration o WHERE c.height = 0 AND o.height = 6",
        ),
        "configuration at height 0: it does not hash to the blockchain RID",
    ),
]
