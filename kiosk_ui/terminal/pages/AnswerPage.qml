import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// How a complaint or suggestion stands, and what the hall answers.
StepPage {
    Title {
        text: View.desk.item
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
        text: Words["voice.answer"]
        visible: View.desk.answer !== "" && !Theme.large
        color: Theme.soft
    }
    HallText {
        objectName: "answer"
        text: View.desk.answer === "" ? Words["voice.no_answer"] : View.desk.answer
    }
    actions: [
        HallText {
            text: View.desk.number
            visible: !Theme.large
            color: Theme.soft
            font.pixelSize: Theme.label
            wrapMode: Text.WrapAnywhere
        }
    ]
}
