// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The fields of the containers of a pod that a request holds; each list of containers has them.
enum ContainerReaders {
    /// The readers, by the last part of the field's name. `list` is where the containers stand, `pod` where the pod's own settings do.
    static func of(list: [String], pod: [String]) -> [String: DocumentFields.Reader] {
        let context = ["securityContext"]
        return [
            // Half of the names would let a rule that wants all of them pass.
            "name": .elements(list, inner: ["name"], needsAll: true),
            "image": .elements(list, inner: ["image"], needsAll: true),
            "image.repository": .made { document, argument in
                let images = document.body.elements(at: list, argument, inner: ["image"], needsAll: true)
                return images.flatMap { .texts($0.compactMap(\.string).map(AuditReaders.repository)) }
            },
            "command": words(list, "command"),
            "args": words(list, "args"),
            "host_port": .made { document, argument in
                let ports = document.body.elements(at: list, argument, inner: ["ports"])
                // With hostNetwork, a container's port is the host's.
                return ports.flatMap { .texts($0.compactMap { ($0["hostPort"] ?? $0["containerPort"])?.asText }) }
            },
            "privileged": .elements(list, inner: context + ["privileged"]),
            "allow_privilege_escalation": .elements(list, inner: context + ["allowPrivilegeEscalation"]),
            "read_only_fs": .elements(list, inner: context + ["readOnlyRootFilesystem"]),
            "run_as_user": .elements(list, inner: context + ["runAsUser"]),
            "run_as_group": .elements(list, inner: context + ["runAsGroup"]),
            "eff_run_as_user": effective(list, pod, context + ["runAsUser"]),
            "eff_run_as_group": effective(list, pod, context + ["runAsGroup"]),
            "proc_mount": .elements(list, inner: context + ["procMount"]),
            "add_capabilities": .elements(list, inner: context + ["capabilities", "add"]),
        ]
    }

    // A container's words as one text each.
    private static func words(_ list: [String], _ key: String) -> DocumentFields.Reader {
        .made { document, argument in
            guard let containers = document.body.elements(at: list, argument) else { return nil }
            return .texts(
                containers.compactMap { container in
                    container[key]?.array.map { $0.compactMap(\.asText).joined(separator: " ") }
                })
        }
    }

    // What stands for the pod counts for a container that does not say, and 0 when nothing is said.
    private static func effective(_ list: [String], _ pod: [String], _ key: [String]) -> DocumentFields.Reader {
        .made { document, argument in
            guard let containers = document.body.elements(at: list, argument) else { return nil }
            let other = document.body.at(pod + key)?.asText ?? "0"
            return .texts(containers.map { $0.at(key)?.asText ?? other })
        }
    }
}

/// The query of a request's path.
enum QueryText {
    /// The first value of a parameter, its escapes undone; nil when it is not there.
    static func value(of name: String, in uri: String) -> String? {
        guard let mark = uri.firstIndex(of: "?") else { return nil }
        let query = uri[uri.index(after: mark)...].prefix { $0 != "#" }
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if decoded(parts[0]) == name { return parts.count == 2 ? decoded(parts[1]) : "" }
        }
        return nil
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = [], rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
