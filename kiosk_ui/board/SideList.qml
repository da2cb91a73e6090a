import QtQuick
import QtQuick.Layouts
import Hall
import "../theme"

// How many wait for what, and what each window does.
ColumnLayout {
    spacing: Theme.gap

    HallPanel {
        visible: queues.count > 0
        spacing: Theme.gap
        HallText {
            text: Words["board.waiting"]
            color: Theme.soft
            font.pixelSize: Theme.label
            font.bold: true
        }
        Repeater {
            id: queues
            model: Queues
            RowLayout {
                id: queue

                required property string prefix
                required property string name
                required property string waiting

                spacing: Theme.gap
                HallText {
                    text: queue.prefix
                    color: Theme.deep
                    font.bold: true
                    Layout.fillWidth: false
                    Layout.preferredWidth: Theme.body * 1.1
                }
                HallText {
                    text: queue.name
                    elide: Text.ElideRight
                    maximumLineCount: 1
                }
                HallText {
                    text: queue.waiting
                    font.bold: true
                    wrapMode: Text.NoWrap
                    Layout.fillWidth: false
                }
            }
        }
    }
    HallPanel {
        visible: windows.count > 0
        spacing: Theme.gap
        HallText {
            text: Words["board.windows"]
            color: Theme.soft
            font.pixelSize: Theme.label
            font.bold: true
        }
        Repeater {
            id: windows
            model: Windows
            RowLayout {
                id: place

                required property string number
                required property string state
                required property bool busy

                spacing: Theme.gap
                HallText {
                    text: place.number
                    wrapMode: Text.NoWrap
                    Layout.fillWidth: false
                }
                HallText {
                    text: place.state
                    color: place.busy ? Theme.ink : Theme.good
                    font.bold: place.busy
                    horizontalAlignment: Text.AlignRight
                }
            }
        }
    }
    Item {
        Layout.fillHeight: true
    }
}
