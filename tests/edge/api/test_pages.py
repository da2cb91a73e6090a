"""Browser pages as they are served: what they share stands in one place and arrives in all of them."""

from pathlib import Path

import pytest

from edge.api.pages import load

PAGES = ("clerk", "guide", "lead", "screen", "technician")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_arrives_with_its_pieces(page: str) -> None:
    text = load()[f"{page}/index.html"].content.decode()
    assert text.count('<meta charset="utf-8" />') == 1
    assert text.count('<select id="language">') == 1
    assert text.count('id="pin"') == (0 if page == "screen" else 1)
    assert "piece:" not in text


def test_pieces_are_no_pages() -> None:
    assert not any(name.startswith("pieces/") for name in load())


def test_a_piece_that_is_missing_is_told_at_start(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<head>\n  <!-- piece: head -->\n</head>\n", "utf-8")
    with pytest.raises(FileNotFoundError):
        load(tmp_path)
