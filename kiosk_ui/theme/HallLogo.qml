import QtQuick
import QtQuick.Layouts
import Hall

// The city's unified logo. Takes no room where there is none, or where it cannot be drawn.
Image {
    property int tall: 40
    property int longest: 6 * tall
    readonly property real shape: implicitHeight > 0 ? implicitWidth / implicitHeight : 1

    objectName: "logo"
    visible: status === Image.Ready
    source: Theme.logo
    sourceSize.height: tall
    fillMode: Image.PreserveAspectFit
    smooth: true
    mipmap: true
    Layout.preferredHeight: Math.min(tall, longest / shape)
    Layout.preferredWidth: Layout.preferredHeight * shape
    Accessible.role: Accessible.Graphic
    Accessible.name: Theme.logo_name
    Accessible.ignored: !visible
}
