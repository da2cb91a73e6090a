import QtQuick
import QtQuick.Layouts
import Hall

// A quiet sheet of paper around its content.
Rectangle {
    default property alias content: inside.data
    property alias spacing: inside.spacing

    color: Theme.card
    radius: Theme.radius
    border.width: Theme.stroke
    border.color: Theme.line
    implicitHeight: inside.implicitHeight + 2 * Theme.pad
    implicitWidth: inside.implicitWidth + 2 * Theme.pad
    Layout.fillWidth: true

    ColumnLayout {
        id: inside
        anchors.fill: parent
        anchors.margins: Theme.pad
        spacing: Theme.gap
    }
}
