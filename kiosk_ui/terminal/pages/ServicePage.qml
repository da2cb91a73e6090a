import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

ColumnLayout {
    spacing: Theme.portrait && !Theme.large ? Theme.pad : Theme.gap

    HallNote {
        objectName: "note"
        text: View.note
    }
    RowLayout {
        spacing: Theme.gap
        Title {
            text: Words["service.title"]
        }
        HallButton {
            objectName: "booking"
            visible: View.note === ""
            text: Words["booking.button"]
            onAct: Kiosk.press("booking")
            Layout.preferredWidth: implicitWidth + Theme.pad
        }
        HallButton {
            objectName: "copies"
            visible: !Theme.portrait && !Theme.large && View.copier
            text: Words["copies.button"]
            onAct: Kiosk.press("copies")
            Layout.preferredWidth: implicitWidth + Theme.pad
        }
        HallButton {
            objectName: "guides"
            visible: !Theme.portrait && !Theme.large && !View.copier
            text: Words["guides.button"]
            onAct: Kiosk.press("guides")
            Layout.preferredWidth: implicitWidth + Theme.pad
        }
        HallButton {
            objectName: "papers"
            visible: !Theme.portrait && (!Theme.large || View.note === "")
            text: Words["papers.button"]
            onAct: Kiosk.press("papers")
            Layout.preferredWidth: implicitWidth + Theme.pad
        }
    }
    ServiceChoices {}
    Item {
        Layout.fillHeight: Theme.portrait
    }
    SheetTurner {}
    RowLayout {
        visible: Theme.portrait && (!Theme.large || View.note === "")
        spacing: Theme.gap
        uniformCellSizes: true

        HallButton {
            objectName: "guides"
            text: Words["guides.button"]
            onAct: Kiosk.press("guides")
            Layout.fillWidth: true
        }
        HallButton {
            objectName: "copies"
            visible: View.copier
            text: Words["copies.button"]
            onAct: Kiosk.press("copies")
            Layout.fillWidth: true
        }
        HallButton {
            objectName: "papers"
            text: Words["papers.button"]
            onAct: Kiosk.press("papers")
            Layout.fillWidth: true
        }
    }
}
