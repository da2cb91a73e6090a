import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

HallButton {
    id: card

    required property string id
    required property string name
    required property string prefix
    required property string area
    required property string waiting
    required property string wait
    required property bool stopped

    // Badge, name and waiting in one line, or under one another.
    property bool flat: true

    objectName: "service_" + id
    spoken: [name, waiting, wait].filter(part => part !== "").join(", ")
    enabled: !View.closed
    implicitHeight: inside.implicitHeight + Theme.gap
    onAct: Kiosk.press("choose", id)

    GridLayout {
        id: inside
        anchors.fill: parent
        anchors.margins: Theme.gap / 2
        anchors.leftMargin: Theme.pad
        anchors.rightMargin: Theme.pad
        columns: card.flat ? 3 : 1
        columnSpacing: Theme.pad
        rowSpacing: Theme.low ? 0 : Theme.gap

        Rectangle {
            visible: !Theme.low && (Theme.portrait || !Theme.large)
            color: Theme.wash
            radius: Theme.radius
            Layout.preferredWidth: letter.contentHeight * 1.3
            Layout.preferredHeight: letter.contentHeight * 1.3
            HallText {
                id: letter
                anchors.centerIn: parent
                text: card.prefix
                color: Theme.deep
                font.pixelSize: Theme.lead
                font.bold: true
                silent: true
            }
        }
        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true
            HallText {
                text: card.name
                font.pixelSize: !card.flat ? Theme.lead : Theme.low && Theme.large ? Theme.label : Theme.large || !Theme.portrait ? Theme.body : Theme.lead
                font.bold: true
                silent: true
            }
            HallText {
                visible: !Theme.low && !Theme.large
                text: card.area
                color: Theme.soft
                font.pixelSize: Theme.label
                silent: true
            }
        }
        HallText {
            text: card.wait === "" || (Theme.low && Theme.large) ? card.waiting : card.waiting + "\n" + card.wait
            color: card.stopped ? Theme.bad : Theme.deep
            font.pixelSize: card.flat && Theme.low && Theme.large ? Theme.label : Theme.body
            horizontalAlignment: card.flat ? Text.AlignRight : Text.AlignLeft
            Layout.fillWidth: !card.flat
            Layout.maximumWidth: card.flat ? card.width * (Theme.low ? 0.34 : 0.27) : card.width
            silent: true
        }
    }
}
