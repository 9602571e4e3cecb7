// SPDX-License-Identifier: Apache-2.0

import SourceText

/// A condition without macros.
indirect enum ResolvedCondition {
    case and([ResolvedCondition])
    case or([ResolvedCondition])
    case not(ResolvedCondition)
    case check(ParsedCheck)
    /// Stands where something was wrong that has been reported.
    case failed
}

/// Pass 4: macros become what they stand for. A macro sees only the macros that stood before its own last definition; a rule
/// sees all.
struct Resolve {
    /// How many nodes one rule may come to: macros that name macros can double at every step.
    static let sizeLimit = 50_000
    /// How many nodes all rules together may come to.
    static let totalLimit = 4_000_000
    /// How deep a rule's tree may be, and how long a chain of macros: later passes walk it on a thread's stack.
    static let heightLimit = Parse.depthLimit

    private struct Resolved {
        var tree: ResolvedCondition
        var size = 1
        var height = 1
    }

    private let macros: [CollectedMacro]
    private let trees: [ParsedCondition?]
    private let names: [String: Int]
    private(set) var used: Set<Int> = []
    private(set) var diagnostics = DiagnosticBag()
    // A macro means the same wherever it is used, so each is resolved once and its tree shared.
    private var resolved: [Resolved?]
    private var open: [Int] = []
    private var item = ""
    private var total = 0
    private var hints = 0

    /// Nil stands for a macro that could not be parsed, which has been reported.
    init(_ macros: [CollectedMacro], trees: [ParsedCondition?]) {
        self.macros = macros
        self.trees = trees
        names = Dictionary(macros.enumerated().map { ($1.name.text, $0) }, uniquingKeysWith: { first, _ in first })
        resolved = [Resolved?](repeating: nil, count: macros.count)
    }

    /// Finds what is wrong in macros, also in those that no rule uses.
    mutating func checkMacros() {
        for index in macros.indices { _ = macro(index) }
    }

    mutating func resolve(_ condition: ParsedCondition, item: String) -> ResolvedCondition {
        self.item = item
        let found = resolve(condition, visibility: .max)
        guard found.size <= Self.sizeLimit, found.height <= Self.heightLimit else {
            let limits = "\(Self.sizeLimit) checks or is nested deeper than \(Self.heightLimit)"
            diagnostics.error(.condition, "with its macros the condition comes to more than \(limits)", at: nil, item: item)
            return .failed
        }
        total += found.size
        guard total <= Self.totalLimit else {
            diagnostics.error(
                .condition, "with their macros the rules up to this one come to more than \(Self.totalLimit) checks", at: nil, item: item)
            return .failed
        }
        return found.tree
    }

    private mutating func resolve(_ condition: ParsedCondition, visibility: Int) -> Resolved {
        switch condition {
        case .and(let parts):
            let found = resolve(parts, visibility)
            return Resolved(tree: .and(found.trees), size: found.size, height: found.height)
        case .or(let parts):
            let found = resolve(parts, visibility)
            return Resolved(tree: .or(found.trees), size: found.size, height: found.height)
        case .not(let inner):
            let found = resolve(inner, visibility: visibility)
            return Resolved(tree: .not(found.tree), size: found.size + 1, height: found.height + 1)
        case .check(let check): return Resolved(tree: .check(check))
        case .macro(let name, let place): return macro(name, place, visibility)
        }
    }

    private mutating func resolve(
        _ parts: [ParsedCondition], _ visibility: Int
    ) -> (trees: [ResolvedCondition], size: Int, height: Int) {
        var trees: [ResolvedCondition] = []
        var size = 1, height = 0
        for part in parts {
            let found = resolve(part, visibility: visibility)
            trees.append(found.tree)
            // What is far too large stays so, without overflow.
            size = min(size + found.size, Self.sizeLimit * 2)
            height = max(height, found.height)
        }
        return (trees, size, height + 1)
    }

    private mutating func macro(_ name: String, _ place: Place, _ visibility: Int) -> Resolved {
        guard let index = names[name], index < visibility else {
            hints += 1
            let hint = hints > Collect.hintLimit ? "" : NearestName.hint(name, among: macros.map(\.name.text))
            let isSelf = names[name] != nil && names[name] == open.last
            let reason = names[name] == nil ? hint : isSelf ? " (it cannot use itself)" : " (it is defined only after this one)"
            return fail("Undefined macro '\(name)' used in filter.\(reason)", at: place)
        }
        used.insert(index)
        guard !open.contains(index) else {
            let path = (open + [index]).map { macros[$0].name.text }.joined(separator: " -> ")
            item = "macro \"\(macros[open[0]].name.text)\""
            return fail("reference loop in macro: \(path)", at: place)
        }
        guard open.count < Self.heightLimit else { return fail("the chain of macros is longer than \(Self.heightLimit)", at: place) }
        return macro(index)
    }

    private mutating func macro(_ index: Int) -> Resolved {
        if let known = resolved[index] { return known }
        guard let tree = trees[index] else { return Resolved(tree: .failed) }
        let outer = item
        item = "macro \"\(macros[index].name.text)\""
        open.append(index)
        let found = resolve(tree, visibility: macros[index].visibility)
        open.removeLast()
        item = outer
        resolved[index] = found
        return found
    }

    private mutating func fail(_ message: String, at place: Place) -> Resolved {
        diagnostics.error(.validate, message, at: place.location, item: item)
        return Resolved(tree: .failed)
    }
}
