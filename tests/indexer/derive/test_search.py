"""Which words each record has: every text it ever had, the same rows in whatever steps, units shared."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indexer import derive
from indexer.dapp import rell_json
from indexer.dapp.completion import completion_of, part_keys
from indexer.derive import registry, search, search_units
from indexer.derive.search import DERIVATION
from indexer.follow import sync
from indexer.models import Chain, Operation, SearchRecord, SearchUnit, Suppression
from indexer.records import erase, generations
from indexer.trust.index_status import lags_of
from indexer.words import lexemes as lexemes_of
from indexer.words.private import Kind, kinds_of
from indexer.words.vector import MOST_PLACES
from tests.indexer import kept
from tests.indexer.derive.grown import grow
from tests.indexer.derive.words import found, lexemes, rows, units
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.records.erasing import CONTENT, TRANSACTION, answer_key, findings, hide, indexed
from tests.indexer.records.erasing import erase as erase_all
from tests.indexer.writing import write

Stored = Callable[[str], Chain]
# All records of a generation, one after the other.
WALKED = re.compile(
    r"on indexer_record\b.*\n\s+Index Cond: \(\(chain_id = \S+\) AND \(generation = \S+\)\)\n"
)
CALL = {"type": "function", "function": {"name": "look_up", "arguments": '{"city": "Reykjavik"}'}}


def messages(*contents: Any) -> str:
    return json.dumps([{"role": "user", "content": each} for each in contents])


def choices(*found: Any) -> str:
    return json.dumps({"choices": [{"message": each} for each in found]})


def searched(made: MadeChain) -> Chain:
    chain = indexed(made)
    derive.catch_up(chain, only=[DERIVATION])
    return chain


def grown_on(made: MadeChain, chain: Chain, known: int) -> None:
    write(chain, made.blocks[known:])
    sync.fold_all(chain)
    derive.catch_up(chain, only=[DERIVATION])


@pytest.mark.django_db
def test_words_of_messages_and_answers_are_found_each_by_its_place() -> None:
    made = MadeChain()
    made.block(add(completion("A chain of blocks"), messages=messages("What is Élan?", "torch.nn 3.14")))
    made.block(add(completion("Something else")))
    searched(made)
    assert found("elan") == found("nn") == found("torch.nn") == found("3.14") == [1]
    assert found("chain of blocks", namespaces="a") == [1]
    assert found("chain of blocks", namespaces="p") == found("elan torch") == []
    assert found("what is") == [1, 2]


@pytest.mark.django_db
def test_what_a_result_says_beside_its_text_is_found() -> None:
    made = MadeChain()
    made.block(
        add(choices({"content": None, "tool_calls": [CALL]})),
        add(choices({"content": "text", "refusal": "inappropriate"})),
        add(choices({"content": "first"}, {"content": "second choice"})),
        add(choices({"content": None, "reasoning_content": "pondering"})),
        add(choices({"content": "beside", "reasoning_content": "musing"})),
        add('{"error": {"message": "quota\\nexceeded"}}'),
        add("<html>gateway</html>"),
        add(choices({"content": "noted", "annotations": [{"title": "Kingfishers"}]})),
        add(choices({"content": [{"type": "tool_use", "name": "f", "input": {"town": "Uppsala"}}]})),
    )
    searched(made)
    assert (found("kingfishers", namespaces="a"), found("uppsala", namespaces="a")) == ([8], [9])
    words = ["reykjavik", "look_up", "inappropriate", "second choice", "pondering", "musing", "quota"]
    assert [found(each, namespaces="a") for each in words] == [[1], [1], [2], [3], [4], [5], [6]]
    assert found("exceeded") == [6]
    assert found("gateway") == [7]
    assert found("text") == [2]


@pytest.mark.django_db
def test_what_is_private_in_a_text_is_no_word_of_it_and_its_kind_is_kept() -> None:
    made = MadeChain()
    answer = completion("Call +41 44 668 18 00, said ann")
    made.block(add(answer, messages=messages("Write to ann@example.com today")))
    searched(made)
    assert found("today") == found("said") == found("ann", namespaces="a") == [1]
    assert found("ann", namespaces="p") == found("example") == found("668") == []
    assert kinds_of(SearchUnit.objects.get().private) == [Kind.EMAIL, Kind.PHONE]


@pytest.mark.django_db
def test_what_was_ever_said_stays_and_first_and_now_are_told_apart() -> None:
    made = MadeChain()
    made.block(add(completion("alpha")), add(completion("delta")), add(completion("same")))
    made.block(update(1, completion("beta")))
    made.block(update(1, completion("gamma")), delete(2), update(3, completion("same", id="2")))
    chain = searched(made)
    words = ["alpha", "beta", "gamma", "delta", "same"]
    assert [found(each) for each in words] == [[1], [1], [1], [2], [3]]
    assert [found(each, said="first") for each in words] == [[1], [], [], [2], [3]]
    assert [found(each, said="now") for each in words] == [[], [], [1], [2], [3]]
    assert [found(f"chain {each}") for each in words] == [[]] * 5
    record = SearchRecord.objects.get(position=0)
    assert None not in (record.first, record.now)
    assert set(SearchRecord.objects.exclude(position=0).values_list("first", "now")) == {(None, None)}
    assert len(units()) == 5
    assert findings(chain) == []


@pytest.mark.django_db
def test_peers_that_say_the_same_share_a_unit_and_slices_and_models_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lexemes_of, "SLICE", 2)
    made = MadeChain()
    made.block(*(add(completion("same"), uid=each) for each in range(6)), add(model="llama"))
    searched(made)
    assert SearchRecord.objects.count() == 7
    assert len(units()) == 3
    filters = {each for each in lexemes() if ":" in each}
    chain = Chain.objects.get().id
    assert {each for each in filters if each[0] in "cs"} == {f"c:{chain}", f"s:{chain}:0", f"s:{chain}:1"}
    assert len({each for each in filters if each[0] == "m"}) == 2
    assert len({each for each in filters if each[0] == "v"}) == 1


@pytest.mark.django_db
def test_a_new_generation_reads_no_text_that_is_cut_already(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = rows(chain), units()
    cut: list[Any] = []
    monkeypatch.setattr(search, "_copy", lambda *given: cut.extend(given[-1]))
    generations.rebuild(chain)
    assert cut == []
    assert (rows(chain), units()) == before
    assert set(SearchRecord.objects.values_list("generation", flat=True)) == {chain.generation}


@pytest.mark.django_db
def test_a_unit_goes_with_the_last_record_that_names_it() -> None:
    made = MadeChain()
    made.block(add(completion("alpha")), add(completion("alpha")))
    chain = searched(made)
    (alpha,) = units()
    made.block(update(1, completion("beta")))
    grown_on(made, chain, 1)
    assert alpha in units()
    made.block(update(2, completion("beta")))
    grown_on(made, chain, 2)
    assert len(units()) == 3  # both texts, the first one, the present one
    assert alpha in units()
    made.block(update(1, completion("alpha")))
    grown_on(made, chain, 3)
    assert found("alpha", said="now") == [1]
    assert findings(chain) == []


@pytest.mark.django_db
def test_texts_that_are_too_long_end_and_say_so() -> None:
    many = " ".join(f"w{each}" for each in range(MOST_PLACES))
    made = MadeChain()
    made.block(add(completion(f"{many} answered")), add(messages=messages(f"{many} asked")), add())
    searched(made)
    assert found(f"w{MOST_PLACES - 1}") == [1, 2]
    assert found("answered") == found("asked") == []
    cuts = SearchUnit.objects.values_list("prompt_cut", "answer_cut")
    assert sorted(cuts) == [(False, False), (False, True), (True, False)]


@pytest.mark.django_db
def test_of_a_record_that_is_edited_for_ever_the_oldest_and_the_present_answers_are_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = search_units._VERSIONS.replace(f"LIMIT {search_units.MOST_VERSIONS}", "LIMIT 3")
    monkeypatch.setattr(search_units, "_VERSIONS", few)
    monkeypatch.setattr(search_units, "MOST_VERSIONS", 3)
    made = MadeChain()
    made.block(add(completion("w0")))
    for each in range(1, 8):
        made.block(update(1, completion(f"w{each}")))
    chain = searched(made)
    assert [found(f"w{each}") for each in range(8)] == [[1]] * 4 + [[]] * 3 + [[1]]
    assert found("w7", said="now") == found("w0", said="first") == [1]
    assert SearchUnit.objects.get(id=SearchRecord.objects.get().ever).answer_cut
    assert findings(chain) == []


@pytest.mark.django_db
@pytest.mark.parametrize("hostile", ["a\0b", "'\\ : & | !", "\\ud800x", "語" * 3_000, "e\u0301" * 3_000])
def test_whatever_a_text_holds_is_taken(hostile: str) -> None:
    said = completion(f"begun {hostile}").replace("\\\\ud800", "\\ud800")
    made = MadeChain()
    made.block(add(said, messages=messages(hostile)), add(hostile), add(messages=f'["{hostile[0]}"]'))
    chain = searched(made)
    assert found("begun") == [1]
    assert findings(chain) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM indexer_searchunit WHERE words @@ '''aharmless'''", "missing, and a record names it"),
        ("UPDATE indexer_searchunit SET words = words || '''aevil'':9'", "its texts give other words"),
        ("UPDATE indexer_searchunit SET private = 1", "its texts give other words"),
        ("UPDATE indexer_searchunit SET answer_cut = true", "its texts give other words"),
        (
            "INSERT INTO indexer_searchunit (id, chain_id, prompt_cut, answer_cut, private, words)"
            " SELECT gen_random_uuid(), chain_id, false, false, 0, words FROM indexer_searchunit LIMIT 1",
            "no record names it",
        ),
        ("UPDATE indexer_searchrecord SET now = ever", "searchrecord: position 0"),
        ("DELETE FROM indexer_searchrecord", "not stored, and deriving again gives it"),
    ],
)
def test_fsck_names_what_is_changed_missing_or_superfluous(damage: str, told: str) -> None:
    made = MadeChain()
    made.block(add(completion("harmless")), add(completion("other")))
    chain = searched(made)
    derive.catch_up(chain)
    assert findings(chain) == []
    with connection.cursor() as cursor:
        cursor.execute(damage)
    said = findings(chain)
    assert any(told in each for each in said), said
    assert not any("evil" in each or "harmless" in each for each in said)
    derive.start_anew(DERIVATION, chain, chain.generation)
    derive.catch_up(chain)
    assert findings(chain) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["one-validator", "four-validators", kept.VARIED])
def test_recorded_chains_hold(name: str, stored: Stored) -> None:
    chain = stored(name)
    derive.catch_up(chain)
    assert SearchRecord.objects.count() == sum(each.count for each in chain.count_set.filter(of="records"))
    assert {each.behind for each in lags_of(chain.id)} == {0}
    assert findings(chain) == []


@pytest.mark.django_db
def test_nothing_that_grows_is_walked_by_a_step_or_by_hiding() -> None:
    made = MadeChain()
    made.block(add(completion("alpha")), add(completion("beta")))
    made.block(update(1, completion("gamma")), update(2, completion("gamma")))
    chain = indexed(made)
    with CaptureQueriesContext(connection) as asked:
        derive.catch_up(chain, only=[DERIVATION], last=0)
        derive.catch_up(chain, only=[DERIVATION])
        hide(CONTENT, answer_key("gamma"))
        hide(TRANSACTION, made.blocks[0].transactions[0].rid)
    verbs = ("SELECT", "WITH", "DELETE", "INSERT")
    asking = [each["sql"] for each in asked if each["sql"].lstrip().startswith(verbs)]
    searching = [each for each in asking if "indexer_search" in each or "indexer_revision" in each]
    assert len(searching) > 10
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for each in searching:
            cursor.execute(f"EXPLAIN {each}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on indexer_" not in plan, plan
            assert not WALKED.search(plan), plan


RESULTS = (
    *(completion("a", id=each) for each in "123"),
    completion("b"),
    choices({"content": None, "tool_calls": [CALL]}),
    choices({"content": "a", "refusal": "inappropriate"}),
    '{"error": {"message": "quota\\nexceeded"}}',
    "<html>gateway</html>",
)


def keys_of(made: MadeChain) -> list[tuple[Suppression.Subject, bytes]]:
    """All by which something of the chain may be withheld."""
    kept = Operation.objects.values_list("prompt", "answer", "result_normal", "said")
    contents = {bytes(each) for row in kept for each in row if each is not None}
    parts = {
        key
        for each in RESULTS
        if (read := completion_of(rell_json.content_of(each).normal)) is not None
        for key in part_keys(read)
    }
    rids = {transaction.rid for block in made.blocks for transaction in block.transactions}
    return [*((CONTENT, each) for each in sorted(contents | parts)), *((TRANSACTION, each) for each in rids)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_withheld_and_taken_back_the_rows_are_those_of_deriving_anew(seed: int) -> None:
    chance = random.Random(seed)
    made = MadeChain()
    grow(made, chance, blocks=6)
    for _ in range(3):
        asked = [chance.choice(('["x"]', messages("x"), messages("y"))) for _ in range(6)]
        made.block(*(add(chance.choice(RESULTS), messages=each) for each in asked))
        made.block(*(update(chance.randint(1, 20), chance.choice(RESULTS)) for _ in range(3)))
    chain = searched(made)
    hidden: list[tuple[Suppression.Subject, bytes]] = []
    for subject, key in chance.sample(keys_of(made), 10):
        if hidden and chance.random() < 0.4:
            erase.take_back(*hidden.pop())
        elif chance.random() < 0.2:
            erase_all(subject, key)
        else:
            hide(subject, key)
            hidden.append((subject, key))
        withheld = rows(chain), units()
        SearchRecord.objects.all().delete()
        derive.start_anew(DERIVATION, chain, chain.generation)
        derive.catch_up(chain, only=[DERIVATION])
        assert (rows(chain), units()) == withheld


@pytest.mark.django_db
def test_what_is_said_alike_is_looked_at_once_where_it_is_hidden() -> None:
    made = MadeChain()
    for number in range(3):
        said = [completion("secret", id=f"{number} {each}") for each in range(40)]
        made.block(*(add(each, uid=at, messages=messages(str(at % 2))) for at, each in enumerate(said)))
    chain = searched(made)
    with CaptureQueriesContext(connection) as asked:
        hide(CONTENT, answer_key("secret"))
    written = [
        each["sql"] for each in asked if each["sql"].lstrip().startswith("INSERT INTO indexer_searchrec")
    ]
    assert len(written) == 1
    assert found("secret") == []
    assert found("0") == list(range(1, 121, 2))
    assert len(units()) == 2
    assert findings(chain) == []


def test_it_reads_texts_and_is_purged() -> None:
    assert {SearchRecord, SearchUnit} <= set(registry.tables_made_from_texts())
