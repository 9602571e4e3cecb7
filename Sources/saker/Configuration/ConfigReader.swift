// SPDX-License-Identifier: Apache-2.0
import SourceText
import Yams

/// Reads `saker.yaml`, then the environment over it. An unknown key is an error here, unlike in Falco's and Talon's files: this
/// file says what may be done to a cluster.
struct ConfigReader {
    private(set) var configuration = Configuration()
    private(set) var diagnostics = DiagnosticBag()

    /// Reads a file's text; what is wrong goes into `diagnostics`.
    mutating func read(_ file: SourceFile) {
        do {
            guard let root = try Yams.compose(yaml: file.text) else { return }
            guard case .mapping(let mapping) = root else {
                return complain("expected a mapping of keys", at: place(root, in: file))
            }
            read(mapping, below: "", of: file)
        } catch {
            let (problem, mark) = Self.explain(error)
            complain("this is no YAML: \(problem)", at: SourceLocation(file: file.name, line: mark?.line ?? 1, column: mark?.column ?? 1))
        }
    }

    /// Lays `SAKER_*` variables over what was read; lists are separated by commas.
    mutating func read(environment: [String: String]) {
        for key in ConfigKey.all {
            guard let text = environment[key.variable] else { continue }
            let parts = text.isEmpty ? [] : text.split(separator: ",").map(String.init)
            let isApplied = key.apply(&configuration, .scalar(text)) || key.apply(&configuration, .list(parts))
            if !isApplied { complain("\(key.variable): expected \(key.wanted), found '\(text)'", at: nil) }
        }
        let known = Set(ConfigKey.all.map(\.variable) + Self.otherVariables)
        for name in environment.keys.sorted() where name.hasPrefix("SAKER_") && !known.contains(name) {
            complain("unknown variable \(name)\(NearestName.hint(name, among: known.sorted()))", at: nil)
        }
    }

    // SAKER_CONFIG names the file itself; the others belong to the tests.
    private static let otherVariables = ["SAKER_CONFIG", "SAKER_REQUIRE_ALL", "SAKER_TEST_KUBECONFIG"]

    private mutating func read(_ mapping: Node.Mapping, below prefix: String, of file: SourceFile) {
        for (name, node) in mapping {
            let path = prefix + (name.string ?? "")
            if let key = ConfigKey.all.first(where: { $0.path == path }) {
                apply(key, node, file)
            } else if path == LimitsReader.path {
                var limits = LimitsReader(file)
                configuration.alerts.limits = limits.read(node)
                limits.diagnostics.all.forEach { diagnostics.add($0) }
            } else if path == BudgetsReader.path {
                var budgets = BudgetsReader(file)
                configuration.guardrails.budgets = budgets.read(node)
                budgets.diagnostics.all.forEach { diagnostics.add($0) }
            } else if case .mapping(let inner) = node, ConfigKey.all.contains(where: { $0.path.hasPrefix(path + ".") }) {
                read(inner, below: path + ".", of: file)
            } else {
                let hint = NearestName.hint(path, among: ConfigKey.all.map(\.path) + [LimitsReader.path, BudgetsReader.path])
                complain("unknown key '\(path)'\(hint)", at: place(name, in: file))
            }
        }
    }

    private mutating func apply(_ key: ConfigKey, _ node: Node, _ file: SourceFile) {
        guard let value = Self.value(node), key.apply(&configuration, value) else {
            return complain("'\(key.path)' expects \(key.wanted)", at: place(node, in: file))
        }
    }

    private static func value(_ node: Node) -> ConfigValue? {
        switch node {
        case .scalar(let scalar):
            return .scalar(scalar.string)
        case .sequence(let sequence):
            let texts = sequence.compactMap { $0.scalar?.string }
            return texts.count == sequence.count ? .list(texts) : nil
        case .mapping, .alias:
            return nil
        }
    }

    private mutating func complain(_ message: String, at location: SourceLocation?) {
        diagnostics.error("CONFIG", message, at: location)
    }

    private func place(_ node: Node, in file: SourceFile) -> SourceLocation { node.location(in: file) }

    private static func explain(_ error: any Error) -> (problem: String, mark: Mark?) {
        guard let yaml = error as? YamlError else { return ("\(error)", nil) }
        switch yaml {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return (problem, mark)
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded, .duplicatedKeysInMapping:
            return ("\(yaml)", nil)
        }
    }
}

extension Node {
    /// Where it stands.
    func location(in file: SourceFile) -> SourceLocation {
        SourceLocation(file: file.name, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}
