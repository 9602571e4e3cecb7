// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText
import Yams

/// Reads documents that a person wrote: JSON, or the same in YAML.
enum DocumentReading {
    /// The value of a node: a text is read as JSON, anything else is the value itself. Throws for a text that is not JSON.
    static func value(_ node: Node, in file: SourceFile) throws(EventFault) -> JSONValue {
        guard let text = node.scalar?.string else { return value(node) }
        return try parsed(text, at: node.place(in: file))
    }

    /// The value of a text of JSON; of several lines the first that is not empty, when the whole is no value.
    static func parsed(_ text: String, at location: SourceLocation?) throws(EventFault) -> JSONValue {
        do throws(JSONParser.Malformed) {
            return try JSONParser.parse(Array(text.utf8))
        } catch {
            let line = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
            if let first = try? JSONParser.parse(Array(line.utf8)) { return first }
            throw EventFault("this is no JSON: \(error.problem), at byte \(error.offset)", at: location)
        }
    }

    // Plain words and digits mean what they mean in YAML 1.2; what is quoted is a text.
    private static func value(_ node: Node) -> JSONValue {
        switch node {
        case .sequence(let entries): .array(entries.map(value))
        case .mapping(let members): .object(object(members))
        case .scalar(let scalar):
            if scalar.style == .plain || scalar.style == .any { plain(scalar.string) } else { .string(scalar.string) }
        case .alias: .null
        }
    }

    // `<<` puts the members of another map below the own ones, so that cases can share most of a document.
    private static func object(_ members: Node.Mapping) -> [String: JSONValue] {
        var own: [String: JSONValue] = [:], shared: [String: JSONValue] = [:]
        for (key, member) in members {
            let name = key.scalar?.string ?? ""
            guard name == "<<", case .object(let inner) = value(member) else {
                own[name] = value(member)
                continue
            }
            shared.merge(inner) { first, _ in first }
        }
        return own.merging(shared) { own, _ in own }
    }

    private static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null": .null
        case "true": .bool(true)
        case "false": .bool(false)
        case _: (try? JSONParser.parse(Array(text.utf8))) ?? .string(text)
        }
    }
}
