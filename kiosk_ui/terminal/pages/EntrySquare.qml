import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

// The city's entry as a square for the telephone: always dark on white, whatever the theme.
RowLayout {
    spacing: Theme.pad

    Rectangle {
        color: "#FFFFFF"
        Layout.preferredWidth: height
        Layout.fillHeight: true
        Layout.maximumHeight: Theme.target * 6
        Accessible.role: Accessible.Graphic
        Accessible.name: Words["guides.online"]

        Canvas {
            readonly property var rows: View.guide.square.split("\n")

            objectName: "square"
            anchors.fill: parent
            onRowsChanged: requestPaint()
            onPaint: {
                const pen = getContext("2d");
                const dot = Math.floor(Math.min(width, height) / (rows.length + 8));
                const left = Math.floor((width - dot * rows.length) / 2);
                const top = Math.floor((height - dot * rows.length) / 2);
                pen.fillStyle = "#FFFFFF";
                pen.fillRect(0, 0, width, height);
                pen.fillStyle = "#000000";
                rows.forEach((row, y) => row.split("").forEach((one, x) => {
                    if (one === "1")
                        pen.fillRect(left + x * dot, top + y * dot, dot, dot);
                }));
            }
        }
    }
    ColumnLayout {
        spacing: Theme.gap
        HallText {
            objectName: "online"
            text: Words["guides.online"]
            font.bold: true
            font.pixelSize: Theme.low ? Theme.label : Theme.body
        }
        HallText {
            text: Words["guides.online_hint"]
            font.pixelSize: Theme.label
        }
        HallText {
            visible: !Theme.large
            text: View.guide.online
            color: Theme.soft
            font.pixelSize: Theme.label
            wrapMode: Text.WrapAnywhere
        }
    }
}
