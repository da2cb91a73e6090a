import QtQuick
import Hall
import "../../theme"

Item {
    Title {
        anchors.centerIn: parent
        width: parent.width
        horizontalAlignment: Text.AlignHCenter
        text: Words["starting.title"]
    }
}
