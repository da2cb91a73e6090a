import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

StepPage {
    Title {
        text: Words["rate.done"]
    }
    HallNote {
        objectName: "thanks"
        mood: "good"
        text: View.desk.thanks
    }
    HallText {
        text: Words["rate.private"]
        color: Theme.soft
    }
}
