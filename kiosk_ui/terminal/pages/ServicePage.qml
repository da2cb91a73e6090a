import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

ColumnLayout {
    spacing: Theme.portrait ? Theme.pad : Theme.gap

    HallNote {
        objectName: "note"
        text: View.note
    }
    Title {
        text: Words["service.title"]
    }
    GridLayout {
        columns: Theme.portrait ? 1 : Theme.large && choices.count > 3 ? 2 : Math.min(3, Math.max(1, choices.count))
        rowSpacing: Theme.gap
        columnSpacing: Theme.gap
        uniformCellWidths: true
        uniformCellHeights: !Theme.portrait
        Layout.fillWidth: true
        Layout.fillHeight: !Theme.portrait

        Repeater {
            id: choices
            model: Services
            delegate: ServiceCard {
                flat: Theme.portrait || choices.count > 3
                Layout.fillWidth: true
                Layout.fillHeight: !Theme.portrait
                Layout.preferredHeight: Theme.portrait ? Math.max(implicitHeight, Theme.target * (choices.count > 3 ? 1.9 : 3)) : implicitHeight
                Layout.maximumHeight: Theme.portrait ? Layout.preferredHeight : Theme.target * 5
            }
        }
    }
    Item {
        Layout.fillHeight: Theme.portrait
    }
    RowLayout {
        visible: View.sheet !== ""
        spacing: Theme.gap
        uniformCellSizes: true
        HallButton {
            objectName: "sheet_back"
            text: Words["service.sheet_back"]
            enabled: !View.sheet_first
            onAct: Kiosk.press("sheet_back")
            Layout.fillWidth: true
        }
        HallText {
            text: View.sheet
            horizontalAlignment: Text.AlignHCenter
        }
        HallButton {
            objectName: "sheet_next"
            text: Words["service.sheet_next"]
            enabled: !View.sheet_last
            onAct: Kiosk.press("sheet_next")
            Layout.fillWidth: true
        }
    }
}
