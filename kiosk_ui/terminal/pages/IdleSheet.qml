import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

Sheet {
    Title {
        text: Words["idle.title"]
        horizontalAlignment: Text.AlignHCenter
    }
    HallText {
        objectName: "warn_line"
        text: View.warn_line
        font.pixelSize: Theme.lead
        horizontalAlignment: Text.AlignHCenter
        Accessible.role: Accessible.AlertMessage
    }
    HallButton {
        objectName: "stay"
        kind: "main"
        text: Words["idle.stay"]
        size: Theme.lead
        focus: true
        onAct: Kiosk.press("stay")
        Layout.fillWidth: true
        Layout.preferredHeight: Math.max(implicitHeight, Theme.target * (Theme.low ? 1.2 : 1.7))
    }
    HallButton {
        objectName: "end"
        text: Words["bar.end"]
        onAct: Kiosk.press("end")
        Layout.fillWidth: true
    }
}
