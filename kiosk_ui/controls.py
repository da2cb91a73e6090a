"""What a person can find on a window: its controls as assistive technology sees them."""

from collections.abc import Iterator
from typing import Any, Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem, QQuickWindow

_ROLES: Final = {
    QAccessible.Role.Button: "button",
    QAccessible.Role.CheckBox: "checkbox",
    QAccessible.Role.StaticText: "text",
    QAccessible.Role.Heading: "heading",
    QAccessible.Role.AlertMessage: "alert",
}


def items(window: QQuickWindow) -> Iterator[QQuickItem]:
    """Every visible item, parents first. findChild would miss what Repeaters and Loaders made."""
    waiting = [window.contentItem()]
    while waiting:
        item = waiting.pop(0)
        if item.isVisible():
            yield item
            waiting.extend(item.childItems())


def rect(item: QQuickItem) -> QRectF:
    """Where it is on the window, pixels."""
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def controls(window: QQuickWindow) -> list[dict[str, Any]]:
    """Buttons and spoken texts: name, role, object, rect [x, y, w, h], enabled, focused."""
    return [found for item in items(window) if (found := _control(item)) is not None]


def _control(item: QQuickItem) -> dict[str, Any] | None:
    spoken = QAccessible.queryAccessibleInterface(item)
    if item.property("silent") or spoken is None or not spoken.isValid() or spoken.role() not in _ROLES:
        return None
    place = rect(item)
    role, name = _ROLES[spoken.role()], spoken.text(QAccessible.Text.Name)
    if not name and role in ("text", "heading"):
        return None
    return {
        "name": name,
        "role": role,
        "object": item.objectName(),
        "rect": [round(place.x()), round(place.y()), round(place.width()), round(place.height())],
        "enabled": item.isEnabled(),
        "focused": item.hasActiveFocus(),
    }
