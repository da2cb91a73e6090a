import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// A further item for the same ticket: the choices without what is on it already.
ColumnLayout {
    spacing: Theme.portrait ? Theme.pad : Theme.gap

    RowLayout {
        spacing: Theme.gap
        Title {
            text: Words["more.title"]
        }
        HallButton {
            objectName: "back"
            text: Words["bar.back"]
            onAct: Kiosk.press("back")
            Layout.preferredWidth: implicitWidth + Theme.pad
        }
    }
    HallText {
        text: Words["more.hint"]
        visible: !Theme.low && !Theme.large
        color: Theme.soft
    }
    ServiceChoices {}
    Item {
        Layout.fillHeight: Theme.portrait
    }
    SheetTurner {}
}
