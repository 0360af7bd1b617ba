/// The lines that differ between two texts, by the shortest script of insertions and deletions (Myers 1986, as the
/// standard library's `difference(from:)` has it), with some lines around them.
public struct LineDiff: Sendable, Equatable {
  public enum Kind: Sendable, Equatable { case same, removed, added }

  public struct Line: Sendable, Equatable {
    public var kind: Kind
    /// Without its line break.
    public var text: String
  }

  /// Neighbouring lines of both texts, and where they begin, from 1.
  public struct Hunk: Sendable, Equatable {
    public var oldStart: Int
    public var newStart: Int
    public var lines: [Line]
  }

  public let hunks: [Hunk]
  public var isEmpty: Bool { hunks.isEmpty }
  public var addedCount: Int { count(.added) }
  public var removedCount: Int { count(.removed) }

  private func count(_ kind: Kind) -> Int { hunks.reduce(0) { $0 + $1.lines.count { $0.kind == kind } } }

  /// - Parameter context: lines kept before and after each difference.
  public init(from old: String, to new: String, context: Int = 3) {
    let old = Self.lines(old)
    let new = Self.lines(new)
    var removed = Set<Int>()
    var added = Set<Int>()
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    // Both texts side by side: what was removed comes before what was added in its place.
    var all: [(line: Line, old: Int, new: Int)] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      if i < old.count, removed.contains(i) {
        all.append((Line(kind: .removed, text: old[i]), i, j))
        i += 1
      } else if j < new.count, added.contains(j) {
        all.append((Line(kind: .added, text: new[j]), i, j))
        j += 1
      } else {
        all.append((Line(kind: .same, text: old[i]), i, j))
        i += 1
        j += 1
      }
    }
    var ranges: [Range<Int>] = []
    for place in all.indices where all[place].line.kind != .same {
      let range = max(0, place - context)..<min(all.count, place + context + 1)
      if let last = ranges.last, range.lowerBound <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    hunks = ranges.map { range in
      Hunk(oldStart: all[range.lowerBound].old + 1, newStart: all[range.lowerBound].new + 1, lines: all[range].map(\.line))
    }
  }

  /// As `diff -u` writes it, without the two lines that name the files.
  public var unified: String {
    hunks.map { hunk in
      let oldCount = hunk.lines.count { $0.kind != .added }
      let newCount = hunk.lines.count { $0.kind != .removed }
      // Of an empty range the line before it is named.
      let header =
        "@@ -\(Self.range(hunk.oldStart, oldCount)) +\(Self.range(hunk.newStart, newCount)) @@\n"
      return header
        + hunk.lines.map { line in
          switch line.kind {
          case .same: " \(line.text)\n"
          case .removed: "-\(line.text)\n"
          case .added: "+\(line.text)\n"
          }
        }.joined()
    }.joined()
  }

  private static func range(_ start: Int, _ count: Int) -> String {
    count == 1 ? "\(start)" : "\(count == 0 ? start - 1 : start),\(count)"
  }

  private static func lines(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
