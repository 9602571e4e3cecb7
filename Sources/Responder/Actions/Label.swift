// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:label`: sets, changes and removes labels of the pod, or of its node.
enum Label {
    static let action = Marking.action("kubernetes:label", parameter: "labels", noun: "label")
}

/// `kubernetes:annotation`: sets, changes and removes annotations of the pod, or of its node.
enum Annotate {
    static let action = Marking.action("kubernetes:annotation", parameter: "annotations", noun: "annotation")
}

/// What labels and annotations have in common.
enum Marking {
    static func action(_ name: ActuatorName, parameter: String, noun: String) -> FieldAction {
        FieldAction(
            card: ActionCard(
                name: name, summary: "Sets, changes or removes \(parameter) of the pod or its node", kind: .reversible,
                defaultContinue: true,
                parameters: [
                    ActionParameter(parameter, .textMap, isRequired: true, "The \(parameter) to set; an empty value removes the \(noun)"),
                    ActionParameter("level", .choice(["pod", "node"]), "What is changed; the pod when left out"),
                ],
                permissions: [
                    .init("pods", ["get", "list"]),
                    .init("pods", ["patch"], choice: .init("level", "pod", isDefault: true)),
                    .init("nodes", ["get", "patch"], choice: .init("level", "node"), isEverywhere: true),
                ], requiredFields: ["k8s.ns.name", "k8s.pod.name"]),
            lens: .texts(parameter, noun),
            find: { (request, pod, kube) async throws(KubeError) in try await find(parameter, request, pod, kube) })
    }

    private static func find(
        _ parameter: String, _ request: ActionRequest, _ pod: Pod, _ kube: any KubeReader
    ) async throws(KubeError) -> FieldAction.Found {
        let wanted = (request.step.parameters[parameter]?.object ?? [:]).mapValues { $0 == .string("") ? .null : $0 }
        guard request.step.parameters["level"]?.string == "node" else {
            let now = parameter == "labels" ? pod.metadata.labels : pod.metadata.annotations
            let object: JSONValue = ["metadata": [parameter: .object(now.mapValues(JSONValue.string))]]
            return .fields(.init(target: pod.target, object: object, wanted: wanted))
        }
        return try await TargetNode.found(of: pod, kube, wanted: wanted)
    }
}
