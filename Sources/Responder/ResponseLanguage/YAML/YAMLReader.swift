// SPDX-License-Identifier: Apache-2.0

internal import SourceText
internal import Yams

/// Reads the first YAML document of a file into values with places, and resolves aliases and `<<`.
struct YAMLReader {
    // An alias repeats what it names, so a few lines can stand for billions of values.
    static let mostValues = 200_000
    static let deepest = 100

    private let file: SourceFile
    private var count = 0

    private struct Problem: Error {
        var message: String
        var place: SourceLocation
    }

    private init(_ file: SourceFile) { self.file = file }

    /// The first document's root; nil when the file is empty or broken, of which the bag tells.
    static func read(_ file: SourceFile, _ bag: inout DiagnosticBag) -> YAMLValue? {
        var reader = YAMLReader(file)
        do {
            return try reader.firstDocument(&bag)
        } catch let problem as Problem {
            bag.error(.yaml, problem.message, at: problem.place)
        } catch let error as YamlError {
            let problem = reader.problem(of: error)
            bag.error(.yaml, problem.message, at: problem.place)
        } catch {
            bag.error(.yaml, "not readable as YAML: \(error)", at: reader.place(nil))
        }
        return nil
    }

    private mutating func firstDocument(_ bag: inout DiagnosticBag) throws -> YAMLValue? {
        let text = file.text.hasPrefix("\u{FEFF}") ? String(file.text.dropFirst()) : file.text
        let parser = try Parser(yaml: text, resolver: .basic)
        guard let first = try parser.nextRoot() else { return nil }
        let root = try value(of: first, depth: 0)
        // What follows is never used, so a fault in it only cuts the warning short.
        if let second = try? parser.nextRoot() {
            bag.warning(.ignored, "only the first YAML document of a file is read; this one is ignored", at: place(second.mark))
        }
        return root
    }

    private mutating func value(of node: Node, depth: Int) throws -> YAMLValue {
        let here = place(node.mark)
        count += 1
        guard count <= Self.mostValues else {
            throw Problem(message: "more than \(Self.mostValues) values, aliases counted each time", place: here)
        }
        guard depth <= Self.deepest else { throw Problem(message: "nested deeper than \(Self.deepest) levels", place: here) }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return YAMLValue(
                content: .scalar(YAMLScalar(text: scalar.string, isPlain: isPlain, tag: scalar.tag.description)), place: here)
        case .sequence(let sequence):
            return YAMLValue(content: .list(try sequence.map { try value(of: $0, depth: depth + 1) }), place: here)
        case .mapping(let mapping):
            return YAMLValue(content: .map(try entries(of: mapping, depth: depth)), place: here)
        case .alias:
            throw Problem(message: "an alias without its anchor", place: here)
        }
    }

    private mutating func entries(of mapping: Node.Mapping, depth: Int) throws -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var merged: [YAMLEntry] = []
        for (key, node) in mapping {
            guard let scalar = key.scalar else { throw Problem(message: "a key must be a scalar", place: place(key.mark)) }
            let value = try value(of: node, depth: depth + 1)
            if scalar.string == "<<", scalar.style == .plain {
                merged += try mergeable(value)
            } else {
                entries.append(YAMLEntry(key: scalar.string, keyPlace: place(key.mark), value: value))
            }
        }
        // A key of the mapping itself stands, whatever `<<` brings; of several merged mappings the first stands.
        for entry in merged where !entries.contains(where: { $0.key == entry.key }) { entries.append(entry) }
        return entries
    }

    private func mergeable(_ value: YAMLValue) throws -> [YAMLEntry] {
        switch value.content {
        case .map(let entries): return entries
        case .list(let items): return try items.flatMap(mergeable)
        case .scalar: throw Problem(message: "'<<' needs a mapping or a list of mappings, found \(value.kind)", place: value.place)
        }
    }

    private func place(_ mark: Mark?) -> SourceLocation {
        SourceLocation(file: file.name, line: max(1, mark?.line ?? 1), column: max(1, mark?.column ?? 1))
    }

    private func problem(of error: YamlError) -> Problem {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let while_ = context.map { $0.text + ": " } ?? ""
            return Problem(message: "not valid YAML: \(while_)\(problem)", place: place(mark))
        case .reader(let problem, let offset, _, let yaml):
            return Problem(message: "not valid YAML: \(problem)", place: place(offset: offset ?? 0, in: yaml))
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            return Problem(message: "not valid YAML: a mapping has the key \(names) more than once", place: place(context.mark))
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return Problem(message: "not readable as YAML: \(error)", place: place(nil))
        }
    }

    private func place(offset: Int, in text: String) -> SourceLocation {
        let lines = text.prefix(offset).split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        return SourceLocation(file: file.name, line: lines.count, column: (lines.last?.count ?? 0) + 1)
    }
}
