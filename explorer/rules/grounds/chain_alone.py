"""Grounds that the chain alone settles: class A."""

from explorer.rules.ground import Assurance, Field, Ground, Kind

GROUNDS = (
    Ground(
        name="result-altered",
        title="Result altered",
        assurance=Assurance.CHAIN,
        meaning="The result that stands now is another one than was written first.",
        asks="Say why the change matters. Both results are shown from the chain; you need not quote them.",
        causes=(
            "A correction of something that was wrong, after a dispute or a report.",
            "A repair of ids, times or counts, which leaves the words as they were.",
        ),
        best="Upheld as a fact: that it was changed, and when. Why it was changed is not judged.",
        checks=("altered",),
    ),
    Ground(
        name="record-deleted",
        title="Record deleted",
        assurance=Assurance.CHAIN,
        meaning="The record was written and later taken out of the chain's table.",
        asks="Say why its deletion matters. What was written first is still in its block.",
        causes=(
            "Something private or secret was in it.",
            "A clean-up of tests, or of records that were written twice.",
            "A deletion by time took it along with others.",
        ),
        best="Upheld as a fact: that it was deleted, and when. Why it was deleted is not judged.",
        checks=("deleted",),
    ),
    Ground(
        name="writer-changed",
        title="Writer changed",
        assurance=Assurance.CHAIN,
        meaning="The key that may write records was changed, or another key signed this one than is shown.",
        asks="Say which record or change you mean, and what does not fit.",
        causes=("Keys are changed now and then, as a matter of good care.",),
        best="A note of fact: which key wrote what, and since when.",
        fields=(
            Field(
                name="transaction",
                kind=Kind.TRANSACTION,
                label="Which transaction changed or used the key?",
                hint="Its transaction RID: 64 hex digits. The record's page and the ledger link to it.",
            ),
        ),
    ),
    Ground(
        name="field-contradiction",
        title="Fields contradict each other",
        assurance=Assurance.CHAIN,
        meaning="The record and its own result name different models or providers.",
        asks="Say which two names cannot both be meant.",
        causes=(
            "The scout's software went on with another provider after the first one failed.",
            "Two names of the same model, of which one is not known here.",
            "A gateway that writes ids as another one does.",
        ),
        best="Upheld where no other name of the same model explains it.",
        checks=("field-contradiction",),
        fields=(
            Field(
                name="fields",
                kind=Kind.CHOICE,
                label="What is contradicted?",
                hint="The record's page shows what both say.",
                choices={"model": "the model", "provider": "the provider", "both": "both of them"},
            ),
        ),
    ),
    Ground(
        name="malformed",
        title="Malformed result",
        assurance=Assurance.CHAIN,
        meaning="The result is no answer of the expected shape: no JSON, empty, or without words.",
        asks="Say what is missing or broken.",
        causes=(
            "The provider answered with an error, and the error was stored.",
            "The model spent all that it was allowed on reasoning, or a filter left nothing.",
            "A text was cut in the middle of a character by software on the way.",
        ),
        best="Upheld: that this is no answer of that shape.",
        checks=("malformed",),
    ),
)
