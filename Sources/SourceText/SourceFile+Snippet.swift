// SPDX-License-Identifier: Apache-2.0

extension SourceFile {
    // A longer line helps nobody, and a file that is one line would be printed with every finding.
    private static let longestLineShown = 2_000

    /// The line of that place behind a margin and below it a caret at the column, both ended; nil when there is no such line, or it is
    /// too long to be shown.
    public func snippet(at location: SourceLocation, margin: String = "") -> String? {
        guard let line = line(location.line), line.utf8.count <= Self.longestLineShown else { return nil }
        // A tab in front of the caret keeps it below its character, however wide the terminal shows tabs.
        let blanks = line.prefix(location.column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
        return "\(margin)\(String(line).visible)\n\(margin)\(blanks)^\n"
    }

    /// The place as bytes from the file's beginning; the end for a line that is not there.
    public func offset(of location: SourceLocation) -> Int {
        guard let line = line(location.line) else { return text.utf8.count }
        let before = line.prefix(location.column - 1)
        return text.utf8.distance(from: text.startIndex, to: before.endIndex)
    }
}

extension String {
    /// The text with each control character but the tab as U+FFFD: what somebody else wrote must not be able to clear the terminal of
    /// who reads it, or to forge a line.
    public var visible: String {
        let isControl = { (scalar: Unicode.Scalar) in scalar.value < 0x20 && scalar != "\t" || (0x7F...0x9F).contains(scalar.value) }
        guard unicodeScalars.contains(where: isControl) else { return self }
        return unicodeScalars.map { isControl($0) ? "\u{FFFD}" : String($0) }.joined()
    }
}
