"""Changes of what the blocks say: see ``Changes``."""

from tests.indexer.audit.tampering.case import Changes

CHANGES: Changes = {
    ("block", "height = 1"): [
        ("rid = @HASH", "block 1: its header hashes to"),
        ("timestamp = timestamp + 1", "block 1: its header hashes to"),
        (
            "header_end_id = (SELECT max(id) FROM indexer_name WHERE kind = 5 AND id <> header_end_id)",
            "block 1: ",
        ),
        ("transactions = 1", "block 1: it has 0 transactions stored, its row says 1"),
        ("GONE", "block 1: missing"),
    ],
    ("block", "height = 2"): [
        ("rid = @HASH", "block 2: its header hashes to"),
        ("timestamp = timestamp + 1", "block 2: its header says height 2 at"),
        (
            "header_end_id = (SELECT max(id) FROM indexer_name WHERE kind = 5 AND id <> header_end_id)",
            "block 2: its row names other dependencies or extra data",
        ),
        ("transactions = 2", "block 2: it has 3 transactions stored, its row says 2"),
    ],
    ("block", "height = 11"): [
        ("height = 50", "block 11: missing"),
        ("GONE", "block 11: missing"),
    ],
    ("block", "height = 0"): [
        ("GONE", "block 0: missing"),
    ],
    ("blockbody", "height = 2"): [
        ("header = set_byte(header, 60, get_byte(header, 60) # 1)", "block 2: its header"),
        (r"header = '\x00'", "block 2: its header cannot be read"),
        ("header = NULL", "block 2: "),
        ("witness = set_byte(witness, 60, get_byte(witness, 60) # 1)", "block 2: witness: "),
        ("witness = substr(witness, 1, 50)", "block 2: witness: "),
        (r"witness = '\x00000000'", "block 2: witness: 0 of 4 signers signed it"),
        ("witness = (SELECT witness FROM indexer_blockbody WHERE height = 4)", "block 2: witness: "),
        ("witness = NULL", "block 2: its witness is missing"),
    ],
    ("blockbody", "height = 3"): [
        ("header = set_byte(header, 60, get_byte(header, 60) # 1)", "block 3: its header"),
        ("height = 77", "block 77: missing, and table blockbody has rows of it"),
    ],
    ("blockbody", "height = 4"): [
        ("body = set_byte(body, 300, get_byte(body, 300) # 1)", "block 4: "),
        ("body = substr(body, 1, 100)", "block 4: the stored body cannot be unpacked"),
        ("body = (SELECT body FROM indexer_blockbody WHERE height = 5)", "block 4: the stored body has"),
        ("body = NULL", "block 4: the body with its transactions is missing"),
        ("GONE", "block 4: "),
        ("length = length - 1", "block 4: the stored body"),
    ],
    ("transaction", "height = 2 AND ordinal = 1"): [
        ("rid = @HASH", "block 2: transaction 1: its bytes give RID"),
        ("hash = @HASH", "block 2: its transactions' root"),
        (
            "signers_id = (SELECT max(id) FROM indexer_name WHERE kind = 4 AND id <> signers_id)",
            "block 2: transaction 1: its row names other signers",
        ),
        ("oddities = 8", "block 2: transaction 1: its row names other signers or oddities"),
        ('"offset" = "offset" + 1', "block 2: .*transaction 1"),
        ("length = length + 1", "block 2: .*transaction 1"),
        ("length = length / 2", "block 2: .*transaction 1"),
        ('"offset" = NULL', "block 2: transaction 1: .*erased"),
        ("GONE", "block 2: it has 2 transactions stored, its row says 3"),
    ],
    ("transaction", "height = 2 AND ordinal = 2"): [
        ("length = length + 1", "block 2: .*transaction 2"),
        ("ordinal = 7", "block 2: its transactions are not numbered"),
    ],
    ("transaction", "height = 10"): [
        ("height = 77", "block 77: missing, and table transaction has rows of it"),
    ],
    ("operation", "position = 2097153"): [
        ("first = NULL", "block 2: transaction 1: operation 1: its row differs from its bytes in first"),
        ("second = 99", "block 2: transaction 1: operation 1: its row differs from its bytes in second"),
        (
            "name_id = (SELECT id FROM indexer_name WHERE text = 'update_prompt_history')",
            "block 2: transaction 1: operation 1: its row differs from its bytes in name",
        ),
        ("model_id = NULL", "block 2: transaction 1: operation 1: its row differs from its bytes in model"),
        (
            "provider_id = (SELECT id FROM indexer_name WHERE text = 'openrouter')",
            "block 2: transaction 1: operation 1: its row differs from its bytes in provider",
        ),
        ("reading = 1", "block 2: transaction 1: operation 1: its row differs from its bytes in reading"),
        (
            "answer_reason = 3",
            "block 2: transaction 1: operation 1: its row differs from its bytes in answer_reason",
        ),
        ("key = @HASH", "block 2: transaction 1: operation 1: its row differs from its bytes in key"),
        (
            "messages = @HASH",
            "block 2: transaction 1: operation 1: its row differs from its bytes in messages",
        ),
        ("prompt = @HASH", "block 2: transaction 1: operation 1: its row differs from its bytes in prompt"),
        ("result = @HASH", "block 2: transaction 1: operation 1: its row differs from its bytes in result"),
        (
            "result_normal = @HASH",
            "block 2: transaction 1: operation 1: its row differs from its bytes in result_normal",
        ),
        ("answer = NULL", "block 2: transaction 1: operation 1: its row differs from its bytes in answer"),
        ("transaction = 2", "block 2: transaction 1: its bytes hold 1 operations, 0 are stored"),
        ("transaction = 9", "block 2: it has operations of transactions that are not there"),
        ("first = 99", "block 2: transaction 1: operation 1: its row differs from its bytes in first"),
        (
            "model_id = (SELECT id FROM indexer_name WHERE text LIKE 'long%')",
            "block 2: transaction 1: operation 1: its row differs from its bytes in model",
        ),
        ("answer = @HASH", "block 2: transaction 1: operation 1: its row differs from its bytes in answer"),
    ],
    ("operation", "position = 2097154"): [
        ("position = position + 5", "block 2: its operations are not numbered from 0"),
        ("position = 77 * 1048576", "block 77: missing, and table operation has rows of it"),
        ("GONE", "block 2: transaction 2: its bytes hold 1 operations, 0 are stored"),
    ],
    ("operation", "key IS NOT NULL"): [
        ("key = @HASH", "block 9: transaction 1: operation 2: its row differs from its bytes in key"),
    ],
    ("operation", "reading = 1"): [
        ("reading = 0", "block 9: transaction 0: operation 0: its row differs from its bytes in reading"),
    ],
    ("name", "text = 'groq'"): [
        ("text = 'other'", "name [0-9]+: its value does not hash to its key"),
        ("hash = @HASH", "name [0-9]+: its value does not hash to its key"),
        ("text = NULL", "name [0-9]+: it has no value"),
        ("kind = 1", "name [0-9]+: .*kind"),
    ],
    ("name", "kind = 4 AND id = (SELECT min(id) FROM indexer_name WHERE kind = 4)"): [
        (r"raw = '\x00'", "name [0-9]+: its value does not hash to its key"),
    ],
    ("name", "id = (SELECT min(id) FROM indexer_name WHERE kind = 1)"): [
        ("GONE", "name [0-9]+: missing; the (block|transaction|operation|record) at"),
    ],
    ("name", "id = (SELECT min(id) FROM indexer_name WHERE kind = 2)"): [
        ("GONE", "name [0-9]+: missing; the (block|transaction|operation|record) at"),
    ],
    ("name", "id = (SELECT min(id) FROM indexer_name WHERE kind = 3)"): [
        ("GONE", "name [0-9]+: missing; the (block|transaction|operation|record) at"),
    ],
    ("name", "id = (SELECT min(id) FROM indexer_name WHERE kind = 4)"): [
        ("GONE", "name [0-9]+: missing; the (block|transaction|operation|record) at"),
    ],
    ("name", "id = (SELECT min(id) FROM indexer_name WHERE kind = 5)"): [
        ("GONE", "name [0-9]+: missing; the (block|transaction|operation|record) at"),
    ],
    ("prompt", "hash = (SELECT min(hash) FROM indexer_prompt WHERE reason = 0)"): [
        (
            "text = translate(text, 'aeiou', 'oaeiu')",
            "prompt [0-9A-F]{64}: its text does not hash to its key",
        ),
        ("text = text || ' '", "prompt [0-9A-F]{64}: its text has"),
        ("hash = @HASH", "prompt [0-9A-F]{64}: (its text does not hash to its key|missing; the operation)"),
        ("length = length + 1", "prompt [0-9A-F]{64}: its text has"),
        ("text = NULL", "prompt [0-9A-F]{64}: its reason"),
        ("reason = 2", "prompt [0-9A-F]{64}: its reason"),
        (r"raw = '\x41'", "prompt [0-9A-F]{64}: its reason"),
        (
            "text = NULL, raw = NULL, reason = 3",
            "prompt [0-9A-F]{64}: it is said to be erased, and no suppression says so",
        ),
        ("reason = 3", "prompt [0-9A-F]{64}: it is erased, and its text is still there"),
    ],
    ("prompt", "hash = (SELECT min(hash) FROM indexer_prompt WHERE reason = 1)"): [
        (r"raw = '\x41'", "prompt [0-9A-F]{64}: its text has"),
    ],
    ("answer", "hash = (SELECT min(hash) FROM indexer_answer WHERE reason = 0)"): [
        (
            "text = translate(text, 'aeiou', 'oaeiu')",
            "answer [0-9A-F]{64}: its text does not hash to its key",
        ),
        ("text = text || ' '", "answer [0-9A-F]{64}: its text has"),
        ("hash = @HASH", "answer [0-9A-F]{64}: (its text does not hash to its key|missing; the operation)"),
        ("length = length + 1", "answer [0-9A-F]{64}: its text has"),
        ("text = NULL", "answer [0-9A-F]{64}: its reason"),
        ("reason = 2", "answer [0-9A-F]{64}: its reason"),
        (r"raw = '\x41'", "answer [0-9A-F]{64}: its reason"),
        (
            "text = NULL, raw = NULL, reason = 3",
            "answer [0-9A-F]{64}: it is said to be erased, and no suppression says so",
        ),
        ("reason = 3", "answer [0-9A-F]{64}: it is erased, and its text is still there"),
    ],
    ("answer", "hash = (SELECT min(hash) FROM indexer_answer WHERE reason = 1)"): [
        (r"raw = '\x41'", "answer [0-9A-F]{64}: its text has"),
    ],
    ("prompt", "hash = (SELECT min(hash) FROM indexer_prompt)"): [
        ("GONE", "prompt [0-9A-F]{64}: missing; the operation at position"),
    ],
    ("answer", "hash = (SELECT min(hash) FROM indexer_answer)"): [
        ("GONE", "answer [0-9A-F]{64}: missing; the operation at position"),
    ],
    ("configuration", "height = 6"): [
        ("raw = set_byte(raw, 200, get_byte(raw, 200) # 1)", "configuration at height 6: its bytes"),
        (r"raw = '\x00'", "configuration at height 6: its bytes cannot be read"),
        ("hash = @HASH", "configuration at height 6: its bytes hash to"),
        ("signers = signers[1:2]", "configuration at height 6: its row names other signers"),
        ("features = '{\"a\": 1}'", "configuration at height 6: its row names other features"),
        ("merkle_version = 2", "configuration at height 6: its row names another merkle version"),
        ("GONE", "configuration at height 6: "),
    ],
    ("configurationstanding", "height = 6"): [
        ("hash = @HASH", "configuration at height 6: its standing is of"),
        ("GONE", "configuration at height 6: it has no standing"),
        ("standing = 'genesis'", "configuration at height 6: it is said to be genesis"),
        ("standing = 'named by headers'", "configuration at height 6: it is said to be named by headers"),
        ("standing = 'not named'", "configuration at height 6: it is said to be not named"),
        ("standing = 'not applied'", "configuration at height 6: it is said to be not applied"),
        (
            "standing = 'signer change confirmed'",
            "configuration at height 6: it is said to be signer change confirmed",
        ),
        ("standing = 'unseen'", "configuration at height 6: it is said to be unseen"),
        ("standing = 'pending'", "configuration at height 6: it is said to be pending"),
        ("standing = 'anything'", "configuration at height 6: it is said to be anything"),
    ],
    ("configurationstanding", "height = 0"): [
        ("standing = 'named by headers'", "configuration at height 0: it is said to be named by headers"),
    ],
    ("window", ""): [
        ("GONE", "windows: heights 0 to 11 are in, and no window covers them"),
        ("last = 20", "blocks 12 to 20: missing|block 12: missing"),
        ("last = 5", "windows: heights 6 to 11 are in, and no window covers them"),
        ("first = 2", "windows: heights 0 to 1 are in, and no window covers them"),
        ("transactions = transactions + 1", "windows: they count"),
        ("operations = operations + 1", "windows: they count"),
    ],
}
