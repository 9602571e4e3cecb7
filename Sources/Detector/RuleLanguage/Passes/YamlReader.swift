// SPDX-License-Identifier: Apache-2.0

internal import CYaml
import SourceText

/// A text that is not YAML, or YAML beyond the limits.
struct YamlError: Error {
    var message: String
    var location: SourceLocation?
}

/// Reads the documents of a YAML text as trees whose scalars stay text. It stands directly on libyaml's events: a tree builder for
/// any YAML compares and resolves what is read, which a file of anchors within anchors can make take for ever.
///
/// An alias is the value of its anchor, `<<` merges maps; of a key that stands twice in a map, the first counts.
final class YamlReader {
    /// How deep a document may nest; rule files need six.
    static let depthLimit = 64
    /// How many values aliases may stand for in one file.
    static let aliasLimit = 100_000
    // libyaml looks each of them up among all others.
    private static let directiveLimit = 64

    /// Keys that stand twice in one map.
    private(set) var repeatedKeys: [Scalar] = []

    private let file: SourceFile
    private let skipped: Int
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private var anchors: [String: (tree: SourceTree, size: Int)] = [:]
    private var size = 0
    private var aliased = 0
    private var isStarted = false
    private var isAtEnd = false

    init(_ file: SourceFile) {
        self.file = file
        let text = file.text.utf8
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        skipped = text.starts(with: mark) ? mark.count : 0
        bytes = .allocate(capacity: text.count)
        _ = bytes.initialize(fromContentsOf: text)
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress.map { $0 + skipped }, text.count - skipped)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    /// The next document; nil at the end of the text.
    func document() throws(YamlError) -> SourceTree? {
        if !isStarted { try checkDirectives() }
        isStarted = true
        while !isAtEnd {
            let event = try next()
            switch event.kind {
            case .streamEnd: isAtEnd = true
            case .other: continue
            case .alias, .scalar, .sequence, .mapping, .end:
                // An anchor is known in its own document only.
                anchors = [:]
                return try node(event, depth: 1)
            }
        }
        return nil
    }

    private func checkDirectives() throws(YamlError) {
        var count = 0
        for number in 1...file.lineCount where file.line(number)?.utf8.first == UInt8(ascii: "%") {
            count += 1
            guard count <= Self.directiveLimit else {
                throw YamlError(
                    message: "a file may hold \(Self.directiveLimit) YAML directives (lines that begin with %) at most",
                    location: SourceLocation(file: file.name, line: number, column: 1))
            }
        }
    }

    private func node(_ event: YamlEvent, depth: Int) throws(YamlError) -> SourceTree {
        guard depth <= Self.depthLimit else {
            throw YamlError(message: "the values are nested deeper than \(Self.depthLimit)", location: event.location)
        }
        let before = size
        size += 1
        let tree: SourceTree
        switch event.kind {
        case .alias: return try alias(event)
        case .scalar(let style):
            tree = .scalar(Scalar(text: event.text, style: style, file: file, start: event.location, lastLine: event.lastLine))
        case .sequence: tree = try sequence(event, depth)
        case .mapping: tree = try mapping(event, depth)
        case .end, .other, .streamEnd: throw YamlError(message: "this is not YAML: a value is missing", location: event.location)
        }
        if !event.anchor.isEmpty { anchors[event.anchor] = (tree, size - before) }
        return tree
    }

    private func alias(_ event: YamlEvent) throws(YamlError) -> SourceTree {
        guard let found = anchors[event.anchor] else {
            throw YamlError(message: "no value before this one is marked with &\(event.anchor)", location: event.location)
        }
        size += found.size
        aliased += found.size
        guard aliased <= Self.aliasLimit else {
            throw YamlError(message: "the aliases stand for more than \(Self.aliasLimit) values", location: event.location)
        }
        return found.tree
    }

    private func sequence(_ start: YamlEvent, _ depth: Int) throws(YamlError) -> SourceTree {
        var entries: [SourceTree] = []
        var event = try next()
        while !event.isEnd {
            entries.append(try node(event, depth: depth + 1))
            event = try next()
        }
        return .sequence(entries, start.location)
    }

