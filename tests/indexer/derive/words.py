"""What search would find: the records that have a word, by the rows and units of their generation."""

from typing import Any

from django.db import connection

from indexer.models import Chain, SearchUnit
from indexer.words.cutting import words
from indexer.words.vector import quoted

_FOUND = """
    SELECT r.prompt_id FROM indexer_searchrecord s
    JOIN indexer_record r USING (chain_id, generation, position)
    JOIN indexer_chain c ON c.id = s.chain_id AND c.generation = s.generation
    JOIN indexer_searchunit u ON u.id = {unit}
    WHERE u.words @@ %s::tsquery ORDER BY 1
"""
UNITS = {"ever": "s.ever", "first": "coalesce(s.first, s.ever)", "now": "coalesce(s.now, s.ever)"}


def query_of(text: str, namespaces: str = "pa") -> str:
    """A text as a phrase, in prompts or answers."""
    phrases = (" <-> ".join(quoted(space + word) for word in words(text)) for space in namespaces)
    return " | ".join(f"({phrase})" for phrase in phrases)


def found(text: str, *, said: str = "ever", namespaces: str = "pa") -> list[int]:
    """The prompt ids of the records that have it, of whichever chain."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND.format(unit=UNITS[said]), [query_of(text, namespaces)])
        return [each for (each,) in cursor.fetchall()]


def lexemes(prefix: str = "") -> set[str]:
    """All that is in any unit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT lexeme FROM indexer_searchunit, unnest(words)")
        return {each for (each,) in cursor.fetchall() if each.startswith(prefix)}


def rows(chain: Chain, generation: int | None = None) -> set[tuple[Any, ...]]:
    """The rows of a generation, whichever it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, ever, first, now FROM indexer_searchrecord"
            " WHERE chain_id = %s AND generation = %s",
            [chain.id, chain.generation if generation is None else generation],
        )
        return set(cursor.fetchall())


def units() -> dict[str, tuple[Any, ...]]:
    """All units by their names."""
    found = SearchUnit.objects.values_list("id", "chain_id", "words", "prompt_cut", "answer_cut")
    return {str(each): tuple(rest) for each, *rest in found}
