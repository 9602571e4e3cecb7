// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import SourceText

/// Checks the parameters of one action or output against what it says it reads, and gives them the shape that it reads.
struct ParameterCheck {
    let name: String
    let parameters: [ActionParameter]
    let item: String

    func values(of entries: [YAMLEntry], of action: SourceLocation, _ bag: inout DiagnosticBag) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for entry in entries where !entry.value.isNull {
            guard let parameter = parameters.first(where: { $0.name == entry.key.lowercased() }) else {
                let expected = parameters.isEmpty ? "" : expectation(entry.key, among: parameters.map(\.name))
                bag.warning(
                    .unknownKey, "\(name) has no parameter '\(entry.key)'; it is ignored\(expected)", at: entry.keyPlace, item: item)
                continue
            }
            values[parameter.name] = value(of: entry.value, for: parameter, &bag)
        }
        for parameter in parameters where parameter.isRequired {
            guard !entries.contains(where: { $0.key.lowercased() == parameter.name && !$0.value.isNull }) else { continue }
            bag.error(.parameter, "\(name) needs the parameter '\(parameter.name)'", at: action, item: item)
        }
        return values
    }

    private func value(of value: YAMLValue, for parameter: ActionParameter, _ bag: inout DiagnosticBag) -> JSONValue? {
        switch parameter.shape {
        case .flag: return flag(value, parameter, &bag)
        case .text: return text(value, parameter, &bag)
        case .wholeNumber(let least): return wholeNumber(value, least: least, parameter, &bag)
        case .choice(let words): return choice(value, words, parameter, &bag)
        case .texts: return list(value, "a list of texts", parameter, &bag) { $0.json.string != nil }
        case .choices(let words):
            let expected = "a list of some of " + words.joined(separator: ", ")
            return list(value, expected, parameter, &bag) { $0.json.string.map(words.contains) ?? false }
        case .networks:
            return list(value, "a list of networks such as 10.0.0.0/8", parameter, &bag) { Self.isNetwork($0.json.string ?? "") }
        case .textMap: return textMap(value, parameter, &bag)
        case .countOrPercent: return countOrPercent(value, parameter, &bag)
        }
    }

    private func flag(_ value: YAMLValue, _ parameter: ActionParameter, _ bag: inout DiagnosticBag) -> JSONValue? {
        if case .bool = value.json { return value.json }
        return wrong(value, "true or false", parameter, &bag)
    }

    private func text(_ value: YAMLValue, _ parameter: ActionParameter, _ bag: inout DiagnosticBag) -> JSONValue? {
        guard let text = value.json.string, !text.isEmpty else { return wrong(value, "a text", parameter, &bag) }
        return .string(text)
    }

    private func wholeNumber(
        _ value: YAMLValue, least: Int64, _ parameter: ActionParameter, _ bag: inout DiagnosticBag
    ) -> JSONValue? {
        switch value.json {
        case .int(let number) where number >= least: return .int(number)
        case .double(let number) where number >= Double(least) && number < 9e18: return .int(Int64(number))
        case .null, .bool, .int, .double, .string, .array, .object:
            return wrong(value, "a whole number, \(least) or more", parameter, &bag)
        }
    }

    private func choice(
        _ value: YAMLValue, _ words: [String], _ parameter: ActionParameter, _ bag: inout DiagnosticBag
    ) -> JSONValue? {
        guard let word = value.json.string, words.contains(word) else {
            return wrong(value, words.joined(separator: " or "), parameter, &bag)
        }
        return .string(word)
    }

    private func list(
        _ value: YAMLValue, _ expected: String, _ parameter: ActionParameter, _ bag: inout DiagnosticBag,
        _ isRight: (YAMLValue) -> Bool
    ) -> JSONValue? {
        guard case .list(let items) = value.content else { return wrong(value, expected, parameter, &bag) }
        for item in items where !isRight(item) { _ = wrong(item, expected, parameter, &bag) }
        return .array(items.map(\.json))
    }

    private func textMap(_ value: YAMLValue, _ parameter: ActionParameter, _ bag: inout DiagnosticBag) -> JSONValue? {
        guard case .map(let entries) = value.content, !entries.isEmpty else {
            return wrong(value, "a mapping with at least one key", parameter, &bag)
        }
        var texts: [String: JSONValue] = [:]
        for entry in entries {
            guard case .scalar(let scalar) = entry.value.content else {
                _ = wrong(entry.value, "a text for '\(entry.key)'", parameter, &bag)
                continue
            }
            texts[entry.key] = .string(scalar.value == .null ? "" : scalar.text)
        }
        return .object(texts)
    }

    private func countOrPercent(_ value: YAMLValue, _ parameter: ActionParameter, _ bag: inout DiagnosticBag) -> JSONValue? {
        let expected = "a count such as 3 or a share from 0% to 100%"
        guard case .scalar(let scalar) = value.content else { return wrong(value, expected, parameter, &bag) }
        let isPercent = scalar.text.last == "%"
        guard let number = UInt32(isPercent ? scalar.text.dropLast() : scalar.text[...]), !isPercent || number <= 100 else {
            return wrong(value, expected, parameter, &bag)
        }
        return .string("\(number)" + (isPercent ? "%" : ""))
    }

    private func wrong(
        _ value: YAMLValue, _ expected: String, _ parameter: ActionParameter, _ bag: inout DiagnosticBag
    ) -> JSONValue? {
        bag.error(.parameter, "'\(parameter.name)' must be \(expected); found \(value.kind)", at: value.place, item: item)
        return nil
    }

    private static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let prefix = UInt8(parts[1]) else { return false }
        return prefix <= (address.isV6 ? 128 : 32)
    }
}
