// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// What the server says of a right: may the caller make a certain call, and why or why not.
public struct AccessReview: Sendable, Hashable {
    /// True when the call would be allowed.
    public let isAllowed: Bool
    /// The server's reason; empty when it gives none.
    public let reason: String

    /// States a verdict.
    public init(isAllowed: Bool, reason: String = "") {
        self.isAllowed = isAllowed
        self.reason = reason
    }

    init(json: JSONValue, of call: KubeCall) throws(KubeError) {
        guard let status = json["status"], let isAllowed = status["allowed"]?.bool else {
            throw KubeError(.decode, "\(call): the answer is no SelfSubjectAccessReview with a status.")
        }
        self.init(isAllowed: isAllowed, reason: status["reason"]?.string ?? status["evaluationError"]?.string ?? "")
    }
}

extension KubeCall {
    /// The SelfSubjectAccessReview that asks for the right to this call.
    var accessQuestion: JSONValue {
        var attributes: [String: JSONValue] = [
            "verb": .string(verb.rawValue), "group": .string(resource.group), "version": .string(resource.version),
            "resource": .string(resource.plural),
        ]
        attributes["subresource"] = subresource.map(JSONValue.string)
        attributes["namespace"] = namespace.map(JSONValue.string)
        attributes["name"] = name.map(JSONValue.string)
        return [
            "apiVersion": .string(KubeResource.accessReviews.apiVersion), "kind": .string(KubeResource.accessReviews.kind),
            "spec": ["resourceAttributes": .object(attributes)],
        ]
    }

    /// The call that asks it. It stores nothing, whatever it is asked.
    var reviewCall: KubeCall { KubeCall(.create, .accessReviews, namespace: nil, body: accessQuestion, isDryRun: true) }

    /// The call that evicts a pod.
    static func eviction(of pod: ObjectReference, _ options: DeleteOptions) -> KubeCall {
        var metadata: [String: JSONValue] = ["name": .string(pod.name)]
        metadata["namespace"] = pod.namespace.map(JSONValue.string)
        let body: JSONValue = [
            "apiVersion": "policy/v1", "kind": "Eviction", "metadata": .object(metadata), "deleteOptions": options.json,
        ]
        return KubeCall(
            .create, pod.resource, namespace: pod.namespace, name: pod.name, body: body, isDryRun: options.isDryRun,
            subresource: "eviction")
    }
}
