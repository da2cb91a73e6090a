import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

StepPage {
    Title {
        text: Words["booking.scan_title"]
    }
    HallText {
        text: Words["booking.scan_hint"]
        font.pixelSize: Theme.low ? Theme.body : Theme.lead
    }
    HallNote {
        mood: "wait"
        text: View.reading_left
    }
    actions: [
        Choice {
            objectName: "by_phone"
            text: Words["booking.by_phone"]
            weight: 1.4
            onAct: Kiosk.press("by_phone")
        }
    ]
}
