"""A QML engine whose `import Hall` gives typed singletons of this engine alone: no context properties."""

import logging
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtQml import QQmlApplicationEngine, QQmlEngine, QQmlError, QQmlPropertyMap, qmlRegisterSingletonType
from PySide6.QtQuick import QQuickWindow

_log = logging.getLogger(__name__)
_MODULE = "Hall"


class HallEngine(QQmlApplicationEngine):
    """`parts`: what `import Hall` offers, by name. `complaints` keeps every QML warning of this engine."""

    def __init__(self, parts: Mapping[str, QObject]) -> None:
        super().__init__()
        self.parts = dict(parts)
        self.complaints: list[str] = []
        self.setOutputWarningsToStandardError(False)
        self.warnings.connect(self._complain)
        for part in self.parts.values():
            QQmlEngine.setObjectOwnership(part, QQmlEngine.ObjectOwnership.CppOwnership)

    def open(self, page: Path) -> QQuickWindow:
        """Load the window's page. Raises RuntimeError with QML's own words."""
        self.load(QUrl.fromLocalFile(str(page)))
        roots = self.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise RuntimeError("\n".join(self.complaints) or f"{page.name} has no window")
        return roots[0]

    def _complain(self, errors: list[QQmlError]) -> None:
        for error in errors:
            _log.warning("qml: %s", error.toString())
            self.complaints.append(error.toString())


def register(name: str, kind: type) -> None:
    """What `import Hall` knows; once a process, before its first engine: a type registered later breaks the QML
    types compiled by then (PySide 6.11.1). The type is global, the object is each engine's own.
    """

    def part_of(engine: QQmlEngine) -> QObject:
        assert isinstance(engine, HallEngine)
        return engine.parts[name]

    qmlRegisterSingletonType(kind, _MODULE, 1, 0, name, part_of)  # type: ignore[call-overload]


for _name in ("View", "Words", "Theme"):
    register(_name, QQmlPropertyMap)
