"""What an identifier names."""

from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from devnet.scenarios.hostile import HOSTILE
from explorer.queries.chain import transactions
from explorer.queries.chain.chains import ChainView, chain_with
from explorer.queries.db.errors import BadQuestion
from explorer.queries.site.find import MOST, Kind, find, meant
from indexer.models import BlockDigest, Checkpoint, ConfigurationStanding, Operation, Owner
from tests.explorer.queries.every import every_record
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
FOUR = "four-validators"


def found(text: str) -> list[tuple[Kind, str, str]]:
    """What is found on the chain of four validators, whichever others are in the tables."""
    brid = recorded.brid(FOUR)
    return [(each.kind, each.key, each.why) for each in find(text) if each.chain.brid == brid]


@pytest.mark.parametrize(
    "text",
    [
        "#42",
        "# 42",
        "record 42",
        "Record #42",
        "record42",
        "  #42\n",
        "prompt 42",
        "prompt_id 42",
        "id 42",
        "\u200b#42",
        "#42\ufe0f",
        "\u3164#42",
        "prompt-id 42",
        "prompt_id: 42",
        "*#42*",
        "\uff03\uff14\uff12",
        "record 42.",
        "(#42)!",
        '"prompt_id": 42,',
        "prompt #42?",
        "record no. 42",
        "record number 42",
        "record nr 42",
        "no. 42",
        "\u2116 42",
        "record id 42",
        "record_id=42",
        "records/42",
        "/records/42",
        "inference 42",
        "promptId: 42",
        "\u300crecord 42\u300d\u3002",
        "\u2039#42\u203a",
        '{"prompt_id": 42}',
    ],
)
def test_a_record_is_found_by_its_number(recorded_chain: ChainView, text: str) -> None:
    assert found(text) == [(Kind.RECORD, "42", "its number")]


@pytest.mark.parametrize(
    "text",
    [
        "block 42",
        "Block #42",
        "height 42",
        "BLOCK 42",
        "block height 42",
        "block_height: 42",
        "at height 42",
        "blocks/42",
        "block no. 42",
        "block number 42",
        '"height": 42,',
    ],
)
def test_a_block_is_found_by_its_height(recorded_chain: ChainView, text: str) -> None:
    assert found(text) == [(Kind.BLOCK, "42", "its height")]


