"""Where the files of the sites lie."""

from pathlib import Path


def path_of(folder: Path, site: str, h: str) -> Path:
    """Of a whole file below the folder of all files."""
    return folder / site / h[:2] / h


def part_of(path: Path) -> Path:
    """Of the same file while it is on its way."""
    return path.with_name(path.name + ".part")
