"""A text cut into words, each with the place that it was cut from.

Letters, digits and marks that follow each other are a word; all else parts words and is none. So
``torch.nn``, ``3.14``, ``snake_case``, ``don't`` and addresses are their parts, one after the other. A word
is folded: width and ligatures (NFKC), case, and the marks on Latin, Greek and Cyrillic letters and on digits.
Marks that other scripts write with stay, as Thai, Hindi, Hebrew and Arabic do. As in Unicode's root collation
``й`` is a letter of its own and no ``и`` with a mark, and ``ø ł đ ħ æ œ`` are ``o l d h ae oe``; an ``i``
without its dot is an ``i``, since both are ``I`` in capitals. What cannot be seen within a word is no part of
it: soft hyphens, joiners, variation selectors, marks of direction.

Scripts that put no spaces between words (Han, Kana, Hangul, Thai, Lao, Khmer, Burmese) are cut into pairs of
characters that overlap, and the last character of a run is there alone too: so any two that follow each other
are found, and one is found as the beginning of a word.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

LONGEST = 255
"""Characters of a word at most; what is longer is several words, one after the other."""

_MOST_MARKS = 30
"""Marks one after the other, as in Unicode's stream-safe texts: to bring more into order takes long."""

_REMEMBERED = 3  # characters of a cluster that is remembered: no more of any text is


class Cut(NamedTuple):
    """A word, folded, and the slice of the text that it was cut from. Words of one slice share it."""

    word: str
    start: int
    end: int


def cut(text: str) -> Iterator[Cut]:
    """The words of a text in their order. None is empty, or holds white space or a colon."""
    if text.isascii():
        for found in _PLAIN.finditer(text.lower()):
            yield Cut(found[0], found.start(), found.end())
        return
    for found in _patterns().run.finditer(text):
        start, end = found.span()
        run = found[0]
        folded = run.lower() if run.isascii() else run.translate(_FOLDED)
        if found.lastindex == _WITHOUT_SPACES:
            changes = _WITHIN in folded or _OTHERS in folded
            yield from _clusters(run, start) if changes else _pairs(folded, start)
        elif _OTHERS in folded:
            yield from (Cut(word, start, end) for word in _words(_fold(run)))
        elif _WITHIN in folded:
            yield from (Cut(word, start, end) for word in _pieces(_fold(run)))
        elif end - start <= LONGEST:
            yield Cut(folded, start, end)
        else:
            for at, piece in enumerate(_pieces(folded)):
                first = start + at * LONGEST
                yield Cut(piece, first, first + len(piece))


def words(text: str) -> Iterator[str]:
    """As ``cut``, without the places."""
    if text.isascii():
        return (found[0] for found in _PLAIN.finditer(text.lower()))
    return (each.word for each in cut(text))


def sought(text: str) -> Sequence[Cut]:
    """The words of a phrase that is looked for: as ``cut``, without a last character alone that ends a longer
    run, which may go on where it is found.
    """
    found = list(cut(text))
    if len(found) > 1 and is_part(found[-1].word) and found[-1].start < found[-2].end:
        found.pop()
    return found


def is_part(word: str) -> bool:
    """Whether a word is one character of a script without spaces: looked for as the beginning of a word."""
    return len(word) == 1 and _patterns().unspaced.match(word) is not None


def _pairs(run: str, start: int) -> Iterator[Cut]:
    """The pairs of a run without spaces that is folded, and its last character."""
    last = len(run) - 1
    for at in range(last):
        yield Cut(run[at : at + 2], start + at, start + at + 2)
    yield Cut(run[last], start + last, start + last + 1)


def _clusters(run: str, start: int) -> Iterator[Cut]:
    """As ``_pairs``, where characters and what they are folded to are not as many."""
    placed = [
        (character, start + found.start(), start + found.end())
        for found in _patterns().cluster.finditer(run)
        for character in _folded(found[0])
        if _patterns().unspaced.match(character)
    ]
    for (one, first, _), (other, _, end) in pairwise(placed):
        yield Cut(one + other, first, end)
    if placed:
        yield Cut(*placed[-1])


def _folded(cluster: str) -> str:
    """A character and its marks, folded; few of them differ."""
    return _fold(cluster) if len(cluster) > _REMEMBERED else _fold_again(cluster)


def _words(folded: str) -> Iterator[str]:
    """The words of a run after folding, which may have made other characters of it: of ``½`` two digits."""
    for found in _patterns().run.finditer(folded):
        if found.lastindex == _WITHOUT_SPACES:
            yield from (each.word for each in _clusters(found[0], 0))
        else:
            yield from _pieces(found[0])


def _pieces(word: str) -> Iterator[str]:
    return (word[first : first + LONGEST] for first in range(0, len(word), LONGEST))


def _fold(text: str) -> str:
    patterns = _patterns()
    bounded = patterns.flood.sub(r"\1", text) if len(text) > _MOST_MARKS else text
    apart = unicodedata.normalize("NFKD", patterns.unseen.sub("", bounded))
    bare = patterns.accented.sub(_without_accents, apart)
    plain = _STROKED.sub(lambda found: _STROKES[found[0]], bare.casefold())
    return unicodedata.normalize("NFC", plain)


_fold_again = lru_cache(maxsize=1 << 14)(_fold)


def _without_accents(found: re.Match[str]) -> str:
    is_short_i = found[1] in "иИ" and "\u0306" in found[2]
    return found[1] + "\u0306" if is_short_i else found[1]


