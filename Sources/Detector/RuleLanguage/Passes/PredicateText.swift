// SPDX-License-Identifier: Apache-2.0

import EventModel

extension Predicate {
    /// The comparison in the rule language.
    var text: String { "\(left.text) \(comparison.text)" }
}

extension Comparison {
    fileprivate var text: String {
        switch self {
        case .exists: "exists"
        case .number(let relation, let number): "\(relation.sign) \(number)"
        case .numbers(let numbers): "in (\(numbers.map(String.init).joined(separator: ", ")))"
        case .flag(let whenTrue, let whenFalse): whenTrue == whenFalse ? "in (\(whenTrue ? "true, false" : ""))" : "= \(whenTrue)"
        case .text(let test, let text): "\(test.sign) \(Self.quoted(text))"
        case .texts(let texts): "in \(Self.list(texts))"
        case .paths(let paths): "pmatch \(Self.list(paths))"
        case .address(let isEqual, let block): "\(isEqual ? "=" : "!=") \(block.text)"
        case .addresses(let blocks): "in (\(blocks.map(\.text).joined(separator: ", ")))"
        case .operand(let relation, let right): "\(relation.sign) val(\(right.text))"
        case .operandText(let test, let right): "\(test.sign) val(\(right.text))"
        case .elements(.all, let each): each.text
        case .elements(.any, .texts(let texts)): "intersects \(Self.list(texts))"
        case .elements(.any, let each): each.text
        case .every(let modifier, let each): "\(modifier.rawValue) (\(each.map(\.text).joined(separator: ", ")))"
        }
    }

    private static func list(_ texts: [[UInt8]]) -> String { "(\(texts.map(quoted).joined(separator: ", ")))" }

    private static func quoted(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let isBare = !bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F && !Array("(),=\"'".utf8).contains($0) }
        guard !isBare else { return text }
        return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n"))\""
    }
}

extension AddressBlock {
    fileprivate var text: String { prefix == (address.isV6 ? 128 : 32) ? address.description : "\(address)/\(prefix)" }
}

extension Relation {
    fileprivate var sign: String {
        switch self {
        case .equal: "="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }
}

extension TextTest {
    fileprivate var sign: String {
        switch self {
        case .relation(let relation): relation.sign
        case .contains: "contains"
        case .containsFolded: "icontains"
        case .startsWith: "startswith"
        case .endsWith: "endswith"
        case .glob: "glob"
        case .globFolded: "iglob"
        case .regex: "regex"
        }
    }
}
