import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// Where one is: three named steps, done ones ticked.
RowLayout {
    spacing: Theme.gap

    Repeater {
        model: [Words["bar.step_1"], Words["bar.step_2"], Words["bar.step_3"]]

        RowLayout {
            id: one

            required property int index
            required property string modelData
            readonly property bool reached: View.step > index

            spacing: Theme.gap / 2
            Layout.fillWidth: Theme.portrait && index < 2

            Rectangle {
                color: one.reached ? Theme.deep : Theme.card
                border.width: Theme.stroke
                border.color: one.reached ? Theme.deep : Theme.soft
                radius: height / 2
                Layout.preferredWidth: label.contentHeight * 1.15
                Layout.preferredHeight: label.contentHeight * 1.15
                HallText {
                    anchors.centerIn: parent
                    text: View.step > one.index + 1 ? "✓" : one.index + 1
                    color: one.reached ? Theme.on_deep : Theme.soft
                    font.pixelSize: Theme.label
                    font.bold: true
                    silent: true
                }
            }
            HallText {
                id: label
                text: one.modelData
                color: View.step === one.index + 1 ? Theme.ink : Theme.soft
                font.pixelSize: Theme.label
                font.bold: View.step === one.index + 1
                wrapMode: Text.NoWrap
                Layout.fillWidth: false
            }
            Rectangle {
                visible: Theme.portrait && one.index < 2
                color: Theme.line
                Layout.fillWidth: true
                Layout.preferredHeight: Theme.stroke
            }
        }
    }
}
