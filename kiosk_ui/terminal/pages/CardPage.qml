import QtQuick
import QtQuick.Layouts
import Hall
import "../../theme"

StepPage {
    id: page

    readonly property bool terse: Theme.low || Theme.large
    readonly property string extras: [View.items, View.declared].filter(part => part !== "").join("  ·  ")
    readonly property bool tight: Theme.low && Theme.large

    Title {
        text: Words["card.title"]
    }
    HallText {
        visible: !page.tight
        objectName: "wish"
        text: [View.service, page.terse ? "" : page.extras || Words["card.equal"]].filter(part => part !== "").join("  ·  ")
        color: Theme.soft
        font.pixelSize: Theme.body
    }
    HallPanel {
        spacing: page.terse ? 0 : Theme.gap
        HallText {
            text: Words["card.notice"]
            font.bold: true
            font.pixelSize: page.tight ? Theme.label : Theme.body
        }
        Repeater {
            model: [[Words["card.who"], page.terse ? View.hall_short : View.hall_name], [Words["card.what"], Words["card.what_text"]], [Words["card.why"], Words["card.why_text"]], [Words["card.long"], Words["card.long_text"]]]
            ColumnLayout {
                required property var modelData
                spacing: 0
                HallText {
                    visible: !page.terse
                    text: modelData[0]
                    color: Theme.soft
                    font.pixelSize: Theme.label
                }
                HallText {
                    text: page.terse ? modelData[0] + " · " + modelData[1] : modelData[1]
                    font.pixelSize: page.terse ? Theme.label : Theme.body
                }
            }
        }
    }
    actions: [
        RowLayout {
            spacing: Theme.gap
            uniformCellSizes: true
            HallButton {
                objectName: "more"
                text: View.more_button
                size: page.tight ? Theme.label : Theme.body
                enabled: View.can_more
                onAct: Kiosk.press("more")
                Layout.fillWidth: true
            }
            HallButton {
                objectName: "green"
                text: Words["green.button"]
                size: page.tight ? Theme.label : Theme.body
                chosen: View.declared_ground !== ""
                onAct: Kiosk.press("green")
                Layout.fillWidth: true
            }
        },
        Choice {
            objectName: "use_card"
            text: Words["card.use"]
            hint: Theme.portrait && Theme.large ? "" : Words["card.use_hint"]
            weight: Theme.large ? 1 : 1.5
            onAct: Kiosk.press("card")
        },
        Choice {
            objectName: "no_card"
            text: Words["card.skip"]
            hint: Theme.portrait && Theme.large ? "" : Words["card.skip_hint"]
            weight: Theme.large ? 1 : 1.5
            onAct: Kiosk.press("no_card")
        }
    ]
}
