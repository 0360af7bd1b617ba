import Terminal
import Testing

@testable import Workbench

@Suite struct LayoutTests {
  private func layout(
    _ width: Int, _ height: Int, focus: PaneID = .conversation, side: PaneID = .meters, isZoomed: Bool = false
  ) -> Layout {
    Layout(width: width, height: height, focus: focus, side: side, isZoomed: isZoomed) { pane, _ in
      switch pane {
      case .meters: 22
      case .cache: 11
      case .sampling: 14
      default: 1000
      }
    }
  }

  @Test(arguments: [
    (80, 24, PaneID.conversation, [[PaneID.conversation], [.functions, .sampling, .meters, .cache, .prompt]]),
    (120, 40, .conversation, [[.conversation], [.meters], [.cache], [.functions, .sampling, .prompt]]),
    (120, 20, .conversation, [[.conversation], [.meters], [.functions, .sampling, .cache, .prompt]]),
    (120, 13, .conversation, [[.conversation], [.functions, .sampling, .meters, .cache, .prompt]]),
    (200, 60, .conversation, [[.functions], [.sampling], [.conversation], [.meters], [.cache], [.prompt]]),
    (50, 24, .cache, [PaneID.allCases]),
    (200, 10, .prompt, [PaneID.allCases]),
  ])
  func `panes fold into tabs as room gets scarce`(width: Int, height: Int, focus: PaneID, tabs: [[PaneID]]) {
    #expect(
      layout(width, height, focus: focus, side: focus == .conversation ? .meters : focus).slots.map(\.tabs) == tabs)
  }

  @Test func `slots lie on the screen without overlap, and every size shows the focused pane`() {
    for width in 0...230 {
      for height in [0, 1, 2, 3, 4, 5, 6, 11, 12, 13, 20, 24, 33, 40, 60, 90] {
        for focus in PaneID.allCases {
          let layout = layout(width, height, focus: focus, side: focus == .conversation ? .cache : focus)
          let screen = Rect(x: 0, y: 0, width: width, height: height)
          for (index, slot) in layout.slots.enumerated() {
            #expect(slot.rect.intersection(screen) == slot.rect || slot.rect.isEmpty, "\(width)x\(height) \(slot)")
            #expect(slot.tabs.contains(slot.shown))
            for other in layout.slots[(index + 1)...] {
              #expect(slot.rect.intersection(other.rect).isEmpty, "\(width)x\(height) \(slot) \(other)")
            }
          }
          #expect(layout.slot(of: focus) != nil, "\(width)x\(height) \(focus)")
        }
      }
    }
  }

  @Test func `a zoomed pane has the screen but for header, tabs and footer`() {
    let slot = layout(120, 40, focus: .cache, side: .cache, isZoomed: true).slots[0]
    #expect(slot.rect == Rect(x: 0, y: 1, width: 120, height: 38))
    #expect(slot.shown == .cache)
  }
}
