"""Whatever is changed in the tables is found, and named."""

import re
from collections.abc import Callable

import pytest
from django.db import connection

from indexer import configurations, fold, fsck, sync
from indexer.backfill import Filler
from indexer.models import Chain, Generation, Suppression
from indexer.store import names
from indexer.store.coverage import Span
from indexer.store.erase import suppress
from tests.indexer import kept
from tests.indexer.made import MadeChain, add
from tests.indexer.serving import (
    CHAINS,
    AlteredNode,
    asks_configuration,
    no_configuration,
    pool_of,
    recorded,
)
from tests.indexer.writing import contents, row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
EVER = 10**9  # a height above any


def findings(chain: Chain) -> list[str]:
    return [str(each) for each in fsck.check(Chain.objects.get(id=chain.id))]


def tamper(sql: str) -> None:
    """Change something behind everybody's back; at least one row must change."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in sql.split(";"):
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement
    for each in names.ALL:
        each.forget()


# What is right is clean


@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_a_chain_as_it_was_synced_is_clean_and_checking_changes_nothing(name: str, stored: Stored) -> None:
    chain = stored(name)
    before = contents(without=set())
    assert findings(chain) == []
    assert contents(without=set()) == before
    assert fsck.erased(chain) == 0


def test_a_chain_without_blocks_is_clean() -> None:
    assert findings(row_of(MadeChain())) == []


def test_what_is_in_and_not_folded_yet_is_clean(stored: Stored) -> None:
    made = MadeChain()
    for _ in range(4):
        made.block(add())
    chain = row_of(made)
    write(chain, made.blocks[:3])
    assert findings(chain) == []
    fold.fold(chain, last=1)
    assert findings(chain) == []


@pytest.mark.parametrize("is_folded", [True, False])
def test_a_chain_with_gaps_that_are_still_to_be_filled_is_clean(is_folded: bool) -> None:
    with pool_of(recorded("four-validators")) as pool:
        chain = sync.chain_of(pool, None)
        configurations.fetch(chain, pool, head=1_000)
        for span in (Span(90, 115), Span(40, 41), Span(0, 20), Span(61, 61)):
            for _ in Filler(chain, pool).fill(span):
                pass
    if is_folded:
        sync.fold_all(chain)
    assert findings(chain) == []


def test_blocks_whose_signers_no_node_told_are_clean() -> None:
    chain = unseen()
    assert findings(chain) == []


def unseen() -> Chain:
    """The varied chain from a node that does not give the configuration of height 6."""
    node = AlteredNode(
        kept.varied().recording(),
        lambda question, answer: (
            no_configuration(question) if asks_configuration(question, height=6) else answer
        ),
    )
    with pool_of(node) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    return chain


# What is changed is found

NUL = r"'\x" + "00" * 32 + "'"

CASES: dict[str, tuple[str, str]] = {
    # facts: blocks
    "an empty block's RID": (
        f"UPDATE indexer_block SET rid = {NUL} WHERE height = 1",
        "block 1: its header hashes to",
    ),
    "a full block's RID": (
        f"UPDATE indexer_block SET rid = {NUL} WHERE height = 2",
        "block 2: its header hashes to",
    ),
    "an empty block's time": (
        "UPDATE indexer_block SET timestamp = timestamp + 1 WHERE height = 1",
        "block 1: its header hashes to",
    ),
    "a full block's time": (
        "UPDATE indexer_block SET timestamp = timestamp + 1 WHERE height = 2",
        "block 2: its header says height 2 at",
    ),
    "an empty block's header end": (
        "UPDATE indexer_block SET header_end_id = (SELECT max(id) FROM indexer_name WHERE kind = 5 AND id <> header_end_id) WHERE height = 1",
        "block 1: ",
    ),
    "a full block's header end": (
        "UPDATE indexer_block SET header_end_id = (SELECT max(id) FROM indexer_name WHERE kind = 5 AND id <> header_end_id) WHERE height = 2",
        "block 2: its row names other dependencies or extra data",
    ),
    "a full block's count": (
        "UPDATE indexer_block SET transactions = 2 WHERE height = 2",
        "block 2: it has 3 transactions stored, its row says 2",
    ),
    "an empty block's count": (
        "UPDATE indexer_block SET transactions = 1 WHERE height = 1",
        "block 1: it has 0 transactions stored, its row says 1",
    ),
    "a block's height": ("UPDATE indexer_block SET height = 50 WHERE height = 11", "block 11: missing"),
    "a block in the middle is missing": ("DELETE FROM indexer_block WHERE height = 1", "block 1: missing"),
    "the first block is missing": ("DELETE FROM indexer_block WHERE height = 0", "block 0: missing"),
    "the last block is missing": ("DELETE FROM indexer_block WHERE height = 11", "block 11: missing"),
    # facts: bodies
    "a header": (
        r"UPDATE indexer_blockbody SET header = set_byte(header, 60, get_byte(header, 60) # 1) WHERE height = 2",
        "block 2: its header",
    ),
    "a header that is no GTV": (
        r"UPDATE indexer_blockbody SET header = '\x00' WHERE height = 2",
        "block 2: its header cannot be read",
    ),
    "a header is missing": ("UPDATE indexer_blockbody SET header = NULL WHERE height = 2", "block 2: "),
    "an empty block's raw header": (
        "UPDATE indexer_blockbody SET header = set_byte(header, 60, get_byte(header, 60) # 1) WHERE height = 3",
        "block 3: its header",
    ),
    "a witness": (
        "UPDATE indexer_blockbody SET witness = set_byte(witness, 60, get_byte(witness, 60) # 1) WHERE height = 2",
        "block 2: witness: ",
    ),
    "a witness cut short": (
        "UPDATE indexer_blockbody SET witness = substr(witness, 1, 50) WHERE height = 2",
        "block 2: witness: ",
    ),
    "a witness of nobody": (
        r"UPDATE indexer_blockbody SET witness = '\x00000000' WHERE height = 2",
        "block 2: witness: 0 of 4 signers signed it",
    ),
    "another block's witness": (
        "UPDATE indexer_blockbody SET witness = (SELECT witness FROM indexer_blockbody WHERE height = 4) WHERE height = 2",
        "block 2: witness: ",
    ),
    "a witness is missing": (
        "UPDATE indexer_blockbody SET witness = NULL WHERE height = 2",
        "block 2: its witness is missing",
    ),
    "a body": (
        "UPDATE indexer_blockbody SET body = set_byte(body, 300, get_byte(body, 300) # 1) WHERE height = 4",
        "block 4: ",
    ),
    "a body cut short": (
        "UPDATE indexer_blockbody SET body = substr(body, 1, 100) WHERE height = 4",
        "block 4: the stored body cannot be unpacked",
    ),
    "another block's body": (
        "UPDATE indexer_blockbody SET body = (SELECT body FROM indexer_blockbody WHERE height = 5) WHERE height = 4",
        "block 4: the stored body has",
    ),
    "a body is null": (
        "UPDATE indexer_blockbody SET body = NULL WHERE height = 4",
        "block 4: the body with its transactions is missing",
    ),
    "a body is missing": ("DELETE FROM indexer_blockbody WHERE height = 4", "block 4: "),
    "a body's length": (
        "UPDATE indexer_blockbody SET length = length - 1 WHERE height = 4",
        "block 4: the stored body",
    ),
    "a body of no block": (
        "UPDATE indexer_blockbody SET height = 77 WHERE height = 3",
        "block 77: missing, and table blockbody has rows of it",
    ),
    # facts: transactions
    "a transaction's RID": (
        f"UPDATE indexer_transaction SET rid = {NUL} WHERE height = 2 AND ordinal = 1",
        "block 2: transaction 1: its bytes give RID",
    ),
    "a transaction's hash": (
        f"UPDATE indexer_transaction SET hash = {NUL} WHERE height = 2 AND ordinal = 1",
        "block 2: its transactions' root",
    ),
    "a transaction's signers": (
        "UPDATE indexer_transaction SET signers_id = (SELECT max(id) FROM indexer_name WHERE kind = 4 AND id <> signers_id) WHERE height = 2 AND ordinal = 1",
        "block 2: transaction 1: its row names other signers",
    ),
    "a transaction's oddities": (
        "UPDATE indexer_transaction SET oddities = 8 WHERE height = 2 AND ordinal = 1",
        "block 2: transaction 1: its row names other signers or oddities",
    ),
    "a transaction's offset": (
        'UPDATE indexer_transaction SET "offset" = "offset" + 1 WHERE height = 2 AND ordinal = 1',
        "block 2: .*transaction 1",
    ),
    "a transaction's length": (
        "UPDATE indexer_transaction SET length = length + 1 WHERE height = 2 AND ordinal = 1",
        "block 2: .*transaction 1",
    ),
    "a transaction's length to its half": (
        "UPDATE indexer_transaction SET length = length / 2 WHERE height = 2 AND ordinal = 1",
        "block 2: .*transaction 1",
    ),
    "the last transaction's length": (
        "UPDATE indexer_transaction SET length = length + 1 WHERE height = 2 AND ordinal = 2",
        "block 2: .*transaction 2",
    ),
    "a transaction said to be erased that is not": (
        'UPDATE indexer_transaction SET "offset" = NULL WHERE height = 2 AND ordinal = 1',
        "block 2: transaction 1: .*erased",
    ),
    "a transaction's place": (
        "UPDATE indexer_transaction SET ordinal = 7 WHERE height = 2 AND ordinal = 2",
        "block 2: its transactions are not numbered",
    ),
    "two transactions change places": (
        "UPDATE indexer_transaction SET ordinal = ordinal + 10 WHERE height = 2 AND ordinal < 2; UPDATE indexer_transaction SET ordinal = 11 - ordinal WHERE height = 2 AND ordinal >= 10",
        "block 2: its transactions' root",
    ),
    "a transaction is missing": (
        "DELETE FROM indexer_transaction WHERE height = 2 AND ordinal = 1",
        "block 2: it has 2 transactions stored, its row says 3",
    ),
    "a transaction of no block": (
        "UPDATE indexer_transaction SET height = 77 WHERE height = 10",
        "block 77: missing, and table transaction has rows of it",
    ),
    # facts: operations
    **{
        f"an operation's {column}": (
            f"UPDATE indexer_operation SET {column} = {value} WHERE position = 2 * 1048576 + 1",
            rf"block 2: transaction 1: operation 1: its row differs from its bytes in {told or column}",
        )
        for column, value, told in [
            ("first", "99", None),
            ("first", "NULL", None),
            ("second", "99", None),
            ("name_id", "(SELECT id FROM indexer_name WHERE text = 'update_prompt_history')", "name"),
            ("model_id", "(SELECT id FROM indexer_name WHERE text LIKE 'long%%')", "model"),
            ("model_id", "NULL", "model"),
            ("provider_id", "(SELECT id FROM indexer_name WHERE text = 'openrouter')", "provider"),
            ("reading", "1", None),
            ("answer_reason", "3", None),
            ("key", NUL, None),
            ("messages", NUL, None),
            ("prompt", NUL, None),
            ("result", NUL, None),
            ("result_normal", NUL, None),
            ("answer", NUL, None),
            ("answer", "NULL", None),
        ]
    },
    "an operation's transaction": (
        "UPDATE indexer_operation SET transaction = 2 WHERE position = 2 * 1048576 + 1",
        "block 2: transaction 1: its bytes hold 1 operations, 0 are stored",
    ),
    "an operation of a transaction that is not there": (
        "UPDATE indexer_operation SET transaction = 9 WHERE position = 2 * 1048576 + 1",
        "block 2: it has operations of transactions that are not there",
    ),
    "an operation's place": (
        "UPDATE indexer_operation SET position = position + 5 WHERE position = 2 * 1048576 + 2",
        "block 2: its operations are not numbered from 0",
    ),
    "an operation's block": (
        "UPDATE indexer_operation SET position = 77 * 1048576 WHERE position = 2 * 1048576 + 2",
        "block 77: missing, and table operation has rows of it",
    ),
    "an operation is missing": (
        "DELETE FROM indexer_operation WHERE position = 2 * 1048576 + 2",
        "block 2: transaction 2: its bytes hold 1 operations, 0 are stored",
    ),
    "a change of owner is another one's": (
        f"UPDATE indexer_operation SET key = {NUL} WHERE key IS NOT NULL",
        "block 9: transaction 1: operation 2: its row differs from its bytes in key",
    ),
    "an unknown operation is said to be understood": (
        "UPDATE indexer_operation SET reading = 0 WHERE reading = 1",
        "block 9: transaction 0: operation 0: its row differs from its bytes in reading",
    ),
    # names
    "a name's text": (
        "UPDATE indexer_name SET text = 'other' WHERE text = 'groq'",
        "name [0-9]+: its value does not hash to its key",
    ),
    "a name's hash": (
        f"UPDATE indexer_name SET hash = {NUL} WHERE text = 'groq'",
        "name [0-9]+: its value does not hash to its key",
    ),
    "a name's bytes": (
        r"UPDATE indexer_name SET raw = '\x00' WHERE kind = 4 AND id = (SELECT min(id) FROM indexer_name WHERE kind = 4)",
        "name [0-9]+: its value does not hash to its key",
    ),
    "a name without any value": (
        "UPDATE indexer_name SET text = NULL WHERE text = 'groq'",
        "name [0-9]+: it has no value",
    ),
    "a name's kind": ("UPDATE indexer_name SET kind = 1 WHERE text = 'groq'", "name [0-9]+: .*kind"),
    **{
        f"a name of kind {kind} is missing": (
            f"DELETE FROM indexer_name WHERE id = (SELECT min(id) FROM indexer_name WHERE kind = {kind})",
            "name [0-9]+: missing; the (block|transaction|operation|record) at",
        )
        for kind in range(1, 6)
    },
    # contents
    **{
        f"{table}: its {what}": (
            f"UPDATE indexer_{table} SET {change} WHERE hash = (SELECT min(hash) FROM indexer_{table} WHERE {which})",
            f"{table} [0-9A-F]{{64}}: {told}",
        )
        for table in ("prompt", "answer")
        for what, change, which, told in [
            (
                "text",
                "text = translate(text, 'aeiou', 'oaeiu')",
                "reason = 0",
                "its text does not hash to its key",
            ),
            ("text grows", "text = text || ' '", "reason = 0", "its text has"),
            (
                "hash",
                f"hash = {NUL}",
                "reason = 0",
                "(its text does not hash to its key|missing; the operation)",
            ),
            ("length", "length = length + 1", "reason = 0", "its text has"),
            ("text is null", "text = NULL", "reason = 0", "its reason"),
            ("reason", "reason = 2", "reason = 0", "its reason"),
            ("bytes", r"raw = '\x41'", "reason = 1", "its text has"),
            ("bytes and text", r"raw = '\x41'", "reason = 0", "its reason"),
            (
                "erasing without a suppression",
                "text = NULL, raw = NULL, reason = 3",
                "reason = 0",
                "it is said to be erased, and no suppression says so",
            ),
            (
                "erasing while the text stays",
                "reason = 3",
                "reason = 0",
                "it is erased, and its text is still there",
            ),
        ]
    },
    "a prompt is missing": (
        "DELETE FROM indexer_prompt WHERE hash = (SELECT min(hash) FROM indexer_prompt)",
        "prompt [0-9A-F]{64}: missing; the operation at position",
    ),
    "an answer is missing": (
        "DELETE FROM indexer_answer WHERE hash = (SELECT min(hash) FROM indexer_answer)",
        "answer [0-9A-F]{64}: missing; the operation at position",
    ),
    "a prompt that must be erased is still there": (
        "INSERT INTO indexer_suppression (subject, hash, mode, reason, by, at) SELECT 'content', min(hash), 'erase', '', '', now() FROM indexer_prompt WHERE reason = 0",
        "prompt [0-9A-F]{64}: it is to be erased, and its text is still there",
    ),
    "a transaction that must be erased is still there": (
        "INSERT INTO indexer_suppression (subject, hash, mode, reason, by, at) SELECT 'transaction', rid, 'erase', '', '', now() FROM indexer_transaction WHERE height = 2 AND ordinal = 1",
        "block 2: transaction 1: it is to be erased, and its bytes are still there",
    ),
    # configurations
    "a configuration's bytes": (
        "UPDATE indexer_configuration SET raw = set_byte(raw, 200, get_byte(raw, 200) # 1) WHERE height = 6",
        "configuration at height 6: its bytes",
    ),
    "a configuration that is no GTV": (
        r"UPDATE indexer_configuration SET raw = '\x00' WHERE height = 6",
        "configuration at height 6: its bytes cannot be read",
    ),
    "a configuration's hash": (
        f"UPDATE indexer_configuration SET hash = {NUL} WHERE height = 6",
        "configuration at height 6: its bytes hash to",
    ),
    "a configuration's signers": (
        "UPDATE indexer_configuration SET signers = signers[1:2] WHERE height = 6",
        "configuration at height 6: its row names other signers",
    ),
    "a configuration's features": (
        "UPDATE indexer_configuration SET features = '{\"a\": 1}' WHERE height = 6",
        "configuration at height 6: its row names other features",
    ),
    "a configuration's merkle version": (
        "UPDATE indexer_configuration SET merkle_version = 2 WHERE height = 6",
        "configuration at height 6: its row names another merkle version",
    ),
    "a configuration's height": (
        "UPDATE indexer_configuration SET height = 7 WHERE height = 6; UPDATE indexer_configurationstanding SET height = 7 WHERE height = 6",
        "block 6: configuration: its header names configuration",
    ),
    "another first configuration": (
        "UPDATE indexer_configuration c SET raw = o.raw, hash = o.hash, signers = o.signers FROM indexer_configuration o WHERE c.height = 0 AND o.height = 6",
        "configuration at height 0: it does not hash to the blockchain RID",
    ),
    "a configuration is missing": (
        "DELETE FROM indexer_configuration WHERE height = 6",
        "configuration at height 6: ",
    ),
    "a standing's hash": (
        f"UPDATE indexer_configurationstanding SET hash = {NUL} WHERE height = 6",
        "configuration at height 6: its standing is of",
    ),
    "a standing is missing": (
        "DELETE FROM indexer_configurationstanding WHERE height = 6",
        "configuration at height 6: it has no standing",
    ),
    **{
        f"a change of signers said to be {standing}": (
            f"UPDATE indexer_configurationstanding SET standing = '{standing}' WHERE height = 6",
            f"configuration at height 6: it is said to be {standing}",
        )
        for standing in (
            "genesis",
            "named by headers",
            "not named",
            "not applied",
            "signer change confirmed",
            "unseen",
            "pending",
            "anything",
        )
    },
    "the first configuration's standing": (
        "UPDATE indexer_configurationstanding SET standing = 'named by headers' WHERE height = 0",
        "configuration at height 0: it is said to be named by headers",
    ),
    # the work
    "a window is missing": (
        "DELETE FROM indexer_window",
        "windows: heights 0 to 11 are in, and no window covers them",
    ),
    "a window reaches too high": (
        "UPDATE indexer_window SET last = 20",
        "blocks 12 to 20: missing|block 12: missing",
    ),
    "a window ends too low": (
        "UPDATE indexer_window SET last = 5",
        "windows: heights 6 to 11 are in, and no window covers them",
    ),
    "a window begins too high": (
        "UPDATE indexer_window SET first = 2",
        "windows: heights 0 to 1 are in, and no window covers them",
    ),
    "a window's transactions": (
        "UPDATE indexer_window SET transactions = transactions + 1",
        "windows: they count",
    ),
    "a window's operations": ("UPDATE indexer_window SET operations = operations + 1", "windows: they count"),
    # records
    **{
        f"a record's {column}": (
            f"UPDATE indexer_record SET {column} = {value} WHERE prompt_id = 1",
            rf"record: .*prompt_id {told or 1}, .*: stored, and folding the facts again does not give it",
        )
        for column, value, told in [
            ("position", "position + 100", None),
            ("prompt_id", "99", 99),
            ("scout", "99", None),
            ("seed", "99", None),
            ("created_at", "created_at + 1", None),
            ("revised_position", "revised_position + 1", None),
            ("model_id", "(SELECT id FROM indexer_name WHERE text LIKE 'long%%')", None),
            ("provider_id", "(SELECT id FROM indexer_name WHERE text = 'openrouter')", None),
            ("revisions", "9", None),
            ("status", "1", None),
            ("prompt", NUL, None),
            ("answer", NUL, None),
        ]
    },
    "a record is missing": (
        "DELETE FROM indexer_record WHERE prompt_id = 1",
        "record: .*prompt_id 1, .*: not stored",
    ),
    **{
        f"a revision's {column}": (
            f"UPDATE indexer_revision SET {column} = {value} WHERE prompt_id = 1 AND kind = 1",
            rf"revision: .*prompt_id {told or 1}, .*: stored, and folding the facts again does not give it",
        )
        for column, value, told in [
            ("position", "position + 100", None),
            ("prompt_id", "99", 99),
            ("kind", "2", None),
            ("superseded_position", "NULL", None),
            ("superseded_position", "superseded_position + 1", None),
        ]
    },
    "a revision is missing": (
        "DELETE FROM indexer_revision WHERE prompt_id = 1 AND kind = 1",
        "revision: .*: not stored",
    ),
    "a digest": (
        f"UPDATE indexer_blockdigest SET digest = {NUL} WHERE height = 2",
        "blockdigest: height 2, digest 0+: stored",
    ),
    "a digest's height": (
        "UPDATE indexer_blockdigest SET height = 3 WHERE height = 2",
        "blockdigest: height 3, .*: stored",
    ),
    "a digest is missing": (
        "DELETE FROM indexer_blockdigest WHERE height = 2",
        "blockdigest: height 2, .*: not stored",
    ),
    "an owner's key": (
        f"UPDATE indexer_owner SET key = {NUL} WHERE position > 0",
        "owner: position [0-9]+, key 0+: stored",
    ),
    "an owner's position": (
        "UPDATE indexer_owner SET position = position + 1 WHERE position > 0",
        "owner: position [0-9]+, .*: stored",
    ),
    "an owner is missing": (
        "DELETE FROM indexer_owner WHERE position = -1",
        "owner: position -1, .*: not stored",
    ),
    **{
        f"the checkpoint's {column}": (
            f"UPDATE indexer_checkpoint SET {column} = {value}",
            "checkpoint: .*: stored, and folding the facts again does not give it",
        )
        for column, value in [
            ("height", "5"),
            ("height", "50"),
            ("block_rid", NUL),
            ("timestamp", "timestamp + 1"),
            ("digest", NUL),
            ("last_prompt_id", "99"),
            ("live", "live + 1"),
            ("owner", "NULL"),
            ("transactions", "99"),
            ("operations", "99"),
        ]
    },
    "the checkpoint is missing": ("DELETE FROM indexer_checkpoint", "checkpoint: missing"),
    "the generation is missing": ("DELETE FROM indexer_generation", "generation 1: missing"),
    "the generation's rules": (
        "UPDATE indexer_generation SET rules = 9",
        "generation 1: it was folded by rules 9",
    ),
    "another generation": ("UPDATE indexer_chain SET generation = 7", "generation 7: missing"),
    "the chain's RID": (
        f"UPDATE indexer_chain SET brid = {NUL}",
        "configuration at height 0: it does not hash to the blockchain RID",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_changed_is_found_and_named(name: str, stored: Stored) -> None:
    chain = stored(kept.VARIED)
    sql, told = CASES[name]
    tamper(sql)
    found = findings(chain)
    assert any(re.match(told, each) for each in found), found


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "DELETE FROM indexer_uncheckedwitness WHERE height = 7",
            "block 7: its witness is said to be checked, and its signers",
        ),
        ("UPDATE indexer_blockbody SET witness = NULL WHERE height = 11", "block 11: its witness is missing"),
        (
            "UPDATE indexer_uncheckedwitness SET height = 5 WHERE height = 7",
            "block 7: its witness is said to be checked, and its signers",
        ),
        (
            "UPDATE indexer_uncheckedwitness SET height = 77 WHERE height = 7",
            "block 77: missing, and table uncheckedwitness has rows of it",
        ),
        (
            "DELETE FROM indexer_configurationstanding WHERE height = 6",
            "block 6: configuration: its header names configuration",
        ),
        (
            "UPDATE indexer_configurationstanding SET standing = 'named by headers' WHERE height = 6",
            "configuration at height 6: it is said to be named by headers",
        ),
    ],
)
def test_what_was_changed_about_unchecked_witnesses_is_found(sql: str, told: str) -> None:
    chain = unseen()
    tamper(sql)
    found = findings(chain)
    assert any(re.match(told, each) for each in found), found


def test_an_empty_block_said_to_be_unchecked_without_its_witness_is_found(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    tamper(f"INSERT INTO indexer_uncheckedwitness (chain_id, height, why) VALUES ({chain.id}, 1, '')")
    assert findings(chain) == ["block 1: its witness is missing"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE indexer_record SET seed = 99 WHERE prompt_id = 1",
        "UPDATE indexer_operation SET second = 99 WHERE position = 2 * 1048576 + 1",
        "DELETE FROM indexer_name WHERE text = 'groq'",
        "UPDATE indexer_operation SET first = NULL WHERE position = 2 * 1048576 + 1",
        "DELETE FROM indexer_transaction WHERE height = 2 AND ordinal = 1",
    ],
)
def test_a_check_that_finds_something_leaves_nothing_of_its_own_behind(sql: str, stored: Stored) -> None:
    chain = stored(kept.VARIED)
    tamper(sql)
    before = contents(without={"node", "window"})
    assert findings(chain) != []
    assert contents(without={"node", "window"}) == before
    assert Generation.objects.count() == 1


def test_erased_is_no_finding_and_is_told_as_a_number(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    rid = kept.varied().blocks[2].transactions[1].rid
    suppress(Suppression.Subject.TRANSACTION, rid, mode=Suppression.Mode.ERASE, reason="r", by="b")
    assert findings(chain) == []
    assert fsck.erased(chain) == 1


def test_what_was_erased_and_then_loses_its_suppression_is_a_finding(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    rid = kept.varied().blocks[2].transactions[1].rid
    suppress(Suppression.Subject.TRANSACTION, rid, mode=Suppression.Mode.ERASE, reason="r", by="b")
    tamper("DELETE FROM indexer_suppression")
    assert any("block 2: transaction 1" in each for each in findings(chain))


@pytest.mark.parametrize(
    "sql",
    [
        f'UPDATE indexer_transaction SET hash = {NUL} WHERE "offset" IS NULL',
        "UPDATE indexer_operation SET first = 99 WHERE position = 2 * 1048576 + 1",
        f"UPDATE indexer_operation SET result = {NUL} WHERE position = 2 * 1048576 + 1",
        "DELETE FROM indexer_operation WHERE position = 2 * 1048576 + 1",
    ],
)
def test_of_what_was_erased_the_hashes_and_typed_fields_are_checked(sql: str, stored: Stored) -> None:
    chain = stored(kept.VARIED)
    rid = kept.varied().blocks[2].transactions[1].rid
    suppress(Suppression.Subject.TRANSACTION, rid, mode=Suppression.Mode.ERASE, reason="r", by="b")
    tamper(sql)
    assert findings(chain) != []