    private func mapping(_ start: YamlEvent, _ depth: Int) throws(YamlError) -> SourceTree {
        var entries: [SourceEntry] = []
        var merged: [SourceTree] = []
        var known: Set<String> = []
        var event = try next()
        while !event.isEnd {
            let place = event.location
            let key = try node(event, depth: depth + 1).scalar ?? Scalar(text: "", style: .plain, file: file, start: place)
            let value = try node(try next(), depth: depth + 1)
            if key.text == "<<", key.style == .plain {
                merged.append(value)
            } else if known.insert(key.text).inserted {
                entries.append(SourceEntry(key: key, value: value))
            } else {
                repeatedKeys.append(key)
            }
            event = try next()
        }
        for value in merged { merge(value, into: &entries, &known) }
        return .mapping(entries, start.location)
    }

    private func merge(_ value: SourceTree, into entries: inout [SourceEntry], _ known: inout Set<String>) {
        switch value {
        case .mapping(let others, _):
            for entry in others where known.insert(entry.key.text).inserted { entries.append(entry) }
        case .sequence(let maps, _): maps.forEach { merge($0, into: &entries, &known) }
        case .scalar: break
        }
    }

    private func next() throws(YamlError) -> YamlEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw error() }
        defer { yaml_event_delete(&event) }
        return YamlEvent(event, file: file)
    }

    private func error() -> YamlError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        if parser.pointee.error == YAML_READER_ERROR {
            let code = String(max(0, parser.pointee.problem_value), radix: 16, uppercase: true)
            return YamlError(
                message: "this is not YAML: \(problem) (0x\(code))",
                location: file.location(ofByte: Int(parser.pointee.problem_offset) + skipped))
        }
        // libyaml's own limit is higher, and its words are for programmers.
        if problem.hasPrefix("Maximum nesting level") {
            return YamlError(
                message: "the values are nested deeper than \(Self.depthLimit)", location: location(parser.pointee.context_mark))
        }
        let context = parser.pointee.context.map { String(cString: $0) + " " } ?? ""
        return YamlError(message: "this is not YAML: \(context)\(problem)", location: location(parser.pointee.problem_mark))
    }

    // libyaml counts one line more at the end of a text that does not end its last one.
    private func location(_ mark: yaml_mark_t) -> SourceLocation {
        guard Int(mark.line) < file.lineCount else { return file.location(ofByte: file.text.utf8.count) }
        return SourceLocation(file: file.name, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

/// One event of libyaml, copied out of it.
private struct YamlEvent {
    enum Kind {
        case alias, scalar(Scalar.Style), sequence, mapping
        /// Of a sequence or a mapping.
        case end
        case streamEnd
        /// The start of the stream, the start or the end of a document.
        case other
    }

    var kind = Kind.other
    /// The anchor that the value is marked with, or that the alias names.
    var anchor = ""
    var text = ""
    let location: SourceLocation
    let lastLine: Int

    var isEnd: Bool {
        guard case .end = kind else { return false }
        return true
    }

    init(_ event: yaml_event_t, file: SourceFile) {
        location = SourceLocation(
            file: file.name, line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
        lastLine = Int(event.end_mark.line) + 1
        switch event.type {
        case YAML_ALIAS_EVENT:
            kind = .alias
            anchor = Self.text(event.data.alias.anchor)
        case YAML_SCALAR_EVENT:
            kind = .scalar(Self.style(event.data.scalar.style))
            anchor = Self.text(event.data.scalar.anchor)
            text = String(decoding: UnsafeBufferPointer(start: event.data.scalar.value, count: event.data.scalar.length), as: UTF8.self)
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequence
            anchor = Self.text(event.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT:
            kind = .mapping
            anchor = Self.text(event.data.mapping_start.anchor)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .end
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case _: kind = .other
        }
    }

    private static func text(_ pointer: UnsafePointer<UInt8>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }

    private static func style(_ style: yaml_scalar_style_t) -> Scalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        case _: .plain
        }
    }
}
