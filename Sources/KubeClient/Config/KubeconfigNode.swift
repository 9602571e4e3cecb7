// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import Yams

/// A value of a kubeconfig with its place: every error about it names file, line and key. Values never stand in a message.
struct KubeconfigNode {
    /// The file that the value stands in.
    struct File {
        /// What stands for it in messages.
        let name: String
        /// What relative paths in it count from.
        let directory: String
    }

    let file: File
    /// The path of keys to it, such as `users[0].user.exec`.
    let key: String
    private let node: Yams.Node

    /// Reads a whole file; nil when it is empty.
    static func root(_ text: String, _ file: File) throws(KubeError) -> KubeconfigNode? {
        do {
            let node = try compose(yaml: text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
            guard let node, node.null == nil else { return nil }
            return KubeconfigNode(file: file, key: "", node: node)
        } catch let error as YamlError {
            throw KubeError(.config, "\(file.name)\(place(error)) is no kubeconfig: \(problem(error)). Correct the YAML.")
        } catch {
            throw KubeError(.config, "\(file.name) is no kubeconfig: it cannot be read as YAML.")
        }
    }

    /// An error about this value.
    func error(_ message: String) -> KubeError {
        let line = node.mark.map { ":\($0.line)" } ?? ""
        return KubeError(.config, "\(file.name)\(line): \(key.isEmpty ? "" : key + ": ")\(message)")
    }

    /// An error about a member of this value, which may not be there.
    func error(_ name: String, _ message: String) -> KubeError {
        (present(name) ?? KubeconfigNode(file: file, key: path(name), node: node)).error(message)
    }

    /// The member of that name; nil when it is absent or null.
    func member(_ name: String) throws(KubeError) -> KubeconfigNode? {
        guard node.mapping != nil else { throw error("expected keys with values here.") }
        return present(name)
    }

    /// A member's text; nil when it is absent, null or empty.
    func text(_ name: String) throws(KubeError) -> String? {
        guard let member = try member(name) else { return nil }
        guard let text = member.node.scalar?.string else { throw member.error("expected a text.") }
        return text.isEmpty ? nil : text
    }

    /// A member that must be there.
    func required(_ name: String, _ advice: String) throws(KubeError) -> String {
        guard let text = try text(name) else { throw error(name, "is missing. \(advice)") }
        return text
    }

    /// A member that is true or false; false when it is absent.
    func flag(_ name: String) throws(KubeError) -> Bool {
        guard let member = try member(name) else { return false }
        guard let value = member.node.bool else { throw member.error("expected true or false.") }
        return value
    }

    /// The elements of a list; none when it is absent.
    func elements(_ name: String) throws(KubeError) -> [KubeconfigNode] {
        guard let member = try member(name) else { return [] }
        guard let sequence = member.node.sequence else { throw member.error("expected a list.") }
        return sequence.enumerated().map { KubeconfigNode(file: file, key: "\(member.key)[\($0.offset)]", node: $0.element) }
    }

    /// A list of texts.
    func texts(_ name: String) throws(KubeError) -> [String] {
        try elements(name).map { (element) throws(KubeError) in
            guard let text = element.node.scalar?.string else { throw element.error("expected a text.") }
            return text
        }
    }

    /// A path as the file means it: relative ones count from the file's own folder.
    func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : file.directory + "/" + path }

    /// Bytes that stand in `<name>-data` as base64, else in the file that `<name>` names; nil when neither is there.
    func material(_ name: String) throws(KubeError) -> [UInt8]? {
        if let data = try text(name + "-data") {
            let bytes = Data(base64Encoded: data.filter { !$0.isWhitespace })
            guard let bytes, !bytes.isEmpty else {
                throw error(name + "-data", "is not base64. Write the PEM in base64, or name its file in \(name).")
            }
            return [UInt8](bytes)
        }
        guard let path = try text(name) else { return nil }
        return try reading(name) { () throws(KubeError) in try SecretFile.bytes(resolved(path), for: name) }
    }

    /// Puts the place of a member before what went wrong with the file that it names.
    func reading<Value>(_ name: String, _ body: () throws(KubeError) -> Value) throws(KubeError) -> Value {
        do throws(KubeError) { return try body() } catch { throw self.error(name, error.message) }
    }

    /// The value as JSON.
    var json: JSONValue {
        switch node {
        case .mapping(let mapping):
            .object(
                Dictionary(
                    mapping.map { ($0.key.string ?? "", KubeconfigNode(file: file, key: key, node: $0.value).json) },
                    uniquingKeysWith: { first, _ in first }))
        case .sequence(let sequence): .array(sequence.map { KubeconfigNode(file: file, key: key, node: $0).json })
        case .scalar(let scalar):
            if node.null != nil { .null } else if let value = node.bool { .bool(value) } else if let value = node.int {
                .int(Int64(value))
            } else if let value = node.float, value.isFinite { .double(value) } else { .string(scalar.string) }
        case .alias: .null
        }
    }

    private func present(_ name: String) -> KubeconfigNode? {
        guard let value = node.mapping?[name], value.null == nil else { return nil }
        return KubeconfigNode(file: file, key: path(name), node: value)
    }

    private func path(_ name: String) -> String { key.isEmpty ? name : key + "." + name }

    // Yams would print the line itself, and in it perhaps a token.
    private static func problem(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        case .duplicatedKeysInMapping(let keys, _): "the key '\(keys.first ?? "")' stands there twice"
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded: "it cannot be read as YAML"
        }
    }

    private static func place(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): ":\(mark.line)"
        case .duplicatedKeysInMapping(_, let context): ":\(context.mark.line)"
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded: ""
        }
    }
}
