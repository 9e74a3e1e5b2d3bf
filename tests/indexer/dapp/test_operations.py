"""How operations are read: as nodes take their arguments, and what is not understood is kept as such."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given

from indexer.dapp import operations
from indexer.dapp.operations import (
    AddPrompt,
    BatchDelete,
    ChangeOwner,
    DeletePrompt,
    NoEffect,
    Unknown,
    UpdatePrompt,
    read,
)
from indexer.postchain import gtx
from indexer.postchain.gtv import BigInteger
from tests.indexer.postchain import recorded, strategies

KEY = bytes.fromhex("031B84C5567B126440995D3ED5AABA0565D71E1834604819FF9C17F5E9D5DD078F")
ADD = (7, "[ ]", "{ }", -1, "m", "p")


def test_an_add_is_read_with_the_hashes_of_its_texts_as_they_were_signed() -> None:
    found = read("add_prompt_history", ADD)
    messages, result = sha256(b"[ ]").digest(), sha256(b"{ }").digest()
    assert found.effect == AddPrompt(7, -1, "m", "p", messages, result)
    assert (found.messages, found.result) == ("[ ]", "{ }")


def test_the_other_operations_are_read_by_position() -> None:
    result = sha256(b"{}").digest()
    assert read("update_prompt_history", (3, "{}")).effect == UpdatePrompt(3, result)
    assert read("update_prompt_history", (3, "{}")).result == "{}"
    assert read("delete_prompt_history", (3,)).effect == DeletePrompt(3)
    assert read("batch_delete_prompt_histories", (3, 9)).effect == BatchDelete(3, 9)


@pytest.mark.parametrize("key", [KEY, KEY.hex(), KEY.hex().upper()])
def test_a_key_may_be_signed_as_bytes_or_as_hex_text(key: bytes | str) -> None:
    assert read("change_owner", (key,)).effect == ChangeOwner(KEY)


@pytest.mark.parametrize(
    "name", ["nop", "__nop", "timeb", "__begin_block", "__end_block", "validate_user_with_no_operation"]
)
@pytest.mark.parametrize("arguments", [(), ("any", 1), (None,)])
def test_built_in_operations_do_nothing_whatever_their_arguments(name: str, arguments: Any) -> None:
    assert read(name, arguments).effect == NoEffect()


def test_an_integer_may_be_signed_as_a_big_integer_and_is_then_a_plain_one() -> None:
    effect = read("delete_prompt_history", (BigInteger(5),)).effect
    assert isinstance(effect, DeletePrompt)
    assert effect.prompt_id == 5
    assert type(effect.prompt_id) is int


@pytest.mark.parametrize("number", [-(2**63), 2**63 - 1])
def test_integers_of_64_bits_are_taken_to_their_ends(number: int) -> None:
    assert read("delete_prompt_history", (number,)).effect == DeletePrompt(number)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("add_prompt_history", ADD[:5]),
        ("add_prompt_history", (*ADD, None)),
        ("add_prompt_history", ("7", *ADD[1:])),
        ("add_prompt_history", (None, *ADD[1:])),
        ("add_prompt_history", (7, b"[]", *ADD[2:])),
        ("add_prompt_history", (7, "[]", {"a": 1}, 1, "m", "p")),
        ("add_prompt_history", (7, "[]", "{}", 1, 5, "p")),
        ("delete_prompt_history", (BigInteger(2**63),)),
        ("delete_prompt_history", (-(2**63) - 1,)),
        ("delete_prompt_history", ([3],)),
        ("update_prompt_history", (3, None)),
        ("change_owner", ("0x02",)),
        ("change_owner", ("023",)),
        ("change_owner", (2,)),
        ("batch_delete_prompt_histories", (1,)),
    ],
)
def test_arguments_that_the_dapp_does_not_take_are_kept_as_unknown_and_say_why(
    name: str, arguments: Any
) -> None:
    found = read(name, arguments)
    assert isinstance(found.effect, Unknown)
    assert found.effect.known_name
    assert name in found.effect.why
    assert (found.messages, found.result) == (None, None)


@pytest.mark.parametrize(
    "name", ["note_prompt", "", "Add_prompt_history", "add_prompt_history ", "x" * 12_000, "\0"]
)
def test_a_name_that_the_dapp_does_not_have_is_kept_as_unknown(name: str) -> None:
    effect = read(name, ADD).effect
    assert isinstance(effect, Unknown)
    assert not effect.known_name
    assert len(effect.why) < 200


def test_a_signed_text_is_hashed_as_utf_8() -> None:
    assert operations.signed_hash("é😀") == sha256("é😀".encode()).digest()


@given(arguments=strategies.VALUES, name=strategies.KEYS)
def test_nothing_that_can_be_signed_makes_reading_fail(arguments: Any, name: str) -> None:
    for known in (name, "add_prompt_history", "change_owner", "delete_prompt_history"):
        read(known, arguments if isinstance(arguments, list) else [arguments])


def test_every_recorded_operation_is_understood_but_the_upgraded_dapp_s() -> None:
    names = {
        operation.name
        for chain in recorded.CHAINS
        for each in recorded.transactions(chain)
        for operation in gtx.decode(each.data, version=1).operations
        if isinstance(read(operation.name, operation.arguments).effect, Unknown)
    }
    assert names == {"note_prompt"}
