"""Packs to spoil: a good one in a folder, and pictures of any kind."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

SHEET = """\
name: {zh-Hans: "样本市公共服务", zh-Hant: "樣本市公共服務", en: "Sample City"}
logo:
  light: "logo.svg"
  dark: "logo-dark.svg"
  paper: "paper.png"
colours:
  main: "#0B5E4A"
  accent: "#8A4B08"
  high_contrast: "#8FE3C0"
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 48">\n  <path d="M0 0h96v48z" fill="#123456"/>\n</svg>\n'


def png(size: tuple[int, int] = (400, 100), *, ink: float = 0.3, mode: str = "L") -> bytes:
    """A black bar of this share on white, as tall as the picture."""
    picture = Image.new(mode, size, "white")
    if ink:
        ImageDraw.Draw(picture).rectangle((0, 0, round(size[0] * ink) - 1, size[1] - 1), fill="black")
        ImageDraw.Draw(picture).point((size[0] - 1, size[1] - 1), fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def make_pack(themes: Path, name: str = "city") -> Path:
    folder = themes / name
    folder.mkdir(parents=True)
    (folder / "theme.yaml").write_text(SHEET, "utf-8")
    (folder / "logo.svg").write_text(SVG, "utf-8")
    (folder / "logo-dark.svg").write_text(SVG.replace("#123456", "#FFFFFF"), "utf-8")
    (folder / "paper.png").write_bytes(png())
    return folder
