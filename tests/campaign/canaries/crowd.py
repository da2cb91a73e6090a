"""Invented people, each with secrets of their own, from a seed. Their region, names and phones do not exist."""

import io
from dataclasses import dataclass
from random import Random
from typing import Final

from PIL import Image

# No text has any of these, so that half a name is nobody's text.
_NAMES: Final = "䶮堃玥旻頔昉曌壵夔亓仝乜尢鱻羴骎蕊馫"
SECRETS: Final = ("name", "number", "phone", "refusal", "opinion", "complaint", "decision")
# Rare characters: nobody's text in the programs has three of them in a row.
_GIVEN: Final = "珺垚犇骉淼焱鑫燚毳掱赟翀昶炅甯芃芾罡翾翯禩旖晞暄瀹淏珩琚瑀祎祺穜翚翛翥翮耘聿舸芮苒茗莙菡蒨蓁"


@dataclass(frozen=True, slots=True)
class Person:
    """`texts`: by SECRETS."""

    n: int
    texts: dict[str, str]

    @property
    def name(self) -> str:
        return self.texts["name"]

    @property
    def number(self) -> str:
        return self.texts["number"]

    @property
    def phone(self) -> str:
        return self.texts["phone"]

    def page(self) -> bytes:
        """A picture that is nobody else's; the person's data stand in its comment, as a careless camera writes them."""
        random = Random(f"page {self.number}")
        picture = Image.frombytes("RGB", (96, 64), random.randbytes(96 * 64 * 3))
        made = io.BytesIO()
        picture.save(made, "JPEG", quality=60, comment=" ".join(self.texts.values()).encode("gb18030"))
        return made.getvalue()


def crowd(count: int, seed: int) -> list[Person]:
    random = Random(f"canaries {seed}")
    return [Person(n, _texts(random)) for n in range(count)]


def _texts(random: Random) -> dict[str, str]:
    def rare(length: int) -> str:
        return "".join(random.sample(_GIVEN, length))

    return {
        "name": "".join(random.sample(_NAMES, 6)),
        "number": _number(random),
        # Longer than any: six digits, half of a usual one, stand in every second time of a day.
        "phone": "000" + "".join(random.choices("123456789", k=15)),
        "refusal": rare(8),
        "opinion": rare(8),
        "complaint": rare(8),
        "decision": rare(8),
    }


def _number(random: Random) -> str:
    """18 digits with a check digit as GB 11643 wants it, of a region 9xxxxx, which there is not."""
    day = f"{random.randrange(1900, 2020)}{random.randrange(1, 13):02}{random.randrange(1, 29):02}"
    body = f"9{random.randrange(10_000, 99_999)}{day}{random.randrange(1_000):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
