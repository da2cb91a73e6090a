"""A value that does not fit is named by its place, never shown: it may be a person's."""

import pytest
from pydantic import ValidationError

from drivers.contract import IdRecord
from edge.devices.messages import Result
from edge.rules.commands import Holder, IssueTicket
from edge.rules.records import Private

CANARY = "䶮金丝雀119999199001010012"


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (IdRecord, {"name": "x", "number": "y", "layout": CANARY}),
        (IdRecord, {"name": CANARY, "number": ["no"], CANARY: 1}),
        (Holder, {"ref": "r", "name": [CANARY], "id_number": "1"}),
        (IssueTicket, {"service": "a", "channel": CANARY, "place": "k1"}),
        (Private, {"owner": "t:1", "members": CANARY}),
        (Result, {"id": ["no"], "value": {"name": CANARY}}),
    ],
)
def test_the_text_of_an_error_holds_no_value(model: type, value: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(value)  # type: ignore[attr-defined]
    assert CANARY not in str(caught.value).replace(f"\n{CANARY}\n", "")
