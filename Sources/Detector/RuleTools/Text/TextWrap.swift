// SPDX-License-Identifier: Apache-2.0

/// Breaks text into lines at its blanks.
package enum TextWrap {
    /// Lines of at most `width` characters; a word that is longer is cut. Never empty.
    package static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = [], line = ""
        for part in text.split(separator: " ", omittingEmptySubsequences: false) {
            var word = String(part)
            if !line.isEmpty, line.count + 1 + word.count <= width {
                line += " " + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            while word.count > width, width > 0 {
                lines.append(String(word.prefix(width)))
                word = String(word.dropFirst(width))
            }
            line = word
        }
        return lines + [line]
    }
}

extension String {
    /// With blanks behind it, up to that many characters.
    package func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    package var withoutTrailingBlanks: String {
        var end = endIndex
        while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
        return String(self[..<end])
    }

    /// Each line behind the margin.
    func indented(by margin: String) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n")
    }
}
