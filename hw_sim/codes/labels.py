"""What a scanner puts around the text of a code."""

from typing import Literal

Suffix = Literal["none", "cr", "lf", "crlf"]
Encoding = Literal["utf-8", "gbk"]
SUFFIXES: dict[Suffix, str] = {"none": "", "cr": "\r", "lf": "\n", "crlf": "\r\n"}

# ISO/IEC 15424: ] then the code's kind and how it was read.
AIM = {
    "qr": "]Q1",
    "code128": "]C0",
    "code39": "]A0",
    "ean13": "]E0",
    "pdf417": "]L0",
    "datamatrix": "]d1",
}


def aim_prefix(symbology: str) -> str:
    """ValueError: no such symbology."""
    if symbology not in AIM:
        raise ValueError(f"no code of the kind {symbology!r}; there are: {', '.join(AIM)}")
    return AIM[symbology]
