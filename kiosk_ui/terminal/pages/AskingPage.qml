import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

ColumnLayout {
    Item {
        Layout.fillHeight: true
    }
    Title {
        text: View.desk.asking
        horizontalAlignment: Text.AlignHCenter
    }
    Item {
        Layout.fillHeight: true
    }
}
