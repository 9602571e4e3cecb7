// SPDX-License-Identifier: Apache-2.0

import EventModel

/// How the fields of documents get their values. A place that is not there, and a JSON null, is no value.
enum DocumentFields {
    /// A way to read one field.
    enum Reader: Sendable {
        /// The value at a path of members, as text.
        case member([String])
        /// The values of an array, or what stands at `inner` in each: a list. What lacks it is left out, or makes the whole null.
        case elements([String], inner: [String] = [], needsAll: Bool = false)
        /// Anything else.
        case made(@Sendable (Document, Operand.Argument) -> FieldValue?)
    }

    /// The readers of all fields that documents have values for, by name.
    static let readers: [String: Reader] =
        [general, AuditReaders.all, TrailReaders.all].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    /// The value of a field.
    static func value(of operand: Operand, in document: Document) -> FieldValue? {
        guard let reader = readers[operand.facts.name] else { return nil }
        // Other JSON that a webhook may be sent has none of these fields.
        if operand.facts.name.hasPrefix("ka."), document.body["auditID"] == nil { return nil }
        switch reader {
        case .member(let path): return document.body.at(path)?.asText.map { FieldValue($0) }
        case .elements(let path, let inner, let needsAll):
            return document.body.elements(at: path, operand.argument, inner: inner, needsAll: needsAll)
                .flatMap { .texts($0.compactMap(\.asText)) }
        case .made(let make): return make(document, operand.argument)
        }
    }

    private static let general: [String: Reader] = [
        "evt.num": number { Int64(clamping: $0.number) },
        "evt.time": number { Int64(clamping: $0.time.nanoseconds) },
        "evt.time.iso8601": number { Int64(clamping: $0.time.nanoseconds) },
        "evt.rawtime": number { Int64(clamping: $0.time.nanoseconds) },
        "evt.rawtime.s": number { Int64($0.time.nanoseconds / 1_000_000_000) },
        "evt.rawtime.ns": number { Int64($0.time.nanoseconds % 1_000_000_000) },
        "evt.time.s": text { String($0.time.clock.prefix(8)) },
        "evt.datetime": text { day($0.time) + " " + $0.time.clock },
        "evt.datetime.s": text { day($0.time) + " " + $0.time.clock.prefix(8) },
        "evt.reltime": number { Int64(clamping: $0.time.nanoseconds(since: $0.began)) },
        "evt.reltime.s": number { Int64($0.time.nanoseconds(since: $0.began) / 1_000_000_000) },
        "evt.reltime.ns": number { Int64($0.time.nanoseconds(since: $0.began) % 1_000_000_000) },
        "evt.hostname": text(\.hostname),
        "evt.source": text { $0.source.rawValue },
        "evt.pluginname": text { $0.source == .cloudTrail ? "cloudtrail" : "k8saudit" },
        "evt.plugininfo": text { $0.source == .cloudTrail ? TrailSummary.line(of: $0.body) : $0.body.text },
        "evt.is_async": .made { _, _ in .flag(false) },
        // Only events that are put in between have one, and none of these are.
        "evt.asynctype": .made { _, _ in nil },
        "json.value": .made(pointed), "jevt.value": .made(pointed),
        "json.obj": text(\.body.indentedText), "jevt.obj": text(\.body.indentedText),
        "json.rawtime": text { String($0.time.nanoseconds) }, "jevt.rawtime": text { String($0.time.nanoseconds) },
    ]

    private static func day(_ time: Timestamp) -> Substring { time.description.prefix { $0 != "T" } }

    static func text(_ read: @escaping @Sendable (Document) -> String?) -> Reader {
        .made { document, _ in read(document).map { FieldValue($0) } }
    }

    static func number(_ read: @escaping @Sendable (Document) -> Int64?) -> Reader {
        .made { document, _ in read(document).map { .number($0) } }
    }

    // RFC 6901, as the dialect reads it: the first slash may be left out.
    @Sendable private static func pointed(_ document: Document, _ argument: Operand.Argument) -> FieldValue? {
        guard case .name(let pointer) = argument else { return nil }
        let path = pointer.hasPrefix("/") ? pointer.dropFirst() : pointer[...]
        guard !path.isEmpty else { return FieldValue(document.body.text) }
        return document.body.at(path.split(separator: "/", omittingEmptySubsequences: false).map(unescaped))?.asText
            .map { FieldValue($0) }
    }

    private static func unescaped(_ key: Substring) -> String {
        key.split(separator: "~1", omittingEmptySubsequences: false)
            .map { $0.split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~") }.joined(separator: "/")
    }
}

extension EventSource {
    /// True when its events are JSON documents.
    public var isDocuments: Bool {
        switch self {
        case .syscall: false
        case .kubernetesAudit, .cloudTrail: true
        }
    }
}

extension JSONValue {
    /// What stands at a path of members, and of places in arrays; nil for nothing and for a null.
    func at(_ path: some Sequence<String>) -> JSONValue? {
        var value = self
        for key in path {
            let place = value.array.flatMap { elements in Int(key).flatMap { elements.indices.contains($0) ? elements[$0] : nil } }
            guard let next = place ?? value[key] else { return nil }
            value = next
        }
        return value == .null ? nil : value
    }

    /// A string as it is, anything else as JSON; nil for a null.
    var asText: String? {
        switch self {
        case .null: nil
        case .string(let text): text
        case .bool, .int, .double, .array, .object: text
        }
    }

    /// The elements of the array at a path, or only that of an index; with `inner`, what stands there in each, arrays flattened. Nil for no
    /// array, for an index that is not there, and when `needsAll` and one has nothing there.
    func elements(
        at path: [String], _ argument: Operand.Argument = .none, inner: [String] = [], needsAll: Bool = false
    ) -> [JSONValue]? {
        guard var found = at(path)?.array else { return nil }
        if case .index(let index) = argument {
            guard index < found.count else { return nil }
            found = [found[index]]
        }
        guard !inner.isEmpty else { return found }
        let values = found.compactMap { $0.at(inner) }
        guard !needsAll || values.count == found.count else { return nil }
        return values.flatMap { $0.array ?? [$0] }
    }
}
