import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

StepPage {
    Title {
        text: Words["holder.title"]
    }
    HallPanel {
        spacing: 0
        HallText {
            text: Words["holder.name"]
            color: Theme.soft
            font.pixelSize: Theme.label
        }
        HallText {
            objectName: "holder_name"
            text: View.holder_name
            font.pixelSize: Theme.title
            font.bold: true
        }
        HallText {
            text: Words["holder.id"]
            color: Theme.soft
            font.pixelSize: Theme.label
            Layout.topMargin: Theme.gap
        }
        HallText {
            objectName: "holder_id"
            text: View.holder_id
            font.pixelSize: Theme.lead
            font.bold: true
        }
        HallText {
            text: Words["holder.masked"]
            color: Theme.soft
            font.pixelSize: Theme.label
            Layout.topMargin: Theme.gap
        }
    }
    actions: [
        Choice {
            objectName: "confirm"
            kind: "main"
            text: View.card_confirm
            weight: 1.6
            onAct: Kiosk.press("confirm")
        },
        Choice {
            objectName: "again"
            text: Words["holder.again"]
            onAct: Kiosk.press("again")
        },
        Choice {
            objectName: "no_card"
            text: View.card_skip
            onAct: Kiosk.press("no_card")
        }
    ]
}
