// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Synchronization

/// A client for rehearsals: every write asks the server for a dry run, and later reads see what would have been stored.
///
/// The server judges each write as it would the real one, so missing permissions, conflicts and admission refusals show. Nothing is stored.
/// An object that only the rehearsal made is unknown to the server: later writes to it are judged here. Watches see the server only.
public struct DryRunKube: KubeReader, KubeWriter {
    private let inner: any KubeReader & KubeWriter
    private let state = Shared()
    /// The writes that were rehearsed, as they would be sent.
    public let log = CallLog()

    private final class Shared: Sendable {
        let overlay = Mutex(RehearsalOverlay())
        let evictions = Mutex(RehearsedEvictions())
    }

    /// Begins a rehearsal; copies of the value take part in the same one.
    public init(_ inner: any KubeReader & KubeWriter) { self.inner = inner }

    // MARK: KubeReader

    public func get(_ object: ObjectReference) async throws(KubeError) -> JSONValue {
        switch entry(object) {
        case .changed(let json), .created(let json): return json
        case .deleted: throw Self.absent(KubeCall(.get, object))
        case nil: return try await inner.get(object)
        }
    }

    public func list(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions
    ) async throws(KubeError) -> ObjectList {
        let list = try await inner.list(resource, in: namespace, options)
        let overlay = state.overlay.withLock { $0 }
        return try overlay.applied(to: list, resource, in: namespace, options)
    }

    public func watch(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions, after resourceVersion: String,
        _ handle: @Sendable (WatchEvent) async -> Void
    ) async throws(KubeError) -> Never {
        try await inner.watch(resource, in: namespace, options, after: resourceVersion, handle)
    }

    public func review(_ call: KubeCall) async throws(KubeError) -> AccessReview { try await inner.review(call) }

    public func log(of pod: ObjectReference, _ selection: LogSelection) async throws(KubeError) -> [UInt8] {
        if case .deleted = entry(pod) { throw Self.absent(KubeCall.log(of: pod)) }
        return try await inner.log(of: pod, selection)
    }

    // MARK: KubeWriter

    public func create(
        _ resource: KubeResource, _ body: JSONValue, in namespace: String?, _ options: WriteOptions
    ) async throws(KubeError) -> JSONValue {
        let name = body["metadata"]?["name"]?.string
        let call = KubeCall(.create, resource, namespace: namespace, name: name, body: body, isDryRun: true)
        log.add(call)
        if let name, case .created = entry(ObjectReference(resource, name, in: namespace)) {
            throw KubeError(.alreadyExists, "\(call): the rehearsal itself made an object of that name before.")
        }
        let made = try await inner.create(resource, body, in: namespace, dry(options))
        if let name = made["metadata"]?["name"]?.string { set(ObjectReference(resource, name, in: namespace), .created(made)) }
        return made
    }

    public func update(_ object: ObjectReference, _ body: JSONValue, _ options: WriteOptions) async throws(KubeError) -> JSONValue {
        let call = KubeCall(.update, object, body: body, isDryRun: true)
        log.add(call)
        switch entry(object) {
        case .deleted: throw Self.absent(call)
        case .created:
            set(object, .created(body))
            return body
        case .changed, nil:
            let updated = try await inner.update(object, body, dry(options))
            set(object, .changed(updated))
            return updated
        }
    }

    public func patch(_ object: ObjectReference, _ patch: Patch, _ options: WriteOptions) async throws(KubeError) -> JSONValue {
        let call = KubeCall(.patch, object, body: patch.body, isDryRun: true)
        log.add(call)
        switch entry(object) {
        case .deleted: throw Self.absent(call)
        case .created(let before):
            let after = try patched(before, patch, call)
            set(object, .created(after))
            return after
        case .changed(let before):
            _ = try await inner.patch(object, patch, dry(options))
            let after = try patched(before, patch, call)
            set(object, .changed(after))
            return after
        case nil:
            let isThere = try await isStored(object, before: patch)
            let after = try await inner.patch(object, patch, dry(options))
            set(object, isThere ? .changed(after) : .created(after))
            return after
        }
    }

