import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// The services of the sheet that is shown.
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
            Layout.preferredHeight: Theme.portrait ? Math.max(implicitHeight, Theme.target * (choices.count > 3 ? (Theme.large ? 1.5 : 1.7) : Theme.large ? 2.5 : 3)) : implicitHeight
            Layout.maximumHeight: Theme.portrait ? Layout.preferredHeight : Theme.target * 5
        }
    }
}
