// SPDX-License-Identifier: Apache-2.0

import RuleLanguage
import SourceText
import Yams

/// Reads fields and their values out of a map in YAML.
struct FieldMapReader {
    private let file: SourceFile
    private let item: String
    private(set) var diagnostics = DiagnosticBag()

    init(_ file: SourceFile, item: String = "") {
        self.file = file
        self.item = item
    }

    mutating func fields(_ node: Node) -> [GivenField] {
        guard case .mapping(let mapping) = node, !mapping.isEmpty else {
            complain("an event is a map of fields, such as {evt.type: execve, proc.name: bash}", node)
            return []
        }
        var found: [GivenField] = []
        for (key, value) in mapping {
            if let field = field(key, value) { found.append(field) }
        }
        return found
    }

    private mutating func field(_ key: Node, _ value: Node) -> GivenField? {
        guard value.scalar != nil else {
            complain("the value of a field must be a text, a number, true, false or null", value)
            return nil
        }
        do throws(FieldReference.Unknown) {
            let field = try FieldReference(key.scalar?.string ?? "")
            return GivenField(field, value.isNull ? nil : value.scalar?.string, at: key.place(in: file))
        } catch {
            complain(error.message, key)
            return nil
        }
    }

    private mutating func complain(_ message: String, _ node: Node) {
        diagnostics.error("EVENT", message, at: node.place(in: file), item: item)
    }
}

extension Node {
    /// True for what YAML writes for nothing.
    var isNull: Bool {
        guard let scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    func place(in file: SourceFile) -> SourceLocation {
        SourceLocation(file: file.name, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}

/// Yams' errors in words.
enum YAMLProblem {
    static func explain(_ error: any Error) -> (problem: String, mark: Mark?) {
        guard let error = error as? YamlError else { return ("\(error)", nil) }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return (problem, mark)
        case .duplicatedKeysInMapping(let keys, let context): return ("the key '\(keys.first ?? "")' stands here twice", context.mark)
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded: return ("\(error)", nil)
        }
    }
}
