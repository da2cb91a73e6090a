"""A list of frozen dataclass rows for QML, with row-level signals: a row that stays is not built again."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Protocol

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


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

    def rowCount(self, parent: _Index = _ROOT) -> int:
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
        """Replace the rows; signals only what differs. A row that moves up is taken out and put in again."""
        wanted = {row.id for row in rows}
        for at in reversed(range(len(self._rows))):
            if self._rows[at].id not in wanted:
                self._take_out(at)
        for at, row in enumerate(rows):
            if at < len(self._rows) and self._rows[at].id == row.id:
                continue
            for later in range(at + 1, len(self._rows)):
                if self._rows[later].id == row.id:
                    self._take_out(later)
                    break
            self._put_in(at, row)
        self._update(rows)

    def _take_out(self, at: int) -> None:
        self.beginRemoveRows(QModelIndex(), at, at)
        del self._rows[at]
        self.endRemoveRows()

    def _put_in(self, at: int, row: Row) -> None:
        self.beginInsertRows(QModelIndex(), at, at)
        self._rows.insert(at, row)
        self.endInsertRows()

    def _update(self, rows: Sequence[Row]) -> None:
        for at, row in enumerate(rows):
            if self._rows[at] != row:
                self._rows[at] = row
                index = self.index(at)
                self.dataChanged.emit(index, index)
