// SPDX-License-Identifier: Apache-2.0

// The columns of each kind, as the API server's own printers have them.
extension Column {
    static func all(of resource: Resource, age: Age) -> [Column] {
        let name = path("Name", "metadata", "name")
        let since = text("Age") { age.text($0["metadata", "creationTimestamp"]) }
        switch resource {
        case .pods: return [name] + pod + [since] + podPlace
        case .namespaces: return [name, path("Status", or: "Unknown", "status", "phase"), since]
        case .nodes: return [name] + node + [since] + nodeMachine
        case .services: return [name] + service + [since, text("Selector", wide: true) { pairs($0["spec", "selector"]) }]
        case .events, .groupedEvents: return event(age)
        case .configmaps: return [name, number("Data") { count($0["data"]) + count($0["binaryData"]) }, since]
        case .secrets: return [name, path("Type", "type"), number("Data") { count($0["data"]) }, since]
        case .serviceaccounts: return [name, number("Secrets") { count($0["secrets"]) }, since]
        case .persistentvolumeclaims:
            return [name] + claim + [since, path("VolumeMode", wide: true, or: "<unset>", "spec", "volumeMode")]
        case .deployments: return [name] + deployment + [since] + template + [selector]
        case .replicasets: return [name] + replicaSet + [since] + template + [selector]
        case .statefulsets: return [name, text("Ready") { ratio($0, "readyReplicas") }, since] + template
        case .daemonsets: return [name] + daemonSet + [since] + template + [selector]
        case .networkpolicies:
            return [name, text("Pod-Selector") { orNone(LabelSelector(object: $0["spec", "podSelector"] ?? .null).text) }, since]
        case .leases: return [name, path("Holder", or: "", "spec", "holderIdentity"), since]
        case .priorityclasses:
            return [name] + priorityClass + [since, path("PreemptionPolicy", or: "PreemptLowerPriority", "preemptionPolicy")]
        case .poddisruptionbudgets: return [name] + budget + [since]
        case .ciliumnetworkpolicies: return [name, since]
        case .caliconetworkpolicies: return [name, path("Created At", or: "<unknown>", "metadata", "creationTimestamp")]
        case .roles, .clusterroles: return [name, path("Created At", or: "<unknown>", "metadata", "creationTimestamp")]
        case .rolebindings, .clusterrolebindings:
            return [name, text("Role") { ($0["roleRef", "kind"]?.string ?? "") + "/" + ($0["roleRef", "name"]?.string ?? "") }, since]
                + [("Users", "User"), ("Groups", "Group"), ("ServiceAccounts", "ServiceAccount")].map(subjects)
        }
    }

    private static let pod: [Column] = [
        text("Ready") { PodText($0).ready }, text("Status") { PodText($0).status },
        text("Restarts") { String(PodText($0).restarts) },
    ]

    private static let podPlace: [Column] = [
        path("IP", wide: true, "status", "podIP"), path("Node", wide: true, "spec", "nodeName"),
        path("Nominated Node", wide: true, "status", "nominatedNodeName"), text("Readiness Gates", wide: true) { _ in "<none>" },
    ]

    private static let node: [Column] = [
        text("Status") { node in
            let ready = (node["status", "conditions"]?.elements ?? []).first { $0["type"] == "Ready" }?["status"]?.string
            let word = ready == "True" ? "Ready" : ready == nil ? "Unknown" : "NotReady"
            return word + (node["spec", "unschedulable"]?.isTrue == true ? ",SchedulingDisabled" : "")
        },
        text("Roles") { node in
            let prefix = "node-role.kubernetes.io/"
            let labels = (node["metadata", "labels"]?.strings ?? [:]).keys.filter { $0.hasPrefix(prefix) }
            return orNone(labels.map { String($0.dropFirst(prefix.count)) }.sorted().joined(separator: ","))
        },
    ]

    private static let nodeMachine: [Column] = [
        path("Version", or: "", "status", "nodeInfo", "kubeletVersion"),
        text("Internal-IP", wide: true) { address($0, "InternalIP") }, text("External-IP", wide: true) { address($0, "ExternalIP") },
        path("OS-Image", wide: true, or: "<unknown>", "status", "nodeInfo", "osImage"),
        path("Kernel-Version", wide: true, or: "<unknown>", "status", "nodeInfo", "kernelVersion"),
        path("Container-Runtime", wide: true, or: "<unknown>", "status", "nodeInfo", "containerRuntimeVersion"),
    ]

    private static let service: [Column] = [
        path("Type", "spec", "type"), path("Cluster-IP", "spec", "clusterIP"),
        text("External-IP") { service in
            let given = (service["spec", "externalIPs"]?.elements ?? []).compactMap(\.string)
            return given.isEmpty ? (service["spec", "type"] == "LoadBalancer" ? "<pending>" : "<none>") : given.joined(separator: ",")
        },
        text("Port(s)") { service in
            orNone((service["spec", "ports"]?.elements ?? []).map(port).joined(separator: ","))
        },
    ]

    private static let claim: [Column] = [
        path("Status", or: "", "status", "phase"), path("Volume", or: "", "spec", "volumeName"),
        path("Capacity", or: "", "status", "capacity", "storage"),
        text("Access Modes") { claim in (claim["status", "accessModes"]?.elements ?? []).compactMap(\.string).joined(separator: ",") },
        path("StorageClass", or: "", "spec", "storageClassName"),
        path("VolumeAttributesClass", or: "<unset>", "spec", "volumeAttributesClassName"),
    ]

