// SPDX-License-Identifier: Apache-2.0

import SourceText

/// Checks the shape of exceptions: a tuple of fields with one comparison each and rows of values, or one field with a flat list.
/// Their values are texts or lists of texts already.
struct ExceptionReader {
    /// The rule, in words.
    let label: String
    /// False for a rule that will be left out: nothing is known of its fields, and its rows are not looked at.
    let hasKnownSource: Bool
    private(set) var diagnostics = DiagnosticBag()

    init(label: String, hasKnownSource: Bool) {
        self.label = label
        self.hasKnownSource = hasKnownSource
    }

    mutating func warnOfRepeated(_ items: [ExceptionItem]) {
        var names: Set<String> = []
        for item in items where !names.insert(item.name.text).inserted {
            diagnostics.warning(
                .exceptionNameNotUnique, "another exception of this rule is named '\(item.name.text)' too", at: item.name.start,
                item: words(item))
        }
    }

    /// An exception of a rule's own definition.
    mutating func define(_ item: ExceptionItem) -> CollectedException? {
        guard item.fields != nil else {
            fail(item, .yamlValidate, "the exception has no 'fields'", at: item.name.start)
            return nil
        }
        return exception(item)
    }

    /// A new exception that is appended to a rule.
    mutating func add(_ item: ExceptionItem) -> CollectedException? {
        guard item.fields != nil else {
            fail(item, .validate, "the rule has no exception of that name, and a new one needs 'fields'", at: item.name.start)
            return nil
        }
        warnOfNoValues(item)
        guard let found = exception(item) else { return nil }
        guard !found.values.isEmpty else {
            fail(item, .validate, "an exception that is appended needs 'values'", at: item.name.start)
            return nil
        }
        return found
    }

    /// Appends values to an exception that the rule has.
    mutating func append(_ item: ExceptionItem, to exception: inout CollectedException) {
        warnOfNoValues(item)
        let forbidden = [("fields", item.fields), ("comps", item.comparisons)].filter { $0.1?.isNull == false }
        for (key, tree) in forbidden {
            fail(item, .validate, "the rule has an exception of that name: only 'values' can be appended, not '\(key)'", at: tree?.location)
        }
        if let rows = rows(item, for: exception) { exception.values += rows }
    }

    private mutating func exception(_ item: ExceptionItem) -> CollectedException? {
        guard let tree = item.fields, let fields = scalars(tree), !fields.isEmpty else {
            fail(item, .validate, "'fields' of an exception must be a field or a list of fields", at: item.fields?.location)
            return nil
        }
        let isFlat = tree.scalar != nil
        guard let comparisons = comparisons(item, fields, isFlat: isFlat),
            check(item, fields, comparisons, isFlat: isFlat)
        else { return nil }
        let empty = CollectedException(name: item.name, fields: fields, comparisons: comparisons, isFlat: isFlat, values: [])
        guard let rows = rows(item, for: empty) else { return nil }
        return CollectedException(name: item.name, fields: fields, comparisons: comparisons, isFlat: isFlat, values: rows)
    }

    private func scalars(_ tree: SourceTree) -> [Scalar]? {
        switch tree {
        case .scalar(let scalar): return tree.isNull ? nil : [scalar]
        case .sequence(let entries, _):
            let found = entries.compactMap(\.scalar)
            return found.count == entries.count ? found : nil
        case .mapping: return nil
        }
    }

    private mutating func comparisons(_ item: ExceptionItem, _ fields: [Scalar], isFlat: Bool) -> [Scalar]? {
        let standard = fields.map { Scalar(text: isFlat ? "in" : "=", style: .plain, file: $0.file, start: $0.start) }
        guard let tree = item.comparisons, !tree.isNull else { return standard }
        guard let found = scalars(tree) else {
            fail(item, .validate, "'comps' of an exception must be operators", at: tree.location)
            return nil
        }
        guard !found.isEmpty else { return standard }
        guard found.count == fields.count, (tree.scalar != nil) == isFlat else {
            fail(item, .validate, "'comps' of an exception must be as many as its 'fields'", at: tree.location)
            return nil
        }
        return found
    }

    private mutating func check(_ item: ExceptionItem, _ fields: [Scalar], _ comparisons: [Scalar], isFlat: Bool) -> Bool {
        var isRight = true
        for field in fields where hasKnownSource && !Lexicon.isKnownField(field.text) {
            let hint = NearestName.hint(field.text, among: FieldTable.all.map(\.name))
            fail(item, .validate, "nonexistent field '\(field.text)' in an exception\(hint)", at: field.start)
            isRight = false
        }
        for word in comparisons {
            let parsed = ExceptionComparison(word.text)
            guard parsed == nil || isFlat && parsed?.takesList != true else { continue }
            isRight = false
            if word.text == ParsedOperator.exists.rawValue {
                fail(item, .validate, "'exists' takes no value and cannot stand in an exception", at: word.start)
            } else if parsed == nil {
                let hint = NearestName.hint(word.text, among: ParsedOperator.allCases.map(\.rawValue))
                fail(item, .validate, "'\(word.text)' is no comparison operator\(hint)", at: word.start)
            } else {
                fail(item, .validate, "an exception of one field needs an operator that takes a list, such as 'in'", at: word.start)
            }
        }
        return isRight
    }

