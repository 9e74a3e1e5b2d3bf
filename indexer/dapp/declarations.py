"""Operations as the chain's own code declares them: the names of their parameters, from Rell sources.

Reads parameter lists and nothing else of Rell, from foreign text: what it cannot read it leaves out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.dapp.owner import MOST_TEXT

_COMMENT_OR_STRING = re.compile(
    r"""//[^\n]* | /\*.*?(?:\*/|\Z) | "(?:\\.|[^"\\])*(?:"|\\?\Z) | '(?:\\.|[^'\\])*(?:'|\\?\Z)""",
    re.VERBOSE | re.DOTALL,
)
_OPERATION = re.compile(r"\boperation\s+([A-Za-z_]\w*)\s*\(")
_PARAMETER = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(?:\?\s*)?(?:[:=].*)?", re.DOTALL)
_BOUND = re.compile(r"[(){;]")


@dataclass(frozen=True, slots=True)
class Declarations:
    """The operations that sources declare, by their plain name: the parameter names of each declaration."""

    _by_name: Mapping[str, Sequence[tuple[str, ...]]]

    def parameters(self, name: str, *, count: int) -> Sequence[str] | None:
        """The names of the first ``count`` parameters (those left out have defaults) of the operation that is
        mounted as ``name``, of which the plain name is the last part.

        None where no declaration takes so many, or two name them differently.
        """
        declared = self._by_name.get(name.rpartition(".")[2], ())
        found = {each[:count] for each in declared if len(each) >= count}
        return found.pop() if len(found) == 1 else None


def declarations(sources: Mapping[str, str]) -> Declarations:
    """What these files declare, by path; beyond 4 million characters they are not read."""
    found: dict[str, list[tuple[str, ...]]] = {}
    left = MOST_TEXT
    for text in sources.values():
        left -= len(text)
        if left < 0:
            break
        code = _COMMENT_OR_STRING.sub(" ", text)
        at = 0
        while match := _OPERATION.search(code, at):
            at = _end(code, match.end())
            names = _names(code[match.end() : at]) if code.startswith(")", at) else None
            if names is not None:
                found.setdefault(match[1], []).append(names)
    return Declarations(found)


def _end(code: str, start: int) -> int:
    """Where the parameter list that begins at ``start`` is closed, or the code after it begins."""
    depth = 1
    for match in _BOUND.finditer(code, start):
        depth += (match[0] == "(") - (match[0] == ")")
        if not depth or match[0] in "{;":
            return match.start()
    return len(code)


def _names(code: str) -> tuple[str, ...] | None:
    """The names in a parameter list, without its parentheses; None where it cannot be read."""
    code = code.replace("->", "  ")
    if any(code.count(opening) != code.count(closing) for opening, closing in ("()", "[]", "<>")):
        return None
    names = []
    for each in _split(code) if code.strip() else ():
        match = _PARAMETER.fullmatch(each)
        if match is None:
            return None
        names.append(match[1].rpartition(".")[2])  # of `a.b`, a type alone, the name is `b`
    return tuple(names)


def _split(code: str) -> Iterator[str]:
    """Its parts between the commas that are within no bracket."""
    depth = start = 0
    for at, each in enumerate(code):
        depth += (each in "([<") - (each in ")]>")
        if each == "," and not depth:
            yield code[start:at]
            start = at + 1
    yield code[start:]
