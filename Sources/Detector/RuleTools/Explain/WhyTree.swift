// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage

/// How a condition came to what it came to for one event: asked from left to right, and no further than needed.
public struct WhyTree: Sendable, Hashable {
    /// What a part came to.
    public enum Truth: String, Sendable, Hashable {
        /// It holds.
        case holds = "true"
        /// It does not.
        case fails = "false"
        /// What stands before it had decided already.
        case notAsked = "-"
    }

    /// What a part is.
    public enum Part: Sendable, Hashable {
        /// All of its parts must hold.
        case and
        /// One of its parts must hold.
        case or
        /// Its part must not hold.
        case not
        /// What a macro stands for.
        case macro(String)
        /// One comparison, with the fields that it reads.
        case test(TestOutline, [FieldValue])
    }

    /// The value that a field had.
    public struct FieldValue: Sendable, Hashable {
        /// The field, with its argument and what is done to it.
        public let field: String
        /// The value as text; nil for none.
        public let value: String?
        /// False for a value that nobody gave: a default of written events.
        public let isGiven: Bool
    }

    /// What this part is.
    public let part: Part
    /// What it came to.
    public let truth: Truth
    /// Its own parts.
    public let children: [WhyTree]

    /// Asks a condition of an event.
    public init(_ condition: ConditionOutline, _ event: TrialEvent) {
        let tests = Array(Set(condition.tests))
        let found = event.ask(tests)
        let walk = Walk(answers: Dictionary(uniqueKeysWithValues: zip(tests, found.answers)), values: found.values, tells: event.tells)
        self = walk.tree(condition, isAsked: true)
    }

    fileprivate init(_ part: Part, _ truth: Truth, _ children: [WhyTree] = []) {
        self.part = part
        self.truth = truth
        self.children = children
    }

    /// The comparisons that decide what this came to, in order: for a part that fails those that would have to change.
    public var deciding: [WhyTree] {
        switch (part, truth) {
        case (_, .notAsked): []
        case (.test, _): [self]
        case (.and, .fails), (.or, .holds): children.filter { $0.truth == truth }.prefix(1).flatMap(\.deciding)
        case (.and, .holds), (.or, .fails), (.not, _), (.macro, _): children.flatMap(\.deciding)
        }
    }
}

private struct Walk {
    let answers: [TestOutline: Bool]
    let values: [String: JSONValue]
    let tells: (String) -> Bool

    func tree(_ condition: ConditionOutline, isAsked: Bool) -> WhyTree {
        switch condition {
        case .and(let parts): return joined(.and, parts, isAsked, until: .fails)
        case .or(let parts): return joined(.or, parts, isAsked, until: .holds)
        case .not(let inner):
            let child = tree(inner, isAsked: isAsked)
            return WhyTree(.not, child.truth.turned, [child])
        case .macro(let name, let inner):
            let child = tree(inner, isAsked: isAsked)
            return WhyTree(.macro(name), child.truth, [child])
        case .test(let test):
            let truth: WhyTree.Truth = !isAsked ? .notAsked : answers[test] == true ? .holds : .fails
            return WhyTree(.test(test, fields(test)), truth)
        }
    }

    private func joined(_ part: WhyTree.Part, _ parts: [ConditionOutline], _ isAsked: Bool, until end: WhyTree.Truth) -> WhyTree {
        var children: [WhyTree] = [], isOpen = isAsked
        for condition in parts {
            children.append(tree(condition, isAsked: isOpen))
            if children.last?.truth == end { isOpen = false }
        }
        let truth = !isAsked ? .notAsked : isOpen ? end.turned : end
        return WhyTree(part, truth, children)
    }

    private func fields(_ test: TestOutline) -> [WhyTree.FieldValue] {
        zip(test.operands, test.fields).map { WhyTree.FieldValue(field: $0, value: values[$0]?.written, isGiven: tells($1)) }
    }
}

extension WhyTree.Truth {
    fileprivate var turned: WhyTree.Truth {
        switch self {
        case .holds: .fails
        case .fails: .holds
        case .notAsked: .notAsked
        }
    }
}
