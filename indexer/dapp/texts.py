"""The texts that search looks in: of messages, and of what was answered to them.

Each is cut into words by itself, so that no phrase crosses from one to the next. JSON has blanks in place of
its escapes, as many as they had letters: what is found in it stands at the same place in the JSON.
"""

import re
from collections.abc import Iterator

from indexer.dapp.completion import Completion, completion_of
from indexer.dapp.messages import messages_of, with_blank_data

_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)


def of_messages(normal: str) -> Iterator[str]:
    """Of messages in Rell-normal form: content, calls and what else each says; or all, if they are none."""
    found = messages_of(normal)
    if found is None:
        yield of_json(normal)
        return
    for each in found:
        yield each.content
        yield from (of_json(call.whole) for call in each.called)
        yield of_json(with_blank_data(each.beside))


def of_completion(read: Completion) -> Iterator[str]:
    """Of a result: the words, calls, refusal and reasoning of each choice, the provider's error, and what
    else the message holds.
    """
    for each in read.choices:
        yield each.text
        yield from (of_json(call.whole) for call in each.calls)
        yield from (each.refusal, each.reasoning, each.error)
        yield of_json(with_blank_data(each.extra))


def of_whole(normal: str) -> Iterator[str]:
    """Of a result that is kept whole: as a completion where it is one, else all of it."""
    read = completion_of(normal)
    if read is None:
        yield of_json(normal)
    else:
        yield from of_completion(read)


def of_json(source: str) -> str:
    """A text that may be JSON, or have JSON in it, with blanks in place of escapes."""
    if "\\" not in source or not any(each in source for each in '{["'):
        return source
    return _ESCAPE.sub(lambda found: " " * len(found[0]), source)
