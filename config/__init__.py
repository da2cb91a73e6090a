"""Data we ship: word lists, example sites, scenes. `folder()` is where they lie; only the standard library is used."""

from pathlib import Path


def folder() -> Path:
    return Path(__file__).resolve().parent
