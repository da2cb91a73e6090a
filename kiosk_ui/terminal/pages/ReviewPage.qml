import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// Everything that would be sent, before it is.
StepPage {
    Title {
        text: View.desk.title
        font.pixelSize: Theme.large ? Theme.lead : Theme.title
    }
    HallPanel {
        HallText {
            objectName: "review"
            text: View.desk.review
            lineHeight: Theme.low || (Theme.large && !Theme.portrait) ? 1.0 : 1.3
            font.pixelSize: Theme.large && !Theme.portrait ? Theme.label : Theme.body
        }
    }
    actions: [
        Choice {
            objectName: "next"
            kind: "main"
            text: View.desk.next
            weight: 1.4
            onAct: Kiosk.press("next")
        }
    ]
}
