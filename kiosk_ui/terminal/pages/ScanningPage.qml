import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

StepPage {
    Title {
        text: View.is_booking ? Words["booking.scan_title"] : Words["papers.scan_title"]
    }
    HallText {
        text: View.is_booking ? Words["booking.scan_hint"] : Words["papers.scan_hint"]
        font.pixelSize: Theme.low ? Theme.body : Theme.lead
    }
    HallNote {
        mood: "wait"
        text: View.reading_left
    }
    actions: [
        Choice {
            objectName: "by_phone"
            visible: View.is_booking
            text: Words["booking.by_phone"]
            weight: 1.4
            onAct: Kiosk.press("by_phone")
        },
        Choice {
            objectName: "by_keys"
            visible: !View.is_booking
            text: Words["papers.by_keys"]
            weight: 1.4
            onAct: Kiosk.press("back")
        }
    ]
}
