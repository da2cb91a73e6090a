import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

Rectangle {
    color: Theme.card
    implicitHeight: lines.implicitHeight + 2 * (Theme.low ? Theme.gap : Theme.pad)

    GridLayout {
        id: lines
        anchors.fill: parent
        anchors.leftMargin: Theme.pad
        anchors.rightMargin: Theme.pad
        columns: Theme.portrait ? 1 : 3
        rowSpacing: Theme.pad
        columnSpacing: Theme.pad

        RowLayout {
            spacing: logo.visible ? Theme.pad : Theme.gap
            HallLogo {
                id: logo
                tall: Theme.body * (Theme.portrait ? 2.6 : 1.4)
                longest: lines.width * (Theme.portrait ? 0.4 : 0.2)
            }
            Rectangle {
                visible: !logo.visible
                color: Theme.seal
                radius: Theme.stroke
                Layout.preferredWidth: Theme.gap / 2
                Layout.preferredHeight: name.contentHeight * 0.72
            }
            HallText {
                id: name
                objectName: "hall_name"
                visible: !(logo.visible && Theme.low) // a low panel has room for one of them
                text: Theme.large ? View.hall_short : View.hall_name
                font.pixelSize: Theme.portrait ? Theme.lead : Theme.body
                font.bold: true
                Accessible.role: Accessible.Heading
            }
        }
        HallText {
            objectName: "phone"
            visible: !Theme.portrait && text !== ""
            text: View.phone
            color: Theme.soft
            font.pixelSize: Theme.label
            wrapMode: Text.NoWrap
            Layout.fillWidth: false
        }
        Steps {
            visible: View.step > 0 && View.page !== "gone" && View.page !== "starting" && (Theme.portrait || !Theme.large)
            Layout.fillWidth: Theme.portrait
        }
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: Theme.stroke
        color: Theme.line
    }
}
