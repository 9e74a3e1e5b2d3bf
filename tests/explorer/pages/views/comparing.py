"""A chain whose records are compared, and what a page says of two of them."""

from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from tests.explorer import shown
from tests.indexer.made import MadeChain, add, completion, delete, update

ONE = "The lamp turns once every 20 seconds, and three things could explain it."
TWO = "The lamp turns once every 20 seconds, and five things could explain it."
SECRET = "nobody may read this sentence any more"
HOSTILE = '<script>alert(1)</script> & <img src=x onerror="alert(2)"> \u202e'
OTHER = '[{"role": "user", "content": "what is a lamp?"}]'


def small_chain() -> ChainView:
    """Records 1 edited (three, then five), 2 and 3 say what 1 said first, 4 deleted, 5 secret, 6 hostile."""
    made = MadeChain()
    made.block(add(completion(ONE, id="a")), add(completion(ONE, id="b"), uid=8), add(completion(ONE), uid=9))
    made.block(update(1, completion(TWO, id="c")))
    made.block(
        add(completion("It was deleted.")), add(completion(SECRET)), add(completion(HOSTILE), messages=OTHER)
    )
    made.block(delete(4))
    return shown.index_again(made)


def answer_key(chain: ChainView, prompt_id: int) -> bytes:
    answer = record(chain, prompt_id).current.answer
    assert answer is not None
    return answer.hash


def at(chain: ChainView, *names: str, **more: str) -> str:
    asked = [f"{letter}={chain.rid}:{name}" for letter, name in zip("abcde", names, strict=False)]
    return f"/compare?{'&'.join([*asked, *(f'{key}={value}' for key, value in more.items())])}"


def text_of(html: str, selector: str = "main") -> str:
    (found,) = LexborHTMLParser(html).css(selector)
    return " ".join(found.text().split())


def marked(html: str) -> list[tuple[str, str]]:
    return [(each.tag or "", each.text()) for each in LexborHTMLParser(html).css("ins, del")]