    public func delete(_ object: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue {
        var options = options
        options.isDryRun = true
        return try await end(object, options, KubeCall(.delete, object, body: options.json, isDryRun: true)) {
            (inner, options) throws(KubeError) in try await inner.delete(object, options)
        }
    }

    public func evict(_ pod: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue {
        var options = options
        options.isDryRun = true
        let call = KubeCall.eviction(of: pod, options)
        try await checkBudgets(pod, call)
        let life = try? await get(pod)
        let answer = try await end(pod, options, call) {
            (inner, options) throws(KubeError) in try await inner.evict(pod, options)
        }
        if let life { state.evictions.withLock { $0.add(life) } }
        return answer
    }

    /// The server judges each dry run as if it were the first eviction; those that the rehearsal did before are counted here, as far as the
    /// user may list the budgets.
    private func checkBudgets(_ pod: ObjectReference, _ call: KubeCall) async throws(KubeError) {
        let before = state.evictions.withLock { $0 }
        guard before.isAny(in: pod.namespace), let object = try? await get(pod),
            let budgets = try? await inner.list(.podDisruptionBudgets, in: pod.namespace, ListOptions()).items,
            let spent = before.spent(budgets, for: object)
        else { return }
        log.add(call)
        let message = "\(call): the evictions that were rehearsed before leave the budget \(spent) no room for another."
        throw KubeError(.disruptionBudget, message, status: 429)
    }

    /// A command knows no dry run: the server is asked whether it would let us run it, and the answer is that it ended well and said
    /// nothing. Both rights are asked for that servers ask for, by the method and by what is done.
    public func exec(in pod: ObjectReference, _ command: ExecCommand) async throws(KubeError) -> ExecResult {
        let call = KubeCall.exec(in: pod)
        log.add(call)
        let found = try Pod(json: await get(pod))
        guard found.knownContainers.contains(command.container) else {
            throw KubeError(.invalid, "\(call): the pod has no container \(command.container).", status: 400)
        }
        for verb in [KubeCall.Verb.get, .create] {
            let review = try await inner.review(.exec(in: pod, verb))
            guard review.isAllowed else {
                let reason = review.reason.isEmpty ? "" : " The server says: " + review.reason
                throw KubeError(
                    .forbidden, "\(call): The credentials lack the verb '\(verb.rawValue)' on 'pods/exec': grant it by RBAC.\(reason)",
                    status: 403)
            }
        }
        return ExecResult(stdout: [], stderr: [], end: .exited(0))
    }

    private func end(
        _ object: ObjectReference, _ options: DeleteOptions, _ call: KubeCall,
        _ ask: (any KubeWriter, DeleteOptions) async throws(KubeError) -> JSONValue
    ) async throws(KubeError) -> JSONValue {
        log.add(call)
        switch entry(object) {
        case .deleted: throw Self.absent(call)
        case .created(let json):
            guard options.uid == nil || options.uid == json["metadata"]?["uid"]?.string else { throw Self.conflict(call) }
            set(object, .deleted)
            return json
        case .changed, nil:
            let answer = try await ask(inner, options)
            // A pod that is given time to end is still there, and shows until when.
            let isEnding = options.gracePeriodSeconds != 0 && answer["metadata"]?["deletionTimestamp"]?.string != nil
            set(object, isEnding ? .changed(answer) : .deleted)
            return answer
        }
    }

    /// An apply alone makes what is not there.
    private func isStored(_ object: ObjectReference, before patch: Patch) async throws(KubeError) -> Bool {
        guard case .apply = patch else { return true }
        do throws(KubeError) { _ = try await inner.get(object) } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
        return true
    }

    // MARK: The overlay

    private func entry(_ object: ObjectReference) -> RehearsalOverlay.Entry? {
        state.overlay.withLock { $0.entry(object) }
    }

    private func set(_ object: ObjectReference, _ entry: RehearsalOverlay.Entry) {
        state.overlay.withLock { $0.set(object, entry) }
    }

    private func dry(_ options: WriteOptions) -> WriteOptions {
        WriteOptions(isDryRun: true, fieldManager: options.fieldManager)
    }

    /// A second change to one object: the server knows nothing of the first, so the two are put together here.
    private func patched(_ before: JSONValue, _ patch: Patch, _ call: KubeCall) throws(KubeError) -> JSONValue {
        if let uid = patch.body["metadata"]?["uid"]?.string, uid != before["metadata"]?["uid"]?.string { throw Self.conflict(call) }
        switch patch {
        case .merge(let changes): return before.merged(with: changes)
        case .strategic(let changes) where !changes.holdsList: return before.merged(with: changes)
        case .strategic, .json, .apply:
            throw KubeError(
                .invalid, "\(call): the rehearsal changed this object before and can only foresee a merge patch on top of that.")
        }
    }

    private static func absent(_ call: KubeCall) -> KubeError {
        KubeError(.notFound, "\(call): the rehearsal deleted this object before.", status: 404)
    }

    private static func conflict(_ call: KubeCall) -> KubeError {
        KubeError(.conflict, "\(call): the object that the rehearsal made has another UID.", status: 409)
    }
}
