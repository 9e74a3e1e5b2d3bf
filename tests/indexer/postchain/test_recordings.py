"""Everything that real nodes were recorded saying comes out bit for bit."""

import json
import re

import pytest

from indexer.postchain import gtv, gtx, proof, secp256k1
from indexer.postchain.block import (
    decode_header,
    decode_witness,
    encode_header,
    encode_witness,
    header_rid,
    threshold,
)
from indexer.postchain.merkle import merkle_hash
from indexer.postchain.verify import StatedTransaction, verify_block
from indexer.postchain.walk import hashed
from tests.indexer.postchain import plain, recorded
from tests.indexer.postchain.canonical import is_canonical
from tests.indexer.postchain.strategies import plainly

every_chain = pytest.mark.parametrize("chain", recorded.CHAINS)


def test_there_are_recordings() -> None:
    assert {"one-validator", "four-validators"} <= set(recorded.CHAINS)
    assert "one-validator-rest-v4" in recorded.ALL


# Chains


@every_chain
def test_the_whole_chain_verifies_with_the_signers_of_the_configuration_in_force(chain: str) -> None:
    previous = recorded.brid(chain)
    for height, stated in enumerate(recorded.blocks(chain)):
        in_force = recorded.configuration_at(chain, height)
        verified = verify_block(
            stated,
            brid=recorded.brid(chain),
            expected_height=height,
            previous_rid=previous,
            signers=in_force.signers,
        )
        assert verified.rid == stated.rid
        assert verified.header.configuration_hash == in_force.hash
        assert verified.header.merkle_version == in_force.merkle_version
        assert in_force.names_itself_in_headers
        previous = verified.rid
    assert len(recorded.blocks(chain)) == recorded.story(chain)["height"]


@every_chain
def test_headers_and_witnesses_are_written_as_they_were_read(chain: str) -> None:
    for stated in recorded.blocks(chain):
        header = decode_header(stated.header)
        assert encode_header(header) == stated.header
        assert header_rid(header) == stated.rid == plain.merkle_hash(plainly(gtv.decode(stated.header)), 1)
        assert encode_witness(decode_witness(stated.witness)) == stated.witness
        signers = recorded.configuration_at(chain, stated.height).signers
        assert stated.witnesses is not None
        assert threshold(len(signers)) <= len(stated.witnesses) <= len(signers)


@every_chain
def test_configuration_0_hashes_to_the_brid_and_has_the_dapps_source(chain: str) -> None:
    first = recorded.configurations(chain)[0]
    assert first.hash == recorded.brid(chain)
    assert gtv.encode(gtv.decode(first.raw)) == first.raw
    assert any("add_prompt_history" in text for text in first.sources.values())


# Transactions


@every_chain
def test_every_transaction_has_the_stated_rid_and_hash_and_its_signatures(chain: str) -> None:
    for stated in recorded.transactions(chain):
        read = gtx.decode(stated.data, version=1)
        assert (read.rid, read.hash) == (stated.rid, stated.hash)
        assert gtx.first_bad_signature(read) is None
        assert read.brid == recorded.brid(chain)
        if gtx.Oddity.EXTRA_ELEMENT not in read.oddities:
            assert gtx.encode(read) == stated.data


@every_chain
@pytest.mark.parametrize("version", [1, 2])
def test_the_fast_way_and_the_plain_way_agree_on_every_transaction(chain: str, version: int) -> None:
    for stated in recorded.transactions(chain):
        value = gtv.decode(stated.data, trailing=False)
        walked = hashed(stated.data, version=version)
        assert walked is not None
        assert walked.value == value
        assert (
            walked.hash == merkle_hash(value, version=version) == plain.merkle_hash(plainly(value), version)
        )
        assert plain.encode(plainly(value)) == gtv.encode(value) == stated.data


@every_chain
def test_each_oddity_that_nodes_accept_is_recorded_and_named(chain: str) -> None:
    found = gtx.NO_ODDITY
    big_integers = 0
    for stated in recorded.transactions(chain):
        read = gtx.decode(stated.data, version=1)
        found |= read.oddities
        arguments = [each for operation in read.operations for each in operation.arguments]
        big_integers += sum(isinstance(each, gtv.BigInteger) for each in arguments)
    assert found == (
        gtx.Oddity.EXTRA_ELEMENT
        | gtx.Oddity.LONG_SIGNATURE
        | gtx.Oddity.HIGH_S
        | gtx.Oddity.LONG_KEY
        | gtx.Oddity.REPEATED_SIGNER
    )
    assert big_integers > 0


@every_chain
def test_the_owners_signatures_are_the_ones_that_are_made_here(chain: str) -> None:
    owner = secp256k1.public_key(recorded.OWNER_KEY)
    same = 0
    for stated in recorded.transactions(chain):
        read = gtx.decode(stated.data, version=1)
        if read.signers == (owner,) and not read.oddities:
            same += read.signatures[0] == secp256k1.sign(read.rid, private_key=recorded.OWNER_KEY)
    assert same > 50


# Submissions


