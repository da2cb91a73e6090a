import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// Green channel: the person says so, a person at the window looks.
StepPage {
    Title {
        text: Words["green.title"]
    }
    HallText {
        text: Words["green.who"]
        visible: !(Theme.low && Theme.large)
    }
    HallNote {
        mood: "wait"
        text: Words["green.check"]
        size: Theme.low && Theme.large ? Theme.label : Theme.body
    }
    actions: [
        GridLayout {
            columns: Theme.portrait && !Theme.large ? 1 : 2
            rowSpacing: Theme.gap
            columnSpacing: Theme.gap
            uniformCellWidths: true
            Repeater {
                model: [["disabled", Words["ground.disabled"]], ["military", Words["ground.military"]], ["elderly", Words["ground.elderly"]], ["pregnant", Words["ground.pregnant"]], ["other", Words["ground.other"]]]
                HallButton {
                    required property var modelData
                    objectName: "ground_" + modelData[0]
                    text: modelData[1]
                    size: Theme.low && Theme.large ? Theme.label : Theme.body
                    chosen: View.declared_ground === modelData[0]
                    onAct: Kiosk.press("declare", modelData[0])
                    Layout.fillWidth: true
                }
            }
            HallButton {
                objectName: "ground_none"
                visible: View.declared_ground !== ""
                text: Words["green.none"]
                onAct: Kiosk.press("declare", "")
                Layout.fillWidth: true
            }
        }
    ]
}
