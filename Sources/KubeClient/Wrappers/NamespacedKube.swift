// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A client that reaches certain namespaces only: every other call is refused here, and no byte of it is sent.
///
/// Refused as `forbidden` are other namespaces, all namespaces at once, and kinds that live in no namespace.
public struct NamespacedKube: KubeReader, KubeWriter {
    private let inner: any KubeReader & KubeWriter
    private let namespaces: Set<String>

    /// Wraps a client.
    public init(_ inner: any KubeReader & KubeWriter, namespaces: Set<String>) {
        self.inner = inner
        self.namespaces = namespaces
    }

    public func get(_ object: ObjectReference) async throws(KubeError) -> JSONValue {
        try check(KubeCall(.get, object))
        return try await inner.get(object)
    }

    public func list(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions
    ) async throws(KubeError) -> ObjectList {
        try check(KubeCall(.list, resource, namespace: namespace))
        return try await inner.list(resource, in: namespace, options)
    }

    public func watch(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions, after resourceVersion: String,
        _ handle: @Sendable (WatchEvent) async -> Void
    ) async throws(KubeError) -> Never {
        try check(KubeCall(.watch, resource, namespace: namespace))
        try await inner.watch(resource, in: namespace, options, after: resourceVersion, handle)
    }

    public func review(_ call: KubeCall) async throws(KubeError) -> AccessReview {
        do throws(KubeError) { try check(call) } catch { return AccessReview(isAllowed: false, reason: error.message) }
        return try await inner.review(call)
    }

    public func log(of pod: ObjectReference, _ selection: LogSelection) async throws(KubeError) -> [UInt8] {
        try check(.log(of: pod))
        return try await inner.log(of: pod, selection)
    }

    public func create(
        _ resource: KubeResource, _ body: JSONValue, in namespace: String?, _ options: WriteOptions
    ) async throws(KubeError) -> JSONValue {
        try check(KubeCall(.create, resource, namespace: namespace, name: body["metadata"]?["name"]?.string))
        return try await inner.create(resource, body, in: namespace, options)
    }

    public func update(_ object: ObjectReference, _ body: JSONValue, _ options: WriteOptions) async throws(KubeError) -> JSONValue {
        try check(KubeCall(.update, object))
        return try await inner.update(object, body, options)
    }

    public func patch(_ object: ObjectReference, _ patch: Patch, _ options: WriteOptions) async throws(KubeError) -> JSONValue {
        try check(KubeCall(.patch, object))
        return try await inner.patch(object, patch, options)
    }

    public func delete(_ object: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue {
        try check(KubeCall(.delete, object))
        return try await inner.delete(object, options)
    }

    public func evict(_ pod: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue {
        try check(.eviction(of: pod, options))
        return try await inner.evict(pod, options)
    }

    public func exec(in pod: ObjectReference, _ command: ExecCommand) async throws(KubeError) -> ExecResult {
        try check(.exec(in: pod))
        return try await inner.exec(in: pod, command)
    }

    private func check(_ call: KubeCall) throws(KubeError) {
        if call.resource.isNamespaced, let namespace = call.namespace, namespaces.contains(namespace) { return }
        let list = namespaces.isEmpty ? "no namespace" : namespaces.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw KubeError(
            .forbidden, "\(call): refused before it was sent, since this client is limited to \(list). Widen the limit to allow it.",
            isKnownUnsent: true)
    }
}
