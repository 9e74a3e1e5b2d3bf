"""Prompts and answers of a made chain: words without meaning, in the shapes and sizes that scouts write.

Everything is drawn from the `random.Random` that is passed in, so a seed gives the same texts everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from random import Random

from devnet.scenarios.completions import GROQ, MODELS, OPENROUTER, Source, completion, messages, source

_SYLLABLES = [consonant + vowel for consonant in "bdfglmnprstv" for vowel in ("a", "e", "i", "o", "u", "an")]
_COMMON = [
    "the",
    "of",
    "and",
    "to",
    "a",
    "in",
    "is",
    "that",
    "it",
    "for",
    "as",
    "with",
    "on",
    "be",
    "by",
    "this",
]
_VOCABULARY = 6_000
_SYSTEM = "You answer briefly, in plain words, and say so where you do not know."


@dataclass(frozen=True, slots=True)
class Size:
    """How long texts are, in letters: the user's question and an answer's content."""

    question: int
    content: int


TYPICAL = Size(question=220, content=1_170)
"""Messages of about 370 bytes and results of about 1.8 kB, as in a public sample of Chasm's records."""

LONG = Size(question=220, content=1_500)
"""Answers of 300 words."""

SMALL = Size(question=60, content=220)
"""Transactions of about 1.3 kB."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Words that the answers to a known share of prompts end with, of those before ``ends``, a part of the
    chain. No other text has them.
    """

    text: str
    share: float
    ends: float = 1.0


PLANTED = (
    Planted("axolotl", 0.0005),
    Planted("zinc", 0.01),
    Planted("quick", 0.1),
    Planted("which", 0.7),
    Planted("oxide", 0.6, ends=0.5),
    Planted("kelp", 0.6, ends=0.02),
    Planted("silver anchor", 0.005),
    Planted("silver", 0.2),
    Planted("anchor", 0.2),
    Planted("\u65e5\u672c\u8a9e\u306e\u691c\u7d22", 0.01),
    *(Planted(f"xylem{number}", 0.0004) for number in range(50)),
)
"""What searches are measured with: rare, usual and everywhere, old alone, a phrase of usual words, a script
without spaces, and words with one beginning.
"""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to many scouts: the messages as JSON, and the answers' contents, the common one first."""

    messages: str
    contents: tuple[str, ...]
    model: str
    seed: int


def prompt(random: Random, *, size: Size, variants: int) -> Prompt:
    """Draw a prompt with one content and `variants` others that differ from it in their second half."""
    asked = messages(_prose(random, size.question), system=_SYSTEM)
    common = _prose(random, size.content)
    half = len(common) // 2
    others = [common[:half] + _prose(random, size.content - half) for _ in range(variants)]
    model = random.choice(list(MODELS))
    return Prompt(asked, (common, *others), model, random.randrange(1 << 31))


def planted(random: Random, prompt: Prompt, *, part: float) -> Prompt:
    """The prompt with the words of ``PLANTED`` that chance gives its answers, at a part of the chain."""
    drawn = [each.text for each in PLANTED if random.random() < each.share and part <= each.ends]
    ending = "".join(f" {text.capitalize()}." for text in drawn)
    return replace(prompt, contents=tuple(f"{content}{ending}" for content in prompt.contents))


def route(prompt: Prompt, *, variant: int) -> Source:
    """Groq gives the common content, OpenRouter the variants, each under its own name for the model."""
    return source(prompt.model, provider=OPENROUTER if variant else GROQ)


def result(random: Random, *, prompt: Prompt, variant: int, at_ms: int) -> str:
    """Draw a `chat.completion` as a scout signs it, with id, times and counts of its own."""
    content = prompt.contents[variant]
    answered = route(prompt, variant=variant)
    return completion(random, asked=prompt.messages, content=content, source=answered, at_ms=at_ms)


def _prose(random: Random, letters: int) -> str:
    """Draw sentences and paragraphs of about this length, never longer."""
    words, weights = _vocabulary()
    drawn = iter(random.choices(words, cum_weights=weights, k=letters // 2 + 16))
    text = ""
    while len(text) < letters:
        sentence = " ".join(next(drawn) for _ in range(random.randrange(5, 18))).capitalize()
        text += f"{sentence}.{_gap(random)}"
    return text[:letters].rstrip() if letters else ""


def _gap(random: Random) -> str:
    return random.choices((" ", "\n\n", "\n- ", " \u201cas said\u201d "), (12, 2, 1, 1))[0]


@cache
def _vocabulary() -> tuple[Sequence[str], Sequence[float]]:
    """Words, the common ones first, with weights that fall as one over the rank."""
    random = Random("vocabulary")
    made = {"".join(random.choices(_SYLLABLES, k=random.randrange(2, 5))) for _ in range(_VOCABULARY)}
    words = _COMMON + sorted(made, key=lambda word: (len(word), word))
    return words, list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
