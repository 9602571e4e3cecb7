// SPDX-License-Identifier: Apache-2.0
import Delivery
import SourceText
import Yams

/// Reads `alerts.limits`: a list of maps, one a limit.
struct LimitsReader {
    /// Path of the key in the file.
    static let path = "alerts.limits"

    private(set) var diagnostics = DiagnosticBag()
    private let file: SourceFile

    private enum Key: String, CaseIterable { case rule, tag, first, every, group_by }

    init(_ file: SourceFile) { self.file = file }

    /// The limits; what is wrong goes into `diagnostics`.
    mutating func read(_ node: Node) -> [AlertLimit] {
        guard case .sequence(let entries) = node else {
            complain("'\(Self.path)' expects a list of limits, such as - {rule: \"Read sensitive*\", every: 1m}", node)
            return []
        }
        return entries.compactMap { limit($0) }
    }

    private mutating func limit(_ node: Node) -> AlertLimit? {
        guard case .mapping(let members) = node else {
            complain("a limit is a map of \(Key.allCases.map(\.rawValue).joined(separator: ", "))", node)
            return nil
        }
        var limit = AlertLimit()
        for (name, value) in members {
            guard let key = Key(rawValue: name.string ?? "") else {
                let hint = NearestName.hint(name.string ?? "", among: Key.allCases.map(\.rawValue))
                complain("unknown key '\(name.string ?? "")' in a limit\(hint)", name)
                continue
            }
            if let wanted = Self.apply(key, value, to: &limit) { complain("'\(key.rawValue)' expects \(wanted)", value) }
        }
        guard limit.rule.isEmpty, limit.tag.isEmpty else { return limit }
        complain("a limit names its rules with 'rule' (a name, * for all) or 'tag'", node)
        return nil
    }

    /// Puts a value in place; what was wanted when it is something else.
    private static func apply(_ key: Key, _ value: Node, to limit: inout AlertLimit) -> String? {
        switch key {
        case .rule:
            guard let text = value.scalar?.string, !text.isEmpty else { return "a rule's name; * and ? stand for any text and any letter" }
            limit.rule = text
        case .tag:
            guard let text = value.scalar?.string, !text.isEmpty else { return "a tag" }
            limit.tag = text
        case .first:
            guard let count = value.scalar.flatMap({ Int($0.string) }), (1...1_000).contains(count) else {
                return "a whole number from 1 to 1000"
            }
            limit.first = count
        case .every:
            guard let seconds = value.scalar.flatMap({ ConfigKey.duration($0.string) }), (1...86_400).contains(seconds) else {
                return "a duration such as 30s, 10m or 1h, from 1s to 24h"
            }
            limit.seconds = seconds
        case .group_by:
            guard let fields = value.sequence?.map({ $0.scalar?.string ?? "" }), !fields.contains("") else {
                return "a list of fields, such as [container.id, proc.name]"
            }
            limit.groupBy = fields
        }
        return nil
    }

    private mutating func complain(_ message: String, _ node: Node) {
        diagnostics.error("CONFIG", message, at: node.location(in: file))
    }
}
