// SPDX-License-Identifier: Apache-2.0

import SourceText

/// A table of texts with aligned columns. What does not fit a terminal goes on in the next line, below its own column.
struct TextTable {
    private static let gap = 2
    /// No column gets narrower than this, however small the terminal is.
    private static let least = 10

    private let columns: [String]
    private let wrapping: Set<Int>
    private var rows: [[String]] = []

    /// `wrapping` are the columns, counted from 0, that may be made narrower.
    init(columns: [String], wrapping: Set<Int>) {
        self.columns = columns
        self.wrapping = wrapping
    }

    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count)
        rows.append(row.map(\.visible))
    }

    /// The header and the rows, each line ended; nil is a terminal without an end.
    func text(width: Int?) -> String {
        let widths = widths(within: width)
        return ([columns] + rows).map { row in Self.lines(row, widths) }.joined()
    }

    private func widths(within width: Int?) -> [Int] {
        var widths = columns.indices.map { index in ([columns] + rows).map { $0[index].count }.max() ?? 0 }
        guard let width else { return widths }
        // The widest column gives a character at a time, so that narrow ones stay whole as long as they can.
        while widths.reduce(0, +) + Self.gap * (widths.count - 1) > width {
            guard let widest = wrapping.filter({ widths[$0] > Self.least }).max(by: { (widths[$0], $0) < (widths[$1], $1) })
            else { break }
            widths[widest] -= 1
        }
        return widths
    }

    private static func lines(_ row: [String], _ widths: [Int]) -> String {
        let cells = zip(row, widths).map { TextWrap.lines($0, width: $1) }
        let height = cells.map(\.count).max() ?? 1
        return (0..<height).map { line in
            let parts = zip(cells, widths).map { cell, width in (line < cell.count ? cell[line] : "").padded(to: width) }
            return parts.joined(separator: String(repeating: " ", count: gap)).withoutTrailingBlanks + "\n"
        }.joined()
    }
}
