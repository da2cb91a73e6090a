import QtQuick
import QtQuick.Window
import QtQuick.Layouts
import Hall
import "../theme"
import "pages"

Window {
    id: window

    property string pageName: View.page

    objectName: "kiosk"
    width: 1080
    height: 1920
    color: Theme.paper
    title: View.hall_name

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        Header {
            Layout.fillWidth: true
        }
        Loader {
            id: stage

            // A wipe builds the page anew even when its name stays the same: no item outlives its session.
            property int session: View.session
            onSessionChanged: {
                active = false;
                active = true;
            }

            objectName: "stage"
            source: "pages/" + View.page.charAt(0).toUpperCase() + View.page.slice(1) + "Page.qml"
            enabled: !View.help && View.warn_line === ""
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.margins: Theme.pad
        }
        Footer {
            enabled: !View.help && View.warn_line === ""
            Layout.fillWidth: true
        }
    }
    Loader {
        active: View.help
        anchors.fill: parent
        source: "pages/HelpSheet.qml"
    }
    Loader {
        active: View.warn_line !== ""
        anchors.fill: parent
        source: "pages/IdleSheet.qml"
    }
}
