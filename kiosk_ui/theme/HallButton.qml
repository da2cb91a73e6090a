import QtQuick
import Hall

// A large button: word, optional second line. `kind`: main, plain or bar.
Item {
    id: button

    property string text
    property string hint
    property string spoken: hint === "" ? text : text + ", " + hint
    property string kind: "plain"
    property bool chosen: false
    property int size: Theme.body
    property bool held: press.pressed
    readonly property bool filled: kind === "main" || chosen
    signal act

    implicitWidth: Math.max(main.implicitWidth, second.implicitWidth) + 2 * Theme.gap
    implicitHeight: Math.max(Theme.target, words.implicitHeight + Theme.gap)
    activeFocusOnTab: true
    opacity: enabled ? 1 : 0.45

    Accessible.role: Accessible.Button
    Accessible.name: spoken
    Accessible.checkable: chosen
    Accessible.checked: chosen
    Accessible.onPressAction: act()
    Keys.onReturnPressed: act()
    Keys.onEnterPressed: act()
    Keys.onSpacePressed: act()

    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        color: button.filled ? (button.held ? Theme.deep_pressed : Theme.deep) : (button.held ? Theme.wash : Theme.card)
        border.width: button.filled ? 0 : Theme.stroke
        border.color: button.kind === "bar" ? Theme.line : Theme.deep
    }
    Rectangle {
        visible: button.activeFocus
        anchors.fill: parent
        anchors.margins: -Theme.gap / 3
        radius: Theme.radius + Theme.gap / 3
        color: "transparent"
        border.width: 2 * Theme.stroke
        border.color: Theme.focus
    }
    Column {
        id: words
        anchors.centerIn: parent
        width: parent.width - Theme.gap
        HallText {
            id: main
            width: parent.width
            text: button.text
            color: button.filled ? Theme.on_deep : Theme.deep
            font.pixelSize: button.size
            font.bold: true
            horizontalAlignment: Text.AlignHCenter
            silent: true
        }
        HallText {
            id: second
            visible: text !== ""
            width: parent.width
            text: button.hint
            color: button.filled ? Theme.on_deep : Theme.soft
            font.pixelSize: Theme.label
            horizontalAlignment: Text.AlignHCenter
            silent: true
        }
    }
    TapHandler {
        id: press
        gesturePolicy: TapHandler.ReleaseWithinBounds
        onTapped: button.act()
    }
}
