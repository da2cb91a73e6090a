import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// A page that needs the whole width: what is asked above, the ways on below. `tools`: what else stands among them.
ColumnLayout {
    id: page

    default property alias content: middle.data
    property Component tools

    spacing: Theme.gap

    Title {
        text: View.desk.title
        font.pixelSize: Theme.large ? Theme.lead : Theme.title
    }
    HallText {
        objectName: "hint"
        text: View.desk.hint
        // Whose pages, how many are left and where to go is told in large letters, too.
        readonly property bool needed: View.desk.step.startsWith("copy_")

        visible: text !== "" && (!Theme.large || needed)
        color: needed ? Theme.ink : Theme.soft
        font.pixelSize: Theme.large && Theme.low ? Theme.label : needed && Theme.portrait && !Theme.large ? Theme.lead : Theme.body
    }
    ColumnLayout {
        id: middle
        spacing: Theme.gap
        Layout.fillWidth: true
    }
    Item {
        Layout.fillHeight: true
    }
    SheetTurner {}
    Loader {
        active: Theme.portrait
        visible: active && sourceComponent !== null
        sourceComponent: page.tools
        Layout.fillWidth: true
    }
    HallButton {
        objectName: "next"
        visible: View.desk.next !== "" && Theme.portrait
        kind: "main"
        enabled: View.desk.can_next
        text: View.desk.next
        size: Theme.lead
        onAct: Kiosk.press("next")
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Theme.gap

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
        Loader {
            active: !Theme.portrait
            visible: active && sourceComponent !== null
            sourceComponent: page.tools
            Layout.fillWidth: true
        }
        HallButton {
            objectName: "next"
            visible: View.desk.next !== "" && !Theme.portrait
            kind: "main"
            enabled: View.desk.can_next
            text: View.desk.next
            onAct: Kiosk.press("next")
            Layout.fillWidth: true
        }
    }
}
