import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// What there is to know, and what can be done: above and below on a tall panel, side by side on a wide one.
GridLayout {
    default property alias facts: left.data
    property alias actions: right.data

    columns: Theme.portrait ? 1 : 2
    columnSpacing: Theme.pad
    rowSpacing: Theme.pad

    ColumnLayout {
        id: left
        spacing: Theme.portrait && !Theme.large ? Theme.pad : Theme.gap
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredWidth: 3
        Layout.alignment: Qt.AlignTop
    }
    ColumnLayout {
        spacing: Theme.gap
        Layout.fillWidth: true
        Layout.preferredWidth: 2
        Layout.alignment: Qt.AlignBottom

        ColumnLayout {
            id: right
            spacing: Theme.gap
            Layout.fillWidth: true
        }
        RowLayout {
            spacing: Theme.gap
            uniformCellSizes: true
            Layout.topMargin: Theme.portrait ? Theme.gap : 0

            HallButton {
                objectName: "back"
                text: Words["bar.back"]
                onAct: Kiosk.press("back")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "end"
                text: Words["bar.end"]
                onAct: Kiosk.press("end")
                Layout.fillWidth: true
            }
        }
    }
}
