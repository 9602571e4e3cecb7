// SPDX-License-Identifier: Apache-2.0

/// Something a person should know about a source file.
public struct Diagnostic: Sendable, Hashable {
    /// How grave it is.
    public enum Severity: String, Sendable, Hashable {
        /// Nothing of the set is loaded.
        case error
        /// The set is loaded; something in it may not mean what its author wanted.
        case warning
    }

    /// How grave it is.
    public var severity: Severity
    /// A stable word, such as Falco's `LOAD_ERR_COMPILE_CONDITION`.
    public var code: String
    /// What is wrong, what was expected, and the nearest right name if there is one.
    public var message: String
    /// Where; nil when it concerns no single place.
    public var location: SourceLocation?
    /// What it is about in the user's own terms, such as `rule "Terminal shell"`; empty for the file as a whole.
    public var item: String

    /// States a finding.
    public init(_ severity: Severity, _ code: String, _ message: String, at location: SourceLocation?, item: String = "") {
        self.severity = severity
        self.code = code
        self.message = message
        self.location = location
        self.item = item
    }
}

/// The findings of a run over one or more files: passes add to it and go on, so that one run shows all.
public struct DiagnosticBag: Sendable {
    /// The findings, in the order they were made.
    public private(set) var all: [Diagnostic] = []

    /// An empty bag.
    public init() {}

    /// Adds a finding.
    public mutating func add(_ diagnostic: Diagnostic) { all.append(diagnostic) }

    /// Adds an error.
    public mutating func error(_ code: String, _ message: String, at location: SourceLocation?, item: String = "") {
        add(Diagnostic(.error, code, message, at: location, item: item))
    }

    /// Adds a warning.
    public mutating func warning(_ code: String, _ message: String, at location: SourceLocation?, item: String = "") {
        add(Diagnostic(.warning, code, message, at: location, item: item))
    }

    /// True when nothing may be loaded.
    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    /// All findings as text: `file:line:col: error: message [CODE]`, the source line and a caret, grouped by file in reading order.
    public func rendered(from files: [SourceFile]) -> String {
        let order = Dictionary(files.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let sorted = all.enumerated().sorted { left, right in
            let a = left.element.location, b = right.element.location
            let fileA = a.flatMap { order[$0.file] } ?? -1, fileB = b.flatMap { order[$0.file] } ?? -1
            guard fileA == fileB else { return fileA < fileB }
            guard let a, let b, a != b else { return left.offset < right.offset }
            return a < b
        }
        let texts = Dictionary(files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return sorted.map { Self.render($0.element, in: $0.element.location.flatMap { texts[$0.file] }) }.joined()
    }

    private static func render(_ diagnostic: Diagnostic, in file: SourceFile?) -> String {
        let item = diagnostic.item.isEmpty ? "" : " (\(diagnostic.item))"
        let sentence = "\(diagnostic.severity.rawValue): \(diagnostic.message)\(item) [\(diagnostic.code)]\n"
        guard let location = diagnostic.location else { return sentence }
        guard let line = file?.line(location.line) else { return "\(location): \(sentence)" }
        // A tab in front of the caret keeps it below its character, however wide the terminal shows tabs.
        let margin = line.prefix(location.column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
        return "\(location): \(sentence)    \(line)\n    \(margin)^\n"
    }
}
