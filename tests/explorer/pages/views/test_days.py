"""Charts by day: drawn, told as a table, and given as CSV, of a site, a chain, a name and a scout."""

import csv
import re
from io import StringIO
from urllib.parse import quote

import pytest
from django.urls import reverse

from explorer.pages.frame.days_csv import HEADER
from explorer.queries.chain.chains import ChainView
from explorer.queries.groups.naming import part_of
from indexer.models import DerivationCheckpoint, Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.api.asking import told
from tests.explorer.conftest import Tables
from tests.explorer.pages.asking import get, of, page
from tests.explorer.pages.markup import read
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
DAY = 86_400_000
HOSTILE = '=HYPERLINK("x")/<b>,\u202e'
AT = ("/", "/models/one", "/providers/groq")
SCOUT = "/scouts/0"


@pytest.fixture(scope="module")
def dated(_tables: Tables) -> ChainView:
    """A chain of three days, on which models answer and disagree."""
    made = MadeChain()
    made.block(*(add(completion(each), uid=uid, model="one") for uid, each in enumerate("aab")), at=20 * DAY)
    made.block(add(completion("a"), model="two"), add(completion("z"), model=HOSTILE), at=22 * DAY)
    made.block(update(1, completion("c")), delete(2), add(completion("b"), model="one"), at=24 * DAY)
    return _tables.hold("dated", lambda: shown.index_made(made, is_kept=True))


def rows(path: str) -> list[list[str]]:
    return list(csv.reader(StringIO(get(f"{path}?format=csv").content.decode())))


def table(text: str) -> list[list[str]]:
    """The table behind the chart, oldest first."""
    body = text.split("The same as a table")[1].split("<tbody")[1].split("</tbody>")[0]
    return [
        [re.search(r'datetime="([^"]+)"', line)[1], *re.findall(r"<td[^>]*>([\d,]+)</td>", line)]  # type: ignore[index]
        for line in body.split("<tr")[1:]
    ][::-1]


def test_a_day_counts_what_was_written_changed_and_agrees(dated: ChainView) -> None:
    assert [row for row in rows("/models/one")[1:] if row[1:] != ["0"] * 5] == [
        ["1970-01-21", "3", "0", "0", "3", "3"],
        ["1970-01-25", "1", "1", "1", "1", "1"],
    ]
    assert [row for row in rows("/")[1:] if row[1:] != ["0"] * 5] == [
        ["1970-01-21", "3", "0", "0", "3", "3"],
        ["1970-01-23", "2", "0", "0", "0", "0"],
        ["1970-01-25", "1", "1", "1", "1", "1"],
    ]


@pytest.mark.parametrize("path", [*AT, SCOUT, "chain"])
def test_table_csv_and_json_have_the_same_numbers(path: str, dated: ChainView) -> None:
    at = path if path in AT else of(dated, path.removeprefix("chain"))
    header, *given = rows(at)
    assert tuple(header) == HEADER
    assert table(page(at)) == given
    assert len(given) == 30
    days = told(of(dated) if path == "/" else at)["days"]
    names = ("written", "edits", "deletions", "with_peers", "agreeing")
    assert [[each["day"], *(str(each[name]) for name in names)] for each in days] == given


@pytest.mark.parametrize("path", AT)
def test_a_chart_is_told_to_those_who_do_not_see_it(path: str, dated: ChainView) -> None:
    text = page(path)
    drawn = text.split('<svg class="chart"')[1:]
    assert len(drawn) == 2
    for each in drawn:
        name, more = re.search(r'aria-labelledby="([^"]+)" aria-describedby="([^"]+)"', each).groups()  # type: ignore[union-attr]
        assert f'<title id="{name}">' in each
        assert f'<desc id="{more}">' in each
    assert 'fill="url(#hatched)"' in text
    assert f'href="{path}?format=csv"' in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_the_days_of_a_scout_are_of_its_records_alone(dated: ChainView) -> None:
    path = of(dated, SCOUT)
    assert [row for row in rows(path)[1:] if row[1:] != ["0"] * 5] == [
        ["1970-01-21", "1", "0", "0", "1", "1"],
        ["1970-01-25", "0", "1", "0", "0", "0"],
    ]
    text = page(path)
    assert text.count('<svg class="chart"') == 1  # all that can be compared was written on one day
    assert f'href="{path}?format=csv"' in text
    assert 'class="chart"' not in page(of(dated, "/scouts/2"))


def test_where_one_day_has_anything_its_numbers_alone_are_told(dated: ChainView) -> None:
    text = page("/models/two")
    assert 'class="chart"' not in text
    assert "1 record written, 0 edits, 0 deletions, all on one day" in text
    assert "so there is nothing to compare" in text
    assert table(text) == rows("/models/two")[1:]


def test_one_record_with_peers_is_told_as_one(dated: ChainView) -> None:
    text = " ".join(read(page(of(dated, SCOUT))).text.split())
    assert (
        "1 has peers (the same prompt, seed, model and provider); it first gave an answer that a peer" in text
    )
    assert "1 have" not in text
    assert "of them" not in text.partition("by day")[2].partition("The same as a table")[0]


def test_no_name_of_a_stranger_is_in_the_csv(dated: ChainView) -> None:
    path = reverse("model", args=[part_of(HOSTILE)])
    found = get(f"{path}?format=csv")
    assert found.headers["Content-Type"].startswith("text/csv")
    assert found.headers["Content-Disposition"] == 'attachment; filename="days.csv"'
    assert re.fullmatch(rb"[a-z_,\r\n0-9-]+", found.content)
    assert not re.search(rb"(^|[\r\n,])[-=+@]", found.content)


def test_csv_of_a_name_that_is_written_otherwise_is_led_to(dated: ChainView) -> None:
    found = get(f"/models/{quote(HOSTILE, safe='')}?format=csv")
    if found.status_code == 301:
        assert found.headers["Location"].endswith("?format=csv")
    assert get("/models/one?format=json").status_code == 400
    assert get("/scouts?format=csv").status_code == 400


def test_what_is_not_counted_yet_is_said(dated: ChainView) -> None:
    assert "counted-to-" not in page("/models/one")
    DerivationCheckpoint.objects.filter(name="days").update(height=1)
    DerivationCheckpoint.objects.filter(name="prompts").update(height=0)
    for path in ("/", of(dated)):
        assert "Agreement with peers: Counted to block 0" in read(page(path)).text
    text = read(page("/models/one")).text
    assert "Days: Counted to block 1" in text
    assert "Agreement with peers: Counted to block 0" in text


def test_hiding_and_erasing_an_answer_changes_no_day(dated: ChainView) -> None:
    before = rows("/")
    key = bytes.fromhex(told(of(dated, "/records/1"))["prompt_key"])
    for mode in (Suppression.Mode.HIDE, Suppression.Mode.ERASE):
        suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="a wish", by="me")
        assert rows("/") == before
