import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// What happened, what is kept, what to do next; the ways on beside or below.
StepPage {
    Title {
        objectName: "problem_what"
        text: View.problem_what
    }
    HallNote {
        objectName: "problem_kept"
        mood: "good"
        text: View.problem_kept
    }
    HallText {
        objectName: "problem_next"
        text: View.problem_next
        visible: text !== ""
        font.pixelSize: Theme.low ? Theme.body : Theme.lead
    }
    actions: [
        Choice {
            objectName: "again"
            visible: View.problem_again !== ""
            kind: "main"
            text: View.problem_again
            weight: 1.6
            onAct: Kiosk.press("again")
        },
        Choice {
            objectName: "accept_late"
            visible: View.problem_late
            kind: "main"
            text: Words["slot.accept"]
            weight: 1.6
            onAct: Kiosk.press("accept_late")
        },
        Choice {
            objectName: "no_card"
            visible: View.problem_no_card
            kind: "main"
            text: View.card_skip
            weight: 1.6
            onAct: Kiosk.press("no_card")
        }
    ]
}
