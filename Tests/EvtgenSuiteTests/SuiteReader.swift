// SPDX-License-Identifier: Apache-2.0

/// Reads the tests of one file, and makes of each its cases.
struct SuiteReader {
    /// What runs the tests, in the words of Go: `amd64`, `arm64`.
    var architecture: String

    /// All cases of a file, in order.
    func cases(_ yaml: String) throws -> [SuiteCase] {
        guard case .list(let tests) = try SuiteValue(yaml: yaml)["tests"] else { throw SuiteError("the file has no list of tests") }
        return try tests.flatMap { try cases(of: $0) }
    }

    private func cases(of test: SuiteValue) throws -> [SuiteCase] {
        guard var parts = test.map else { throw SuiteError("a test is no map") }
        guard let specification = parts.removeValue(forKey: "cases") else { return [try read(test)] }
        let template = SuiteValue.map(parts)
        return try specification.list.flatMap(Self.combinations).enumerated().map { number, values in
            var read = try read(template.filled(with: values))
            read.name += "#\(number) \(Self.label(values))"
            return read
        }
    }

    /// The values of each case that one item of `cases` stands for.
    static func combinations(_ item: SuiteValue) throws -> [[String: SuiteValue]] {
        guard let values = item["values"].map else { throw SuiteError("a case has no values") }
        switch item["strategy"].text {
        case "vector": return [values]
        case "matrix":
            // By name: which comes first must not differ from run to run.
            return values.sorted { $0.key < $1.key }.reduce([[:]]) { sofar, next in
                sofar.flatMap { known in next.value.list.map { known.merging([next.key: $0]) { $1 } } }
            }
        case let other: throw SuiteError("a case has the unknown strategy '\(other ?? "")'")
        }
    }

    private static func label(_ values: [String: SuiteValue]) -> String {
        values.sorted { $0.key < $1.key }.compactMap { name, value in value.text.map { "\(name)=\($0)" } }.joined(separator: " ")
    }

    private func read(_ test: SuiteValue) throws -> SuiteCase {
        guard let name = test["name"].text, let rule = test["rule"].text else { throw SuiteError("a test has no name or no rule") }
        guard test["runner"].text == "HostRunner" else { throw SuiteError("\(name): the runner is not HostRunner") }
        let context = test["context"], expected = test["expectedOutcome"]
        let chain = try context["processes"].list.map { try process($0, name: "name") }
        return SuiteCase(
            name: name, rule: rule, runsHere: try runs(test["runIf"]), container: container(context["container"]),
            processes: chain.isEmpty ? [try process(.map([:]), name: "name")] : chain,
            before: test["before"].text, after: test["after"].text,
            resources: try test["resources"].list.map(resource), steps: try test["steps"].list.map(step),
            expected: SuiteCase.Expected(
                source: expected["source"].text, hostname: expected["hostname"].text, priority: expected["priority"].text,
                fields: (expected["outputFields"].map ?? [:]).compactMapValues(\.text)))
    }

    /// `{ arch: { op: ne, val: arm64 } }`; nothing said is true.
    private func runs(_ condition: SuiteValue) throws -> Bool {
        try (condition.map ?? [:]).allSatisfy { subject, test in
            guard subject == "arch", let operation = test["op"].text else { throw SuiteError("runIf asks for '\(subject)'") }
            let wanted = test["val"].text.map { [$0] } ?? test["val"].list.compactMap(\.text)
            switch operation {
            case "eq", "in": return wanted.contains(architecture)
            case "ne", "notIn": return !wanted.contains(architecture)
            default: throw SuiteError("runIf has the unknown operator '\(operation)'")
            }
        }
    }

    private func container(_ value: SuiteValue) -> SuiteContainer? {
        guard value.isThere else { return nil }
        return SuiteContainer(
            name: value["name"].text ?? "event-generator",
            image: value["image"].text ?? "docker.io/falcosecurity/event-generator:latest",
            environment: (value["env"].map ?? [:]).compactMapValues(\.text))
    }

    /// A process's name is the last component of the path it is executed by: where another is asked for, that is a link to the file.
    private func process(_ value: SuiteValue, name key: String) throws -> SuiteProcess {
        let file = value["exePath"].text ?? "/tmp/event-generator" + String(UInt32.random(in: 0 ... .max), radix: 36)
        let name = value[key].text ?? Self.lastComponent(file)
        let folder = file.dropLast(Self.lastComponent(file).count)
        return SuiteProcess(
            file: file, path: folder + name, arguments: [value["exe"].text ?? name] + ArgumentText.words(value["args"].text ?? ""),
            environment: (value["env"].map ?? [:]).compactMapValues(\.text), user: value["user"].text,
            capabilities: try FileCapabilities(value["capabilities"].text ?? "all=iep"))
    }

    private static func lastComponent(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    private func resource(_ value: SuiteValue) throws -> SuiteResource {
        guard let name = value["name"].text else { throw SuiteError("a resource has no name") }
        switch value["type"].text {
        case "clientServer":
            let transport = value["l4Proto"].text ?? ""
            let known = ["tcp4", "tcp6", "udp4", "udp6", "unix"]
            guard known.contains(transport) else { throw SuiteError("\(name): no l4Proto '\(transport)'") }
            return SuiteResource(name: name, kind: .clientServer(transport: transport, address: value["address"].text ?? ""))
        case "fd":
            let subtype = value["subtype"].text ?? ""
            let known = ["file", "directory", "pipe", "event", "signalfd", "eventpoll", "inotify", "memfd"]
            guard known.contains(subtype) else { throw SuiteError("\(name): no fd of subtype '\(subtype)'") }
            let path = value["filePath"].text ?? value["dirPath"].text ?? ""
            return SuiteResource(name: name, kind: .descriptor(subtype: subtype, path: path))
        case "process": return SuiteResource(name: name, kind: .process(try process(value, name: "procName")))
        case let other: throw SuiteError("\(name): no resource of type '\(other ?? "")'")
        }
    }

    private func step(_ value: SuiteValue) throws -> SuiteStep {
        guard value["type"].text == "syscall", let name = value["name"].text, let call = value["syscall"].text else {
            throw SuiteError("a step is no system call with a name")
        }
        guard let signature = CallSignature.all[call] else { throw SuiteError("\(name): no system call '\(call)'") }
        return SuiteStep(name: name, call: call, arguments: try signature.arguments(value["args"]))
    }
}
