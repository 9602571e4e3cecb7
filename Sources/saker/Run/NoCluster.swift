// SPDX-License-Identifier: Apache-2.0
import EventModel
import KubeClient

/// What stands for the cluster when the configuration has none: every call fails and says so.
struct NoCluster: KubeReader, KubeWriter {
    private var error: KubeError {
        KubeError(.config, "kubernetes.enabled is false in the configuration, so there is no cluster to ask; say true to act on pods.")
    }

    func get(_ object: ObjectReference) async throws(KubeError) -> JSONValue { throw error }

    func list(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions
    ) async throws(KubeError) -> ObjectList { throw error }

    func watch(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions, after resourceVersion: String,
        _ handle: @Sendable (WatchEvent) async -> Void
    ) async throws(KubeError) -> Never { throw error }

    func review(_ call: KubeCall) async throws(KubeError) -> AccessReview { throw error }

    func log(of pod: ObjectReference, _ selection: LogSelection) async throws(KubeError) -> [UInt8] { throw error }

    func create(
        _ resource: KubeResource, _ body: JSONValue, in namespace: String?, _ options: WriteOptions
    ) async throws(KubeError) -> JSONValue { throw error }

    func update(_ object: ObjectReference, _ body: JSONValue, _ options: WriteOptions) async throws(KubeError) -> JSONValue { throw error }

    func patch(_ object: ObjectReference, _ patch: Patch, _ options: WriteOptions) async throws(KubeError) -> JSONValue { throw error }

    func delete(_ object: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue { throw error }

    func evict(_ pod: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue { throw error }

    func exec(in pod: ObjectReference, _ command: ExecCommand) async throws(KubeError) -> ExecResult { throw error }
}
