"""What a node says of a chain as a whole, of its configurations and of itself, and its queries."""

from devnet.dapp import java_words
from devnet.rest import asked, configuration_xml, gtv_json
from devnet.rest.answers import NEVER, Refusal, json_answer, octets, plain, xml
from devnet.rest.exchange import Answer, Question
from devnet.rest.view import Chain
from indexer.postchain import gtv

_RUNNING = -1
_NO_OBJECT = "body 'body' must be object"
_NO_TYPE = "Missing query type"


def brid(chain: Chain, question: Question) -> Answer:
    """The chain's RID as plain text."""
    return plain(chain.brid)


def height(chain: Chain, question: Question) -> Answer:
    """The height of the block that is to come."""
    return json_answer({"blockHeight": chain.next_height}, NEVER)


def node_state(chain: Chain, question: Question) -> Answer:
    """What the node does for the chain."""
    return json_answer({"state": chain.state()})


def own_status(chain: Chain, question: Question) -> Answer:
    """Where it is in building blocks."""
    return json_answer(chain.own_status(), NEVER)


def peer_statuses(chain: Chain, question: Question) -> Answer:
    """Where its peers are."""
    return json_answer(chain.peer_statuses(), NEVER)


def no_errors(chain: Chain, question: Question) -> Answer:
    """The chain has had none."""
    return json_answer([], NEVER)


def configuration(chain: Chain, question: Question) -> Answer:
    """The configuration set at exactly a height, or the running one, as XML or GTV."""
    at = asked.parameter(question, "height", default=_RUNNING, least=_RUNNING)
    found = chain.running_configuration() if at == _RUNNING else chain.configuration(at)
    if found is None:
        raise Refusal(400, "Failed to find configuration")
    headers = (NEVER,) if at == _RUNNING else ()
    if question.wants_gtv:
        return octets(found, *headers)
    return xml(configuration_xml.write(gtv.decode(found)), *headers)


def next_configuration_height(chain: Chain, question: Question) -> Answer:
    """The next height at which a configuration is set, or `null`."""
    found = chain.next_configuration_height(asked.parameter(question, "height", default=_RUNNING))
    return json_answer(None if found is None else {"blockHeight": found})


def query(chain: Chain, question: Question) -> Answer:
    """A query in the path, answered as JSON."""
    return _as_json(_untyped(chain, question))


def query_octets(chain: Chain, question: Question) -> Answer:
    """A query in the path, answered as GTV."""
    return octets(gtv.encode(_untyped(chain, question)))


def posted_query(chain: Chain, question: Question) -> Answer:
    """A query in a JSON body."""
    body = question.body if isinstance(question.body, str) else question.body.decode("utf-8", "replace")
    try:
        given = gtv_json.from_json(body)
    except gtv_json.NotInGtv:
        raise Refusal(400, _NO_OBJECT) from None
    if not isinstance(given, dict):
        raise Refusal(400, _NO_OBJECT)
    name = given.pop("type", None)
    if not isinstance(name, str):
        raise Refusal(400, _NO_TYPE)
    return _as_json(chain.query(name, given))


def posted_query_octets(chain: Chain, question: Question) -> Answer:
    """A query in a GTV body, `[name, arguments]`."""
    body = question.body if isinstance(question.body, bytes) else question.body.encode()
    try:
        given = gtv.decode(body)
    except gtv.GtvError as error:
        raise Refusal(400, java_words.of(error)) from None
    if not isinstance(given, list):
        raise Refusal(400, java_words.array_expected(given))
    if len(given) < 2:
        raise Refusal(500, java_words.no_element(len(given), size=len(given)))
    name, arguments = given[0], given[1]
    if not isinstance(name, str):
        raise Refusal(400, java_words.expected("string", name))
    if not isinstance(arguments, dict):
        raise Refusal(400, java_words.expected("dict", arguments))
    return octets(gtv.encode(chain.query(name, arguments)))


def _untyped(chain: Chain, question: Question) -> gtv.Encodable:
    arguments = dict(question.query)
    name = arguments.pop("type", None)
    if name is None:
        raise Refusal(400, _NO_TYPE)
    return chain.query_untyped(name, arguments)


def _as_json(value: gtv.Encodable) -> Answer:
    try:
        return json_answer(gtv_json.to_json(value))
    except gtv_json.NotInJson as error:
        raise Refusal(500, str(error)) from None
