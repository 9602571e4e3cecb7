// SPDX-License-Identifier: Apache-2.0

import SourceText
internal import Yams

/// Pass 1: a file's YAML becomes items. Scalars stay text (`0644`, `yes` and `1.10` mean what was written); documents follow one
/// another; what is not understood is a warning, what has the wrong shape an error.
struct Read {
    private let file: SourceFile
    private var diagnostics = DiagnosticBag()
    private var items: [SourceItem] = []

    private init(_ file: SourceFile) { self.file = file }

    static func items(of file: SourceFile, into diagnostics: inout DiagnosticBag) -> [SourceItem] {
        var pass = Read(file)
        pass.readDocuments()
        pass.diagnostics.all.forEach { diagnostics.add($0) }
        return pass.items
    }

    private mutating func readDocuments() {
        do {
            // A loop with `for` would walk a copy, and the error would stay in that.
            var documents = try Yams.compose_all(yaml: file.text)
            while let node = documents.next() { readDocument(tree(node)) }
            if let error = documents.error { throw error }
        } catch {
            let (message, location) = describe(error)
            diagnostics.error(.yamlParse, message, at: location)
        }
    }

    private mutating func readDocument(_ document: SourceTree) {
        guard !document.isNull else { return }
        guard case .sequence(let entries, _) = document else {
            return diagnostics.error(
                .yamlValidate, "a rules file is a list of items, each beginning with '- rule:', '- macro:' or '- list:'",
                at: document.location)
        }
        for entry in entries where !entry.isNull {
            guard case .mapping(let members, let location) = entry else {
                diagnostics.error(.yamlValidate, "an item is a map of keys, such as 'rule: name'", at: entry.location)
                continue
            }
            var reader = ItemReader(members: members, location: location)
            if let item = reader.read() { items.append(item) }
            reader.diagnostics.all.forEach { diagnostics.add($0) }
        }
    }

    private func tree(_ node: Node) -> SourceTree {
        switch node {
        case .scalar(let scalar): .scalar(place(scalar))
        case .sequence(let sequence): .sequence(sequence.map(tree), location(sequence.mark))
        case .mapping(let mapping):
            .mapping(
                mapping.map { SourceEntry(key: key($0.key), value: tree($0.value)) }, location(mapping.mark))
        case .alias(let alias): .scalar(Scalar(text: "", style: .plain, file: file, start: location(alias.mark)))
        }
    }

    private func key(_ node: Node) -> Scalar {
        node.scalar.map(place) ?? Scalar(text: "", style: .plain, file: file, start: location(node.mark))
    }

    private func place(_ scalar: Node.Scalar) -> Scalar {
        let style: Scalar.Style =
            switch scalar.style {
            case .any, .plain: .plain
            case .singleQuoted: .singleQuoted
            case .doubleQuoted: .doubleQuoted
            case .literal, .folded: .block
            }
        return Scalar(text: scalar.string, style: style, file: file, start: location(scalar.mark))
    }

    private func location(_ mark: Mark?) -> SourceLocation {
        SourceLocation(file: file.name, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private func describe(_ error: any Error) -> (String, SourceLocation?) {
        guard let error = error as? YamlError else { return ("this is not YAML", nil) }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let reason = context.map { "\($0.text) " } ?? ""
            return ("this is not YAML: \(reason)\(problem)", location(mark))
        case .duplicatedKeysInMapping(let duplicates, let context):
            return ("the key '\(duplicates.first ?? "")' stands here twice", location(context.mark))
        case .reader(let problem, _, _, _): return ("this is not YAML: \(problem)", nil)
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded: return ("this is not YAML", nil)
        }
    }
}
