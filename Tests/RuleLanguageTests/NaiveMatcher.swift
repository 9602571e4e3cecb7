// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText

@testable import RuleLanguage

/// A second matcher, which only wants to be right: every condition is evaluated from its tree, for every event, with copies of all
/// values and nothing remembered. It shares with the product how values are read, and nothing of how they are compared.
struct NaiveMatcher {
    struct NaiveRule {
        var name: String
        var condition: CheckedCondition
    }

    private(set) var rules: [NaiveRule] = []
    private let hostname: String
    private let userNames: UserNames

    /// Takes files through the passes up to checked conditions; those that cannot be checked are left out, as disabled ones are.
    init(_ files: [SourceFile], hostname: String = "node-1", userNames: @escaping UserNames = EventSpec.userNames) {
        self.hostname = hostname
        self.userNames = userNames
        var bag = DiagnosticBag()
        var items: [SourceItem] = []
        for file in files { items += Read.items(of: file, into: &bag) }
        let collected = Collect.merge(items, into: &bag)
        var lists = ListSubstitution(collected.lists)
        var trees: [ParsedCondition?] = []
        for macro in collected.macros { trees.append(lists.substitute(in: macro.condition.text).flatMap { try? Parse.condition($0) }) }
        var resolve = Resolve(collected.macros, trees: trees)
        for rule in collected.rules where rule.enabled && rule.sourceName == "syscall" {
            guard let whole = lists.substitute(in: ExceptionFolder.fold(rule)), let parsed = try? Parse.condition(whole) else { continue }
            var check = Check(.syscall)
            let condition = check.check(resolve.resolve(parsed, item: ""))
            if check.errors.isEmpty { rules.append(NaiveRule(name: rule.name.text, condition: condition)) }
        }
    }

    /// The rules that match, in definition order.
    func matches(_ event: Event, _ matching: RuleMatching) -> [String] {
        guard event.kind != .snapshot else { return [] }
        var found: [String] = []
        for rule in rules where holds(rule.condition, event) {
            found.append(rule.name)
            if matching == .first { break }
        }
        return found
    }

    private func holds(_ condition: CheckedCondition, _ event: Event) -> Bool {
        switch condition {
        case .and(let parts): parts.allSatisfy { holds($0, event) }
        case .or(let parts): parts.contains { holds($0, event) }
        case .not(let inner): !holds(inner, event)
        case .test(let predicate): NaiveComparison(event: event, reader: reader).holds(predicate)
        case .failed: false
        }
    }

    private var reader: FieldReader { FieldReader(hostname: hostname, userNames: userNames) }
}

/// One comparison, made naively.
struct NaiveComparison {
    let event: Event
    let reader: FieldReader
    /// Whether fields of an opened file are those of its other path.
    var isOfOtherPath = false

    /// A file that was opened by a link has two paths: one must satisfy it, and none may satisfy what `!=` denies.
    func holds(_ predicate: RuleLanguage.Predicate) -> Bool {
        if case .every = predicate.comparison { return holdsOfOne(predicate) }
        let others = NaiveComparison(event: event, reader: reader, isOfOtherPath: true)
        guard others.readerOfPath.hasOtherFile else { return holdsOfOne(predicate) }
        switch predicate.comparison {
        case .text(.relation(.notEqual), _), .number(.notEqual, _), .operand(.notEqual, _), .operandText(.relation(.notEqual), _):
            return holdsOfOne(predicate) && others.holdsOfOne(predicate)
        case _: return holdsOfOne(predicate) || others.holdsOfOne(predicate)
        }
    }

    private var readerOfPath: FieldReader {
        var reader = reader
        reader.begin()
        _ = reader.fileTexts(event)
        if isOfOtherPath { reader.swapFiles() }
        return reader
    }

    private func holdsOfOne(_ predicate: RuleLanguage.Predicate) -> Bool {
        if case .every(let modifier, let each) = predicate.comparison {
            let count = each.filter { holds(RuleLanguage.Predicate(left: predicate.left, comparison: $0)) }.count
            switch modifier {
            case .oneof: return count == 1
            case .anyof: return count > 0
            case .allof: return count == each.count && count > 0
            }
        }
        if case .elements(let elements, let inner) = predicate.comparison {
            guard let combination = predicate.left.combination, let list = combined(combination) else { return false }
            return elements == .all ? list.allSatisfy { holds(inner, $0) } : list.contains { holds(inner, $0) }
        }
        switch predicate.left.type {
        case .text, .bytes: return texts(predicate.left).contains { holds(predicate.comparison, $0) }
        case .integer, .decimal, .port, .duration, .time: return numberHolds(predicate)
        case .boolean: return flagHolds(predicate)
        case .address, .network: return addressHolds(predicate)
        }
    }

