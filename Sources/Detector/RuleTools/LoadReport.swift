// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import SourceText

/// What came of loading rule files, a file at a time, as `falco -V` tells it in JSON.
public struct LoadReport: Sendable, Hashable {
    /// One file.
    public struct File: Sendable, Hashable {
        /// The file's name as the user gave it.
        public let name: String
        /// What keeps it from being loaded.
        public let errors: [Finding]
        /// What may not mean what its author wanted.
        public let warnings: [Finding]

        /// True when it has no error.
        public var successful: Bool { errors.isEmpty }
        /// What its items have that items do not have, or lack.
        public var schemaWarnings: [String] {
            (errors + warnings).filter { LoadReport.shapeCodes.contains($0.code) }.map(\.message)
        }
    }

    /// One finding about a file.
    public struct Finding: Sendable, Hashable {
        /// Falco's word for its kind, such as `LOAD_ERR_VALIDATE`.
        public let code: String
        /// What is wrong.
        public let message: String
        /// `rule`, `macro` or `list`; `rules content` for the file as a whole.
        public let itemType: String
        /// The item's name; empty for the file as a whole.
        public let itemName: String
        /// Line and column, from 1, and the offset in bytes, from 0; all 0 for the file as a whole.
        public let line: Int, column: Int, offset: Int
        /// The source line and a caret below the place; empty for the file as a whole.
        public let snippet: String
    }

    /// The files, in the order in which they were named.
    public let files: [File]

    /// Shares findings out to their files; what names no place goes to the last one. `unreadable` are files with the reason.
    public init(files sources: [SourceFile], diagnostics: DiagnosticBag, unreadable: [(name: String, reason: String)] = []) {
        let loaded = sources.enumerated().map { index, source in
            let own = diagnostics.all.filter { ($0.location?.file ?? sources.last?.name) == source.name }
            return File(
                name: source.name, errors: own.filter { $0.severity == .error }.map { Finding($0, in: source) },
                warnings: own.filter { $0.severity == .warning }.map { Finding($0, in: source) })
        }
        files = loaded + unreadable.map { File(name: $0.name, errors: [Finding(unreadable: $0.reason)], warnings: []) }
    }

    /// True when all files have no error.
    public var successful: Bool { files.allSatisfy(\.successful) }

    /// `falco_load_results` with an object a file: `name`, `successful`, `schema_valid`, `schema_warnings`, `errors` and `warnings`,
    /// each of these with `code`, `codedesc`, `message` and `context` of `locations` and `snippet`.
    public var json: JSONValue {
        let results = files.map { file -> JSONValue in
            [
                "name": .string(file.name), "successful": .bool(file.successful), "schema_valid": .bool(file.schemaWarnings.isEmpty),
                "schema_warnings": .array(file.schemaWarnings.map { .string($0) }),
                "errors": .array(file.errors.map { $0.json(in: file.name) }),
                "warnings": .array(file.warnings.map { $0.json(in: file.name) }),
            ]
        }
        return ["falco_load_results": .array(results)]
    }

    fileprivate static let shapeCodes = ["LOAD_ERR_YAML_PARSE", "LOAD_ERR_YAML_VALIDATE", "LOAD_UNKNOWN_ITEM", "LOAD_UNKNOWN_KEY"]
}

extension LoadReport.Finding {
    fileprivate init(_ diagnostic: Diagnostic, in file: SourceFile) {
        code = diagnostic.code
        message = diagnostic.message
        (itemType, itemName) = Self.item(diagnostic.item)
        line = diagnostic.location?.line ?? 0
        column = diagnostic.location?.column ?? 0
        offset = diagnostic.location.map { file.offset(of: $0) } ?? 0
        snippet = diagnostic.location.flatMap { file.snippet(at: $0) } ?? ""
    }

    fileprivate init(unreadable reason: String) {
        self.init(
            code: "LOAD_ERR_FILE_READ", message: reason, itemType: Self.wholeFile, itemName: "", line: 0, column: 0, offset: 0, snippet: "")
    }

    private static let wholeFile = "rules content"

    // An item is told as `rule "name"`, and an exception as `exception "name" of rule "name"`.
    private static func item(_ text: String) -> (String, String) {
        guard let quote = text.firstIndex(of: "\"") else { return text.isEmpty ? (wholeFile, "") : (text, "") }
        let name = text[text.index(after: quote)...].dropLast()
        let end = text.hasPrefix("exception ") ? name.firstRange(of: "\" of ")?.lowerBound : nil
        return (String(text[..<quote].dropLast()), String(name[..<(end ?? name.endIndex)]))
    }

    fileprivate func json(in file: String) -> JSONValue {
        let location: JSONValue = [
            "item_type": .string(itemType), "item_name": .string(itemName),
            "position": [
                "name": .string(file), "line": .int(Int64(line)), "column": .int(Int64(column)), "offset": .int(Int64(offset)),
            ],
        ]
        return [
            "code": .string(code), "codedesc": .string(Self.descriptions[code] ?? ""), "message": .string(message),
            "context": ["locations": [location], "snippet": .string(snippet)],
        ]
    }

    private static let descriptions = [
        "LOAD_ERR_FILE_READ": "the file could not be read",
        "LOAD_ERR_YAML_PARSE": "the text is not YAML",
        "LOAD_ERR_YAML_VALIDATE": "an item does not have the shape that it needs",
        "LOAD_ERR_COMPILE_CONDITION": "a condition could not be compiled",
        "LOAD_ERR_COMPILE_OUTPUT": "an output could not be compiled",
        "LOAD_ERR_VALIDATE": "an item does not fit the others, or this engine",
        "LOAD_ERR_EXTENSION": "an item that only this engine knows is wrong",
        "LOAD_UNKNOWN_SOURCE": "the rule's events come from a source that is not there",
        "LOAD_UNSAFE_NA_CHECK": "a field is compared with <NA>",
        "LOAD_NO_EVTTYPE": "the condition names no event types",
        "LOAD_UNKNOWN_FILTER": "the rule names a field or event type that is not known",
        "LOAD_UNUSED_MACRO": "the macro is not used",
        "LOAD_UNUSED_LIST": "the list is not used",
        "LOAD_UNKNOWN_ITEM": "the item is of no known kind",
        "LOAD_DEPRECATED_ITEM": "the item is written in a way that is deprecated",
        "LOAD_WARNING_EXTENSION": "something that only this engine says",
        "LOAD_APPEND_NO_VALUES": "an exception is appended to without values",
        "LOAD_EXCEPTION_NAME_NOT_UNIQUE": "two exceptions have the same name",
        "LOAD_INVALID_MACRO_NAME": "the macro's name is not one",
        "LOAD_INVALID_LIST_NAME": "the list's name is not one",
        "LOAD_COMPILE_CONDITION": "something in the condition may not mean what it seems to",
        "LOAD_UNKNOWN_KEY": "the item has a key that is not known",
    ]
}
