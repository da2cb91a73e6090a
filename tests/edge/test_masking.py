import json
import logging
import pickle

import pytest
from pydantic import BaseModel

from edge.masking import IdNumber, mask_name, mask_number

NUMBER = "119999199001011234"


class Form(BaseModel):
    number: IdNumber


def test_masks() -> None:
    assert mask_number("440303199001011234") == "440303********1234"
    assert mask_number("E12345678") == "E1*****78"
    assert mask_number("12345") == "*****"
    assert mask_name("张测试") == "张*"
    assert mask_name("䶮样本") == "䶮*"
    assert mask_name("") == ""


def test_an_id_number_shows_itself_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    form = Form(number=IdNumber(NUMBER))
    logging.getLogger("hall").warning("read %s %r", form.number, form)
    seen = [
        str(form.number),
        repr(form),
        f"{form.number:>20}",
        form.model_dump_json(),
        str(form.model_dump()),
        caplog.text,
    ]
    assert not [text for text in seen if NUMBER in text]
    assert all("119999********1234" in text for text in seen)


def test_it_is_read_from_json_and_gives_the_number_only_when_asked() -> None:
    form = Form.model_validate_json(json.dumps({"number": NUMBER}))
    assert form.number.reveal() == NUMBER
    assert form.number == IdNumber(NUMBER)
    with pytest.raises(TypeError):
        pickle.dumps(form.number)
