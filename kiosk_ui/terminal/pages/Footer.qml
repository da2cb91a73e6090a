import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

Rectangle {
    id: bar

    color: Theme.card
    implicitHeight: all.implicitHeight + 2 * Theme.gap

    ColumnLayout {
        id: all
        anchors.fill: parent
        anchors.leftMargin: Theme.pad
        anchors.rightMargin: Theme.pad
        anchors.topMargin: Theme.gap
        anchors.bottomMargin: Theme.gap
        spacing: Theme.gap

        GridLayout {
            columns: Theme.portrait ? 3 : 6
            rowSpacing: Theme.gap
            columnSpacing: Theme.gap
            uniformCellWidths: true

            HallButton {
                objectName: "language_hans"
                kind: "bar"
                text: Words["bar.language_hans"]
                chosen: View.language === "zh-Hans"
                onAct: Kiosk.press("language", "zh-Hans")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "language_hant"
                kind: "bar"
                text: Words["bar.language_hant"]
                chosen: View.language === "zh-Hant"
                onAct: Kiosk.press("language", "zh-Hant")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "language_en"
                kind: "bar"
                text: Words["bar.language_en"]
                chosen: View.language === "en"
                onAct: Kiosk.press("language", "en")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "large"
                kind: "bar"
                text: View.large ? Words["bar.normal"] : Words["bar.large"]
                onAct: Kiosk.press("large")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "contrast"
                kind: "bar"
                text: View.contrast ? Words["bar.calm"] : Words["bar.contrast"]
                onAct: Kiosk.press("contrast")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "help"
                kind: "bar"
                text: Words["bar.help"]
                onAct: Kiosk.press("help")
                Layout.fillWidth: true
            }
        }
        HallText {
            objectName: "phone"
            visible: Theme.portrait && text !== ""
            text: View.phone
            color: Theme.soft
            font.pixelSize: Theme.label
            horizontalAlignment: Text.AlignHCenter
        }
    }
    Rectangle {
        width: parent.width
        height: Theme.stroke
        color: Theme.line
    }
}
