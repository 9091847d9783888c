"""Checks the action server's answers as Rasa does, without checking Rasa's own schema each time.

Rasa validates each answer with `jsonschema.validate`, which first checks the schema it is given
against the schema of schemas. Rasa's schema of an answer is a constant, and that check costs three
quarters of the server's time for a message. Here it is done once, when the module is installed; the
answers are checked with the same validator and the same rule for which error is told. Tests hold
that it accepts and refuses exactly what Rasa does. An answer of nothing but plain slots and plain
texts, as nearly every one is, fits the schema at sight and isn't walked through. Only Rasa's
`RemoteAction` is touched.
"""

from __future__ import annotations

from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL

_ADVICE = (
    ". Failed to validate Action server response from API, make sure your response from the Action"
    " endpoint is valid. For more information about the format visit"
    f" {DOCS_BASE_URL}/custom-actions"
)
"""What Rasa adds to the error."""


def _validator() -> Any:  # noqa: ANN401 - jsonschema makes its validators' classes at run time
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


_OF_A_SLOT = frozenset(("event", "timestamp", "name", "value"))


def plain(answer: object) -> bool:
    """Whether an answer consists of slots and messages alone, in the form that actions give."""
    if type(answer) is not dict or answer.keys() != {"events", "responses"}:
        return False
    events, responses = answer["events"], answer["responses"]
    if type(events) is not list or type(responses) is not list:
        return False
    return all(type(one) is dict for one in responses) and all(map(_plain_slot, events))


def _plain_slot(event: object) -> bool:
    return (
        type(event) is dict
        and event.keys() == _OF_A_SLOT
        and type(event["event"]) is str
        and event["event"] == "slot"
        and type(event["name"]) is str
        and (event["timestamp"] is None or type(event["timestamp"]) in (int, float))
    )


def install() -> None:
    """Let Rasa check the answers of the action server with a validator that is built once.

    Raises:
        jsonschema.SchemaError: Rasa's own schema of an answer is none.
    """
    validator = _validator()

    def check(_: RemoteAction, result: dict[str, Any]) -> bool:
        if plain(result):
            return True
        error = best_match(validator.iter_errors(result))
        if error is None:
            return True
        error.message += _ADVICE
        raise error

    RemoteAction._validate_action_result = check
