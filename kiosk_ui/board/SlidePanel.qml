import QtQuick
import QtQuick.Layouts
import Hall
import "../theme"

// One slide of the playlist: a notice, the hours, a guide. It stands still; the next one takes its place.
Rectangle {
    objectName: "slide"
    color: Theme.card
    border.width: Theme.stroke
    border.color: Theme.line
    radius: Theme.radius

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.pad
        spacing: Theme.gap

        HallText {
            objectName: "slide_title"
            text: View.slide_title
            color: Theme.deep
            font.pixelSize: Theme.lead
            font.bold: true
            maximumLineCount: 2
            elide: Text.ElideRight
            Accessible.role: Accessible.Heading
        }
        HallText {
            objectName: "slide_text"
            text: View.slide_text
            font.pixelSize: View.slide_large ? Theme.lead : Theme.body
            lineHeight: 1.2
            elide: Text.ElideRight
            verticalAlignment: Text.AlignTop
            Layout.fillHeight: true
        }
    }
}
