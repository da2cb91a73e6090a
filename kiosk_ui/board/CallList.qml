import QtQuick
import QtQuick.Layouts
import Hall
import "../theme"

// The newest call is a block of its own, the ones before it are rows. No motion: the place and the size say which is new.
Item {
    objectName: "calls"

    HallText {
        anchors.centerIn: parent
        width: parent.width
        objectName: "empty"
        visible: View.empty !== ""
        text: View.empty
        color: Theme.soft
        font.pixelSize: Theme.title
        horizontalAlignment: Text.AlignHCenter
    }
    ColumnLayout {
        anchors.fill: parent
        spacing: Theme.gap
        Repeater {
            model: Calls
            Rectangle {
                id: row

                required property int index
                required property string number
                required property string to
                required property string area
                required property bool newest
                readonly property bool first: index === 0

                objectName: "call_" + number
                color: newest ? Theme.seal : Theme.card
                border.width: newest ? 0 : Theme.stroke
                border.color: Theme.line
                radius: Theme.radius
                opacity: View.fresh ? 1 : 0.75
                Layout.fillWidth: true
                Layout.preferredHeight: first ? Theme.number * 1.55 : Theme.row * 1.9
                Layout.fillHeight: !first
                Layout.minimumHeight: first ? Layout.preferredHeight : Theme.row * 1.5
                Layout.maximumHeight: Layout.preferredHeight
                Accessible.role: Accessible.StaticText
                Accessible.name: number + ", " + to

                RowLayout {
                    anchors.fill: parent
                    anchors.leftMargin: Theme.pad
                    anchors.rightMargin: Theme.pad
                    spacing: Theme.pad
                    HallText {
                        text: row.number
                        color: row.newest ? Theme.on_seal : Theme.ink
                        font.pixelSize: row.first ? Theme.number : Theme.row * 1.1
                        font.bold: true
                        wrapMode: Text.NoWrap
                        Layout.fillWidth: false
                        silent: true
                    }
                    HallText {
                        text: row.area
                        color: row.newest ? Theme.on_seal : Theme.soft
                        font.pixelSize: Theme.body
                        horizontalAlignment: Text.AlignRight
                        silent: true
                    }
                    HallText {
                        text: row.to
                        color: row.newest ? Theme.on_seal : Theme.deep
                        font.pixelSize: row.first ? Theme.title * 1.25 : Theme.row
                        font.bold: true
                        wrapMode: Text.NoWrap
                        Layout.fillWidth: false
                        silent: true
                    }
                }
            }
        }
        Item {
            Layout.fillHeight: true
        }
    }
}
