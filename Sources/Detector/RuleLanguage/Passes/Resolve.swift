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
    /// How many checks one rule may come to: macros that name macros can double at every step.
    static let sizeLimit = 50_000

    private let macros: [CollectedMacro]
    private let trees: [ParsedCondition?]
    private let names: [String: Int]
    private(set) var used: Set<Int> = []
    private(set) var diagnostics = DiagnosticBag()
    private var size = 0
    private var open: [Int] = []
    private var item = ""
    // What is wrong in a macro concerns all who use it, but is said once.
    private var said: Set<String> = []

    /// Nil stands for a macro that could not be parsed, which has been reported.
    init(_ macros: [CollectedMacro], trees: [ParsedCondition?]) {
        self.macros = macros
        self.trees = trees
        names = Dictionary(macros.enumerated().map { ($1.name.text, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Finds what is wrong in macros that no rule may use.
    mutating func checkMacros() {
        for (index, tree) in trees.enumerated() {
            guard let tree else { continue }
            size = 0
            item = "macro \"\(macros[index].name.text)\""
            open = [index]
            _ = resolve(tree, visibility: macros[index].visibility)
            open = []
        }
    }

    mutating func resolve(_ condition: ParsedCondition, item: String) -> ResolvedCondition {
        size = 0
        self.item = item
        let found = resolve(condition, visibility: .max)
        guard size <= Self.sizeLimit else {
            diagnostics.error(.condition, "the condition comes to more than \(Self.sizeLimit) checks", at: nil, item: item)
            return .failed
        }
        return found
    }

    private mutating func resolve(_ condition: ParsedCondition, visibility: Int) -> ResolvedCondition {
        size += 1
        guard size <= Self.sizeLimit else { return .failed }
        switch condition {
        case .and(let parts): return .and(resolve(parts, visibility))
        case .or(let parts): return .or(resolve(parts, visibility))
        case .not(let inner): return .not(resolve(inner, visibility: visibility))
        case .check(let check): return .check(check)
        case .macro(let name, let place): return macro(name, place, visibility)
        }
    }

    private mutating func resolve(_ parts: [ParsedCondition], _ visibility: Int) -> [ResolvedCondition] {
        var found: [ResolvedCondition] = []
        for part in parts { found.append(resolve(part, visibility: visibility)) }
        return found
    }

    private mutating func macro(_ name: String, _ place: Place, _ visibility: Int) -> ResolvedCondition {
        guard let index = names[name], index < visibility else {
            let hint = NearestName.hint(name, among: macros.map(\.name.text))
            let reason = names[name] == nil ? hint : " (it is defined only after this one)"
            return fail("Undefined macro '\(name)' used in filter.\(reason)", at: place)
        }
        used.insert(index)
        guard !open.contains(index) else {
            let path = (open + [index]).map { macros[$0].name.text }.joined(separator: " -> ")
            return fail("reference loop in macro: \(path)", at: place)
        }
        guard let tree = trees[index] else { return .failed }
        open.append(index)
        defer { open.removeLast() }
        return resolve(tree, visibility: macros[index].visibility)
    }

    private mutating func fail(_ message: String, at place: Place) -> ResolvedCondition {
        let location = place.location
        if said.insert("\(location.map { "\($0)" } ?? item) \(message.prefix { $0 != ":" })").inserted {
            diagnostics.error(.validate, message, at: location, item: item)
        }
        return .failed
    }
}
