import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

GridLayout {
    id: page

    readonly property int size: Theme.low || Theme.large ? Theme.body : Theme.lead

    columns: Theme.portrait ? 1 : 2
    columnSpacing: Theme.pad
    rowSpacing: Theme.large ? Theme.gap : Theme.pad

    ColumnLayout {
        spacing: Theme.gap
        Layout.preferredWidth: 1
        HallPanel {
            spacing: 0
            Layout.fillHeight: !Theme.portrait
            HallText {
                text: Words["number.title"]
                color: Theme.soft
                font.pixelSize: page.size
                horizontalAlignment: Text.AlignHCenter
            }
            HallText {
                objectName: "number"
                text: View.number
                color: Theme.seal
                font.pixelSize: Theme.portrait && Theme.large ? Theme.number * 0.7 : Theme.number
                font.bold: true
                wrapMode: Text.NoWrap
                horizontalAlignment: Text.AlignHCenter
                Layout.fillHeight: !Theme.portrait
            }
            HallText {
                text: View.service
                font.pixelSize: page.size
                font.bold: true
                horizontalAlignment: Text.AlignHCenter
            }
        }
        HallNote {
            objectName: "take_card"
            text: View.take_card
        }
    }
    ColumnLayout {
        spacing: Theme.gap
        Layout.preferredWidth: 1
        HallText {
            objectName: "place"
            text: View.place
            font.pixelSize: page.size
            font.bold: true
            horizontalAlignment: Theme.portrait ? Text.AlignHCenter : Text.AlignLeft
        }
        HallText {
            objectName: "ahead"
            text: View.ahead
            visible: text !== ""
            font.pixelSize: page.size
            horizontalAlignment: Theme.portrait ? Text.AlignHCenter : Text.AlignLeft
        }
        HallText {
            objectName: "wait"
            text: View.wait
            visible: text !== "" && View.ahead !== ""
            font.pixelSize: page.size
            horizontalAlignment: Theme.portrait ? Text.AlignHCenter : Text.AlignLeft
        }
        HallText {
            objectName: "slot"
            text: View.slot
            visible: text !== ""
            font.bold: true
            font.pixelSize: Theme.low || Theme.large ? Theme.label : Theme.body
            horizontalAlignment: Theme.portrait ? Text.AlignHCenter : Text.AlignLeft
        }
        HallText {
            objectName: "ticket_extras"
            text: [View.items, View.declared].filter(line => line !== "").join("  ·  ")
            visible: text !== "" && !Theme.large
            color: Theme.deep
            font.pixelSize: Theme.low || Theme.large ? Theme.label : Theme.body
            horizontalAlignment: Theme.portrait ? Text.AlignHCenter : Text.AlignLeft
        }
        HallNote {
            objectName: "paper"
            text: View.paper
            mood: View.paper_mood
            size: Theme.low ? Theme.label : Theme.body
        }
        Item {
            Layout.fillHeight: true
        }
        Choice {
            objectName: "done"
            kind: "main"
            text: Words["number.done"]
            hint: View.return_line
            spoken: text
            size: Theme.lead
            weight: Theme.large ? 1 : 1.5
            onAct: Kiosk.press("end")
        }
    }
}
