"""A list of frozen dataclass rows for QML, with row-level signals: a row that stays is not built again."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Protocol

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

_Index = QModelIndex | QPersistentModelIndex


class Row(Protocol):
    """A dataclass whose `id` is its identity in the list."""

    @property
    def id(self) -> str: ...


class Rows(QAbstractListModel):
    """Roles are the fields of `kind`."""

    def __init__(self, kind: type, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(each.name for each in fields(kind))
        self._rows: list[Row] = []

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        at = role - Qt.ItemDataRole.UserRole
        if not index.isValid() or not 0 <= at < len(self._names):
            return None
        return getattr(self._rows[index.row()], self._names[at])

    def roleNames(self) -> dict[int, QByteArray]:
        first = int(Qt.ItemDataRole.UserRole)
        return {first + at: QByteArray(name.encode()) for at, name in enumerate(self._names)}

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the rows; signals only what differs."""
        if [row.id for row in rows] == [row.id for row in self._rows]:
            self._update(rows)
            return
        common = 0
        for old, new in zip(reversed(self._rows), reversed(rows), strict=False):
            if old.id != new.id:
                break
            common += 1
        self._replace_head(list(rows), len(self._rows) - common, len(rows) - common)

    def _replace_head(self, rows: list[Row], out: int, into: int) -> None:
        """Calls come in at the top: rows that stay at the bottom keep their delegates."""
        if out:
            self.beginRemoveRows(QModelIndex(), 0, out - 1)
            del self._rows[:out]
            self.endRemoveRows()
        if into:
            self.beginInsertRows(QModelIndex(), 0, into - 1)
            self._rows[:0] = rows[:into]
            self.endInsertRows()
        self._update(rows)

    def _update(self, rows: Sequence[Row]) -> None:
        for at, row in enumerate(rows):
            if self._rows[at] != row:
                self._rows[at] = row
                index = self.index(at)
                self.dataChanged.emit(index, index)
