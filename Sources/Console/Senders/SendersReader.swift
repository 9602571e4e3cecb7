// SPDX-License-Identifier: Apache-2.0

internal import EventModel
public import SourceText
internal import Yams

/// Reads the file of senders. An unknown key is an error here: this file says who may have pods ended.
public struct SendersReader {
    /// The entries that are right.
    public private(set) var entries: [SenderEntry] = []
    /// What is wrong.
    public private(set) var diagnostics = DiagnosticBag()

    private let file: SourceFile
    private let tokens: @Sendable (String) -> Result<[SecretToken], TokenProblem>

    /// Reads the text, and the token files that it names, to say what is wrong with them beside the line that names them.
    public init(_ file: SourceFile) { self.init(file, tokens: SecretToken.read) }

    init(_ file: SourceFile, tokens: @escaping @Sendable (String) -> Result<[SecretToken], TokenProblem>) {
        self.file = file
        self.tokens = tokens
        do {
            guard case .sequence(let list)? = try Yams.compose(yaml: file.text), !list.isEmpty else {
                complain("expected a list of senders, each with name, proof (\(Self.proofKeys.joined(separator: ", "))) and limits", nil)
                return
            }
            for node in list { read(node) }
        } catch let error as YamlError {
            complain("this is no YAML: \(error)", nil)
        } catch {
            complain("this cannot be read: \(error)", nil)
        }
    }

    private static let proofKeys = ["bearer", "basic", "certificate", "service_account"]

    private mutating func read(_ node: Node) {
        guard case .mapping(let mapping) = node else { return complain("expected a sender as a mapping of keys", node) }
        check(mapping, known: ["name", "nodes", "namespaces"] + Self.proofKeys)
        guard let name = text(mapping["name"]) else { return complain("the sender needs a 'name'", node) }
        if entries.contains(where: { $0.name == name }) { complain("a second sender '\(name)'; names are unique", mapping["name"]) }
        let proofs = Self.proofKeys.filter { mapping[$0] != nil }
        guard proofs.count == 1, let key = proofs.first, let value = mapping[key] else {
            let wanted = Self.proofKeys.joined(separator: ", ")
            return complain("sender '\(name)' needs exactly one of \(wanted); found \(proofs.isEmpty ? "none" : "\(proofs.count)")", node)
        }
        guard let proof = proof(key, value) else { return }
        let namespaces = names(mapping["namespaces"], "namespaces").map { list in list.map { NamespaceName($0) } }
        guard let nodes = nodes(mapping["nodes"], of: proof, hasNamespaces: namespaces != nil, node) else { return }
        entries.append(SenderEntry(name: name, proof: proof, nodes: nodes, namespaces: namespaces))
    }

    private mutating func proof(_ key: String, _ value: Node) -> SenderEntry.Proof? {
        switch key {
        case "bearer":
            return tokenFile(value, "bearer").map { .bearer(tokenFile: $0) }
        case "certificate":
            guard let name = text(value) else { return wanted("'certificate' expects the common name of the client's certificate", value) }
            return .certificate(name: name)
        case "basic":
            guard let mapping = value.mapping, let user = text(mapping["user"]), let file = mapping["token_file"] else {
                return wanted("'basic' expects user and token_file", value)
            }
            check(mapping, known: ["user", "token_file"])
            guard !user.contains(":") else { return wanted("a user of Basic authentication cannot hold a colon", mapping["user"]) }
            return tokenFile(file, "token_file").map { .basic(user: user, tokenFile: $0) }
        case _:
            guard let mapping = value.mapping, let space = text(mapping["namespace"]), let name = text(mapping["name"]) else {
                return wanted("'service_account' expects namespace and name", value)
            }
            check(mapping, known: ["namespace", "name", "audience"])
            return .serviceAccount(namespace: space, name: name, audience: text(mapping["audience"]))
        }
    }

    private mutating func tokenFile(_ node: Node, _ key: String) -> String? {
        guard let path = text(node) else { return wanted("'\(key)' expects the path of a file with a token", node) }
        switch tokens(path) {
        case .success: return path
        case .failure(let problem): return wanted(problem.message, node)
        }
    }

    private mutating func nodes(
        _ node: Node?, of proof: SenderEntry.Proof, hasNamespaces: Bool, _ entry: Node
    ) -> SenderEntry.Nodes? {
        if let node {
            if text(node) == "any" { return .any }
            guard let names = names(node, "nodes") else { return nil }
            return .named(names.map { NodeName($0) })
        }
        switch proof {
        case .certificate, .serviceAccount: return .own
        case .bearer, .basic:
            guard !hasNamespaces else { return .any }
            return wanted("a token names no node: say 'nodes: [name]', 'namespaces: [name]', or 'nodes: any' for all of the cluster", entry)
        }
    }

    /// Nil when the key is not there or is wrong.
    private mutating func names(_ node: Node?, _ key: String) -> [String]? {
        guard let node else { return nil }
        if key == "namespaces", text(node) == "any" { return nil }
        let texts = node.sequence?.compactMap { text($0) } ?? []
        guard let sequence = node.sequence, !sequence.isEmpty, texts.count == sequence.count else {
            return wanted("'\(key)' expects a list of names, or the word any", node)
        }
        return texts
    }

    private func text(_ node: Node?) -> String? {
        guard let text = node?.scalar?.string, !text.isEmpty else { return nil }
        return text
    }

    private mutating func check(_ mapping: Node.Mapping, known: [String]) {
        for (key, _) in mapping where !known.contains(key.string ?? "") {
            let name = key.string ?? ""
            complain("unknown key '\(name)'\(NearestName.hint(name, among: known))", key)
        }
    }

    private mutating func wanted<Value>(_ message: String, _ node: Node?) -> Value? {
        complain(message, node)
        return nil
    }

    private mutating func complain(_ message: String, _ node: Node?) {
        let place = SourceLocation(file: file.name, line: node?.mark?.line ?? 1, column: node?.mark?.column ?? 1)
        diagnostics.error("SENDERS", message, at: place)
    }
}
