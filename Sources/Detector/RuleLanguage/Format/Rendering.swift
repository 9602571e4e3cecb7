// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A matched rule's output for one event.
public struct RenderedOutput: Sendable, Hashable {
    /// The time of day, the priority and the message, as the dialect's text output prints them.
    public var text: String
    /// The rule's output with its fields filled in; null fields are `<NA>`.
    public var message: String
    /// The fields of the output, by their name with argument, and the suggested ones; null stays null.
    public var fields: [String: JSONValue]
}

extension RuleMatcher {
    /// Fields that are always there, whatever a rule prints: playbooks in Talon's format need them to find the pod.
    public static let suggestedFields: [Field] = [
        .containerID, .containerName, .containerImageRepository, .containerImageTag, .podNamespace, .podName,
    ]

    private static let metadata = Operand(FieldTable.fact(.metadata))

    /// Renders a rule's output for the event that it has just matched, secrets masked.
    public mutating func render(
        _ rule: borrowing Rule, _ event: borrowing Event, redaction: Redaction = .standard
    ) -> RenderedOutput {
        walk.evaluator.reader.begin()
        var fields: [String: JSONValue] = [:]
        for field in Self.suggestedFields {
            fields[field.rawValue] = value(of: Operand(field.facts), event, redaction)
        }
        // Where a link was followed, the file that it led to is told whatever a rule prints.
        if walk.evaluator.reader.fileTexts(event) != nil, walk.evaluator.reader.hasOtherFile {
            fields[Field.descriptorRealPath.rawValue] = .string(walk.evaluator.reader.file.otherTexts.pointee.name.string)
        }
        // On the host there is nobody to ask.
        let metadata = value(of: Self.metadata, event, redaction)
        if metadata != .null { fields[ContainerFact.metadata.rawValue] = metadata }
        return rule.format.rendered(at: event.time, rule.priority, fields: fields) { value(of: $0, event, redaction) }
    }

    private mutating func value(of operand: Operand, _ event: borrowing Event, _ redaction: Redaction) -> JSONValue {
        guard operand.combination == nil else { return combined(operand, event, redaction) }
        guard let raw = walk.evaluator.value(of: operand, event) else { return .null }
        guard case .string(let text) = raw else { return raw }
        switch (operand.field, operand.argument) {
        case (.processEnvironment, .variable(let name)): return .string(redaction.apply(toVariable: name, value: text))
        case (.processEnvironment, _): return .string(redaction.maskAll(pairs: text))
        case (.processCommandLine, _), (.processArguments, _), (.parentCommandLine, _), (.ancestorCommandLine, _):
            return .string(redaction.apply(toCommandLine: text))
        case (_, _): return raw
        }
    }

    // Masked before they are put together: the name that makes a value secret may not be among the parts.
    private mutating func combined(_ operand: Operand, _ event: borrowing Event, _ redaction: Redaction) -> JSONValue {
        let found = operand.value { part in
            let whole = walk.evaluator.fieldValue(of: part, event)
            guard case .text? = whole, case .string(let masked) = value(of: part, event, redaction) else { return whole }
            return FieldValue(masked)
        }
        return found?.json ?? .null
    }
}

extension OutputFormat {
    /// The output with the values that `value` gives; `fields` are those that are told whatever it prints.
    func rendered(
        at time: Timestamp, _ priority: Priority, fields: [String: JSONValue], _ value: (Operand) -> JSONValue
    ) -> RenderedOutput {
        var fields = fields, message = ""
        fields["evt.time"] = .int(Int64(clamping: time.nanoseconds))
        for piece in pieces {
            switch piece {
            case .literal(let text): message += text
            case .field(let operand, let width):
                let found = value(operand)
                fields[operand.text] = found
                message += Self.fitted(Self.text(found, operand.field), to: width)
            }
        }
        return RenderedOutput(text: "\(time.clock): \(priority.name) \(message)", message: message, fields: fields)
    }

    // Control characters would let a file's name forge a line of a log.
    private static func text(_ value: JSONValue, _ field: Field?) -> String {
        switch value {
        case .null: "<NA>"
        case .bool(let truth): truth ? "true" : "false"
        case .int(let number) where field == .eventTime: Timestamp(nanoseconds: UInt64(clamping: number)).clock
        case .int(let number) where field == .eventTimeISO: Timestamp(nanoseconds: UInt64(clamping: number)).description
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): escaped(text)
        case .array(let elements): "(" + elements.map { Self.text($0, field) }.joined(separator: ",") + ")"
        case .object: ""
        }
    }

    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x08: result += "\\b"
            case 0x09: result += "\\t"
            case 0x0A: result += "\\n"
            case 0x0C: result += "\\f"
            case 0x0D: result += "\\r"
            case 0..<0x20, 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            case _: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func fitted(_ text: String, to width: Int?) -> String {
        guard let width, width > 0 else { return text }
        let cut = text.prefix(width)
        return cut + String(repeating: " ", count: width - cut.count)
    }
}

extension Redaction {
    /// `NAME=value` pairs with blanks between: each value masked by its name.
    func maskAll(pairs text: String) -> String {
        text.split(separator: " ").map { pair in
            guard let sign = pair.firstIndex(of: "=") else { return mask }
            let name = String(pair[..<sign])
            return name + "=" + apply(toVariable: name, value: String(pair[pair.index(after: sign)...]))
        }.joined(separator: " ")
    }
}
