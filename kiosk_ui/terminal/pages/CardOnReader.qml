import QtQuick
import Hall

// A card above its place, and which way it goes. A still picture: nothing moves, nothing loads.
Item {
    id: picture

    readonly property real unit: Math.min(width / 20, height / 15)

    Rectangle {
        id: reader
        anchors.centerIn: parent
        anchors.verticalCenterOffset: 4.6 * picture.unit
        width: 15 * picture.unit
        height: 5 * picture.unit
        radius: picture.unit * 0.6
        color: Theme.wash
        border.width: Theme.stroke
        border.color: Theme.deep
        Rectangle {
            anchors.centerIn: parent
            width: 10 * picture.unit
            height: 3 * picture.unit
            radius: picture.unit * 0.4
            color: "transparent"
            border.width: 2 * Theme.stroke
            border.color: Theme.deep
        }
    }
    Rectangle {
        anchors.horizontalCenter: parent.horizontalCenter
        y: reader.y - 9.4 * picture.unit
        width: 10 * picture.unit
        height: 6.3 * picture.unit
        radius: picture.unit * 0.5
        color: Theme.card
        border.width: 2 * Theme.stroke
        border.color: Theme.deep

        Repeater {
            model: [5, 4, 4.6]
            Rectangle {
                required property int index
                required property real modelData
                x: picture.unit * 0.8
                y: picture.unit * (0.9 + 1.1 * index)
                width: picture.unit * modelData
                height: picture.unit * 0.45
                radius: height / 2
                color: Theme.line
            }
        }
        Rectangle {
            x: picture.unit * 0.8
            y: picture.unit * 4.8
            width: picture.unit * 8.4
            height: picture.unit * 0.55
            radius: height / 2
            color: Theme.soft
        }
        Rectangle {
            x: picture.unit * 7.15
            y: picture.unit * 0.7
            width: picture.unit * 1.5
            height: width
            radius: width / 2
            color: Theme.deep
        }
        Rectangle {
            x: picture.unit * 6.65
            y: picture.unit * 2.4
            width: picture.unit * 2.5
            height: picture.unit * 1.7
            radius: picture.unit * 0.7
            color: Theme.deep
        }
    }
    Item {
        x: reader.x + reader.width / 2
        y: reader.y - 2.5 * picture.unit
        Rectangle {
            x: -width / 2
            width: picture.unit * 0.4
            height: picture.unit * 2.6
            color: Theme.seal
        }
        Repeater {
            model: [45, -45]
            Rectangle {
                required property real modelData
                x: -width / 2 + (modelData > 0 ? -0.5 : 0.5) * picture.unit
                y: picture.unit * 1.3
                width: picture.unit * 0.4
                height: picture.unit * 1.8
                rotation: -modelData
                color: Theme.seal
            }
        }
    }
}
