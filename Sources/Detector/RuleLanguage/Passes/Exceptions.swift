// SPDX-License-Identifier: Apache-2.0

import SourceText

/// Checks the shape of exceptions: a tuple of fields with one comparison each and rows of values, or one field with a flat list.
struct ExceptionReader {
    let label: String
    private(set) var diagnostics = DiagnosticBag()

    init(label: String) { self.label = label }

    mutating func define(_ item: ExceptionItem, needValues: Bool) -> CollectedException? {
        guard let fieldsTree = item.fields else {
            fail("exception '\(item.name.text)' has no 'fields'", at: item.name.start)
            return nil
        }
        if needValues, item.values == nil { warnOfNoValues(item) }
        guard let fields = scalars(fieldsTree) else {
            fail("'fields' of an exception must be a field or a list of fields", at: fieldsTree.location)
            return nil
        }
        let isFlat = fieldsTree.scalar != nil
        guard let comparisons = comparisons(item, fields, isFlat: isFlat), check(fields, comparisons, isFlat: isFlat) else { return nil }
        let exception = CollectedException(name: item.name, fields: fields, comparisons: comparisons, isFlat: isFlat, values: [])
        guard let values = values(item, for: exception) else { return nil }
        return with(exception, values)
    }

    mutating func append(_ item: ExceptionItem, to exception: inout CollectedException) {
        if let tree = item.fields ?? item.comparisons {
            fail("only 'values' can be appended to exception '\(item.name.text)'", at: tree.location)
        }
        guard item.values != nil else { return warnOfNoValues(item) }
        if let values = values(item, for: exception) { exception.values += values }
    }

    mutating func warnOfDuplicate(_ name: Scalar) {
        diagnostics.warning(.exceptionNameNotUnique, "another exception is named '\(name.text)' too", at: name.start, item: label)
    }

    private func with(_ exception: CollectedException, _ values: [SourceTree]) -> CollectedException {
        var filled = exception
        filled.values = values
        return filled
    }

    private func scalars(_ tree: SourceTree) -> [Scalar]? {
        switch tree {
        case .scalar(let scalar): return [scalar]
        case .sequence(let entries, _):
            let found = entries.compactMap(\.scalar)
            return found.count == entries.count ? found : nil
        case .mapping: return nil
        }
    }

    private mutating func comparisons(_ item: ExceptionItem, _ fields: [Scalar], isFlat: Bool) -> [Scalar]? {
        guard let tree = item.comparisons else {
            return fields.map { Scalar(text: isFlat ? "in" : "=", style: .plain, file: $0.file, start: $0.start) }
        }
        guard let found = scalars(tree), found.count == fields.count, (tree.scalar != nil) == isFlat else {
            fail("'comps' of an exception must be as many as its 'fields'", at: tree.location)
            return nil
        }
        return found
    }

    private mutating func check(_ fields: [Scalar], _ comparisons: [Scalar], isFlat: Bool) -> Bool {
        let before = diagnostics.all.count
        for field in fields where !Lexicon.isKnownField(field.text) {
            let hint = NearestName.hint(field.text, among: FieldTable.all.map(\.name))
            fail("nonexistent field '\(field.text)' in an exception\(hint)", at: field.start)
        }
        for word in comparisons {
            let parsed = ExceptionComparison(word.text)
            if parsed == nil {
                let hint = NearestName.hint(word.text, among: ParsedOperator.allCases.map(\.rawValue))
                fail("'\(word.text)' is no comparison operator\(hint)", at: word.start)
            } else if isFlat, parsed?.takesList != true {
                fail("an exception of one field needs an operator that takes a list, such as 'in'", at: word.start)
            }
        }
        return diagnostics.all.count == before
    }

    private mutating func values(_ item: ExceptionItem, for exception: CollectedException) -> [SourceTree]? {
        guard let tree = item.values else { return [] }
        guard case .sequence(let rows, _) = tree else {
            fail("'values' of an exception must be a list", at: tree.location)
            return nil
        }
        guard !exception.isFlat else { return rows }
        for row in rows {
            guard case .sequence(let parts, _) = row, parts.count == exception.fields.count else {
                fail("each entry of 'values' must be a list of \(exception.fields.count), one for each field", at: row.location)
                return nil
            }
        }
        return rows
    }

    private mutating func warnOfNoValues(_ item: ExceptionItem) {
        diagnostics.warning(.appendWithoutValues, "exception '\(item.name.text)' has no values", at: item.name.start, item: label)
    }

    private mutating func fail(_ message: String, at location: SourceLocation) {
        diagnostics.error(.yamlValidate, message, at: location, item: label)
    }
}

/// The operator of an exception, such as `startswith` or `contains oneof`.
struct ExceptionComparison {
    let takesList: Bool

    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard let first = words.first, let found = ParsedOperator(spelling: String(first)), found != .exists else { return nil }
        switch words.count {
        case 1: takesList = found.takesList
        case 2 where ParsedModifier(rawValue: String(words[1])) != nil && !found.takesList: takesList = true
        case _: return nil
        }
    }
}

/// Writes a rule's exceptions into its condition as text, as the dialect wants it: lists are put in place only afterwards, so
/// that a value may name one.
enum ExceptionFolder {
    static func fold(_ rule: CollectedRule) -> PlacedText {
        let filled = rule.exceptions.filter { !$0.values.isEmpty }
        guard let first = filled.first else { return rule.condition }
        var builder = PlacedTextBuilder()
        builder.append("(", standingFor: first.name)
        builder.append(rule.condition)
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
        case .scalar(let scalar) where takesList && !scalar.text.hasPrefix("("): append(list: [part], standingFor: name, to: &builder)
        case .scalar(let scalar): append(quoting: scalar, unless: takesList, to: &builder)
        case .mapping: break
        }
    }

    private static func append(list: [SourceTree], standingFor name: Scalar, to builder: inout PlacedTextBuilder) {
        builder.append("(", standingFor: list.first?.scalar ?? name)
        for (index, scalar) in list.compactMap(\.scalar).enumerated() {
            if index > 0 { builder.append(", ", standingFor: scalar) }
            append(quoting: scalar, unless: false, to: &builder)
        }
        builder.append(")", standingFor: list.last?.scalar ?? name)
    }

    private static func append(quoting scalar: Scalar, unless isList: Bool, to builder: inout PlacedTextBuilder) {
        let isQuoted = scalar.text.hasPrefix("\"") || scalar.text.hasPrefix("'")
        let needsQuotes = !isList && !isQuoted && (scalar.text.isEmpty || scalar.text.utf8.contains { Lexicon.isBlank($0) })
        if needsQuotes { builder.append("\"", standingFor: scalar) }
        builder.append(scalar)
        if needsQuotes { builder.append("\"", standingFor: scalar) }
    }
}
