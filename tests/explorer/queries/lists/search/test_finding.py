"""What a query line finds in a chain, compared with looking at each record."""

import random
from dataclasses import replace

import pytest

from explorer.queries.db.filters import Condition
from explorer.queries.lists.lanes import BY_POSITION, lanes_of
from explorer.queries.lists.search import finding
from explorer.queries.lists.search.asked import Asked, asked_of
from explorer.queries.lists.search.deadline import Deadline, bounded
from explorer.queries.lists.search.finding import Count, Matches, Part, Sizes
from explorer.search.parsing import parse
from explorer.search.tree import said_in
from tests.explorer.queries.lists.search.filled import filled, some

pytestmark = pytest.mark.django_db

LINES = r"""
absent
rare
everywhere
olden
cat
-cat
cat -dog
cat OR rare
-cat OR rare
-(-cat)
"silver anchor"
-"silver anchor"
"anchor silver" olden
"silver anchor" -everywhere
silver anchor
sil*
eve*
abs*
"silver anch*"
"silver anch"*
prompt:cat
answer:cat
-prompt:cat
prompt:why
prompt:"why cat"
answer:version1
prompt:version1
日本
日本語
日
語
本日
ทดสอบ
ดส
ECLAIR
torch.nn
nn.torch
torch
everywhere olden
everywhere rare
(cat OR dog) (silver OR rare)
cat -(dog OR silver)
-(cat dog)
-(cat -dog)
olden -cat
said:now cat
said:first cat
said:now
said:now version0
said:first version0
said:first version1
version1
said:now -version0
-version0
said:ever version0 version1
said:now version0 version1
said:now "silver anchor"
said:now sil* olden
model:gpt-4
model:gpt*
model:none
model:*
model:"100%_real"
model:1*_*
model:g%4*
-model:gpt*
model:gpt-4 cat
model:none cat
cat -model:gpt-4
model:gpt-4 OR cat
provider:groq rare
model:llama*
model:"\odd*"
model:gpt-4 olden said:now
scout:-1
scout:8 cat
seed:9223372036854775807 olden
seed:..1 everywhere
scout:>7 OR rare
block:20..40
block:20..40 cat
block:..10 olden
-block:20..
block:9223372036854775807
block:0..9223372036854775807 rare
status:live cat
status:edited
status:deleted
status:deleted cat
has:edit silver
has:deletion has:edit
-has:edit version1
status:edited version2
since:2026-10-02 cat
until:2026-10-03
since:2026-10-02T05:00 until:2026-10-03 dog
changed:2026-10-03
changed:2026-10-02..2026-10-04 cat
changed:..2026-10-03 status:deleted
-changed:2026-10-01.. version1
(cat OR scout:8) -dog
(cat scout:8) OR (rare -status:live)
olden (scout:8 OR dog)
tx:abcdef01 cat
tx:abcdef01 OR rare
-tx:abcdef01 rare
chain:11111111 cat
chain:22222222 cat
-chain:11111111
chain:22222222 OR rare
-model:none olden
model:gpt-4 status:live scout:7 cat -silver
éclair
""".splitlines()  # the first of them is empty
SMALL = Sizes(first=(2, 5), walk=7, units=3, at_once=1)
SIZES = (
    SMALL,
    Sizes(first=(1,), walk=4, units=40, at_once=0),
    Sizes(first=(), walk=9, units=1, at_once=1),
    finding.SIZES,
)
FEW = Sizes(first=(100,), are_few=True)
LONG = 60.0


def searched(asked: Asked, part: Part, until: Deadline | None = None) -> Matches:
    """What is found in a part until a moment."""
    with bounded(until or Deadline.within(LONG)) as statements:
        return finding.search(asked, part, statements)


def counted(asked: Asked, part: Part) -> Count:
    """How many a part has."""
    with bounded(Deadline.within(LONG)) as statements:
        return finding.count(asked, part, statements)


def everything(
    asked: Asked, *, is_downwards: bool, rows: int, sizes: Sizes, start: int | None = None
) -> list[int]:
    """All that is found page by page."""
    found: list[int] = []
    while True:
        part = Part(rows=rows, is_downwards=is_downwards, start=start, sizes=sizes)
        page = searched(asked, part)
        found += page.positions
        if page.is_exhausted:
            return found
        assert len(page.positions) == rows
        start = page.searched_to


