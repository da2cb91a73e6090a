import QtQuick
import QtQuick.Window
import QtQuick.Layouts
import Hall
import "../theme"

Window {
    id: window

    property string pageName: "board"

    objectName: "board"
    width: 1920
    height: 1080
    color: Theme.paper
    title: View.hall_name

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        Rectangle {
            color: Theme.deep
            Layout.fillWidth: true
            Layout.preferredHeight: head.implicitHeight + 2 * Theme.gap
            RowLayout {
                id: head
                anchors.fill: parent
                anchors.leftMargin: Theme.pad
                anchors.rightMargin: Theme.pad
                spacing: Theme.pad
                HallLogo {
                    tall: 1.6 * Theme.lead
                    longest: head.width * 0.3
                }
                HallText {
                    objectName: "hall_name"
                    text: View.hall_name
                    color: Theme.on_deep
                    font.pixelSize: Theme.lead
                    font.bold: true
                }
                HallText {
                    text: View.date
                    color: Theme.on_deep
                    font.pixelSize: Theme.body
                    wrapMode: Text.NoWrap
                    Layout.fillWidth: false
                }
                HallText {
                    objectName: "clock"
                    text: View.clock
                    color: Theme.on_deep
                    font.pixelSize: Theme.title
                    font.bold: true
                    wrapMode: Text.NoWrap
                    Layout.fillWidth: false
                }
            }
        }
        HallNote {
            objectName: "lost"
            text: View.lost
            size: Theme.body
            radius: 0
        }
        RowLayout {
            spacing: Theme.pad
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.margins: Theme.pad

            ColumnLayout {
                spacing: Theme.pad
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 68

                CallList {
                    visible: View.calls_shown
                    Layout.fillWidth: true
                    Layout.fillHeight: View.slide_title === ""
                    Layout.preferredHeight: Theme.number * 1.55
                }
                SlidePanel {
                    visible: View.slide_title !== ""
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                }
            }
            SideList {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 32
            }
        }
        Rectangle {
            color: Theme.card
            Layout.fillWidth: true
            Layout.preferredHeight: foot.implicitHeight + 1.6 * Theme.gap
            RowLayout {
                id: foot
                anchors.fill: parent
                anchors.leftMargin: Theme.pad
                anchors.rightMargin: Theme.pad
                spacing: Theme.pad
                HallText {
                    objectName: "notice"
                    text: View.notice
                    color: View.urgent ? Theme.bad : Theme.ink
                    font.bold: View.urgent || View.back
                    font.pixelSize: Theme.body
                    maximumLineCount: 2
                }
                HallText {
                    objectName: "phone"
                    text: View.phone
                    color: Theme.deep
                    font.pixelSize: Theme.body
                    font.bold: true
                    wrapMode: Text.NoWrap
                    Layout.fillWidth: false
                }
            }
            Rectangle {
                width: parent.width
                height: Theme.stroke
                color: Theme.line
            }
        }
    }
}