def test_a_bare_number_is_a_record_s_first_and_a_block_s_then_on_every_chain(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    here = sorted([recorded_chain.id, one_validator_chain.id])
    kinds = [(each.kind, each.chain.id) for each in find("42") if each.chain.id in here]
    assert kinds == [(kind, chain_id) for kind in (Kind.RECORD, Kind.BLOCK) for chain_id in here]


def test_height_0_is_a_block_and_number_0_no_record(recorded_chain: ChainView) -> None:
    assert found("0") == [(Kind.BLOCK, "0", "its height")]
    assert found("#0") == []


def test_a_number_beyond_the_last_names_nothing(recorded_chain: ChainView) -> None:
    assert found(f"#{recorded_chain.records}") != []
    assert found(f"#{recorded_chain.records + 1}") == []
    assert found(f"block {recorded_chain.freshness.height}") != []
    assert found(f"block {recorded_chain.freshness.height + 1}") == []
    assert found("1,000,000") == []
    assert found("999999999999999999") == []


def test_rids_are_found_whole_by_their_beginning_and_in_short_form(recorded_chain: ChainView) -> None:
    block = recorded.blocks(FOUR)[40]
    tx = recorded.transactions(FOUR)[40]
    for rid, expected in (
        (block.rid, (Kind.BLOCK, "40", "its RID")),
        (tx.rid, (Kind.TRANSACTION, tx.rid.hex().upper(), "its RID")),
    ):
        digits = rid.hex()
        for text in (
            digits,
            digits.upper(),
            f"0x{digits}",
            f"\u200b{digits}",
            f"\ufeff{digits}",
            f"**{digits}**",
            f"{digits}…",
            f"\u2014 {digits}!",
            f"{digits}.",
            f"“{digits}”.",
            f"sha256:{digits}",
            *(digits[:length] for length in (8, 9, 12, 13, 40, 63)),
            f"{digits[:8].upper()}…{digits[-6:].upper()}",
            f"{digits[:8]}...{digits[-6:]}",
            f"{digits[:20]} … {digits[-7:]}",
        ):
            assert found(text) == [expected], text
        for text in (f"{digits[:8]}…{'0' * 6}", digits[:-1] + ("0" if digits[-1] != "0" else "1")):
            assert found(text) == [], text


def test_a_chain_is_found_with_its_first_configuration(recorded_chain: ChainView) -> None:
    rid = recorded_chain.rid
    for text in (rid, rid[:8], f"{rid[:8]}…{rid[-6:]}"):
        assert found(text) == [
            (Kind.CHAIN, rid, "its RID"),
            (Kind.CONFIGURATION, "0", "its hash"),
        ]


def test_a_configuration_is_found_by_its_hash(recorded_chain: ChainView) -> None:
    digits = recorded.configurations(FOUR)[30].hash.hex()
    assert found(digits[:10]) == found(digits) == [(Kind.CONFIGURATION, "30", "its hash")]


def test_records_are_found_by_the_hash_of_their_prompt_or_of_any_answer_that_they_gave(
    recorded_chain: ChainView,
) -> None:
    every = every_record(recorded_chain)
    edited = next(each for each in every if each.row.revisions == 3)
    asked = [each.row.prompt_id for each in every if each.prompt == edited.prompt]
    assert found(edited.prompt.hex())[: len(asked)] == [
        (Kind.RECORD, str(each), "the key of its prompt") for each in asked[:MOST]
    ]
    for revision in edited.revisions:
        if revision.answer is not None:
            hits = found(revision.answer.hash.hex())
            assert (Kind.RECORD, str(edited.row.prompt_id), "the key of its answer") in hits
            assert found(revision.answer.hash.hex()[:63]) == []


def test_records_are_found_by_the_hash_of_what_was_signed_as_anyone_computes_it(
    recorded_chain: ChainView,
) -> None:
    edited = next(each for each in every_record(recorded_chain) if each.row.revisions == 3)
    key = str(edited.row.prompt_id)
    assert edited.messages.value is not None
    hashed = sha256(edited.messages.value.encode()).hexdigest()
    assert hashed != edited.prompt.hex()
    assert (Kind.RECORD, key, "SHA-256 of its messages as signed") in found(hashed)
    for revision in edited.revisions:
        if revision.result is not None and revision.result.value is not None:
            hashed = sha256(revision.result.value.encode()).hexdigest()
            assert (Kind.RECORD, key, "SHA-256 of a result as signed") in found(hashed)


def test_a_transaction_is_found_by_its_hash_too(recorded_chain: ChainView) -> None:
    tx = recorded.transactions(FOUR)[40]
    digits = tx.hash.hex()
    for text in (digits, digits[:8], f"{digits[:8]}…{digits[-6:]}"):
        assert found(text) == [(Kind.TRANSACTION, tx.rid.hex().upper(), "its hash")]


def test_a_block_is_found_by_the_digest_after_it(recorded_chain: ChainView) -> None:
    for each in BlockDigest.objects.filter(chain_id=recorded_chain.id).order_by("height")[:3]:
        assert found(bytes(each.digest).hex()) == [(Kind.BLOCK, str(each.height), "the digest after it")]


def test_a_key_leads_to_the_configurations_whose_blocks_it_signs(recorded_chain: ChainView) -> None:
    every = recorded.configurations(FOUR)
    key = every[30].signers[0]
    expected = [
        (Kind.CONFIGURATION, str(height), "a key of its signers")
        for height, each in sorted(every.items())
        if key in each.signers
    ]
    digits = key.hex().upper()
    for text in (digits, digits[:8], digits[:64], f"{digits[:8]}…{digits[-6:]}"):
        assert found(text) == expected
    assert found("02" * 33) == []


def test_a_key_leads_to_what_lets_it_write(recorded_chain: ChainView) -> None:
    owners = Owner.objects.filter(chain_id=recorded_chain.id).order_by("position")
    first, second = (bytes(each.key or b"") for each in owners[:2])
    assert (Kind.CONFIGURATION, "0", "the key that its code lets write") in found(first.hex())
    ((kind, rid, why),) = found(second.hex())
    assert (kind, why) == (Kind.TRANSACTION, "the key that it lets write")
    operations = transactions.with_rid(recorded_chain, bytes.fromhex(rid)).operations
    assert "change_owner" in [each.name for each in operations]


def test_what_stands_around_an_identifier_is_let_be(recorded_chain: ChainView) -> None:
    tx = recorded.transactions(FOUR)[40]
    digits = tx.rid.hex().upper()
    for text in (
        f"tx {digits}",
        f"Transaction: {digits}",
        f"tx rid {digits}",
        f"rid {digits[:8]}…{digits[-6:]}",
        f"'{digits}'",
        f"\u201c{digits}\u201d,",
        f'x"{digits}"',
        f"{digits[:32]} {digits[32:]}",
        f"txid: {digits}",
        f"tx_rid={digits}",
        f"tx/{digits}",
        f'"transaction": "{digits}",',
        f"transaction hash {digits}",
        f"{digits}\u3002",
        f"{digits[:32]}\n  {digits[32:]}",
    ):
        assert found(text) == [(Kind.TRANSACTION, digits, "its RID")], text
    brid = recorded.brid(FOUR).hex()
    for text in (
        f"blockchain rid {brid}",
        f"blockchainRID: {brid}",
        f"chain_id={brid}",
        f'"chain": "{brid}"',
    ):
        assert (Kind.CHAIN, brid.upper(), "its RID") in found(text), text
    result = (
        Operation.objects.filter(chain__brid=recorded.brid(FOUR), result__isnull=False)
        .earliest("position")
        .result
    )
    for name in ("result_sha256: ", "sha256sum ", '"result_sha256": "', "SHA-256=", "sha256:"):
        assert found(f"{name}{bytes(result or b'').hex()}"), name
    for text in ("record: 42", '"#42"', "\u00ab42\u00bb", "record\u00a042", "(record 42)", "record #42,"):
        assert (Kind.RECORD, "42", "its number") in found(text), text


def test_at_most_so_many_are_given(toured_chain: ChainView) -> None:
    every = every_record(toured_chain)
    shared = max(every, key=lambda each: each.peer_count)
    assert shared.peer_count > MOST
    assert len(find(shared.prompt.hex())) == MOST


def test_what_is_not_folded_is_not_found(recorded_chain: ChainView) -> None:
    block, tx = recorded.blocks(FOUR)[50], recorded.transactions(FOUR)[-1]
    Checkpoint.objects.filter(chain_id=recorded_chain.id).update(height=40)
    assert chain_with(recorded_chain.brid).freshness.height == 40
    for rid in (block.rid, tx.rid, tx.hash):
        assert found(rid.hex()) == []


def test_a_configuration_that_is_not_in_force_is_found_and_said_not_to_be(recorded_chain: ChainView) -> None:
    digits = recorded.configurations(FOUR)[30].hash.hex()
    assert [each.governs for each in find(digits)] == [True]
    ConfigurationStanding.objects.filter(height=30).update(
        standing=ConfigurationStanding.Standing.NOT_APPLIED
    )
    assert [each.governs for each in find(digits)] == [False]
    Checkpoint.objects.filter(chain_id=recorded_chain.id).update(height=40)
    digits = recorded.configurations(FOUR)[55].hash.hex()
    assert [(each.key, each.governs) for each in find(digits)] == [("55", False)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "what is a lighthouse",
        "gemma2-9b-it",
        "scout 15",
        "note_prompt",
        "tx 42",
        "a" * 128,
        "abcdef1",
        "g" * 64,
        "a" * 65,
        "#",
        "-1",
        "1.5",
        "1,04",
        "9" * 19 + "#",
        "…99B798",
        "\u0661\u0662",
        "\0",
        "1" * 100_000,
        *HOSTILE.values(),
    ],
)
def test_what_is_no_identifier_is_told_what_is(recorded_chain: ChainView, text: str) -> None:
    with pytest.raises(BadQuestion, match="It takes a record"):
        find(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(alphabet="0123456789abcdefABCDEF#…. ,blockx\n"))
def test_no_text_breaks_it(recorded_chain: ChainView, text: str) -> None:
    with suppress(BadQuestion):
        assert len(find(text)) <= MOST


def test_searches_cost_a_fixed_number_of_queries(
    recorded_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(1):
        find("42")
    with django_assert_max_num_queries(2):
        find("12345678")
    rid = recorded.blocks(FOUR)[3].rid.hex()
    with django_assert_max_num_queries(3):
        find(rid)


@pytest.mark.parametrize("text", ["see " + "a" * 65, "please see record #: 5 thanks", "id##5 or so"])
def test_what_only_looks_like_an_identifier_within_words_is_let_be(
    recorded_chain: ChainView, text: str
) -> None:
    assert meant(text) == {}
