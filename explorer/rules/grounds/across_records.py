"""Grounds for which records are compared with each other, or with their blocks: class B."""

from explorer.rules.ground import Assurance, Field, Ground, Kind

_OTHER = Field(
    name="other",
    kind=Kind.RECORD,
    label="Which other record?",
    hint="Its number, as 4711. Of another chain: the chain's RID, a colon and the number.",
)

GROUNDS = (
    Ground(
        name="reused-response-id",
        title="Response id used again",
        assurance=Assurance.ACROSS,
        meaning="The same id of a response stands under other messages, another scout or another seed.",
        asks="Say what differs between both records.",
        causes=(
            "The writer sent the same record twice.",
            "Records were brought over to a second chain.",
            "Software that makes ids which are not unique.",
        ),
        best="Upheld where what was asked differs; else it cannot be settled.",
        checks=("reused-response-id",),
        fields=(_OTHER,),
    ),
    Ground(
        name="replayed-text",
        title="Text given again",
        assurance=Assurance.ACROSS,
        meaning="The same long answer was given to different messages, or before its question was asked.",
        asks="Say why the answer does not belong to this question. The same answer to the same messages, "
        "seed, model and provider is expected.",
        causes=(
            "Short or standing answers, refusals and templates.",
            "Messages that differ in what makes no difference, such as a space.",
        ),
        best="Partly upheld, or it cannot be settled.",
        # Not near-duplicate: the list of grounds is closed, and this one is of the same text alone.
        checks=("replayed-text",),
        fields=(_OTHER,),
    ),
    Ground(
        name="peer-outlier",
        title="Differs from all its peers",
        assurance=Assurance.ACROSS,
        meaning="All others that answered the same messages with the same seed, model and provider agree, "
        "and this one does not.",
        asks="Say how it differs from what the others say.",
        causes=(
            "The provider changed its system meanwhile, or the answer was asked for again.",
            "Settings that the chain does not hold, such as the temperature.",
        ),
        best="It cannot be settled by this alone.",
        fields=(
            Field(
                name="peer",
                kind=Kind.RECORD,
                label="Which record says what the others say?",
                hint="Its number, as 4711. “Peers” on the record's page lists them.",
            ),
        ),
    ),
    Ground(
        name="usage-implausible",
        title="Token counts that cannot be",
        assurance=Assurance.ACROSS,
        meaning="The counts of tokens contradict each other, or are more than the answer can have.",
        asks="Say which numbers do not fit, and why.",
        causes=(
            "Scout software that counts the pieces of a stream, and writes 0 tokens of the prompt.",
            "Cached tokens, special tokens or hidden reasoning that a provider counts in its own way.",
        ),
        best="Upheld where the arithmetic itself contradicts, and known software does not explain it.",
        checks=("usage-implausible",),
        fields=(
            Field(
                name="number",
                kind=Kind.CHOICE,
                label="Which number?",
                hint="“Reported by the provider” on the record's page shows them.",
                choices={
                    "prompt": "tokens of the prompt",
                    "completion": "tokens of the answer",
                    "total": "the total",
                    "speed": "the time it took",
                    "other": "another number",
                },
            ),
        ),
    ),
    Ground(
        name="time-inconsistent",
        title="Time that does not fit",
        assurance=Assurance.ACROSS,
        meaning="The result states a time that does not fit the block that holds it.",
        asks="Say which two times do not fit.",
        causes=(
            "A record's own time is that of the block before: it may be earlier than its answer.",
            "Records that were queued, or brought over in bulk from somewhere else.",
            "A clock that is wrong, of the provider or of the block's builder.",
        ),
        best="Upheld only where the answer is said to be made more than 10 minutes after its block.",
        checks=("time-inconsistent",),
    ),
    Ground(
        name="truncated",
        title="Cut off",
        assurance=Assurance.ACROSS,
        meaning="The answer stops in the middle of a sentence, a word or a block of code.",
        asks="Say what is missing at the end.",
        causes=(
            "A fragment, a title or a list was asked for.",
            "A stop sequence or a limit on length, set by the one who asked.",
            "Scout software writes “stop” as the reason for every end, so that says nothing.",
        ),
        best="It cannot be settled without a provider's own proof.",
        checks=("truncated",),
        fields=(
            Field(
                name="ending",
                kind=Kind.TEXT,
                label="With which words does it end?",
                hint="The last few words, as they stand.",
                most=200,
            ),
        ),
    ),
)
