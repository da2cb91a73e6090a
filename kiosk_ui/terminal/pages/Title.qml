import QtQuick
import Hall
import "../../theme"

HallText {
    font.pixelSize: Theme.title
    font.bold: true
    Accessible.role: Accessible.Heading
}
