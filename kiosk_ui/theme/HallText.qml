import QtQuick
import QtQuick.Layouts
import Hall

Text {
    // Said by what it stands on: a button speaks for its own texts.
    property bool silent: false

    color: Theme.ink
    font.family: Theme.font
    font.pixelSize: Theme.body
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    verticalAlignment: Text.AlignVCenter
    Layout.fillWidth: true
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.ignored: silent
}