    // MARK: Texts

    /// The values of an operand: none for a null, several for a field that stands for all ancestors.
    func texts(_ operand: Operand) -> [[UInt8]] {
        if let combination = operand.combination {
            return (combined(combination) ?? []).compactMap { transformed($0, operand.transformers) }
        }
        guard let field = operand.field else { return [] }
        var found: [[UInt8]] = []
        if operand.isAnyAncestor {
            var generation: Int32 = 1
            while reader.ancestor(of: event, generation) != nil {
                if let text = text(field, generation, "") { found.append(text) }
                generation += 1
            }
        } else {
            var generation: Int32 = -1, variable = ""
            switch operand.argument {
            case .none, .name: if let parameter = operand.facts.parameter { generation = Int32(parameter.index) }
            case .generation(let number), .index(let number): generation = Int32(number)
            case .variable(let name): variable = name
            }
            if let text = text(field, generation, variable) { found.append(text) }
        }
        return found.compactMap { transformed($0, operand.transformers) }
    }

    private func text(_ field: Field, _ generation: Int32, _ variable: String) -> [UInt8]? {
        var reader = readerOfPath
        let name = ByteString(variable)
        return withExtendedLifetime(name) {
            reader.text(field, generation: generation, variable: name.view, event).map { Array($0.raw) }
        }
    }

    private func transformed(_ text: [UInt8], _ transformers: [Operand.Transformer]) -> [UInt8]? {
        var text = text
        for transformer in transformers {
            switch transformer {
            case .lower: text = text.map { (65...90).contains($0) ? $0 + 32 : $0 }
            case .upper: text = text.map { (97...122).contains($0) ? $0 - 32 : $0 }
            case .basename: text = text.lastIndex(of: 47).map { Array(text[($0 + 1)...]) } ?? text
            case .length: return text
            case .decodeBase64:
                let bare = String(decoding: text, as: UTF8.self).replacingOccurrences(of: "=", with: "")
                let whole = bare + String(repeating: "=", count: (4 - bare.count % 4) % 4)
                guard let data = Data(base64Encoded: whole) else { return nil }
                text = Array(data)
            }
        }
        return text
    }

    private func holds(_ comparison: Comparison, _ text: [UInt8]) -> Bool {
        switch comparison {
        case .exists: true
        case .text(let test, let constant): holds(test, text, constant)
        case .texts(let constants): constants.contains(text)
        case .paths(let paths): paths.contains { isPath(text, atOrBelow: $0) }
        case .operand(let relation, let right): texts(right).contains { holds(.relation(relation), text, $0) }
        case .operandText(let test, let right): texts(right).contains { holds(test, text, $0) }
        case .number, .numbers, .flag, .address, .addresses, .elements, .every: false
        }
    }

    private func holds(_ test: TextTest, _ text: [UInt8], _ other: [UInt8]) -> Bool {
        switch test {
        case .relation(.equal): text == other
        case .relation(.notEqual): text != other
        case .relation(.less): text.lexicographicallyPrecedes(other)
        case .relation(.lessOrEqual): !other.lexicographicallyPrecedes(text)
        case .relation(.greater): other.lexicographicallyPrecedes(text)
        case .relation(.greaterOrEqual): !text.lexicographicallyPrecedes(other)
        case .contains: contains(text, other)
        case .containsFolded: contains(transformed(text, [.lower]) ?? [], transformed(other, [.lower]) ?? [])
        case .startsWith: text.starts(with: other)
        case .endsWith: text.reversed().starts(with: other.reversed())
        case .glob: glob(text, other, 0)
        case .globFolded: glob(text, other, 1 << 4)
        case .regex: regex(text, other)
        }
    }

    private func contains(_ text: [UInt8], _ other: [UInt8]) -> Bool {
        other.isEmpty || text.indices.contains { text[$0...].starts(with: other) }
    }

    private func glob(_ text: [UInt8], _ pattern: [UInt8], _ flags: Int32) -> Bool {
        fnmatch(String(decoding: pattern, as: UTF8.self), String(decoding: text, as: UTF8.self), flags) == 0
    }

