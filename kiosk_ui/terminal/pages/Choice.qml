import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// A way on. `weight`: how much taller than the smallest target it may be.
HallButton {
    property real weight: 1

    size: weight > 1 ? Theme.lead : Theme.body
    Layout.fillWidth: true
    Layout.preferredHeight: Math.max(implicitHeight, Theme.target * (Theme.low ? 1 : weight))
}
