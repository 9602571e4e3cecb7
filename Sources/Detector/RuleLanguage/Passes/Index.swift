// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Pass 8: which rules are run for which kind of event, in definition order.
struct RuleIndex: Sendable {
    private let ranges: [TableRange]
    private let order: [Int32]
    /// The kinds that at least one rule is run for.
    let kinds: Set<EventKind>

    /// Nil stands for a rule that is not run.
    init(_ types: [EventTypes?]) {
        var ranges = [TableRange](repeating: TableRange(), count: Int(EventKind.allCases.map(\.rawValue).max() ?? 0) + 1)
        var order: [Int32] = []
        var kinds: Set<EventKind> = []
        for kind in EventKind.allCases {
            let rules = types.indices.filter { types[$0].map { $0.accepts(kind) } ?? false }
            ranges[Int(kind.rawValue)] = TableRange(start: Int32(order.count), count: Int32(rules.count))
            order += rules.map(Int32.init)
            if !rules.isEmpty { kinds.insert(kind) }
        }
        self.ranges = ranges
        self.order = order
        self.kinds = kinds
    }

    /// The places in the order of the rules for that kind.
    func places(for kind: EventKind) -> Range<Int> { ranges[Int(kind.rawValue)].indices }

    /// The rule at a place in the order.
    func rule(at place: Int) -> Int { Int(order[place]) }
}

extension EventTypes {
    func accepts(_ kind: EventKind) -> Bool {
        switch kind {
        case .snapshot: false
        // A successful execveat is reported as execve.
        case .execveat: contains("execveat") || contains("execve")
        case .execve, .fork, .vfork, .clone, .clone3, .procexit, .open, .openat, .openat2, .creat, .connect: contains(kind.name)
        }
    }
}
