import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// What would be printed, looked at before it is; afterwards how that went. The picture is in memory only.
StepPage {
    Title {
        objectName: "what"
        text: View.copy.what
        font.pixelSize: Theme.low || Theme.large ? Theme.lead : Theme.title
    }
    HallText {
        objectName: "left"
        text: View.copy.left
        visible: text !== ""
        font.pixelSize: Theme.low ? Theme.label : Theme.body
    }
    HallNote {
        objectName: "copy_note"
        mood: View.copy.mood
        text: View.copy.note
        size: Theme.low ? Theme.label : Theme.body
    }
    Rectangle {
        visible: View.copy.picture !== ""
        color: Theme.wash
        radius: Theme.radius
        border.width: Theme.stroke
        border.color: Theme.line
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredHeight: 1
        Accessible.role: Accessible.Graphic
        Accessible.name: Words["copies.picture"]

        Image {
            objectName: "copy_picture"
            anchors.fill: parent
            anchors.margins: Theme.gap
            source: View.copy.picture
            cache: false
            fillMode: Image.PreserveAspectFit
        }
    }
    actions: [
        Choice {
            objectName: "take_page"
            visible: View.copy.take !== ""
            kind: View.copy.print_ === "" ? "main" : "plain"
            text: View.copy.take
            onAct: Kiosk.press("take_page")
        },
        Choice {
            objectName: "add_page"
            visible: View.copy.add
            text: Words["copies.add"]
            onAct: Kiosk.press("add_page")
        },
        Choice {
            objectName: "print"
            visible: View.copy.print_ !== ""
            kind: "main"
            text: View.copy.print_
            weight: 1.6
            onAct: Kiosk.press("print")
        },
        Choice {
            objectName: "copies_more"
            visible: View.copy.over
            kind: "main"
            text: Words["copies.more"]
            onAct: Kiosk.press("copies")
        }
    ]
}