    private func regex(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        let whole = "\\A(?:\(String(decoding: pattern, as: UTF8.self)))\\z"
        guard let expression = try? NSRegularExpression(pattern: whole) else { return false }
        let subject = String(decoding: text, as: UTF8.self)
        return expression.firstMatch(in: subject, range: NSRange(subject.startIndex..., in: subject)) != nil
    }

    private func isPath(_ text: [UInt8], atOrBelow prefix: [UInt8]) -> Bool {
        if prefix.first == 47, text.first != 47 { return false }
        let own = text.split(separator: 47), wanted = prefix.split(separator: 47)
        return own.count >= wanted.count && zip(own, wanted).allSatisfy { glob(Array($0), Array($1), 0) }
    }

    // MARK: Numbers, flags and addresses

    private func numberHolds(_ predicate: RuleLanguage.Predicate) -> Bool {
        let left = numbers(predicate.left)
        switch predicate.comparison {
        case .exists: return !left.isEmpty
        case .number(.notEqual, let number): return !left.isEmpty && !left.contains(number)
        case .number(let relation, let number): return left.contains { holds(relation, $0, number) }
        case .numbers(let numbers): return left.contains { numbers.contains($0) }
        case .operand(let relation, let right):
            return left.contains { one in numbers(right).contains { holds(relation, one, $0) } }
        case .flag, .text, .texts, .paths, .address, .addresses, .operandText, .elements, .every: return false
        }
    }

    func numbers(_ operand: Operand) -> [Int64] {
        guard operand.transformers.isEmpty else { return texts(operand).map { Int64($0.count) } }
        guard let field = operand.field else { return [] }
        if field == .descriptorPort { return reader.ports(event).map { [$0.local, $0.remote] } ?? [] }
        return reader.number(field, event).map { [$0] } ?? []
    }

    private func holds(_ relation: Relation, _ one: Int64, _ other: Int64) -> Bool {
        switch relation {
        case .equal: one == other
        case .notEqual: one != other
        case .less: one < other
        case .lessOrEqual: one <= other
        case .greater: one > other
        case .greaterOrEqual: one >= other
        }
    }

    private func flagHolds(_ predicate: RuleLanguage.Predicate) -> Bool {
        guard let field = predicate.left.field, let value = reader.flag(field, event) else { return false }
        switch predicate.comparison {
        case .exists: return true
        case .flag(let whenTrue, let whenFalse): return value ? whenTrue : whenFalse
        case .operand(let relation, let right):
            guard let other = right.field.flatMap({ reader.flag($0, event) }) else { return false }
            return holds(relation, value ? 1 : 0, other ? 1 : 0)
        case .number, .numbers, .text, .texts, .paths, .address, .addresses, .operandText, .elements, .every: return false
        }
    }

    private func addressHolds(_ predicate: RuleLanguage.Predicate) -> Bool {
        let left = addresses(predicate.left)
        switch predicate.comparison {
        case .exists: return !left.isEmpty
        case .address(isEqual: true, let block): return left.contains { isIn(block, $0) }
        case .address(isEqual: false, let block): return !left.isEmpty && !left.contains { isIn(block, $0) }
        case .addresses(let blocks): return left.contains { one in blocks.contains { isIn($0, one) } }
        case .operand(let relation, let right):
            return left.contains { one in addresses(right).contains { ($0 == one) == (relation == .equal) } }
        case .number, .numbers, .flag, .text, .texts, .paths, .operandText, .elements, .every: return false
        }
    }

    private func addresses(_ operand: Operand) -> [IPAddress] {
        guard let connect = event.connectDetail, let field = operand.field else { return [] }
        switch ConnectionSide(of: field) {
        case .local: return [connect.local].compactMap { $0 }
        case .remote: return [connect.remote].compactMap { $0 }
        case .client: return [event.isServerSide ? connect.remote : connect.local].compactMap { $0 }
        case .server: return [event.isServerSide ? connect.local : connect.remote].compactMap { $0 }
        case .either: return [connect.local, connect.remote].compactMap { $0 }
        }
    }

    private func isIn(_ block: AddressBlock, _ address: IPAddress) -> Bool {
        address.isV6 == block.address.isV6 && bits(address).prefix(block.prefix) == bits(block.address).prefix(block.prefix)
    }

    private func bits(_ address: IPAddress) -> String {
        func digits(_ number: UInt64, _ width: Int) -> String {
            let text = String(number, radix: 2)
            return String(repeating: "0", count: width - text.count) + text
        }
        return address.isV6 ? digits(address.high, 64) + digits(address.low, 64) : digits(address.low, 32)
    }
}
