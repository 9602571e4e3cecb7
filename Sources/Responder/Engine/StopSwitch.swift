// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Guardrails
internal import KubeClient

/// The stop switch of the cluster: a key of a ConfigMap. A switch that cannot be read counts as turned.
struct StopSwitch {
    private let place: GuardrailSettings.ConfigMapKey

    private static let configMaps = KubeResource(group: "", version: "v1", plural: "configmaps", kind: "ConfigMap", isNamespaced: true)

    init(_ place: GuardrailSettings.ConfigMapKey) { self.place = place }

    func sign(_ kube: any KubeReader, limit: Duration) async -> StopSign? {
        let reference = ObjectReference(Self.configMaps, place.name, in: place.namespace)
        let answer: Result<JSONValue, KubeError>? = await within(limit) {
            do throws(KubeError) { return .success(try await kube.get(reference)) } catch { return .failure(error) }
        }
        switch answer {
        case .success(let map): return sign(map)
        case .failure(let error) where error.code == .notFound: return nil
        case .failure(let error): return .configMap(place.text, "could not be read, so nothing is done: \(error.message)")
        case nil: return .configMap(place.text, "could not be read within \(limit), so nothing is done")
        }
    }

    private func sign(_ map: JSONValue) -> StopSign? {
        let value = map["data"]?[place.key]?.string ?? ""
        guard !value.isEmpty, value != "false" else { return nil }
        let reason = map["data"]?["reason"]?.string.map { " (\($0.prefix(200)))" } ?? ""
        return .configMap(place.text, "says '\(value.prefix(200))'\(reason); set it to 'false' to let Saker act again")
    }
}
