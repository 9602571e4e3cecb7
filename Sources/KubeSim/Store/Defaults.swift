// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// What the API server fills in where an object leaves it out: of many defaults those that kubectl, rights and policies look at.
enum Defaults {
    static func filled(_ object: JSON, _ resource: Resource) -> JSON {
        var object = object
        switch resource {
        case .networkpolicies: fillPolicy(&object)
        case .deployments:
            fill(&object, 1, "spec", "replicas")
            fill(&object, "RollingUpdate", "spec", "strategy", "type")
            guard object["spec", "strategy", "type"] == "RollingUpdate" else { break }
            fill(&object, "25%", "spec", "strategy", "rollingUpdate", "maxUnavailable")
            fill(&object, "25%", "spec", "strategy", "rollingUpdate", "maxSurge")
        case .replicasets:
            fill(&object, 1, "spec", "replicas")
        case .statefulsets:
            fill(&object, 1, "spec", "replicas")
            fill(&object, "OrderedReady", "spec", "podManagementPolicy")
            fill(&object, "RollingUpdate", "spec", "updateStrategy", "type")
            if object["spec", "updateStrategy", "type"] == "RollingUpdate" {
                fill(&object, 0, "spec", "updateStrategy", "rollingUpdate", "partition")
            }
        case .daemonsets:
            fill(&object, "RollingUpdate", "spec", "updateStrategy", "type")
            if object["spec", "updateStrategy", "type"] == "RollingUpdate" {
                fill(&object, 1, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable")
            }
        case .services: fillService(&object)
        case .secrets: fillSecret(&object)
        case .persistentvolumeclaims:
            fill(&object, "Filesystem", "spec", "volumeMode")
        case .namespaces:
            object["metadata", "labels", "kubernetes.io/metadata.name"] = object["metadata", "name"]
            fill(&object, "Active", "status", "phase")
        case .rolebindings, .clusterrolebindings: fillBinding(&object)
        case .pods:
            fill(&object, "Pending", "status", "phase")
        case .nodes, .events, .groupedEvents, .configmaps, .serviceaccounts, .leases, .priorityclasses,
            .poddisruptionbudgets, .roles, .clusterroles, .ciliumnetworkpolicies, .caliconetworkpolicies:
            break
        }
        return object
    }

    private static func fill(_ object: inout JSON, _ value: JSON, _ path: String...) {
        object.fill(value, path[...])
    }

    private static func fillPolicy(_ object: inout JSON) {
        guard object["spec"] != nil, object["spec", "policyTypes"] == nil else { return }
        let types = NetworkPolicy.defaultTypes(spec: object["spec"] ?? .null)
        object["spec", "policyTypes"] = .array(types.map { .string($0.rawValue) })
    }

    private static func fillService(_ object: inout JSON) {
        fill(&object, "ClusterIP", "spec", "type")
        fill(&object, "None", "spec", "sessionAffinity")
        guard let ports = object["spec", "ports"]?.elements else { return }
        object["spec", "ports"] = .array(
            ports.map { port in
                var port = port
                port["protocol"] = port["protocol"] ?? "TCP"
                port["targetPort"] = port["targetPort"] ?? port["port"]
                return port
            })
    }

    // What was given as plain text is stored, and read back, in base64.
    private static func fillSecret(_ object: inout JSON) {
        fill(&object, "Opaque", "type")
        for (name, text) in object["stringData"]?.strings ?? [:] {
            object["data", name] = .string(Data(text.utf8).base64EncodedString())
        }
        object["stringData"] = nil
    }

    private static func fillBinding(_ object: inout JSON) {
        let group: JSON = "rbac.authorization.k8s.io"
        if object["roleRef"] != nil, (object["roleRef", "apiGroup"]?.string ?? "").isEmpty { object["roleRef", "apiGroup"] = group }
        guard let subjects = object["subjects"]?.elements else { return }
        object["subjects"] = .array(
            subjects.map { subject in
                guard subject["kind"] != "ServiceAccount", (subject["apiGroup"]?.string ?? "").isEmpty else { return subject }
                var subject = subject
                subject["apiGroup"] = group
                return subject
            })
    }
}

extension JSON {
    /// Sets what the object does not have; an object that is missing on the way is made only where its parent is there.
    fileprivate mutating func fill(_ value: JSON, _ path: ArraySlice<String>) {
        guard let name = path.first, case .object(var members) = self else { return }
        if path.count == 1 {
            if members[name] == nil || members[name] == .null { members[name] = value }
        } else {
            var child = members[name] ?? [:]
            if child == .null { child = [:] }
            child.fill(value, path.dropFirst())
            members[name] = child
        }
        self = .object(members)
    }
}
