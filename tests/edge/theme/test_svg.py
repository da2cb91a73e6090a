"""Logos that run, load or unfold are refused at their place; what designers' programs write is let through."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.theme.svg import MAX_ELEMENTS, svg_faults

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 96 48">'
SHAPE = '<path d="M0 0h96v48z" fill="#123456"/>'


def svg(inner: str, head: str = HEAD) -> bytes:
    return f"{head}\n  {inner}\n</svg>".encode()


def codes(raw: bytes) -> list[tuple[int, int, str]]:
    return [(fault.line, fault.column, fault.code.removeprefix("theme.")) for fault in svg_faults(raw)]


@pytest.mark.parametrize(
    "inner",
    [
        SHAPE,
        f'<title>样本市</title><desc>x</desc><g style="fill:url(#a);stroke-width:2" id="icon@2x">{SHAPE}</g>',
        '<defs><linearGradient id="a"><stop offset="0" stop-color="#fff"/></linearGradient>'
        '<radialGradient id="b" xlink:href="#a" href="#a"/></defs><rect width="9" height="9" fill="url( \'#a\' )"/>',
    ],
)
def test_what_draws_only_is_let_through(inner: str) -> None:
    assert codes(svg(inner)) == []
    assert codes(b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by a program -->\n' + svg(inner)) == []


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<script>alert(1)</script>", "svg_element"),
        ("<foreignObject><p>x</p></foreignObject>", "svg_element"),
        ('<image href="http://203.0.113.1/x.png"/>', "svg_element"),
        ('<use href="#a"/>', "svg_element"),
        ("<text>样本市</text>", "svg_element"),
        ("<style>@import url(http://203.0.113.1/x.css);</style>", "svg_element"),
        ('<a href="http://203.0.113.1/">x</a>', "svg_element"),
        ('<animate attributeName="x" dur="1s"/>', "svg_element"),
        ('<html:p xmlns:html="http://www.w3.org/1999/xhtml"/>', "svg_element"),
        ('<rect onclick="alert(1)" width="1" height="1"/>', "svg_script"),
        ('<rect ONLOAD="x" width="1" height="1"/>', "svg_script"),
        ('<linearGradient xlink:href="http://203.0.113.1/x.svg#a"/>', "svg_outside"),
        ('<linearGradient xlink:href="javascript:alert(1)"/>', "svg_outside"),
        ('<g xml:base="http://203.0.113.1/"/>', "svg_outside"),
        ('<rect fill="url(http://203.0.113.1/x)" width="1" height="1"/>', "svg_outside"),
        ('<rect fill="URL ( \'//203.0.113.1/x\')" width="1" height="1"/>', "svg_outside"),
        ('<rect style="fill:u\\72l(http://203.0.113.1/x)" width="1" height="1"/>', "svg_outside"),
        ('<rect style="fill:ur/**/l(x)" width="1" height="1"/>', "svg_outside"),
        ('<rect style="fill:image-set(\'x\' 1x)" width="1" height="1"/>', "svg_outside"),
        ('<?xml-stylesheet href="http://203.0.113.1/x.css"?>', "svg_outside"),
    ],
)
def test_what_runs_loads_or_differs_is_refused_at_its_place(inner: str, code: str) -> None:
    assert codes(svg(inner + SHAPE))[0] == (2, 3, code)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"", (1, 1, "no_xml")),
        (b"<svg", (1, 1, "no_xml")),
        (b"\x89PNG\r\n\x1a\n", (1, 1, "no_xml")),
        (b'<?xml version="1.0" encoding="nonsense"?>' + svg(SHAPE), (1, 1, "no_xml")),
        (b"<html/>", (1, 1, "no_svg")),
        (b"<svg/>", (1, 1, "no_svg")),
        (svg(SHAPE, HEAD.replace(' viewBox="0 0 96 48"', "")), (1, 1, "svg_no_size")),
        (svg(SHAPE, HEAD.replace("96 48", "96 0")), (1, 1, "svg_no_size")),
        (svg(SHAPE, HEAD.replace("96 48", "96 4")), (1, 1, "shape")),
        (svg(SHAPE, HEAD.replace("96 48", "9 48")), (1, 1, "shape")),
        (svg("<g/>"), (1, 1, "svg_empty")),
        (svg("<g>" * 50 + "</g>" * 50), (2, 120, "svg_large")),
    ],
)
def test_what_is_no_logo_is_named(raw: bytes, place: tuple[int, int, str]) -> None:
    assert codes(raw)[0] == place


def test_width_and_height_say_the_size_too() -> None:
    assert codes(svg(SHAPE, HEAD.replace('viewBox="0 0 96 48"', 'width="96px" height="48"'))) == []


def test_a_few_lines_do_not_unfold_to_gigabytes() -> None:
    layers = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    raw = f'<!DOCTYPE svg [<!ENTITY l0 "x">{layers}]>\n{HEAD}<title>&l11;</title>{SHAPE}</svg>'.encode()
    ((line, _, code),) = codes(raw)
    assert (line, code) == (1, "svg_doctype")


def test_too_many_parts_end_the_reading() -> None:
    raw = svg("<g/>" * (MAX_ELEMENTS + 50))
    assert [code for *_, code in codes(raw)] == ["svg_large"]


@given(st.binary(max_size=300), st.integers(0, 200))
@example(b"\xff\xfe<\x00", 0)
def test_no_bytes_are_too_strange(strange: bytes, at: int) -> None:
    whole = svg(SHAPE)
    for raw in (strange, whole[:at] + strange + whole[at:], whole[:at]):
        for fault in svg_faults(raw):
            assert fault.line >= 1
            assert fault.column >= 1
