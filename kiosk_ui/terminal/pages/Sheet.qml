import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// Over everything: nothing behind it can be touched, or read by the next person.
Rectangle {
    default property alias content: inside.content

    color: Theme.paper
    TapHandler {}
    HallPanel {
        id: inside
        anchors.verticalCenter: parent.verticalCenter
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.margins: Theme.portrait ? 2 * Theme.pad : 6 * Theme.pad
        border.color: Theme.deep
        spacing: Theme.pad
    }
}