def test_all_that_fits_is_found_in_order_and_nothing_else() -> None:
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    one = filled(some(60, chance), brid=b"\x11" * 32, chance=chance)
    filled(some(20, chance), brid=b"\x22" * 32, chance=chance)
    for line in LINES:
        tree = parse(line)
        expected = one.positions(tree, said_in(tree))
        asked = asked_of(one.chain, tree)
        sizes, rows = chance.choice(SIZES), chance.choice([2, 3, 7, 50])
        told = f"seed {seed}: {line!r} {sizes} {rows}"
        is_downwards = chance.random() < 0.5
        found = everything(asked, is_downwards=is_downwards, rows=rows, sizes=sizes)
        assert found == (expected[::-1] if is_downwards else expected), told
        middle = chance.choice(one.records).position
        below = [each for each in expected if each < middle][::-1]
        assert everything(asked, is_downwards=True, rows=rows, sizes=sizes, start=middle) == below, told
        assert counted(asked, Part(rows=1_000)) == Count(len(expected), is_exact=True), told
        lanes = lanes_of([one.chain], asked.of_record, BY_POSITION)[one.chain.id].lanes
        part = Part(rows=50, is_downwards=is_downwards, lanes=lanes, sizes=chance.choice((*SIZES, FEW)))
        found = list(searched(asked, part).positions)
        assert found == (expected[::-1] if is_downwards else expected)[:50], told
        assert counted(asked, replace(part, rows=1_000)) == Count(len(expected), is_exact=True), told


class Ticking:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_who_runs_out_of_time_says_how_far_he_looked_and_can_go_on_from_there() -> None:
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    one = filled(some(60, chance), brid=b"\x11" * 32, chance=chance)
    for line in ("rare", "olden -cat", "-everywhere", "cat OR scout:8", "absent"):
        tree = parse(line)
        expected = one.positions(tree, said_in(tree))[::-1]
        asked = asked_of(one.chain, tree)
        for seconds in range(2, 16):
            told = f"seed {seed}: {line!r} {seconds}"
            part = Part(rows=50, sizes=Sizes(first=(2, 5), walk=7, units=3))
            found = searched(asked, part, Deadline.within(seconds, Ticking()))
            if found.is_exhausted:
                assert found.positions == expected, told
                continue
            if found.searched_to is None:
                assert found.positions == [], told
                continue
            at = found.searched_to
            assert found.positions == [each for each in expected if each >= at], told
            rest = everything(asked, is_downwards=True, rows=9, sizes=finding.SIZES, start=at)
            assert rest == [each for each in expected if each < at], told


def test_a_condition_beside_the_line_must_hold_too() -> None:
    chance = random.Random(5)
    one = filled(some(40, chance), brid=b"\x11" * 32, chance=chance)
    only = [Condition("r.scout = %(scout)s", {"scout": 7})]
    for line in ("cat", "", "-cat OR rare", "model:gpt* said:now cat"):
        both = parse(f"({line.replace('said:now', '')}) scout:7" if line else "scout:7")
        found = everything(asked_of(one.chain, parse(line), only), is_downwards=True, rows=5, sizes=SMALL)
        assert found == one.positions(both, said_in(parse(line)))[::-1]


def test_lanes_are_walked_in_order() -> None:
    chance = random.Random(6)
    one = filled(some(40, chance), brid=b"\x11" * 32, chance=chance)
    tree = parse("has:edit cat")
    asked = asked_of(one.chain, tree)
    part = Part(rows=50, lanes=("r.status = 2", "r.status = 3"), sizes=Sizes(first=(2, 3)))
    found = searched(asked, part)
    assert found.positions == one.positions(tree, said_in(tree))[::-1]


def test_many_are_counted_up_to_a_bound() -> None:
    chance = random.Random(7)
    one = filled(some(40, chance), brid=b"\x11" * 32, chance=chance)
    asked = asked_of(one.chain, parse("everywhere"))
    assert counted(asked, Part(rows=30)) == Count(30, is_exact=False)
    assert counted(asked, Part(rows=41)) == Count(40, is_exact=True)
