"""Questions that have no answer here; each message is a sentence for the person who asked."""


class NotHere(Exception):
    """Nothing here has that name, height or hash."""


class Damaged(Exception):
    """What is stored here does not hold what it should: an error of this site, which withholds nothing."""


class BadQuestion(ValueError):
    """The question itself cannot be meant, such as a height with letters in it."""


class TooLarge(Exception):
    """More text than is compared; the message says whose it is, and the limit."""


class Busy(Exception):
    """No place is free for work of this kind, or it took longer than it may. Later it may be done."""
