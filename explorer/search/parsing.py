"""A query line read as a tree. Whatever it holds, one comes of it, or ``NotUnderstood``.

::

    line    = terms { "OR" terms }
    terms   = term { ["AND"] term }
    term    = ["-"] ( "(" line ")" | key ":" value | text )
    text    = word ["*"] | '"' anything '"' ["*"]

A key is letters and a colon that neither space, colon nor slash follows. ``AND`` binds closer than ``OR``;
both are operators in capitals alone.
"""

import re
from dataclasses import dataclass, field

from explorer.search import agreement, writing
from explorer.search.faults import Fault, Misread, NotUnderstood
from explorer.search.keys import ALL_KEYS, KEYS, TEXTS, nearest
from explorer.search.tokens import BLANK, QUOTES, TOKEN, closed, end_of_code, is_starred, key_at, quoted_at
from explorer.search.tree import (
    EVERYTHING,
    Clause,
    Node,
    Side,
    Source,
    Text,
    all_of,
    any_of,
    not_of,
)
from explorer.search.words import SHORTEST_PREFIX, words_of

LONGEST = 4_096
"""Characters of a line at most."""

MOST_TERMS = 100
MOST_PREFIXES = 20
"""Beginnings of words, at most: each stands for as many words as begin so, which all are looked for."""

DEEPEST = 20
"""Parentheses within parentheses, at most."""

_MOST_FAULTS = 8
_MOST_SHOWN = 60
_BROKEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_OPERATORS = ("OR", "AND", "NOT")


def parse(line: str) -> Node:
    """What the line means; ``EVERYTHING`` where it is blank. Raises ``NotUnderstood``."""
    if len(line) > LONGEST:
        why = f"A search takes {LONGEST:,} characters at most; this one has {len(line):,}."
        raise NotUnderstood(line[:LONGEST], [Fault("too-long", LONGEST, len(line), why)])
    read = _Reader(_BROKEN.sub("\ufffd", line))
    tree = read.tree()
    if not read.faults:
        return tree
    faults = sorted(read.faults, key=lambda each: (each.start, each.end))
    corrected = _corrected(read.line, faults) if read.is_whole else ""
    raise NotUnderstood(read.line, faults, corrected=corrected, quoted=_quoted(read.line))


def _quoted(line: str) -> str:
    return writing.quoted(line) if words_of(line).words else ""


def _corrected(line: str, faults: list[Fault]) -> str:
    """The line with all faults mended; empty where it cannot be meant even then."""
    mended = line
    for each in reversed(faults):
        if each.instead is None:
            return ""
        mended = f"{mended[: each.start]}{each.instead}{mended[each.end :]}"
    read = _Reader(mended)
    tree = read.tree()
    return "" if read.faults or len(mended) > LONGEST else writing.canonical(tree)


@dataclass(slots=True)
class _Group:
    """An open parenthesis, or the line: alternatives of terms so far."""

    start: int
    is_negated: bool = False
    negated_at: int = 0
    alternatives: list[list[Node]] = field(default_factory=lambda: [[]])
    waits: Source | None = None  # an operator that a term must follow

    @property
    def terms(self) -> list[Node]:
        return self.alternatives[-1]


