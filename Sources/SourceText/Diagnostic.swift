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
    /// How many findings are kept; the rest is counted, so that a file of nothing but mistakes costs no more than its size.
    public static let limit = 10_000

    /// The findings, in the order they were made, up to `limit`.
    public private(set) var all: [Diagnostic] = []
    /// How many findings were made beyond `limit`.
    public private(set) var dropped = 0
    /// True when nothing may be loaded.
    public private(set) var hasErrors = false

    /// An empty bag.
    public init() {}

    /// Adds a finding.
    public mutating func add(_ diagnostic: Diagnostic) {
        if diagnostic.severity == .error { hasErrors = true }
        if all.count < Self.limit { all.append(diagnostic) } else { dropped += 1 }
    }

    /// Adds all findings of another bag.
    public mutating func add(_ other: DiagnosticBag) {
        other.all.forEach { add($0) }
        dropped += other.dropped
        hasErrors = hasErrors || other.hasErrors
    }

    /// Adds an error.
    public mutating func error(_ code: String, _ message: String, at location: SourceLocation?, item: String = "") {
        add(Diagnostic(.error, code, message, at: location, item: item))
    }

    /// Adds a warning.
    public mutating func warning(_ code: String, _ message: String, at location: SourceLocation?, item: String = "") {
        add(Diagnostic(.warning, code, message, at: location, item: item))
    }

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
        let rest = dropped == 0 ? "" : "and \(dropped) more findings\n"
        return sorted.map { Self.render($0.element, in: $0.element.location.flatMap { texts[$0.file] }) }.joined() + rest
    }

    private static func render(_ diagnostic: Diagnostic, in file: SourceFile?) -> String {
        let item = diagnostic.item.isEmpty ? "" : " (\(diagnostic.item.visible))"
        let sentence = "\(diagnostic.severity.rawValue): \(diagnostic.message.visible)\(item) [\(diagnostic.code)]\n"
        guard let location = diagnostic.location else { return sentence }
        return "\(location): \(sentence)\(file?.snippet(at: location, margin: "    ") ?? "")"
    }
}
