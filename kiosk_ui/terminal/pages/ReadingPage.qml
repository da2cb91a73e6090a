import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

StepPage {
    Title {
        text: Words["reading.title"]
        horizontalAlignment: Text.AlignHCenter
    }
    HallText {
        text: Words["reading.lay"]
        font.pixelSize: Theme.lead
        horizontalAlignment: Text.AlignHCenter
    }
    CardOnReader {
        Layout.fillWidth: true
        Layout.fillHeight: true
    }
    HallNote {
        mood: "wait"
        text: Words["reading.still"]
    }
    actions: [
        HallText {
            objectName: "reading_left"
            text: View.reading_left
            color: Theme.soft
            horizontalAlignment: Text.AlignHCenter
        },
        Choice {
            objectName: "no_card"
            text: View.card_skip
            onAct: Kiosk.press("no_card")
        }
    ]
}
