import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// One item's guide (办事指南), a sheet at a time: read it, take it along on paper, or take a number for it.
ColumnLayout {
    id: page

    readonly property bool tight: Theme.low && Theme.large

    spacing: Theme.gap

    HallText {
        objectName: "item"
        text: View.guide.name
        font.pixelSize: page.tight ? Theme.label : Theme.low || Theme.large ? Theme.body : Theme.lead
        font.bold: true
        Accessible.role: Accessible.Heading
    }
    ColumnLayout {
        spacing: Theme.low ? 0 : Theme.gap / 2
        Layout.fillWidth: true

        Repeater {
            model: Lines
            HallText {
                required property string text_
                required property bool heading

                text: text_
                color: heading ? Theme.deep : Theme.ink
                font.bold: heading
                font.pixelSize: Theme.portrait ? Theme.body : Theme.label
                Layout.topMargin: heading && !page.tight ? Theme.gap / 2 : 0
                Accessible.role: heading ? Accessible.Heading : Accessible.StaticText
            }
        }
    }
    Loader {
        active: View.guide.square !== ""
        visible: active
        source: "EntrySquare.qml"
        Layout.fillWidth: true
        Layout.fillHeight: true
    }
    HallText {
        objectName: "unsure"
        text: View.guide.unsure
        visible: text !== "" && !Theme.large
        color: Theme.soft
        font.pixelSize: Theme.label
    }
    Item {
        Layout.fillHeight: View.guide.square === ""
    }
    HallNote {
        objectName: "paper"
        mood: View.guide.paper_good ? "good" : "bad"
        text: View.guide.paper
        size: Theme.label
    }
    SheetTurner {}
    GridLayout {
        columns: Theme.portrait ? 2 : 4
        rowSpacing: Theme.gap
        columnSpacing: Theme.gap
        uniformCellWidths: true
        Layout.fillWidth: true

        HallButton {
            objectName: "print"
            text: Words["guides.print"]
            enabled: View.guide.can_print
            onAct: Kiosk.press("print")
            Layout.fillWidth: true
        }
        HallButton {
            objectName: "take"
            kind: "main"
            text: Words["guides.take"]
            enabled: View.guide.can_take
            onAct: Kiosk.press("take")
            Layout.fillWidth: true
        }
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
