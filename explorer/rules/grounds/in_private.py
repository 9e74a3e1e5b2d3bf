"""Grounds that people judge, in private: class D. They are told to the operator, and never published."""

from explorer.rules.ground import Assurance, Ground

_BEST = "This site hides its copy. What is on the chain stays there, and other explorers have it too."

GROUNDS = (
    Ground(
        name="personal-data",
        title="Personal data",
        assurance=Assurance.JUDGEMENT,
        meaning="The prompt or the answer holds something private about a living person.",
        asks="Say where it stands, without repeating it.",
        causes=("Somebody who is made up, or data of an example.",),
        best=_BEST,
    ),
    Ground(
        name="secret-exposed",
        title="A secret in the open",
        assurance=Assurance.JUDGEMENT,
        meaning="The prompt or the answer holds a password, a key or something of the kind.",
        asks="Say where it stands, without repeating it. Make the secret worthless first.",
        causes=("A secret of an example in documentation.",),
        best=_BEST,
    ),
    Ground(
        name="unlawful-or-harmful",
        title="Unlawful or harmful",
        assurance=Assurance.JUDGEMENT,
        meaning="What it says may not be shown by law.",
        asks="Say where it stands, and by which law.",
        causes=(),
        best=_BEST,
    ),
)
