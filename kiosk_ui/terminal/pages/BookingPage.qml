import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// How an appointment is found.
StepPage {
    Title {
        text: Words["booking.title"]
    }
    HallText {
        text: Words["booking.hint"]
        font.pixelSize: Theme.low ? Theme.body : Theme.lead
    }
    HallText {
        text: Words["booking.card_use"]
        visible: !(Theme.low && Theme.large)
        color: Theme.soft
        font.pixelSize: Theme.label
    }
    actions: [
        Choice {
            objectName: "by_card"
            text: Words["booking.by_card"]
            weight: 1.4
            onAct: Kiosk.press("by_card")
        },
        Choice {
            objectName: "by_code"
            visible: View.scanner
            text: Words["booking.by_code"]
            weight: 1.4
            onAct: Kiosk.press("by_code")
        },
        Choice {
            objectName: "by_phone"
            text: Words["booking.by_phone"]
            weight: 1.4
            onAct: Kiosk.press("by_phone")
        }
    ]
}
