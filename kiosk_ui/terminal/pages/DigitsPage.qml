import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// The last digits of a phone, typed with large keys.
StepPage {
    Title {
        text: Words["booking.digits_title"]
    }
    HallText {
        objectName: "digits"
        text: View.digits
        color: Theme.deep
        font.pixelSize: Theme.low || Theme.large ? Theme.title : Theme.title * 1.6
        font.bold: true
        horizontalAlignment: Text.AlignHCenter
    }
    HallText {
        text: Words["booking.digits_hint"]
        visible: !Theme.large
        color: Theme.soft
    }
    Choice {
        objectName: "check_in"
        kind: "main"
        enabled: View.digits_full
        text: Words["booking.check_in"]
        weight: 1.4
        onAct: Kiosk.press("check_in")
    }
    actions: [
        GridLayout {
            columns: 3
            rowSpacing: Theme.gap
            columnSpacing: Theme.gap
            uniformCellWidths: true
            Repeater {
                model: ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
                HallButton {
                    required property string modelData
                    objectName: "digit_" + modelData
                    text: modelData
                    size: Theme.lead
                    onAct: Kiosk.press("digit", modelData)
                    Layout.fillWidth: true
                }
            }
            HallButton {
                objectName: "erase"
                text: Words["booking.erase"]
                onAct: Kiosk.press("erase")
                Layout.fillWidth: true
                Layout.columnSpan: 2
            }
            HallButton {
                objectName: "digit_0"
                text: "0"
                size: Theme.lead
                onAct: Kiosk.press("digit", "0")
                Layout.fillWidth: true
            }
        }
    ]
}
