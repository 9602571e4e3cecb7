// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The rows that kubectl prints: asked for by `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`.
struct Table {
    /// What a row carries beside its cells.
    enum IncludedObject: String {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    var resource: Resource
    /// Seconds since 1970.
    var now: Int64
    var includes: IncludedObject = .metadata

    func json(_ objects: [JSON], listMetadata: JSON?) -> JSON {
        [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": listMetadata ?? [:],
            "columnDefinitions": .array(columns.map(Table.definition)), "rows": .array(objects.map(row)),
        ]
    }

    private var columns: [String] {
        switch resource {
        case .pods: ["Name", "Ready", "Status", "Restarts", "Age"]
        case .namespaces: ["Name", "Status", "Age"]
        case .networkpolicies: ["Name", "Pod-Selector", "Age"]
        case .replicasets, .deployments, .statefulsets, .daemonsets: ["Name", "Desired", "Ready", "Age"]
        case .nodes, .events: ["Name", "Age"]
        }
    }

    private static func definition(_ name: String) -> JSON {
        let type = ["Restarts", "Desired"].contains(name) ? "integer" : "string"
        return [
            "name": .string(name), "type": .string(type), "format": name == "Name" ? "name" : "", "description": "", "priority": 0,
        ]
    }

    private func row(_ object: JSON) -> JSON {
        var row: JSON = ["cells": .array(columns.map { cell($0, object) })]
        switch includes {
        case .none:
            break
        case .metadata:
            row["object"] = [
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] ?? [:],
            ]
        case .object:
            row["object"] = object
        }
        return row
    }

    private func cell(_ column: String, _ object: JSON) -> JSON {
        switch column {
        case "Name": object["metadata", "name"] ?? ""
        case "Ready" where resource == .pods: .string(Table.readyContainers(object))
        case "Ready": object["status", resource == .daemonsets ? "numberReady" : "readyReplicas"] ?? 0
        case "Desired": desired(object)
        case "Status": .string(Table.status(object))
        case "Restarts": .integer(Table.containers(object).reduce(0) { $0 + ($1["restartCount"]?.integer ?? 0) })
        case "Pod-Selector": .string(podSelector(object))
        case _: .string(age(object))
        }
    }

    private func desired(_ object: JSON) -> JSON {
        resource == .daemonsets ? object["status", "desiredNumberScheduled"] ?? 0 : object["spec", "replicas"] ?? 1
    }

    private func podSelector(_ object: JSON) -> String {
        let text = LabelSelector(object: object["spec", "podSelector"] ?? .null).text
        return text.isEmpty ? "<none>" : text
    }

    private static func containers(_ pod: JSON) -> [JSON] { pod["status", "containerStatuses"]?.elements ?? [] }

    private static func readyContainers(_ pod: JSON) -> String {
        let total = max(pod["spec", "containers"]?.elements.count ?? 0, containers(pod).count)
        return "\(containers(pod).filter { $0["ready"]?.isTrue == true }.count)/\(total)"
    }

    private static func status(_ object: JSON) -> String {
        if object["metadata", "deletionTimestamp"] != nil { return "Terminating" }
        for container in containers(object) {
            for state in ["waiting", "terminated"] {
                if let reason = container["state", state, "reason"]?.string { return reason }
            }
        }
        return object["status", "reason"]?.string ?? object["status", "phase"]?.string ?? "Unknown"
    }

    private func age(_ object: JSON) -> String {
        guard let text = object["metadata", "creationTimestamp"]?.string, let created = try? Date(text, strategy: .iso8601) else {
            return "<unknown>"
        }
        return Table.duration(max(0, now - Int64(created.timeIntervalSince1970)))
    }

    /// A duration as kubectl prints it: the largest unit, with the next one while that still tells something.
    static func duration(_ seconds: Int64) -> String {
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
        if seconds < 120 { return "\(seconds)s" }
        if minutes < 10 { return seconds % 60 == 0 ? "\(minutes)m" : "\(minutes)m\(seconds % 60)s" }
        if hours < 3 { return "\(minutes)m" }
        if hours < 8 { return minutes % 60 == 0 ? "\(hours)h" : "\(hours)h\(minutes % 60)m" }
        if hours < 48 { return "\(hours)h" }
        if days < 8 { return hours % 24 == 0 ? "\(days)d" : "\(days)d\(hours % 24)h" }
        if days < 730 { return "\(days)d" }
        return days % 365 == 0 ? "\(days / 365)y" : "\(days / 365)y\(days % 365)d"
    }
}
