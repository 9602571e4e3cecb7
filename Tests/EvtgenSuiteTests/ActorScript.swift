// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What the actor is told: lines of fields with tabs between them.
struct ActorScript {
    /// The variable that tells which case a process belongs to. Those above the last one carry a name that no case has.
    static let variable = "SAKER_EVTGEN"

    /// Scripts find what the test finds.
    private static let searchPath = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"

    private(set) var text = ""
    private let users: [String: UserLine]

    /// A user's numbers.
    struct UserLine: Hashable {
        var user: UInt32
        var group: UInt32
    }

    /// What the machine gives to a case.
    struct Place {
        /// A directory on which the case mounts its own root.
        var scratch: String
        /// The passwd file of that root.
        var passwd: String
        /// The cgroups' files that take a process.
        var cgroups: [String]
        var users: [String: UserLine]
    }

    init(_ suiteCase: SuiteCase, id: String, place: Place) throws {
        users = place.users
        add("stage", place.scratch, place.passwd)
        for cgroup in place.cgroups { add("cgroup", cgroup) }
        for address in Self.addresses(of: suiteCase) { add("address", address) }
        let shared = suiteCase.container?.environment ?? [:]
        for (number, process) in suiteCase.processes.enumerated() {
            let isLast = number == suiteCase.processes.count - 1
            try add(process, after: ["process"], environment: shared, id: isLast ? id : "above-\(id)")
        }
        if let before = suiteCase.before { add("before", before) }
        if let after = suiteCase.after { add("after", after) }
        for resource in suiteCase.resources { try add(resource, id) }
        for step in suiteCase.steps { add(step) }
    }

    private mutating func add(_ process: SuiteProcess, after words: [String], environment: [String: String], id: String) throws {
        let user = try process.user.map { name in
            guard let line = users[name] else { throw SuiteError("no user '\(name)'") }
            return line
        }
        let capabilities = process.capabilities
        add(
            words + [
                process.file, process.path, String(user?.user ?? 0), String(user?.group ?? 0), String(capabilities.permitted, radix: 16),
                String(capabilities.inheritable, radix: 16), capabilities.isEffective ? "1" : "0", capabilities.limitsRoot ? "1" : "0",
            ])
        for argument in process.arguments { add("arg", argument) }
        let variables = environment.merging(process.environment) { $1 }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        for variable in ["PATH=\(Self.searchPath)"] + variables + ["\(Self.variable)=\(id)"] {
            add("env", variable)
        }
    }

    private mutating func add(_ resource: SuiteResource, _ id: String) throws {
        switch resource.kind {
        case .process(let process):
            // What a resource does is not what the case does.
            try add(process, after: ["resource", resource.name, "process"], environment: [:], id: "beside-\(id)")
        case .descriptor(let subtype, let path): add("resource", resource.name, subtype, path)
        case .clientServer("unix", _):
            add("resource", resource.name, "clientServer", "unix", "unix:///tmp/clientserver-\(resource.name).sock")
        case .clientServer(let transport, let address):
            add("resource", resource.name, "clientServer", transport, try SocketAddress.read(address))
        }
    }

    private mutating func add(_ step: SuiteStep) {
        let arguments = step.arguments.map { argument in
            switch argument {
            case .number(let number): "i\(number)"
            case .text(let text): "s\(text)"
            case .reference(let name): "r\(name)"
            }
        }
        add(["step", step.name, step.call] + arguments)
    }

    private mutating func add(_ fields: String...) { add(fields) }

    private mutating func add(_ fields: [String]) { text += fields.map(Self.escaped).joined(separator: "\t") + "\n" }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%25"
            case "\t": result += "%09"
            case "\n": result += "%0a"
            case "\0": result += "%00"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Addresses that the case's own loopback must have: those of its servers.
    private static func addresses(of suiteCase: SuiteCase) -> Set<String> {
        let servers = suiteCase.resources.compactMap { resource -> String? in
            guard case .clientServer(let transport, let address) = resource.kind, transport != "unix" else { return nil }
            return try? String(SocketAddress.read(address).prefix { $0 != "|" })
        }
        return Set(servers).subtracting(["127.0.0.1", "::1", "0.0.0.0", "::"])
    }
}
