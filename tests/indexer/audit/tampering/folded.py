"""Changes of what is folded and derived: see ``Changes``."""

from tests.indexer.audit.tampering.case import Changes

APART = frozenset(
    {
        "blockdigest",
        "count",
        "group",
        "groupanswer",
        "notunderstood",
        "owner",
        "record",
        "revision",
        "rollup",
        "searchrecord",
    }
)
"""Tables whose rows are compared with rows that are made again from facts, and whose findings begin with
their name and that of the row: what is changed in one changes nothing that is told of another.
"""

NOT_APART = {("count", "of = 'unchecked'")}
"""What is told of other figures, too."""

CHANGES: Changes = {
    ("record", "prompt_id = 1"): [
        (
            "position = position + 100",
            "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it",
        ),
        (
            "prompt_id = 99",
            "record: .*prompt_id 99, .*: stored, and folding the facts again does not give it",
        ),
        ("scout = 99", "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it"),
        ("seed = 99", "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it"),
        (
            "created_at = created_at + 1",
            "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it",
        ),
        (
            "revised_position = revised_position + 1",
            "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it",
        ),
        (
            "model_id = (SELECT id FROM indexer_name WHERE text LIKE 'long%%')",
            "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it",
        ),
        (
            "provider_id = (SELECT id FROM indexer_name WHERE text = 'openrouter')",
            "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it",
        ),
        ("revisions = 9", "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it"),
        ("status = 1", "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it"),
        ("prompt = @HASH", "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it"),
        ("answer = @HASH", "record: .*prompt_id 1, .*: stored, and folding the facts again does not give it"),
        ("GONE", "record: .*prompt_id 1, .*: not stored"),
    ],
    ("revision", "prompt_id = 1 AND kind = 1"): [
        (
            "position = position + 100",
            "revision: .*prompt_id 1, .*: stored, and folding the facts again does not give it",
        ),
        (
            "prompt_id = 99",
            "revision: .*prompt_id 99, .*: stored, and folding the facts again does not give it",
        ),
        ("kind = 2", "revision: .*prompt_id 1, .*: stored, and folding the facts again does not give it"),
        (
            "superseded_position = superseded_position + 1",
            "revision: .*prompt_id 1, .*: stored, and folding the facts again does not give it",
        ),
        ("GONE", "revision: .*: not stored"),
        (
            "superseded_position = NULL",
            "revision: .*prompt_id 1, .*: stored, and folding the facts again does not give it",
        ),
    ],
    ("blockdigest", "height = 2"): [
        ("digest = @HASH", "blockdigest: height 2, digest 0+: stored"),
        ("height = 3", "blockdigest: height 3, .*: stored"),
        ("GONE", "blockdigest: height 2, .*: not stored"),
    ],
    ("owner", "position > 0"): [
        ("key = @HASH", "owner: position [0-9]+, key 0+: stored"),
        ("position = position + 1", "owner: position [0-9]+, .*: stored"),
    ],
    ("owner", "position = -1"): [
        ("GONE", "owner: position -1, .*: not stored"),
    ],
    ("checkpoint", ""): [
        ("height = 50", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("block_rid = @HASH", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("timestamp = timestamp + 1", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("digest = @HASH", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("last_prompt_id = 99", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("live = live + 1", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("owner = NULL", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("transactions = 99", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("operations = 99", "checkpoint: .*: stored, and folding the facts again does not give it"),
        ("GONE", "checkpoint: missing"),
        ("height = 5", "checkpoint: .*: stored, and folding the facts again does not give it"),
    ],
    **{
        ("count", f"of = '{of}'"): [
            ("count = count + 1", f"count: of {of}, count [0-9]+: stored, and deriving again does not"),
            ("GONE", f"count: of {of}, count [0-9]+: not stored, and deriving again gives it"),
        ]
        for of in (
            "records",
            "edited",
            "deleted",
            "operations",
            "not understood",
            "groups",
            "shared",
            "alike",
        )
    },
    ("count", "of = 'unchecked'"): [
        ("count = 13", "count: of unchecked, count 13: it is 0 now"),
        ("count = -1", "count: of unchecked, count -1: it is 0 now"),
        ("of = 'anything'", "count: of anything: no derivation keeps such a figure"),
        ("GONE", "count: of unchecked, count 0: not stored, and deriving again gives it"),
    ],
    ("rollup", ""): [
        ("day = day + 1", "rollup: day [0-9]+, .*: stored, and deriving again does not give it"),
        ("written = written + 1", "rollup: day [0-9]+, .*: stored, and deriving again does not give it"),
        ("edits = edits + 1", "rollup: day [0-9]+, .*: stored, and deriving again does not give it"),
        ("deletions = deletions + 1", "rollup: day [0-9]+, .*: stored, and deriving again does not give it"),
        ("GONE", "rollup: day [0-9]+, .*: not stored, and deriving again gives it"),
    ],
    ("group", "number = 1"): [
        ("number = 99", "group: number 99, .*: stored, and deriving again does not give it"),
        ("prompt = @HASH", "group: number 1, .*: stored, and deriving again does not give it"),
        ("seed = 99", "group: number 1, seed 99, .*: stored, and deriving again does not give it"),
        ("records = records + 1", "group: number 1, .*: stored, and deriving again does not give it"),
        ("live = live + 1", "group: number 1, .*: stored, and deriving again does not give it"),
        ("answers = answers + 1", "group: number 1, .*: stored, and deriving again does not give it"),
        ("answers_now = answers_now + 1", "group: number 1, .*: stored, and deriving again does not give it"),
        ("GONE", "group: number 1, .*: not stored, and deriving again gives it"),
    ],
    ("groupanswer", "answer = (SELECT max(answer) FROM indexer_groupanswer WHERE number = 1)"): [
        ("number = 99", "groupanswer: number 99, .*: stored, and deriving again does not give it"),
        ("answer = @HASH", "groupanswer: number 1, .*: stored, and deriving again does not give it"),
        ("first = first + 1", "groupanswer: number 1, .*: stored, and deriving again does not give it"),
        ("now = now + 1", "groupanswer: number 1, .*: stored, and deriving again does not give it"),
        ("GONE", "groupanswer: number 1, .*: not stored, and deriving again gives it"),
    ],
    ("notunderstood", ""): [
        ("name_id = name_id + 1", "notunderstood: name_id [0-9]+, .*: stored, and deriving again does not"),
        ("times = times + 1", "notunderstood: name_id [0-9]+, .*: stored, and deriving again does not"),
        ("first_height = 0", "notunderstood: name_id [0-9]+, .*: stored, and deriving again does not"),
        ("last_height = 99", "notunderstood: name_id [0-9]+, .*: stored, and deriving again does not"),
        ("GONE", "notunderstood: name_id [0-9]+, .*: not stored, and deriving again gives it"),
    ],
    ("searchrecord", "position = (SELECT max(position) FROM indexer_searchrecord)"): [
        (
            "position = position + 1",
            "searchrecord: position [0-9]+, .*: stored, and deriving again does not give it",
        ),
        (
            "ever = gen_random_uuid()",
            "searchrecord: position [0-9]+, .*: stored, and deriving again does not give it",
        ),
        (
            "first = gen_random_uuid()",
            "searchrecord: position [0-9]+, .*: stored, and deriving again does not give it",
        ),
        (
            "now = gen_random_uuid()",
            "searchrecord: position [0-9]+, .*: stored, and deriving again does not give it",
        ),
        ("generation = 9", "searchrecord: .*: not stored, and deriving again gives it"),
        ("GONE", "searchrecord: position [0-9]+, .*: not stored, and deriving again gives it"),
    ],
    ("searchunit", "id = (SELECT min(ever::text)::uuid FROM indexer_searchrecord)"): [
        ("id = gen_random_uuid()", "search: unit [0-9a-f-]+: missing, and a record names it"),
        ("prompt_cut = NOT prompt_cut", "search: unit [0-9a-f-]+: its texts give other words"),
        ("answer_cut = NOT answer_cut", "search: unit [0-9a-f-]+: its texts give other words"),
        ("words = words || 'amore:9'::tsvector", "search: unit [0-9a-f-]+: its texts give other words"),
        ("words = strip(words)", "search: unit [0-9a-f-]+: its texts give other words"),
        ("chain_id = 99", "search: unit [0-9a-f-]+: its texts give other words"),
        ("GONE", "search: unit [0-9a-f-]+: missing, and a record names it"),
    ],
    ("derivationcheckpoint", "name = 'rollups'"): [
        ("height = 50", "derivationcheckpoint: name rollups, height 50: the last block that is folded is 11"),
        ("height = -7", "derivationcheckpoint: name rollups, height -7: the last block that is folded is 11"),
        ("height = 5", "count: of records, count [0-9]+: stored, and deriving again does not give it"),
        ("name = 'anything'", "derivationcheckpoint: name anything: there is no such derivation"),
        ("generation = 9", "rollup: day [0-9]+, .*: stored, and deriving again does not give it"),
        ("GONE", "rollup: day [0-9]+, .*: stored, and deriving again does not give it"),
    ],
    ("generation", ""): [
        ("GONE", "generation 1: missing"),
        ("rules = 9", "generation 1: it was folded by rules 9"),
    ],
    ("chain", ""): [
        ("generation = 7", "generation 7: missing"),
        ("brid = @HASH", "configuration at height 0: it does not hash to the blockchain RID"),
    ],
}
