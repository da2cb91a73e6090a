import QtQuick
import QtQuick.Layouts
import Hall

// One line that must be seen: a sign, words and a colour, never the colour alone.
Rectangle {
    property alias text: line.text
    property string mood: "bad"
    property alias size: line.font.pixelSize

    visible: text !== ""
    color: mood === "bad" ? Theme.bad_wash : mood === "good" ? Theme.good_wash : Theme.wash
    radius: Theme.radius
    implicitHeight: row.implicitHeight + 1.4 * Theme.gap
    Layout.fillWidth: true

    RowLayout {
        id: row
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: Theme.pad
        spacing: Theme.gap
        HallText {
            text: mood === "bad" ? "!" : mood === "good" ? "✓" : "…"
            color: line.color
            font.pixelSize: line.font.pixelSize
            font.bold: true
            Layout.fillWidth: false
            silent: true
        }
        HallText {
            id: line
            color: mood === "bad" ? Theme.bad : mood === "good" ? Theme.good : Theme.ink
            font.pixelSize: Theme.body
            font.bold: true
        }
    }
}
