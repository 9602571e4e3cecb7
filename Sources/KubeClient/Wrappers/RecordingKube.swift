// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Hands every call on and writes it down before: proof of what was sent, and of what was not.
public struct RecordingKube: KubeReader, KubeWriter {
    private let inner: any KubeReader & KubeWriter
    /// What was sent so far.
    public let log = CallLog()

    /// Wraps a client.
    public init(_ inner: any KubeReader & KubeWriter) { self.inner = inner }

    public func get(_ object: ObjectReference) async throws(KubeError) -> JSONValue {
        log.add(KubeCall(.get, object))
        return try await inner.get(object)
    }

    public func list(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions
    ) async throws(KubeError) -> ObjectList {
        log.add(KubeCall(.list, resource, namespace: namespace))
        return try await inner.list(resource, in: namespace, options)
    }

    public func watch(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions, after resourceVersion: String,
        _ handle: @Sendable (WatchEvent) async -> Void
    ) async throws(KubeError) -> Never {
        log.add(KubeCall(.watch, resource, namespace: namespace))
        try await inner.watch(resource, in: namespace, options, after: resourceVersion, handle)
    }

    public func review(_ call: KubeCall) async throws(KubeError) -> AccessReview {
        log.add(call.reviewCall)
        return try await inner.review(call)
    }

    public func log(of pod: ObjectReference, _ selection: LogSelection) async throws(KubeError) -> [UInt8] {
        log.add(KubeCall.log(of: pod))
        return try await inner.log(of: pod, selection)
    }

    public func create(
        _ resource: KubeResource, _ body: JSONValue, in namespace: String?, _ options: WriteOptions
    ) async throws(KubeError) -> JSONValue {
        let name = body["metadata"]?["name"]?.string
        log.add(KubeCall(.create, resource, namespace: namespace, name: name, body: body, isDryRun: options.isDryRun))
        return try await inner.create(resource, body, in: namespace, options)
    }

    public func update(_ object: ObjectReference, _ body: JSONValue, _ options: WriteOptions) async throws(KubeError) -> JSONValue {
        log.add(KubeCall(.update, object, body: body, isDryRun: options.isDryRun))
        return try await inner.update(object, body, options)
    }

    public func patch(_ object: ObjectReference, _ patch: Patch, _ options: WriteOptions) async throws(KubeError) -> JSONValue {
        log.add(KubeCall(.patch, object, body: patch.body, isDryRun: options.isDryRun))
        return try await inner.patch(object, patch, options)
    }

    public func delete(_ object: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue {
        log.add(KubeCall(.delete, object, body: options.json, isDryRun: options.isDryRun))
        return try await inner.delete(object, options)
    }

    public func evict(_ pod: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue {
        log.add(.eviction(of: pod, options))
        return try await inner.evict(pod, options)
    }

    public func exec(in pod: ObjectReference, _ command: ExecCommand) async throws(KubeError) -> ExecResult {
        log.add(.exec(in: pod))
        return try await inner.exec(in: pod, command)
    }
}
