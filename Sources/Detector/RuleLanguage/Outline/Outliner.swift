// SPDX-License-Identifier: Apache-2.0

/// Lays what an author wrote beside what came of it: the first knows the names of macros, the second what is compared.
struct Outliner {
    private let macros: [String: ParsedCondition]

    init(_ macros: [CollectedMacro], trees: [ParsedCondition?]) {
        let pairs = zip(macros, trees).compactMap { macro, tree in tree.map { (macro.name.text, $0) } }
        self.macros = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// Nil when something in the condition was wrong.
    func outline(_ written: ParsedCondition, _ checked: CheckedCondition) -> ConditionOutline? {
        switch (written, checked) {
        case (.and(let parts), .and(let found)): return outlines(parts, found).map { .and($0) }
        case (.or(let parts), .or(let found)): return outlines(parts, found).map { .or($0) }
        case (.not(let inner), .not(let found)): return outline(inner, found).map { .not($0) }
        case (.macro(let name, _), _): return macros[name].flatMap { outline($0, checked) }.map { .macro(name, $0) }
        case (.check(let check), .test(let predicate)): return .test(TestOutline(check, predicate))
        case (_, _): return nil
        }
    }

    private func outlines(_ written: [ParsedCondition], _ checked: [CheckedCondition]) -> [ConditionOutline]? {
        guard written.count == checked.count else { return nil }
        let found = zip(written, checked).compactMap { outline($0, $1) }
        return found.count == written.count ? found : nil
    }
}

extension TestOutline {
    init(_ check: ParsedCheck, _ predicate: Predicate) {
        left = predicate.left.text
        comparison = [check.comparison.rawValue, check.modifier?.rawValue].compactMap { $0 }.joined(separator: " ")
        self.predicate = predicate
        switch check.right {
        case .nothing: (values, takesList) = ([], false)
        case .value(let value): (values, takesList) = ([value.text], false)
        case .list(let list): (values, takesList) = (list.map(\.text), true)
        case .operand:
            let right = predicate.operands.dropFirst().first
            (values, takesList) = ([right.map { $0.transformers.isEmpty ? "val(\($0.text))" : $0.text } ?? ""], false)
        }
    }
}
