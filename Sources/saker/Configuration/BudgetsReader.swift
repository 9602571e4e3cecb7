// SPDX-License-Identifier: Apache-2.0
import EventModel
import Guardrails
import SourceText
import Yams

/// Reads `guardrails.budgets`: a list of maps, one a budget.
struct BudgetsReader {
    /// Path of the key in the file.
    static let path = "guardrails.budgets"

    private(set) var diagnostics = DiagnosticBag()
    private let file: SourceFile

    private enum Key: String, CaseIterable { case per, acts, most, within }

    init(_ file: SourceFile) { self.file = file }

    /// The budgets; what is wrong goes into `diagnostics`.
    mutating func read(_ node: Node) -> [Budget] {
        guard case .sequence(let entries) = node else {
            complain("'\(Self.path)' expects a list of budgets, such as - {per: [rule, target], most: 1, within: 5m}", node)
            return []
        }
        return entries.compactMap { budget($0) }
    }

    private mutating func budget(_ node: Node) -> Budget? {
        guard case .mapping(let members) = node else {
            complain("a budget is a map of \(Key.allCases.map(\.rawValue).joined(separator: ", "))", node)
            return nil
        }
        var budget = Budget(per: [], most: -1, windowSeconds: 600)
        for (name, value) in members {
            guard let key = Key(rawValue: name.string ?? "") else {
                let hint = NearestName.hint(name.string ?? "", among: Key.allCases.map(\.rawValue))
                complain("unknown key '\(name.string ?? "")' in a budget\(hint)", name)
                continue
            }
            if let wanted = Self.apply(key, value, to: &budget) { complain("'\(key.rawValue)' expects \(wanted)", value) }
        }
        guard budget.most < 0 || budget.per.isEmpty else { return budget }
        complain("a budget says with 'per' whose it is and with 'most' how many acts are allowed", node)
        return nil
    }

    /// Puts a value in place; what was wanted when it is something else.
    private static func apply(_ key: Key, _ value: Node, to budget: inout Budget) -> String? {
        switch key {
        case .per:
            guard let parts = texts(value), case let found = parts.compactMap(Budget.Part.init), found.count == parts.count, !found.isEmpty
            else { return "\(names(Budget.Part.self)), or a list of them, all of which must be the same" }
            budget.per = Set(found)
        case .acts:
            guard let parts = texts(value), case let found = parts.compactMap(ActKind.init), found.count == parts.count, !found.isEmpty
            else { return "\(names(ActKind.self)), or a list of them" }
            budget.kinds = Set(found)
        case .most:
            guard let count = value.scalar.flatMap({ Int($0.string) }), (0...10_000).contains(count) else {
                return "a whole number from 0 to 10000"
            }
            budget.most = count
        case .within:
            guard let seconds = value.scalar.flatMap({ ConfigKey.duration($0.string) }), (1...86_400).contains(seconds) else {
                return "a duration such as 30s, 10m or 1h, from 1s to 24h"
            }
            budget.windowSeconds = seconds
        }
        return nil
    }

    private static func texts(_ node: Node) -> [String]? {
        if let text = node.scalar?.string { return [text] }
        guard let items = node.sequence?.map({ $0.scalar?.string ?? "" }) else { return nil }
        return items
    }

    private static func names<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String {
        type.allCases.map(\.rawValue).joined(separator: ", ")
    }

    private mutating func complain(_ message: String, _ node: Node) {
        diagnostics.error("CONFIG", message, at: node.location(in: file))
    }
}
