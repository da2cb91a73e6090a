import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

ColumnLayout {
    spacing: Theme.portrait ? Theme.pad : Theme.gap

    Item {
        Layout.fillHeight: true
    }
    HallNote {
        text: View.note
        visible: text !== ""
    }
    Title {
        objectName: "gone"
        text: Words["gone.title"]
        horizontalAlignment: Text.AlignHCenter
    }
    HallText {
        text: Words["gone.then"]
        font.pixelSize: Theme.lead
        horizontalAlignment: Text.AlignHCenter
    }
    HallNote {
        mood: "good"
        text: Words["gone.kept"]
    }
    HallText {
        text: Words["gone.auto"]
        color: Theme.soft
        horizontalAlignment: Text.AlignHCenter
    }
    Item {
        Layout.fillHeight: true
    }
}
