"""Records and comparisons that somebody points at: looked up here, pinned, and fetched from nowhere."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from explorer.challenges.links import LONGEST, MOST_LINKS, linked
from explorer.challenges.models import Challenge, Draft, Payload
from explorer.queries.chain.chains import ChainView
from explorer.queries.site.challenge_links import links_of
from tests.explorer.challenges import filed
from tests.explorer.challenges.api.sending import Program, faults
from tests.explorer.challenges.filed import DELETED, EDITED, UNTOUCHED, WHY
from tests.explorer.challenges.filing_forms import SignIn, drafted, send
from tests.explorer.challenges.test_views import words

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("taking")]


def test_what_is_pointed_at_is_pinned_to_what_is_there_now(chain: ChainView) -> None:
    rid = chain.rid
    record, compare = f"/chains/{rid}/records/{EDITED}", f"https://any.example/compare?a={rid}:{EDITED}.1"
    for typed, pinned, address in (
        (f"{rid.lower()}:{EDITED}", f"{rid}:{EDITED}.2", f"{record}?revision=2"),
        (f"https://any.example{record}?revision=1", f"{rid}:{EDITED}.1", f"{record}?revision=1"),
        (f"  {rid}:{EDITED}@0  ", f"{rid}:{EDITED}.1", f"{record}?revision=1"),
        (f"{rid}:{DELETED}.2", f"{rid}:{DELETED}.2", f"/chains/{rid}/records/{DELETED}?revision=2"),
        (
            f"{compare}&b={rid}:{UNTOUCHED}&view=split&x=1",
            f"{rid}:{EDITED}.1 {rid}:{UNTOUCHED}.1",
            f"/compare?a={rid}:{EDITED}.1&b={rid}:{UNTOUCHED}.1",
        ),
    ):
        assert linked(typed) == pinned
        (link,) = links_of(pinned)
        assert (link.address, str(link)) == (address, pinned)
        assert linked(f"{typed}\r\n\n{typed}") == pinned
    assert linked(" \n") == ""


HOSTILE = (
    "http://169.254.169.254/latest/meta-data", "javascript:alert(1)", "/compare", "/compare?a=x",
    "https://[::1/compare?a=1", "//evil.example/compare?" + "a=1&" * 40, "\ud800", "a\u202eb", "4711",
)  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_neither_is_refused_by_its_line(typed: str, chain: ChainView) -> None:
    with pytest.raises(ValidationError, match="Line 2 is none: give the address of a record"):
        linked(f"{chain.rid}:{EDITED}\n{typed}")


def test_what_is_not_here_and_what_is_too_much_says_so(chain: ChainView) -> None:
    for typed, said in (
        (f"{chain.rid}:999", "Line 1: "),
        (f"{chain.rid}:{EDITED}.9", "has no revision 9"),
        (f"{'0F' * 32}:1", "is not indexed here"),
        (f"{chain.rid}:{2**64}", "Line 1 is none"),
        ("\n".join([f"{chain.rid}:{EDITED}"] * (MOST_LINKS + 1)), f"{MOST_LINKS} lines fit, not 6"),
    ):
        with pytest.raises(ValidationError) as refused:
            linked(typed)
        assert said in " ".join(refused.value.messages)


def test_what_is_typed_stays_in_the_draft_and_is_filed_pinned(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    sign_in(filed.person())
    at = drafted(visitor, chain, UNTOUCHED)
    wrong = send(visitor, f"{at}/evidence", statement=WHY, links="http://evil.example/")
    assert "Line 1 is none" in words(wrong)
    assert Draft.objects.get().fields["links"] == "http://evil.example/"
    too_long = send(visitor, f"{at}/evidence", statement=WHY, links="x" * (LONGEST + 1))
    assert "leave some out" in words(too_long)
    done = send(visitor, f"{at}/evidence", statement=WHY, links=f"{chain.rid}:{EDITED}")
    assert done.headers["Location"] == f"{at}/check"
    check = visitor.get(f"{at}/check").content.decode()
    assert f'href="/chains/{chain.rid}/records/{EDITED}?revision=2"' in check
    send(visitor, f"{at}/check")
    assert Payload.objects.get().words == {"statement": WHY, "links": f"{chain.rid}:{EDITED}.2"}


def test_programs_point_by_a_list(chain: ChainView) -> None:
    program = Program(filed.person())
    body = {"record": f"{chain.rid}:{EDITED}", "ground": "result-altered", "statement": WHY}
    answer = program.post("/challenges", body | {"links": [f"{chain.rid}:{UNTOUCHED}"]})
    assert answer.status_code == 201, answer.content
    path = f"/challenges/{Challenge.objects.get().name}/evidence"
    for links, code in (
        ("x", "not-that-type"),
        ([1], "not-that-type"),
        (["x\ny"], "not-a-link"),
        (["x"] * 6, "too-many"),
    ):
        assert faults(program.post(path, {"statement": WHY, "links": links})) == {("links", code)}
    pair = f"/compare?a={chain.rid}:{EDITED}&b={chain.rid}:{UNTOUCHED}"
    assert program.post(path, {"statement": WHY, "links": [pair]}).status_code == 201
    told = Challenge.objects.get().events.select_related("payload").order_by("ordinal")
    assert [(each.payload.words or {})["links"] for each in told] == [
        f"{chain.rid}:{UNTOUCHED}.1",
        f"{chain.rid}:{EDITED}.2 {chain.rid}:{UNTOUCHED}.1",
    ]
