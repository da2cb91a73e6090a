"""Contrast of every pair that is written, and sizes in millimetres on every panel."""

import pytest

from config.looks import CALM, CONTRAST, WRITTEN_ON, Palette, contrast_ratio
from kiosk_ui.theme.tokens import LARGE, MM_PER_PX, sizes

PANELS = [(1080, 1920), (1920, 1080), (1280, 800)]


@pytest.mark.parametrize(("palette", "least"), [(CALM, 4.5), (CONTRAST, 7.0)])
def test_text_stands_out_from_what_it_is_on(palette: Palette, least: float) -> None:
    ratios = {
        (text, ground): contrast_ratio(getattr(palette, text), getattr(palette, ground)) for text, ground in WRITTEN_ON
    }
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


def test_contrast_follows_wcag() -> None:
    assert contrast_ratio("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast_ratio("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("panel", PANELS)
def test_targets_fit_a_finger(panel: tuple[int, int]) -> None:
    width, height = panel
    assert sizes(width=width, height=height).target * MM_PER_PX >= 20
    assert sizes(width=width, height=height, large=True).target * MM_PER_PX >= 25
    assert sizes(width=width, height=height).gap * MM_PER_PX >= 3


@pytest.mark.parametrize("panel", PANELS)
def test_large_mode_is_half_as_large_again(panel: tuple[int, int]) -> None:
    width, height = panel
    normal, large = sizes(width=width, height=height), sizes(width=width, height=height, large=True)
    for name in ("label", "body", "lead", "title", "display"):
        assert getattr(large, name) >= LARGE * getattr(normal, name)


def test_body_text_is_readable_at_arms_length() -> None:
    """Capitals of Noto Sans are 0.73 em: 6.1 mm at 500 mm (rule U3)."""
    assert sizes(width=1080, height=1920).body * 0.73 * MM_PER_PX >= 6.1
