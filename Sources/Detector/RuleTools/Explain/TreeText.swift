// SPDX-License-Identifier: Apache-2.0

import RuleLanguage

/// Trees of conditions as indented lines.
struct TreeText {
    /// How many characters of a comparison are shown where it is one of many; longer lists are cut, and say by how much.
    let width: Int

    /// The condition, macros and lists put in.
    func lines(_ condition: ConditionOutline, indent: Int = 0) -> [String] {
        let margin = String(repeating: "  ", count: indent)
        switch condition {
        case .and(let parts): return [margin + "all of"] + parts.flatMap { lines($0, indent: indent + 1) }
        case .or(let parts): return [margin + "any of"] + parts.flatMap { lines($0, indent: indent + 1) }
        case .not(let inner):
            let rest = lines(inner, indent: indent)
            return [margin + "not " + rest[0].dropFirst(margin.count)] + rest.dropFirst()
        case .macro(let name, let inner):
            let rest = lines(inner, indent: indent)
            return [margin + name + ": " + rest[0].dropFirst(margin.count)] + rest.dropFirst()
        case .test(let test): return wrapped(test.text, margin)
        }
    }

    /// The tree with what each part came to, in front, and the values that the fields had, behind.
    func lines(_ tree: WhyTree, indent: Int = 0, label: String = "") -> [String] {
        let front = { (text: String) in tree.truth.rawValue.padded(to: 7) + String(repeating: "  ", count: indent) + label + text }
        switch tree.part {
        case .and, .or:
            let head = front(tree.part == .and ? "all of" : "any of")
            guard tree.truth != .notAsked else { return [head + " ..."] }
            return [head] + tree.children.flatMap { lines($0, indent: indent + 1) }
        case .not: return relabelled(tree, indent, label + "not ")
        case .macro(let name):
            guard tree.truth != .notAsked else { return [front(name)] }
            return relabelled(tree, indent, label + name + ": ")
        case .test(let test, let values):
            let text = front(shortened(test, room: max(30, width - 7 - 2 * indent - label.count)))
            let told = tree.truth == .notAsked ? "" : values.map { Self.told($0, alone: values.count == 1) }.joined(separator: ", ")
            guard !told.isEmpty else { return [text] }
            let line = text + "   " + told
            return line.count <= width ? [line] : [text, String(repeating: " ", count: 7 + 2 * indent + 4) + told]
        }
    }

    // A `not` and a macro stand in the line of what they are about, with their own truth.
    private func relabelled(_ tree: WhyTree, _ indent: Int, _ label: String) -> [String] {
        let rest = tree.children.flatMap { lines($0, indent: indent, label: label) }
        return [tree.truth.rawValue.padded(to: 7) + rest[0].dropFirst(7)] + rest.dropFirst()
    }

    /// The comparison in at most that many characters, unless it has no list to cut.
    func shortened(_ test: TestOutline, room: Int) -> String {
        guard test.text.count > room, test.takesList, test.values.count > 2 else { return test.text }
        var shown = test.values.count
        var text = test.text
        while shown > 1, text.count > room {
            shown -= 1
            let values = test.values.prefix(shown).joined(separator: ", ")
            text = "\(test.left) \(test.comparison) (\(values), and \(test.values.count - shown) more)"
        }
        return text
    }

    /// What a field was, in words; `alone` leaves its name out.
    static func told(_ value: WhyTree.FieldValue, alone: Bool) -> String {
        let subject = alone ? "it" : value.field
        guard let text = value.value else { return "\(subject) has no value" }
        return "\(subject) is \(text.isEmpty ? "empty" : text)\(value.isGiven ? "" : " (not given)")"
    }

    private func wrapped(_ text: String, _ margin: String) -> [String] {
        let lines = TextWrap.lines(text, width: max(40, width - margin.count - 4))
        return [margin + lines[0]] + lines.dropFirst().map { margin + "    " + $0 }
    }
}
