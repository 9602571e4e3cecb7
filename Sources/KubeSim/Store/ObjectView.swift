// SPDX-License-Identifier: Apache-2.0

// Objects as a path shows them: most are as they are stored, events have two groups with words of their own, a scale shows one number.
extension ObjectTarget {
    /// The same place under the kind that the store has.
    var inStore: ObjectTarget {
        var target = self
        target.resource = resource.stored
        return target
    }

    /// The shape of what this path takes and shows.
    var shape: Schema.Shape { subresource == .scale ? .message("Scale") : Schema.shape(of: resource) }

    /// A stored object in this path's form.
    func shown(_ object: JSON) -> JSON {
        if subresource == .scale { return Scale.of(object) }
        return resource.shown(object)
    }

    /// What a client sent in this path's form, as it would be stored in place of `old`.
    func stored(_ body: JSON, over old: JSON? = nil) throws(APIStatus) -> JSON {
        guard subresource == .scale, let old else { return resource == .groupedEvents ? GroupedEvent.core(body) : body }
        return try Scale.apply(body, to: old)
    }
}

extension Resource {
    /// A stored object in this kind's words.
    func shown(_ object: JSON) -> JSON { self == .groupedEvents ? GroupedEvent.of(object) : object }
}

/// The `scale` of a workload.
enum Scale {
    static func of(_ object: JSON) -> JSON {
        var metadata: JSON = [:]
        for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[field] = object["metadata"]?.member(field)
        }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
            "spec": ["replicas": object["spec", "replicas"] ?? 1],
            "status": [
                "replicas": object["status", "replicas"] ?? 0,
                "selector": .string(LabelSelector(object: object["spec", "selector"] ?? .null).text),
            ],
        ]
    }

    static func apply(_ scale: JSON, to object: JSON) throws(APIStatus) -> JSON {
        guard scale["kind"] == nil || scale["kind"] == "Scale" else {
            throw .badRequest("expected input object type to be Scale, but was \(scale["kind"]?.string ?? "")")
        }
        let replicas = scale["spec", "replicas"]?.integer ?? 0
        guard replicas >= 0 else {
            throw .invalid(
                kind: "Scale", group: "autoscaling", object["metadata", "name"]?.string ?? "", field: "spec.replicas",
                value: String(replicas), "must be greater than or equal to 0")
        }
        var scaled = object
        scaled["spec", "replicas"] = .integer(replicas)
        scaled["metadata", "resourceVersion"] = scale["metadata", "resourceVersion"]
        scaled["metadata", "uid"] = scale["metadata", "uid"]
        return scaled
    }
}

/// An event in the words of `events.k8s.io`.
enum GroupedEvent {
    // Each field of the core group beside its name in the other.
    private static let names = [
        "involvedObject": "regarding", "message": "note", "reportingComponent": "reportingController", "source": "deprecatedSource",
        "firstTimestamp": "deprecatedFirstTimestamp", "lastTimestamp": "deprecatedLastTimestamp", "count": "deprecatedCount",
    ]

    static func of(_ event: JSON) -> JSON {
        renamed(event, names, version: "events.k8s.io/v1")
    }

    static func core(_ event: JSON) -> JSON {
        renamed(event, Dictionary(uniqueKeysWithValues: names.map { ($0.value, $0.key) }), version: "v1")
    }

    private static func renamed(_ event: JSON, _ names: [String: String], version: String) -> JSON {
        guard case .object(let members) = event else { return event }
        var result = JSON.object(Dictionary(uniqueKeysWithValues: members.map { (names[$0.key] ?? $0.key, $0.value) }))
        if event["apiVersion"] != nil { result["apiVersion"] = .string(version) }
        return result
    }
}
