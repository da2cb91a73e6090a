import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// One question, its answers as large buttons. Several may hold: those chosen are marked.
WidePage {
    GridLayout {
        columns: Theme.portrait || many.count < 4 ? 1 : 2
        rowSpacing: Theme.gap
        columnSpacing: Theme.gap
        uniformCellWidths: true
        Layout.fillWidth: true

        Repeater {
            id: many
            model: Choices

            HallButton {
                required property string id
                required property string label
                required property bool picked

                objectName: "pick_" + id
                text: (picked ? "✓ " : "") + label
                spoken: label
                chosen: picked
                size: View.desk.step === "items" ? (Theme.large && (Theme.low || View.language === "en") ? Theme.label : Theme.body) : Theme.low && Theme.large ? Theme.body : Theme.lead
                onAct: Kiosk.press("pick", id)
                Layout.fillWidth: true
                Layout.preferredHeight: Math.max(implicitHeight, Theme.target * (Theme.portrait ? 1.3 : 1))
            }
        }
    }
}