class _Reader:
    """One pass over a line."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.faults: list[Fault] = []
        self.is_whole = True  # whether the line was read to its end
        self._at = 0
        self._terms = 0
        self._prefixes = 0
        self._groups = [_Group(0)]
        self._negated_at: int | None = None

    def tree(self) -> Node:
        """What the line means, as far as there are no ``faults``."""
        while self.is_whole and self._skip_blanks():
            self._step()
            self.is_whole = self.is_whole and len(self.faults) < _MOST_FAULTS
        for each in self._groups[:0:-1] if self.is_whole else ():
            self._fault("open-parenthesis", each.start, each.start + 1, "This parenthesis is not closed.", "")
            self._close(len(self.line))
        found = self._finished(self._groups[0], len(self.line))
        if self.is_whole and not self.faults:
            self.faults.extend(agreement.faults_of(found))
        return found

    def _skip_blanks(self) -> bool:
        blank = BLANK.match(self.line, self._at)
        if blank is not None:
            self._at = blank.end()
        return self._at < len(self.line)

    def _step(self) -> None:
        char = self.line[self._at]
        if char == "(":
            self._open()
        elif char == ")":
            self._at += 1
            if len(self._groups) > 1:
                self._close(self._at)
            else:
                self._fault("open-parenthesis", self._at - 1, self._at, "Nothing opens this parenthesis.", "")
        elif char in "-\uff0d" and self._negates():
            self._negated_at = self._at
            self._at += 1
        else:
            self._term()

    def _negates(self) -> bool:
        """Whether the dash here is one before a term: ``--option`` is a word, and a dash alone is none."""
        behind = self.line[self._at + 1 : self._at + 2]
        is_before = bool(behind) and behind not in "-\uff0d" and BLANK.match(behind) is None and behind != ")"
        return is_before and self._negated_at is None

    def _open(self) -> None:
        negated_at = self._negated_at
        self._groups.append(_Group(self._at, negated_at is not None, negated_at or 0))
        self._negated_at = None
        if len(self._groups) == DEEPEST + 2:
            why = f"Parentheses go {DEEPEST} deep at most."
            self._fault("too-deep", self._at, self._at + 1, why)
            self.is_whole = False
        self._at += 1

    def _close(self, end: int) -> None:
        group = self._groups.pop()
        found = self._finished(group, end)
        if found == EVERYTHING:
            self._fault("empty-parentheses", group.start, end, "There is nothing in these parentheses.", "")
        self._take(_negated(found, group, self.line, end))

    def _finished(self, group: _Group, end: int) -> Node:
        """What a group says."""
        if group.waits is not None:
            self._dangling(group.waits)
        source = Source(self.line[group.start : end], group.start)
        found = [all_of(terms, _spanned(self.line, terms)) for terms in group.alternatives if terms]
        return any_of(found, source) if found else EVERYTHING

    def _take(self, node: Node) -> None:
        self._groups[-1].waits = None
        self._groups[-1].terms.append(node)

    def _operator(self, word: str, start: int) -> None:
        group = self._groups[-1]
        source = Source(word, start)
        if group.waits is not None or not group.terms:
            self._dangling(source)
        elif word == "OR":
            group.alternatives.append([])
        group.waits = source

    def _dangling(self, operator: Source) -> None:
        why = f"{operator.text} stands between two terms. As a word it is written “{operator.text.lower()}”."
        self._fault("dangling-operator", operator.start, operator.end, why, operator.text.lower())

    def _term(self) -> None:
        start = self._at
        key = key_at(self.line, start)
        token = TOKEN.match(self.line, start)
        if key is None and token is not None and token[0] in _OPERATORS and self._negated_at is None:
            self._at = token.end()
            if not self._is_open(token.end()):
                self._said_operator(token[0], start)
                return
        node = self._text(start, Side.BOTH) if key is None else self._clause(key, start)
        if node is None:
            self._take_hole()
            return
        self._terms += 1
        if self._terms == MOST_TERMS + 1:
            self._fault("too-many", start, self._at, f"A search takes {MOST_TERMS} terms at most.")
            self.is_whole = False
        if self._negated_at is not None:
            node = not_of(node, self._from(self._negated_at))
            self._negated_at = None
        self._take(node)

    def _said_operator(self, word: str, start: int) -> None:
        if word != "NOT":
            self._operator(word, start)
            return
        blank = BLANK.match(self.line, self._at)
        why = "What must not be there is written -word. NOT as a word is written “not”."
        if blank is not None and blank.end() < len(self.line) and self.line[blank.end()] not in "-\uff0d)":
            self._fault("not-is-a-dash", start, blank.end(), why, "-")
        else:
            self._fault("not-is-a-dash", start, self._at, why, "not")

    def _take_hole(self) -> None:
        """A term that cannot be meant stands for one, so that nothing else is said about its place."""
        self._negated_at = None
        self._take(Text("", ()))

    def _from(self, start: int) -> Source:
        return Source(self.line[start : self._at], start)

    def _is_open(self, at: int) -> bool:
        """Whether a parenthesis opens here, behind a word: code, which is quoted."""
        return self.line.startswith("(", at)

    def _clause(self, key: re.Match[str], start: int) -> Node | None:
        name = key[1].casefold()
        if name not in ALL_KEYS:
            self._no_key(key, start)
            return None
        if name in TEXTS:
            self._at = key.end()
            return self._text(start, TEXTS[name])
        value = self._value(key.end(), start)
        if value is None:
            return None
        try:
            return Clause(name, KEYS[name].read(value), self._from(start))
        except Misread as error:
            found = error.fault
            instead = None if found.instead is None else f"{name}:{found.instead}"
            why = f"{name}: {found.why}, not {_shown(value)}."
            self.faults.append(Fault(found.code, start, self._at, why, found.nearest, instead))
            return None

    def _no_key(self, key: re.Match[str], start: int) -> None:
        """A clause with a key that is none: the whole of it, up to the next blank."""
        found = nearest(key[1])
        self._at = key.end()
        token = TOKEN.match(self.line, self._at)
        if self.line[self._at] in QUOTES:
            self._quoted_from(self._at)
        elif token is not None:
            self._at = token.end()
        if self._is_open(self._at):
            self._at = end_of_code(self.line, self._at)
        whole = self.line[start : self._at]
        value = whole[key.end() - start :]
        meant = f" Did you mean {found}:?" if found else ""
        why = f"There is no key {key[1]}:.{meant} There are {', '.join(f'{each}:' for each in ALL_KEYS)}."
        instead = f"{found}:{value}" if found and _can_be(found, value) else writing.quoted(whole)
        self._fault("unknown-key", start, self._at, why, instead, nearest=found)

    def _value(self, at: int, start: int) -> str | None:
        """What stands behind the colon, without quotes."""
        if self.line[at] in QUOTES:
            return self._quoted_from(at)
        return self._token_from(at, start)

    def _token_from(self, at: int, start: int) -> str | None:
        """What stands here without quotes, up to the next blank; None where that is at fault."""
        token = TOKEN.match(self.line, at)
        self._at = at if token is None else token.end()
        if self._is_open(self._at):
            self._code(start, key=self.line[start:at])
            return None
        if token is None:
            self._fault("no-value", start, at, "There is nothing behind this colon.")
            return None
        return token[0]

    def _quoted_from(self, at: int) -> str | None:
        """What is in the quotes that open here."""
        found, self._at = quoted_at(self.line, at)
        if found is None:
            why = "This quotation mark is not closed."
            self._fault("open-quote", at, self._at, why, closed(self.line[at:]))
        return found

    def _text(self, start: int, side: Side) -> Node | None:
        """Words from here on, quoted or not."""
        at = self._at
        if self.line[at] in QUOTES:
            quoted = self._quoted_from(at)
            if quoted is None:
                return None
            has_star = self.line.startswith("*", self._at) and not TOKEN.match(self.line, self._at + 1)
            self._at += has_star
            return self._words(quoted, start, side, has_star=has_star)
        token = self._token_from(at, start)
        if token is None:
            return None
        has_star = is_starred(token)
        return self._words(token[:-1] if has_star else token, start, side, has_star=has_star)

    def _words(self, given: str, start: int, side: Side, *, has_star: bool) -> Node | None:
        text = writing.plain(given)
        found = words_of(text)
        if not found.words:
            why = f"{_shown(self.line[start : self._at])} holds no letter and no digit that could be found."
            self._fault("no-word", start, self._at, why, "")
            return None
        if has_star and not found.is_run and len(found.words[-1]) < SHORTEST_PREFIX:
            why = f"The beginning of a word has {SHORTEST_PREFIX} letters or more before its *."
            instead = self.line[start : self._at].rstrip("*")
            self._fault("short-prefix", start, self._at, why, instead)
            return None
        is_prefix = found.is_open or (has_star and not found.is_run)
        self._prefixes += is_prefix
        if self._prefixes == MOST_PREFIXES + 1:
            why = (
                f"A search takes {MOST_PREFIXES} beginnings of words at most: what stands before a *, and "
                "single characters of scripts without spaces between words."
            )
            self._fault("too-many-prefixes", start, self._at, why)
        return Text(text, found.words, side, is_prefix, self._from(start))

    def _code(self, start: int, *, key: str) -> None:
        """A word with a parenthesis right behind it, or a key."""
        self._at = end_of_code(self.line, self._at)
        why = "A parenthesis right behind a word is code, which is quoted."
        if key:
            why = f"Behind {key} stands one word or name, in quotes where it has blanks or parentheses."
        self._fault("code", start, self._at, why, writing.quoted(self.line[start : self._at]))

    def _fault(
        self,
        code: str,
        start: int,
        end: int,
        why: str,
        instead: str | None = None,
        *,
        nearest: str = "",
    ) -> None:
        self.faults.append(Fault(code, start, end, why, nearest, instead))


def _negated(node: Node, group: _Group, line: str, end: int) -> Node:
    return not_of(node, Source(line[group.negated_at : end], group.negated_at)) if group.is_negated else node


def _spanned(line: str, nodes: list[Node]) -> Source:
    start, end = nodes[0].source.start, nodes[-1].source.end
    return Source(line[start:end], start)


def _can_be(key: str, value: str) -> bool:
    """Whether this key takes such a value."""
    reader = _Reader(f"{key}:{value}")
    reader.tree()
    return not reader.faults


def _shown(text: str) -> str:
    cut = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
    return f"“{cut}”"
