// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Records

/// Reads an alert as Falco, Falcosidekick and Saker write it. What names the sender is never read: the intake says who sent it.
enum FalcoAlert {
    static func read(_ value: JSONValue, at offset: Int) -> Result<Alert, AlertProblem> {
        guard case .object(let members) = value else {
            return .failure(AlertProblem("expected an alert as a JSON object, found \(kind(value))", offset: offset))
        }
        do throws(AlertProblem) {
            return .success(try Members(members, offset).alert())
        } catch {
            return .failure(error)
        }
    }

    private static func kind(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The members of one alert by name in lower case: Falco Talon takes `Rule` for `rule`, and its own examples say it so.
    private struct Members {
        let members: [String: JSONValue]
        let offset: Int

        init(_ members: [String: JSONValue], _ offset: Int) {
            let folded = Dictionary(members.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
            self.members = folded.merging(members) { _, exact in exact }
            self.offset = offset
        }

        func alert() throws(AlertProblem) -> Alert {
            let rule = try text("rule"), time = try time(), priority = try priority()
            let output = try optionalText("output") ?? "", hostname = try optionalText("hostname") ?? ""
            let node = try optionalText("node"), source = try optionalText("source") ?? ""
            let fields = try object("output_fields")
            let subject = try members["subject"].map { value throws(AlertProblem) in try Self.subject(value, offset) }
            return Alert(
                trace: try trace(time, rule, output, node ?? hostname), time: time, rule: RuleName(rule), priority: priority,
                // Falcosidekick says `syscalls` where the source was left out.
                source: source.isEmpty || source == "syscalls" ? "syscall" : source, tags: try tags(),
                output: Self.message(output, priority), fields: fields, hostname: hostname, node: node.map { NodeName($0) },
                subject: subject ?? Subject(falco: fields))
        }

        private func problem(_ message: String) -> AlertProblem { AlertProblem(message, offset: offset) }

        private func text(_ name: String) throws(AlertProblem) -> String {
            guard let text = try optionalText(name), !text.isEmpty else { throw problem("'\(name)' is missing") }
            return text
        }

        private func optionalText(_ name: String) throws(AlertProblem) -> String? {
            switch members[name] {
            case nil, .null: return nil
            case .string(let text): return text
            case let other?: throw problem("'\(name)' is \(kind(other)) and must be a string")
            }
        }

        private func time() throws(AlertProblem) -> Timestamp {
            let text = try text("time")
            guard let time = Timestamp(text) else {
                throw problem("'time' is '\(text.prefix(40))' and must be RFC 3339, such as 2026-01-31T12:00:00.5Z")
            }
            return time
        }

        private func priority() throws(AlertProblem) -> Priority {
            let word = try text("priority")
            guard let priority = Priority(name: word) else {
                let known = Priority.allCases.map(\.name).joined(separator: ", ")
                throw problem("'priority' is '\(word.prefix(40))' and must be one of \(known)")
            }
            return priority
        }

        private func object(_ name: String) throws(AlertProblem) -> [String: JSONValue] {
            switch members[name] {
            case nil, .null: return [:]
            case .object(let members): return members
            case let other?: throw problem("'\(name)' is \(kind(other)) and must be an object")
            }
        }

        private func tags() throws(AlertProblem) -> [String] {
            switch members["tags"] {
            case nil, .null: return []
            case .array(let elements):
                let texts = elements.compactMap(\.string)
                guard texts.count == elements.count else { throw problem("'tags' must hold strings only") }
                return texts
            case let other?: throw problem("'tags' is \(kind(other)) and must be an array of strings")
            }
        }

        // Falco gives no id, so that the same alert sent twice must come to the same one: its moment in nanoseconds, rule, text and node.
        private func trace(_ time: Timestamp, _ rule: String, _ output: String, _ node: String) throws(AlertProblem) -> TraceID {
            if let given = try optionalText("trace_id") {
                guard given.utf8.count == 32, given.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
                    throw problem("'trace_id' must be 32 lower-case hex digits; leave it out where there is none")
                }
                return TraceID(given)
            }
            var digest = Digest()
            digest.add(Int64(clamping: time.nanoseconds))
            for part in [rule, output, node] { digest.add(part.utf8) }
            return TraceID(hexadecimal(digest.finish().prefix(16)))
        }

        private static func subject(_ value: JSONValue, _ offset: Int) throws(AlertProblem) -> Subject {
            guard case .object(let members) = value else {
                throw AlertProblem("'subject' is \(kind(value)) and must be an object", offset: offset)
            }
            return Subject(
                pid: Int32(clamping: members["pid"]?.int ?? 0), container: members["container"]?.name.map { ContainerID($0) },
                podUID: members["podUID"]?.name.map { PodUID($0) }, pod: members["pod"]?.name.map { PodName($0) },
                namespace: members["namespace"]?.name.map { NamespaceName($0) })
        }

        /// The rule's own text: Falco and Saker write the time of day or the whole time, and the priority, before it.
        private static func message(_ output: String, _ priority: Priority) -> String {
            let parts = output.split(separator: ": ", maxSplits: 1)
            guard parts.count == 2, parts[0].utf8.count >= 8, parts[0].utf8.allSatisfy({ "0123456789:.-+TZ".utf8.contains($0) }) else {
                return output
            }
            let word = [priority.name, "Info"].first { parts[1].hasPrefix($0 + " ") }
            return word.map { String(parts[1].dropFirst($0.count + 1)) } ?? output
        }
    }
}

/// Bytes as lower-case hex digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

extension Subject {
    /// Whom an alert of Falco's is about, by its fields.
    init(falco fields: [String: JSONValue]) {
        let container = (fields["container.full_id"] ?? fields["container.id"])?.name
        self.init(
            pid: Int32(clamping: fields["proc.pid"]?.int ?? 0), container: container == "host" ? nil : container.map { ContainerID($0) },
            podUID: fields["k8s.pod.uid"]?.name.map { PodUID($0) }, pod: fields["k8s.pod.name"]?.name.map { PodName($0) },
            namespace: fields["k8s.ns.name"]?.name.map { NamespaceName($0) })
    }
}

extension JSONValue {
    /// A text that names something; Falco prints `<NA>` for what it does not know.
    fileprivate var name: String? { string.flatMap { $0.isEmpty || $0 == "<NA>" ? nil : $0 } }
}