    private mutating func rows(_ item: ExceptionItem, for exception: CollectedException) -> [SourceTree]? {
        guard case .sequence(let rows, _)? = item.values else { return [] }
        guard hasKnownSource else { return rows }
        for row in rows {
            if exception.isFlat, row.scalar == nil {
                fail(item, .validate, "the values of an exception of one field must be texts", at: row.location)
                return nil
            }
            if !exception.isFlat, row.count != exception.fields.count {
                fail(
                    item, .validate, "each entry of 'values' must be a list of \(exception.fields.count), one for each field",
                    at: row.location)
                return nil
            }
        }
        return rows
    }

    private mutating func warnOfNoValues(_ item: ExceptionItem) {
        guard item.values == nil else { return }
        diagnostics.warning(.appendWithoutValues, "the exception has no 'values' to append", at: item.name.start, item: words(item))
    }

    private func words(_ item: ExceptionItem) -> String { "exception \"\(item.name.text)\" of \(label)" }

    private mutating func fail(_ item: ExceptionItem, _ code: LoadCode, _ message: String, at location: SourceLocation?) {
        diagnostics.error(code, message, at: location ?? item.name.start, item: words(item))
    }
}

extension SourceTree {
    /// How many entries a list has; nil for anything else.
    fileprivate var count: Int? {
        guard case .sequence(let entries, _) = self else { return nil }
        return entries.count
    }
}

/// The operator of an exception, such as `startswith` or `contains oneof`.
struct ExceptionComparison {
    let takesList: Bool

    init?(_ text: String) {
        let words = text.utf8.split(whereSeparator: Lexicon.isBlank).map { String(decoding: $0, as: UTF8.self) }
        guard let first = words.first, let found = ParsedOperator(spelling: first), found != .exists else { return nil }
        switch words.count {
        case 1: takesList = found.takesList
        case 2 where ParsedModifier(rawValue: words[1]) != nil && !found.takesList && !found.isOrder: takesList = true
        case _: return nil
        }
    }
}

/// Writes a rule's exceptions into its condition as text, as the dialect wants it: lists are put in place only afterwards, so
/// that a value may name one.
enum ExceptionFolder {
    static func fold(_ rule: CollectedRule) -> PlacedText {
        let condition = rule.condition.text
        let filled = rule.exceptions.filter { !$0.values.isEmpty }
        guard let first = filled.first else { return condition }
        var builder = PlacedTextBuilder()
        builder.append("(", standingFor: first.name)
        builder.append(condition)
        builder.append(")", standingFor: first.name)
        for exception in filled {
            builder.append(" and not (", standingFor: exception.name)
            append(exception, to: &builder)
            builder.append(")", standingFor: exception.name)
        }
        return builder.built
    }

    private static func append(_ exception: CollectedException, to builder: inout PlacedTextBuilder) {
        if exception.isFlat {
            builder.append(exception.fields[0])
            builder.append(" \(exception.comparisons[0].text) ", standingFor: exception.fields[0])
            return append(list: exception.values, standingFor: exception.name, to: &builder)
        }
        for (index, row) in exception.values.enumerated() {
            guard case .sequence(let parts, _) = row else { continue }
            builder.append(index == 0 ? "(" : " or (", standingFor: exception.name)
            for (position, part) in parts.enumerated() {
                if position > 0 { builder.append(" and ", standingFor: exception.name) }
                builder.append(exception.fields[position])
                builder.append(" \(exception.comparisons[position].text) ", standingFor: exception.comparisons[position])
                let takesList = ExceptionComparison(exception.comparisons[position].text)?.takesList == true
                append(part, takesList: takesList, name: exception.name, to: &builder)
            }
            builder.append(")", standingFor: exception.name)
        }
    }

    private static func append(_ part: SourceTree, takesList: Bool, name: Scalar, to builder: inout PlacedTextBuilder) {
        switch part {
        case .sequence(let entries, _): append(list: entries, standingFor: name, to: &builder)
        // The text is the list as it stands: "a, b" is two values.
        case .scalar(let scalar) where takesList && !scalar.text.hasPrefix("("):
            builder.append("(", standingFor: scalar)
            builder.append(scalar)
            builder.append(")", standingFor: scalar)
        case .scalar(let scalar) where takesList: builder.append(scalar)
        case .scalar(let scalar): append(quoting: scalar, to: &builder)
        case .mapping: break
        }
    }

    private static func append(list: [SourceTree], standingFor name: Scalar, to builder: inout PlacedTextBuilder) {
        builder.append("(", standingFor: list.first?.scalar ?? name)
        for (index, scalar) in list.compactMap(\.scalar).enumerated() {
            if index > 0 { builder.append(", ", standingFor: scalar) }
            append(quoting: scalar, to: &builder)
        }
        builder.append(")", standingFor: list.last?.scalar ?? name)
    }

    private static func append(quoting scalar: Scalar, to builder: inout PlacedTextBuilder) {
        let isQuoted = scalar.text.hasPrefix("\"") || scalar.text.hasPrefix("'")
        let needsQuotes = !isQuoted && scalar.text.utf8.contains(UInt8(ascii: " "))
        if needsQuotes { builder.append("\"", standingFor: scalar) }
        builder.append(scalar)
        if needsQuotes { builder.append("\"", standingFor: scalar) }
    }
}
