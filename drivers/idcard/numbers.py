"""Check digits of the numbers on cards, and what does not fit together (idcard.md sections 5.3, 5.7).

The module verified the card, so the card is the authority: these are warnings for a clerk, never refusals.
"""

from datetime import datetime

_CHECK_CHARACTERS = "10X98765432"
_OLD_WEIGHTS = (7, 3, 1)


def check_digit(first17: str) -> str:
    """ISO 7064 MOD 11-2 as in GB 11643. Raises ValueError when `first17` is not 17 digits."""
    if len(first17) != 17 or not first17.isascii() or not first17.isdigit():
        raise ValueError("17 digits wanted")
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first17))
    return _CHECK_CHARACTERS[total % 11]


def number_warnings(number: str, sex: str = "", birth: str = "") -> tuple[str, ...]:
    """For an 18-character number: `number_check_digit`, `number_date`, `number_sex`, `number_birth`.

    `sex` is the printed word, `birth` YYYYMMDD; both may be empty. Lower-case x is accepted.
    """
    number = number.upper()
    try:
        right_check = check_digit(number[:17])
    except ValueError:
        return ("number_form",)
    found = []
    if number[17:] != right_check:
        found.append("number_check_digit")
    if not _is_date(number[6:14]):
        found.append("number_date")
    if sex in ("男", "女") and (int(number[16]) % 2 == 1) != (sex == "男"):
        found.append("number_sex")
    if birth and number[6:14] != birth:
        found.append("number_birth")
    return tuple(found)


def old_foreign_warnings(number: str) -> tuple[str, ...]:
    """For the 15-character number of a 2017 card: three letters, eleven digits, check by weights 7 3 1."""
    if len(number) != 15 or not number.isascii() or not number.isalnum():
        return ("number_form",)
    return () if number[14] == _old_check(number[:14]) else ("number_check_digit",)


def old_foreign_number(number: str, country: str, link: str) -> str:
    """The 15-character number that a 2023 card's holder had before; '' without one or when the parts make none."""
    first14 = country + number[1:3] + link[:2] + number[8:14] + link[2:]
    if len(link) != 3 or len(first14) != 14 or not first14.isascii() or not first14.isalnum():
        return ""
    return first14 + _old_check(first14)


def _old_check(first14: str) -> str:
    return str(sum(int(sign, 36) * _OLD_WEIGHTS[place % 3] for place, sign in enumerate(first14)) % 10)


def _is_date(digits: str) -> bool:
    try:
        datetime.strptime(digits, "%Y%m%d")  # noqa: DTZ007 - a calendar day, not a moment
    except ValueError:
        return False
    return True