@every_chain
def test_what_nodes_took_is_canonical_and_what_they_refused_for_its_encoding_is_not(chain: str) -> None:
    refused = 0
    for sent, status, answer in recorded.posts(chain):
        if status == 200:
            assert is_canonical(sent)
            assert gtx.first_bad_signature(gtx.decode(sent, version=1)) is None
        if "not encoded with valid encoding" in answer:
            refused += 1
            assert not is_canonical(sent)
            assert gtx.Oddity.NOT_CANONICAL in gtx.decode(sent, version=1).oddities
    assert refused > 0


@every_chain
def test_refusals_name_the_rid_that_is_computed_here(chain: str) -> None:
    named = 0
    for sent, _, answer in recorded.posts(chain):
        rid = re.search(r"Transaction ([0-9A-F]{64}) is not correct", answer)
        if rid:
            named += 1
            assert gtx.decode(sent, version=1).rid.hex().upper() == rid[1]
    assert named > 5


@every_chain
def test_bad_signatures_and_bytes_that_are_no_transaction_are_refused_here_too(chain: str) -> None:
    for sent, status, answer in recorded.posts(chain):
        if re.search(r"Signature by|Invalid point|Expected 1 signatures", answer):
            assert gtx.first_bad_signature(gtx.decode(sent, version=1)) is not None
        if status == 500 or "Type error" in answer:
            with pytest.raises(gtx.GtxError):
                gtx.decode(sent, version=1)


# Proofs


@every_chain
def test_every_proof_of_every_transaction_reads_back_and_holds(chain: str) -> None:
    by_rid = {each.rid: each for each in recorded.transactions(chain)}
    for line in recorded.lines(chain, "all-proofs"):
        stated = by_rid.pop(bytes.fromhex(line["tx_rid"]))
        check_proof(chain, bytes.fromhex(line["proof"]), stated, height=line["height"])
    assert not by_rid


@every_chain
def test_the_proofs_that_nodes_gave_over_http_hold(chain: str) -> None:
    by_rid = {each.rid: each for each in recorded.transactions(chain)}
    held = 0
    for line in recorded.lines(chain, "proofs"):
        response = line["response"]
        if response["status"] == 200:
            rid = bytes.fromhex(line["request"]["path"].split("/")[3])
            data = bytes.fromhex(json.loads(response["body"])["proof"])
            header = decode_header(proof.decode(data).header)
            check_proof(chain, data, by_rid[rid], height=header.height)
            held += 1
    assert held > 10


def check_proof(chain: str, data: bytes, stated: StatedTransaction, *, height: int) -> None:
    confirmation = proof.decode(data)
    assert proof.encode(confirmation) == data
    block = recorded.blocks(chain)[height]
    assert confirmation.header == block.header
    assert block.transactions[confirmation.index] == stated
    signers = recorded.configuration_at(chain, height).signers
    verdict = proof.verify(confirmation, brid=recorded.brid(chain), transaction=stated.data, signers=signers)
    assert verdict.holds, verdict
    other = next(each for each in recorded.transactions(chain) if each.hash != stated.hash)
    against = proof.verify(confirmation, brid=recorded.brid(chain), transaction=other.data, signers=signers)
    assert against.step == proof.ProofStep.HASH


# Answers in GTV


@pytest.mark.parametrize("chain", recorded.ALL)
def test_every_answer_in_gtv_is_written_as_it_was_read(chain: str) -> None:
    bodies = list(recorded.gtv_bodies(chain))
    assert bodies
    for body in bodies:
        value = gtv.decode(body, trailing=False)
        assert gtv.encode(value) == body == plain.encode(plainly(value))
        walked = hashed(body, version=2)
        assert walked is not None
        assert walked.hash == merkle_hash(value, version=2)


@pytest.mark.parametrize("chain", recorded.ALL)
def test_a_block_reads_the_same_in_gtv_and_in_json(chain: str) -> None:
    in_gtv, in_json = {}, {}
    for line in recorded.lines(chain, "blocks"):
        response = line["response"]
        if response["status"] == 200 and "body_hex" in response:
            value = gtv.decode(bytes.fromhex(response["body_hex"]))
            if isinstance(value, dict):
                in_gtv[value["rid"]] = value
        elif response["status"] == 200 and (value := json.loads(response["body"])) is not None:
            in_json[bytes.fromhex(value["rid"])] = recorded.stated(value)
    assert in_gtv.keys() == in_json.keys()
    for rid, stated in in_json.items():
        same = in_gtv[rid]
        assert (same["header"], same["witness"]) == (stated.header, stated.witness)
        assert (same["height"], same["timestamp"]) == (stated.height, stated.timestamp)
        assert same["prevBlockRID"] == stated.previous_rid


def test_the_older_nodes_blocks_verify() -> None:
    signer = secp256k1.public_key(recorded.SINGLE_VALIDATOR_KEY)
    checked = 0
    for line in recorded.lines("one-validator-rest-v4", "blocks"):
        response = line["response"]
        body = json.loads(response["body"]) if response["status"] == 200 and "body" in response else None
        if body is None or (body["transactions"] and "data" not in body["transactions"][0]):
            continue
        stated = recorded.stated(body)
        header = decode_header(stated.header)
        assert header.configuration_hash is None
        verify_block(
            stated,
            brid=header.brid,
            expected_height=header.height,
            previous_rid=None,
            signers=[signer],
        )
        checked += 1
    assert checked
