"""How alike two texts are by their runs of five words, and by what texts that are so are found.

``jaccard`` measures. To measure no text with all others, each has a few *bands*: hashes of which two texts
that are much alike have one in common almost surely, and others almost never. They are MinHash of one
permutation (Li, Owen and Zhang, 2012; an empty bin is filled by the next one that is not, Shrivastava and Li,
2014): of all runs, those with the least hash in each of six bins, two bins a band. Of two texts whose runs
are the same to four fifths 95 % share a band, of two to a tenth 3 %.
"""

from collections.abc import Sequence, Set
from hashlib import blake2b
from zlib import crc32

from indexer.words import tokens

GRAM = 5
"""Words of a run."""

_BANDS, _ROWS = 3, 2
_BINS = _BANDS * _ROWS
# What stands between words becomes a space: of ASCII all but letters, digits and "_", of the rest nothing.
_ROUGH = bytes(
    each if each >= 0x80 or chr(each).isalnum() or each == ord("_") else ord(" ") for each in range(256)
)
_EMPTY = 1 << 32  # more than any hash
_LONG = 16  # bytes a word, on the average

Gram = tuple[str, ...]


def grams(words: Sequence[str]) -> Set[Gram]:
    """Runs of five words; of fewer words all of them."""
    if not words:
        return frozenset()
    return set(zip(*(words[at:] for at in range(GRAM)), strict=False)) or {tuple(words)}


def jaccard(one: Set[Gram], other: Set[Gram]) -> float:
    """Runs that are in both, of those in either; two texts without words have 1."""
    both = len(one & other)
    either = len(one) + len(other) - both
    return both / either if either else 1.0


def words_of(text: str) -> Sequence[str]:
    """The words that runs are made of, as comparisons show them."""
    return list(filter(tokens.is_word, tokens.cut(text)))


def bands(text: str) -> Sequence[int]:
    """The bands of a text, as signed numbers of 64 bits; none where it has no words."""
    least = _least(text)
    if not least:
        return []
    full = [least[_filled(least, at)] for at in range(_BINS)]
    return [_hash(band, full[band * _ROWS :][:_ROWS]) for band in range(_BANDS)]


def _least(text: str) -> dict[int, int]:
    """The least hash of a run in each bin, of those that are not empty."""
    words = _roughly_cut(text)
    runs = map(b" ".join, zip(*(words[at:] for at in range(GRAM)), strict=False))
    least = [_EMPTY] * _BINS
    for each in list(map(crc32, runs)) or [crc32(b" ".join(words))] * bool(words):
        at = each % _BINS
        if each < least[at]:
            least[at] = each
    return {at: each for at, each in enumerate(least) if each != _EMPTY}


def _roughly_cut(text: str) -> Sequence[bytes]:
    """The words of a text, cut faster than they are for a measure: it makes little difference to what is
    found. Where few of its words are apart from each other, they are cut as they are for a measure.
    """
    said = text.encode("utf-8", "surrogatepass")
    words = said.translate(_ROUGH).split()
    if len(said) < _LONG * len(words):
        return words
    return [each.encode("utf-8", "surrogatepass") for each in words_of(text)]


def _filled(least: dict[int, int], at: int) -> int:
    """The bin itself, or the next one that is not empty."""
    return next(each % _BINS for each in range(at, at + _BINS) if each % _BINS in least)


def _hash(band: int, of: Sequence[int]) -> int:
    said = ",".join(map(str, [band, *of])).encode()
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "big", signed=True)
