"""Grounds for which a model has to be run again: class C. What the chain does not hold has to be assumed."""

from explorer.rules.ground import Assurance, Field, Ground, Kind

_RUNS = Field(
    name="runs",
    kind=Kind.NUMBER,
    label="How many runs did you make?",
    hint="Three at least. Count all of them, not the best ones.",
    least=3,
    most=1_000_000,
)
_CONDITIONS = Field(
    name="conditions",
    kind=Kind.TEXT,
    label="Where and how did you run it?",
    hint="Endpoint or engine with its version, the day, and every setting that you assumed, such as "
    "temperature 0.",
    most=2_000,
)
_CONTROL = Field(
    name="control",
    kind=Kind.RECORD,
    label="Which record did come out the same that day?",
    hint="The number of a record that you could reproduce under the same conditions.",
)

GROUNDS = (
    Ground(
        name="param-mismatch",
        title="Other settings than recorded",
        assurance=Assurance.RERUN,
        meaning="With the seed and settings as recorded another text comes out, with other ones this text.",
        asks="Say which settings give this text, and which do not.",
        causes=("Temperature, top-p and limits on length are not on the chain at all.",),
        best="Partly upheld, or it cannot be settled.",
        fields=(_RUNS, _CONDITIONS),
    ),
    Ground(
        name="wrong-model",
        title="Another model than named",
        assurance=Assurance.RERUN,
        meaning="The text seems to come from another model than the record names.",
        asks="Say what you measured. How a text reads is no evidence of which model wrote it.",
        causes=(
            "The same model at another precision, or with another template or system prompt.",
            "The provider changed what it serves under that name.",
        ),
        best="Of one record it cannot be settled. Of many, with strong statistics: partly upheld.",
        checks=("field-contradiction",),
        fields=(
            Field(
                name="records",
                kind=Kind.NUMBER,
                label="Over how many records of this scout did you measure it?",
                hint="Twenty at least: one record shows nothing.",
                least=20,
                most=1_000_000,
            ),
            _CONDITIONS,
        ),
    ),
    Ground(
        name="not-reproducible",
        title="Cannot be reproduced",
        assurance=Assurance.RERUN,
        meaning="Independent runs do not give the same text.",
        asks="Say what came out instead: at which word it first differs, and in how many of your runs.",
        causes=(
            "Servers batch requests, so even the same question at temperature 0 gives many texts.",
            "The model, its engine or its hardware was changed or retired.",
        ),
        best="It cannot be settled. That it did not come out the same under your conditions is published.",
        fields=(_RUNS, _CONDITIONS, _CONTROL),
    ),
    Ground(
        name="uid-misattributed",
        title="Not by this scout",
        assurance=Assurance.RERUN,
        meaning="Whoever runs the scout that the record names says that the record is not theirs.",
        asks="Say how you know, and what your own logs hold for that time.",
        causes=("The writer put down a wrong number.",),
        best="A note on the record: the chain does not show who ran a scout.",
    ),
)
