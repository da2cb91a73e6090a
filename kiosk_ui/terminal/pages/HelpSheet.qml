import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

Sheet {
    Title {
        text: Words["help.title"]
    }
    HallText {
        text: Words["help.desk"]
        font.pixelSize: Theme.low ? Theme.body : Theme.lead
        font.bold: true
    }
    HallText {
        text: Words["help.no_phone"]
    }
    HallText {
        text: Words["help.large"]
        visible: !(Theme.low && Theme.large)
    }
    HallText {
        text: View.phone
        visible: text !== ""
        color: Theme.deep
        font.bold: true
    }
    HallButton {
        objectName: "help_close"
        kind: "main"
        text: Words["help.close"]
        size: Theme.lead
        focus: true
        onAct: Kiosk.press("help_close")
        Layout.fillWidth: true
        Layout.preferredHeight: Math.max(implicitHeight, Theme.target * (Theme.low ? 1 : 1.5))
    }
}
