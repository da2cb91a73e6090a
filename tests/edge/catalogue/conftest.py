"""A small folder that is right, to be made wrong in one place at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

COMMON = """\
units:
  police: {zh-Hans: "公安机关", zh-Hant: "公安機關", en: "Police"}
materials:
  id-card:
    name: {zh-Hans: "居民身份证", zh-Hant: "居民身份證", en: "Identity card"}
    form: "paper"
  photo:
    name: {zh-Hans: "照片", zh-Hant: "照片", en: "Photograph"}
    form: "electronic"
    note: {zh-Hans: "白底", zh-Hant: "白底", en: "White ground"}
"""
ITEMS = """\
items:
  - id: "permit"
    name: {zh-Hans: "居住证申领", zh-Hant: "居住證申領", en: "Residence permit"}
    aliases: ["暂住证"]
    initials: ["jzzsl", "zzz"]
    topic: "residence"
    kind: "promised"
    limits: {legal: 15, promised: 10}
    decides: {level: "department", unit: "police"}
    accepted_at: ["station", "street"]
    materials:
      - {of: "id-card", originals: 1}
      - {of: "photo", copies: 1, mandatory: false}
    fee: {free: true}
    sources:
      - {title: "示例条例", at: "https://example.org/permit", says: ["limits", "materials"]}
    unverified: true
  - id: "advice"
    name: {zh-Hans: "居住咨询", zh-Hant: "居住諮詢", en: "Advice on residence"}
    initials: ["jzzx"]
    topic: "residence"
    kind: "instant"
    limits: {}
    decides: {level: "station"}
    accepted_at: ["street"]
    no_materials: true
    fee: {free: true}
    unverified: true
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(("legal: 15", "legal: 5"))`: the folder with these texts replaced, each exactly once."""

    def build(*changes: tuple[str, str]) -> Path:
        texts = {"common.yaml": COMMON, "items.yaml": ITEMS}
        for old, new in changes:
            holding = [name for name, text in texts.items() if text.count(old) == 1]
            assert len(holding) == 1, old
            texts[holding[0]] = texts[holding[0]].replace(old, new)
        folder = tmp_path / "catalogue"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return build
