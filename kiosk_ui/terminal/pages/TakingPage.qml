import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

ColumnLayout {
    Item {
        Layout.fillHeight: true
    }
    Title {
        text: View.is_booking ? Words["taking.booking"] : Words["taking.title"]
        horizontalAlignment: Text.AlignHCenter
    }
    HallText {
        text: View.service
        font.pixelSize: Theme.lead
        horizontalAlignment: Text.AlignHCenter
    }
    HallText {
        text: Words["taking.wait"]
        color: Theme.soft
        horizontalAlignment: Text.AlignHCenter
    }
    Item {
        Layout.fillHeight: true
    }
}