class _Folded(dict[int, str]):
    """What each character of a run is folded to, where that is one character whatever stands beside it; else
    ``_WITHIN`` or ``_OTHERS``. Filled as characters come.
    """

    def __missing__(self, code: int) -> str:
        self[code] = _folded_alone(chr(code))
        return self[code]


def _folded_alone(character: str) -> str:
    patterns = _patterns()
    if patterns.hanging.match(character):
        return _WITHIN
    folded = _fold(character)
    is_steady = len(folded) == 1 and patterns.run.fullmatch(folded) and not patterns.joining.match(character)
    return folded if is_steady else _OTHERS


def _class(*ranges: tuple[int, int]) -> str:
    """These characters within the brackets of an expression."""
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def _marks() -> list[tuple[int, int]]:
    """All combining marks there are."""
    found: list[tuple[int, int]] = []
    for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)):
        if unicodedata.category(chr(code))[0] == "M":
            if found and found[-1][1] == code - 1:
                found[-1] = (found[-1][0], code)
            else:
                found.append((code, code))
    return found


_WITHIN = "\ufffd"  # a mark, or what is not seen. Both signs part words, so they are in none
_OTHERS = "\ufffc"  # what folds to several, or together with what is beside it
_WITHOUT_SPACES = 1  # the group of what runs are found with
_JAMO = _class((0x1100, 0x11FF), (0xA960, 0xA97C), (0xD7B0, 0xD7FB))
_SOUNDED = _class((0x3099, 0x309A), (0xFF9E, 0xFF9F))  # the marks of voiced Kana
_UNPARTED = _JAMO + _class(
    *((0x0E01, 0x0E3A), (0x0E40, 0x0E4E)),  # Thai
    *((0x0E81, 0x0EC6), (0x0EC8, 0x0ECE), (0x0EDC, 0x0EDF)),  # Lao
    *((0x1000, 0x103F), (0x1050, 0x108F), (0x109A, 0x109D)),  # Burmese
    *((0xA9E0, 0xA9EF), (0xA9FA, 0xA9FE), (0xAA60, 0xAA76), (0xAA7A, 0xAA7F)),
    *((0x1780, 0x17D3), (0x17D7, 0x17D7), (0x17DC, 0x17DD)),  # Khmer
    *((0x3131, 0x318E), (0xAC00, 0xD7A3), (0xFFA0, 0xFFDC)),  # Hangul
    *((0x2E80, 0x2FD5), (0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B)),  # Han
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x3347F)),
    *((0x3031, 0x3035), (0x3041, 0x3096), (0x3099, 0x309A), (0x309D, 0x309F)),  # Kana, Bopomofo
    *((0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x3105, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF)),
    *((0xFF66, 0xFF9F), (0x1AFF0, 0x1B167)),
)
_ACCENTS_GO = _class(
    *((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x2AF), (0x1D00, 0x1DBF), (0x1E00, 0x1EFF)),
    *((0x2C60, 0x2C7F), (0xA720, 0xA7FF), (0xAB30, 0xAB6F)),  # Latin, as are those before
    *((0x370, 0x3FF), (0x1F00, 0x1FFF)),  # Greek
    *((0x400, 0x481), (0x48A, 0x52F), (0x1C80, 0x1C8F), (0xA640, 0xA66E), (0xA67E, 0xA69D)),  # Cyrillic
)
_JOINERS = _class(
    *((0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200C, 0x200F), (0x202A, 0x202E)),
    *((0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xE0020, 0xE007F)),
)
_NEVER_SEEN = _JOINERS + _class(
    *((0x34F, 0x34F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF)),
)
_STROKES = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "\u0131": "i"}

_S, _U = rf"[^\W_{_UNPARTED}]", f"[{_UNPARTED}]"
_PLAIN = re.compile(f"[a-z0-9]{{1,{LONGEST}}}")
_STROKED = re.compile(f"[{''.join(_STROKES)}]")
_FOLDED = _Folded()


class _Patterns:
    """All else that texts are looked at with. To make it takes a tenth of a second, which most processes that
    import this have no use for.
    """

    def __init__(self) -> None:
        marks = _class(*_marks())
        self.run = re.compile(
            rf"({_U}+(?:[{marks}]+{_U}*|[{_JOINERS}]+{_U}+)*)"
            rf"|{_S}+(?:[{marks}]+{_S}*|[{_JOINERS}]+(?:{_S}+|(?=[{marks}])))*"
        )
        self.unspaced = re.compile(_U)
        self.hanging = re.compile(f"[{marks}{_JOINERS}]")
        self.joining = re.compile(f"[{_JAMO}{_SOUNDED}]")
        self.flood = re.compile(f"([{marks}]{{{_MOST_MARKS}}})[{marks}]+")
        self.unseen = re.compile(f"[{_NEVER_SEEN}]")
        self.accented = re.compile(f"([{_ACCENTS_GO}])([{marks}]+)")
        # A syllable of Hangul letters, or one character, each with the marks on it.
        self.cluster = re.compile(
            f"(?:(?:[\u1100-\u1112][\u1161-\u1175]|[\uac00-\ud7a3])[\u11a8-\u11c2]?|.)"
            f"[{marks}{_SOUNDED}{_JOINERS}]*",
            re.DOTALL,
        )


@cache
def _patterns() -> _Patterns:
    return _Patterns()
