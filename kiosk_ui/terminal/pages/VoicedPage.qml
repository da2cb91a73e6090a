import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// The number and the code of what was just entered: good with or without paper.
StepPage {
    HallText {
        text: Words["voice.taken"]
        font.pixelSize: Theme.low && Theme.large ? Theme.label : Theme.low ? Theme.body : Theme.lead
        font.bold: true
        Accessible.role: Accessible.Heading
    }
    HallText {
        objectName: "number"
        text: View.desk.number
        color: Theme.seal
        font.pixelSize: Theme.low ? Theme.body : Theme.lead
        font.bold: true
        wrapMode: Text.WrapAnywhere
    }
    HallText {
        text: Words["voice.code"]
        color: Theme.soft
    }
    HallText {
        objectName: "code"
        text: View.desk.code
        color: Theme.seal
        font.pixelSize: Theme.low ? Theme.lead : Theme.title
        font.bold: true
    }
    actions: [
        HallText {
            objectName: "due"
            text: View.desk.due
            visible: text !== ""
        },
        HallNote {
            objectName: "paper"
            mood: View.desk.mood
            text: View.desk.paper
        },
        HallText {
            text: Words["voice.keep"]
            visible: !Theme.large
            color: Theme.soft
            font.pixelSize: Theme.label
        }
    ]
}
