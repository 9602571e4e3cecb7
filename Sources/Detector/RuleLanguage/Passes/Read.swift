// SPDX-License-Identifier: Apache-2.0

import SourceText

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
        diagnostics.add(pass.diagnostics)
        return pass.items
    }

    private mutating func readDocuments() {
        let reader = YamlReader(file)
        do throws(YamlError) {
            while let document = try reader.document() { readDocument(document) }
        } catch {
            diagnostics.error(.yamlParse, error.message, at: error.location)
        }
        for key in reader.repeatedKeys {
            diagnostics.warning(.ownWarning, "the key '\(key.text)' stands here twice; the first one counts", at: key.start)
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
            diagnostics.add(reader.diagnostics)
        }
    }
}
