"""Questions that have no answer here; each message is a sentence for the person who asked."""


class NotHere(Exception):
    """Nothing here has that name, height or hash."""


class BadQuestion(ValueError):
    """The question itself cannot be meant, such as a height with letters in it."""
