import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// Numbers and codes, typed with large keys or read from the paper's square.
WidePage {
    Rectangle {
        color: Theme.card
        radius: Theme.radius
        border.width: Theme.stroke
        border.color: Theme.line
        implicitHeight: typed.implicitHeight + Theme.gap
        Layout.fillWidth: true

        HallText {
            id: typed
            objectName: "typed"
            anchors.fill: parent
            anchors.margins: Theme.gap / 2
            text: View.desk.typed === "" ? "_" : View.desk.typed
            color: Theme.deep
            font.pixelSize: Theme.low || Theme.large || text.length > 14 ? Theme.lead : Theme.title
            font.bold: true
            horizontalAlignment: Text.AlignHCenter
        }
    }
    GridLayout {
        columns: View.desk.keys.length < 11 ? 5 : Theme.portrait ? 8 : 12
        rowSpacing: Theme.gap
        columnSpacing: Theme.gap
        uniformCellWidths: true
        Layout.fillWidth: true

        Repeater {
            model: View.desk.keys.split("")

            HallButton {
                required property string modelData

                objectName: "key_" + modelData
                text: modelData
                size: Theme.lead
                onAct: Kiosk.press("key", modelData)
                Layout.fillWidth: true
            }
        }
    }
    tools: Component {
        RowLayout {
            spacing: Theme.gap
            uniformCellSizes: true

            HallButton {
                objectName: "erase"
                text: Words["booking.erase"]
                onAct: Kiosk.press("erase")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "scan"
                visible: View.desk.scan
                text: Words["papers.scan"]
                onAct: Kiosk.press("scan")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "skip"
                visible: View.desk.skip
                text: Words["papers.skip"]
                onAct: Kiosk.press("skip")
                Layout.fillWidth: true
            }
        }
    }
}
