import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// How a case stands, until when, where its result is, and what happened so far.
StepPage {
    HallText {
        objectName: "item"
        text: View.desk.item
        font.pixelSize: Theme.low && Theme.large ? Theme.label : Theme.low || Theme.large ? Theme.body : Theme.lead
        font.bold: true
        Accessible.role: Accessible.Heading
    }
    HallText {
        objectName: "who"
        text: View.desk.who
        visible: text !== "" && !Theme.large
        color: Theme.soft
    }
    HallNote {
        objectName: "status"
        mood: View.desk.mood
        text: View.desk.status
    }
    HallText {
        objectName: "due"
        text: View.desk.due
        visible: text !== ""
    }
    HallText {
        objectName: "place"
        text: View.desk.place
        visible: text !== ""
    }
    HallText {
        text: Words["course.steps"]
        visible: !Theme.large
        color: Theme.soft
        font.pixelSize: Theme.label
    }
    HallText {
        objectName: "steps"
        text: View.desk.course
        maximumLineCount: Theme.low && Theme.large ? 1 : 9
        lineHeight: 1.3
        font.pixelSize: Theme.label
    }
    actions: [
        HallText {
            text: View.desk.number
            visible: !Theme.large
            color: Theme.soft
            font.pixelSize: Theme.label
            wrapMode: Text.WrapAnywhere
        },
        HallText {
            visible: View.desk.collect && !Theme.large
            text: Words["course.collect_hint"]
            color: Theme.soft
            font.pixelSize: Theme.label
        },
        Choice {
            objectName: "collect"
            visible: View.desk.collect
            kind: "main"
            text: Words["course.collect"]
            weight: 1.4
            onAct: Kiosk.press("collect")
        }
    ]
}
