import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

RowLayout {
    visible: View.sheet !== ""
    spacing: Theme.gap
    uniformCellSizes: true
    HallButton {
        objectName: "sheet_back"
        text: Words["service.sheet_back"]
        enabled: !View.sheet_first
        onAct: Kiosk.press("sheet_back")
        Layout.fillWidth: true
    }
    HallText {
        text: View.sheet
        horizontalAlignment: Text.AlignHCenter
    }
    HallButton {
        objectName: "sheet_next"
        text: Words["service.sheet_next"]
        enabled: !View.sheet_last
        onAct: Kiosk.press("sheet_next")
        Layout.fillWidth: true
    }
}
