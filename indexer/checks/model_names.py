"""One name for a model, whatever a provider calls it.

Providers have names of their own for one model (``gemma2-9b-it``, ``google/gemma-2-9b-it``, ``gemma2:9b``).
Here names are the same where they differ only in who offers the model, in how its name is spelled, in its
date, and in words for how it was tuned or is served. What differs in family, version or size is another.
"""

import re
from functools import lru_cache

_TUNED = frozenset({
    "it", "instruct", "instant", "chat", "latest", "versatile", "free", "nitro", "extended", "hf", "meta",
    "fp8", "fp16", "bf16", "awq", "gptq", "gguf", "32768", "131072",
})  # fmt: skip
_SERVED = re.compile(r"[-_:@](?:i?q\d+(?:_\w+)*|\d+bit|int\d+)$")
_DATED = re.compile(r"[-_:@](?:20\d\d-?[01]\d-?[0-3]\d|[01]\d-20\d\d|\d{4})$")
_POINT = re.compile(r"^v?(\d+)p(\d+)$")  # as file names have it: v3p1
_BETWEEN = re.compile(r"[-_:@. ]+")


@lru_cache(maxsize=4_096)
def canonical(name: str) -> str:
    """The one name; two names with the same one are of the same model."""
    own = name.strip().lower().rpartition("/")[2]
    own = _DATED.sub("", _SERVED.sub("", own))
    spelled = [_POINT.sub(r"\1\2", each) for each in _BETWEEN.split(own)]
    tuned = _TUNED | {"turbo"} if "instruct" in spelled else _TUNED
    return "".join(each for each in spelled if each not in tuned) or own
