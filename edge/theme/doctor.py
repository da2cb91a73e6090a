"""Whether the pack that a site file names can be worn, for `hallctl doctor`."""

from pathlib import Path

from edge.journal.doctor import Found
from edge.site_check.mistakes import Mistake
from edge.site_check.places import read_sheet
from edge.theme.reading import theme_of


def pack_found(site_file: Path, language: str) -> list[Found]:
    """Nothing of a hall that names none, or whose file cannot be read: `hallctl check` says that. Reads only."""
    try:
        raw = site_file.read_bytes()
    except OSError:
        return []
    data = read_sheet(raw).data
    wanted = data.get("theme") if isinstance(data, dict) else None
    if not isinstance(wanted, str) or not wanted:
        return []
    theme, mistakes = theme_of(wanted, raw, site_file)
    if theme is not None:
        return [Found("theme", "good", "worn", {"name": wanted})]
    sentences = [_placed(mistake, site_file, language) for mistake in mistakes]
    return [Found("theme", "look", "mistake", {"name": wanted, "mistake": sentence}) for sentence in sentences]


def _placed(mistake: Mistake, site_file: Path, language: str) -> str:
    """A mistake of the site file's own line says which file that is."""
    told = mistake.sentence(language)
    return told if mistake.file else f"{site_file.name}:{told}"