    private static let deployment: [Column] = [
        text("Ready") { ratio($0, "readyReplicas") }, number("Up-to-date") { $0["status", "updatedReplicas"]?.integer },
        number("Available") { $0["status", "availableReplicas"]?.integer },
    ]

    private static let replicaSet: [Column] = [
        number("Desired") { $0["spec", "replicas"]?.integer ?? 1 }, number("Current") { $0["status", "replicas"]?.integer },
        number("Ready") { $0["status", "readyReplicas"]?.integer },
    ]

    private static let daemonSet: [Column] = [
        number("Desired") { $0["status", "desiredNumberScheduled"]?.integer },
        number("Current") { $0["status", "currentNumberScheduled"]?.integer }, number("Ready") { $0["status", "numberReady"]?.integer },
        number("Up-to-date") { $0["status", "updatedNumberScheduled"]?.integer },
        number("Available") { $0["status", "numberAvailable"]?.integer },
        text("Node Selector") { pairs($0["spec", "template", "spec", "nodeSelector"]) },
    ]

    private static let template: [Column] = [("Containers", "name"), ("Images", "image")].map { title, field in
        text(title, wide: true) { object in
            let containers = object["spec", "template", "spec", "containers"]?.elements ?? []
            return containers.compactMap { $0.member(field)?.string }.joined(separator: ",")
        }
    }

    private static let selector = text("Selector", wide: true) { orNone(LabelSelector(object: $0["spec", "selector"] ?? .null).text) }

    private static let priorityClass: [Column] = [
        number("Value") { $0["value"]?.integer }, Column(name: "Global-Default", type: "boolean") { $0["globalDefault"] ?? false },
    ]

    private static let budget: [Column] = [
        path("Min Available", or: "N/A", "spec", "minAvailable"), path("Max Unavailable", or: "N/A", "spec", "maxUnavailable"),
        number("Allowed Disruptions") { $0["status", "disruptionsAllowed"]?.integer },
    ]

    private static func subjects(_ title: String, _ kind: String) -> Column {
        text(title, wide: true) { binding in
            (binding["subjects"]?.elements ?? []).filter { $0["kind"]?.string == kind }.map { subject in
                (kind == "ServiceAccount" ? (subject["namespace"]?.string ?? "") + "/" : "") + (subject["name"]?.string ?? "")
            }.joined(separator: ", ")
        }
    }
}

// Events, and small texts.
extension Column {
    private static func event(_ age: Age) -> [Column] {
        @Sendable func last(_ event: JSON) -> JSON? {
            [event["lastTimestamp"], event["deprecatedLastTimestamp"], event["eventTime"], event["firstTimestamp"]]
                .compactMap { $0 }.first { $0 != .null }
        }
        @Sendable func object(_ event: JSON) -> String {
            let about = event["involvedObject"] ?? event["regarding"]
            return (about?["kind"]?.string ?? "").lowercased() + "/" + (about?["name"]?.string ?? "")
        }
        return [
            text("Last Seen") { age.text(last($0)) }, path("Type", or: "", "type"), path("Reason", or: "", "reason"),
            text("Object", object), path("Subobject", wide: true, or: "", "involvedObject", "fieldPath"),
            text("Source", wide: true) { $0["source", "component"]?.string ?? $0["reportingController"]?.string ?? "" },
            text("Message") { ($0["message"] ?? $0["note"])?.string ?? "" },
            text("First Seen", wide: true) { age.text($0["firstTimestamp"] ?? $0["deprecatedFirstTimestamp"] ?? last($0)) },
            text("Count", wide: true) { String(($0["count"] ?? $0["deprecatedCount"])?.integer ?? 1) },
            path("Name", wide: true, "metadata", "name"),
        ]
    }

    private static func orNone(_ text: String) -> String { text.isEmpty ? "<none>" : text }

    private static func count(_ value: JSON?) -> Int64 { Int64((value?.members.count ?? 0) + (value?.elements.count ?? 0)) }

    private static func pairs(_ labels: JSON?) -> String {
        orNone((labels?.strings ?? [:]).sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }.joined(separator: ","))
    }

    private static func ratio(_ object: JSON, _ ready: String) -> String {
        "\(object["status", ready]?.integer ?? 0)/\(object["spec", "replicas"]?.integer ?? 1)"
    }

    private static func address(_ node: JSON, _ type: String) -> String {
        (node["status", "addresses"]?.elements ?? []).first { $0["type"]?.string == type }?["address"]?.string ?? "<none>"
    }

    private static func port(_ port: JSON) -> String {
        let node = port["nodePort"]?.integer.map { ":\($0)" } ?? ""
        return "\(port["port"]?.integer ?? 0)\(node)/\(port["protocol"]?.string ?? "TCP")"
    }
}

/// What a table says of a pod.
struct PodText {
    var pod: JSON

    init(_ pod: JSON) { self.pod = pod }

    private var containers: [JSON] { pod["status", "containerStatuses"]?.elements ?? [] }

    var ready: String {
        let total = max(pod["spec", "containers"]?.elements.count ?? 0, containers.count)
        return "\(containers.filter { $0["ready"]?.isTrue == true }.count)/\(total)"
    }

    var restarts: Int64 { containers.reduce(0) { $0 + ($1["restartCount"]?.integer ?? 0) } }

    var status: String {
        if pod["metadata", "deletionTimestamp"] != nil { return "Terminating" }
        for container in containers {
            for state in ["waiting", "terminated"] {
                if let reason = container["state", state, "reason"]?.string { return reason }
            }
        }
        return pod["status", "reason"]?.string ?? pod["status", "phase"]?.string ?? "Unknown"
    }
}
