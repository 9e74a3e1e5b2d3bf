"""SQL for whether an edit changed what is said: for what is derived of it, and for readers.

By the keys of what is said (``indexer.dapp.completion``), which stay when words are erased.
"""

_SAID = """(SELECT coalesce(o.said, o.answer) FROM indexer_operation o
    WHERE o.chain_id = r.chain_id AND o.position = {position})"""
_BEFORE = """coalesce((
        SELECT max(v.position) FROM indexer_revision v
        WHERE v.chain_id = r.chain_id AND v.generation = r.generation AND v.prompt_id = r.prompt_id
          AND v.position < r.position AND v.kind > 1), (
        SELECT p.position FROM indexer_record p
        WHERE p.chain_id = r.chain_id AND p.generation = r.generation AND p.prompt_id = r.prompt_id))"""

IS_SAME = f"({_SAID.format(position='r.position')} = {_SAID.format(position=_BEFORE)})"
"""SQL: whether an edit ``r``, a revision, says what was said before it; null where that is not known. Only
where all of the chain was heard (``Chain.heard_to``), or was when its generation was begun.
"""
