"""Property maps for QML: words of a language, theme tokens, a screen's values. Only what changed is signalled."""

from collections.abc import Mapping

from PySide6.QtQml import QQmlPropertyMap

from config.words import load


class Values:
    """A property map that is told only of differences: each insert wakes every binding on that name."""

    def __init__(self) -> None:
        self.map = QQmlPropertyMap.create()
        self._now: dict[str, object] = {}

    def show(self, values: Mapping[str, object]) -> None:
        news = {name: value for name, value in values.items() if self._now.get(name, _NOTHING) != value}
        if news:
            self._now |= news
            self.map.insert(news)


class WordValues(Values):
    """The `kiosk` list of one language at a time; QML reads `Words["card.title"]`."""

    def speak(self, language: str) -> None:
        self.show(load(language, "kiosk"))


_NOTHING = object()
