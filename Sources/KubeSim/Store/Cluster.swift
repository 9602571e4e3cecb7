// SPDX-License-Identifier: Apache-2.0

/// The cluster behind the API: the stored state, who watches it, and what follows from a change (pods end, verdicts change).
actor Cluster {
    private(set) var state: ClusterState
    private let surroundings: Surroundings
    private let runtime: (any PodRuntime)?
    private var watchers: [Int: AsyncStream<WatchSignal>.Continuation] = [:]
    private var nextWatcher = 0
    private var terminations: [Int: Task<Void, Never>] = [:]
    private var nextTermination = 0
    private let enforcement: Enforcement

    init(historyLimit: Int, surroundings: Surroundings, runtime: (any PodRuntime)?, enforcer: (any NetworkEnforcer)?) {
        state = ClusterState(historyLimit: historyLimit)
        self.surroundings = surroundings
        self.runtime = runtime
        enforcement = Enforcement(enforcer)
    }

    func get(_ target: ObjectTarget, _ name: String) throws(APIStatus) -> JSON {
        target.shown(try state.existing(target.inStore, name))
    }

    func has(_ target: ObjectTarget, _ name: String) -> Bool { state.object(target.resource.stored, target.key(name)) != nil }

    func list(_ selection: Selection, _ page: ListPage) throws(APIStatus) -> JSON { try page.list(selection, in: state) }

    func create(_ target: ObjectTarget, _ body: JSON, _ options: WriteOptions) throws(APIStatus) -> Written {
        var draft = state
        let written = try draft.create(target, body, surroundings.admission(), options)
        if target.resource == .namespaces { try addServiceAccount(to: written.object, &draft) }
        return settle(written, draft, target, options)
    }

    func update(_ target: ObjectTarget, _ name: String, _ body: JSON, _ options: WriteOptions) throws(APIStatus) -> Written {
        var draft = state
        let written = try draft.update(target, name, body, options, surroundings.timestamp(secondsFromNow: 0))
        return settle(written, draft, target, options)
    }

    func patch(
        _ target: ObjectTarget, _ name: String, _ body: JSON, _ kind: PatchKind, _ options: WriteOptions
    ) throws(APIStatus) -> Written {
        var draft = state
        let written =
            if kind == .apply { try draft.apply(target, name, body, surroundings.admission(), options) } else {
                try draft.patch(target, name, body, kind, options, surroundings.timestamp(secondsFromNow: 0))
            }
        if target.resource == .namespaces, written.isNew { try addServiceAccount(to: written.object, &draft) }
        return settle(written, draft, target, options)
    }

    // What a controller does for each new namespace.
    private func addServiceAccount(to namespace: JSON, _ draft: inout ClusterState) throws(APIStatus) {
        let target = ObjectTarget(resource: .serviceaccounts, namespace: namespace["metadata", "name"]?.string)
        _ = try draft.create(target, ["metadata": ["name": "default"]], surroundings.admission(), WriteOptions())
    }

    func delete(_ target: ObjectTarget, _ name: String, _ options: DeleteOptions) throws(APIStatus) -> JSON {
        var draft = state
        let deletion = try draft.delete(
            target.inStore, name, options, hasRuntime: runtime != nil, deadline: surroundings.timestamp(secondsFromNow:))
        guard !options.dryRun else { return deletion.answer }
        commit(draft)
        if let pod = deletion.pod { terminate(pod, deletion) }
        return deletion.answer
    }

    /// Deletes a pod if every disruption budget lets it go.
    func evict(_ target: ObjectTarget, _ name: String, _ options: DeleteOptions) throws(APIStatus) {
        try state.checkEviction(of: try state.existing(target, name))
        _ = try delete(target, name, options)
    }

    /// Stores an object as the cluster's own machinery would, status and all, whatever was there before.
    func apply(_ object: JSON, _ target: ObjectTarget) throws(APIStatus) -> JSON {
        let name = object["metadata", "name"]?.string ?? ""
        guard let old = state.object(target.resource, target.key(name)) else {
            return try create(target, object, WriteOptions()).object
        }
        var draft = state
        var whole = object
        whole["metadata", "uid"] = old["metadata", "uid"]
        whole["metadata", "resourceVersion"] = nil
        var stored = try Admission.updated(whole, from: old, target)
        if let status = object["status"] { stored["status"] = status }
        stored = draft.put(target.resource, stored)
        commit(draft)
        return stored
    }

    /// Removes an object at once, without its runtime; false when there was none.
    func remove(_ target: ObjectTarget, _ name: String) -> Bool {
        var draft = state
        guard draft.remove(target.resource, target.key(name)) != nil else { return false }
        commit(draft)
        return true
    }

    private func settle(_ written: Written, _ draft: ClusterState, _ target: ObjectTarget, _ options: WriteOptions) -> Written {
        var written = written
        if options.dryRun {
            let old = state.object(target.resource.stored, ClusterState.Key(written.object))
            written.object["metadata", "resourceVersion"] = old?["metadata", "resourceVersion"]
        } else {
            commit(draft)
        }
        written.object = target.shown(written.object)
        return written
    }

    private func commit(_ draft: ClusterState) {
        var draft = draft
        for (pod, set) in draft.leavers(after: state.version) {
            let fresh = try? surroundings.admission().created(ClusterState.replacement(of: set), podTarget(set))
            draft.release(pod, from: set, replacing: fresh)
        }
        draft.countDisruptions()
        let fresh = draft.changes(after: state.version)
        state = draft
        for change in fresh {
            for (id, watcher) in watchers {
                // A watcher that does not keep up is cut off, as a real server does; its client starts again from what it has.
                if case .dropped = watcher.yield(.change(change)) { forget(id) }
            }
        }
        if fresh.contains(where: { $0.resource == .pods || $0.resource == .networkpolicies }) {
            enforcement.judge(pods: state.all(.pods).map(\.object), policies: state.all(.networkpolicies).map { NetworkPolicy($0.object) })
        }
    }

    private func podTarget(_ set: JSON) -> ObjectTarget {
        ObjectTarget(resource: .pods, namespace: set["metadata", "namespace"]?.string)
    }

    private func forget(_ id: Int) {
        watchers.removeValue(forKey: id)?.finish()
    }
}

// Rights: what the stored roles allow, and who stands behind a token.
extension Cluster {
    var roleBook: RoleBook { RoleBook(state) }

    func identity(of token: ServiceAccountToken, now: Int64) -> Identity? { state.identity(of: token, now: now) }

    /// The TokenRequest with a fresh token in its status.
    func token(_ target: ObjectTarget, _ name: String, _ body: JSON, _ book: TokenBook, dryRun: Bool) throws(APIStatus) -> JSON {
        let account = try state.existing(target, name)
        let request = try TokenRequest(body)
        let now = surroundings.now() / 1_000_000_000
        let (token, node) = try state.token(request, for: account, id: surroundings.uid(), now: now)
        let text = token.text(node: node, signature: surroundings.randomBytes(32))
        if !dryRun { book.add(token, text: text, now: now) }
        var answer = body
        answer["kind"] = "TokenRequest"
        answer["apiVersion"] = "authentication.k8s.io/v1"
        answer["metadata"] = [
            "name": .string(name), "namespace": account["metadata", "namespace"] ?? "",
            "creationTimestamp": .string(surroundings.timestamp(secondsFromNow: 0)),
        ]
        answer["spec", "audiences"] = .array(request.audiences.map { .string($0) })
        answer["spec", "expirationSeconds"] = .integer(request.seconds)
        answer["status"] = [
            "token": .string(text), "expirationTimestamp": .string(surroundings.timestamp(secondsFromNow: Int(request.seconds))),
        ]
        return answer
    }
}

// Watches: history and subscription in one step, so that no change falls between them.
extension Cluster {
    func watch(_ selection: Selection, from start: WatchStart) throws(APIStatus) -> WatchFeed {
        let id = nextWatcher
        nextWatcher += 1
        let (signals, continuation) = AsyncStream<WatchSignal>.makeStream(bufferingPolicy: .bufferingOldest(4096))
        let past = try start.past(selection, in: state)
        watchers[id] = continuation
        return WatchFeed(
            selection: selection, past: past, version: state.version, signals: signals, control: continuation,
            end: { await self.forget(id) })
    }

    var openWatches: Int { watchers.count }
    var pendingTerminations: Int { terminations.count }

    /// Ends every watch and gives up on every pod that is still ending.
    func stop() {
        for id in Array(watchers.keys) { forget(id) }
        for task in terminations.values { task.cancel() }
        enforcement.stop()
    }
}

// The end of a pod: the runtime first, the object afterwards.
extension Cluster {
    private func terminate(_ pod: PodReference, _ deletion: Deletion) {
        guard let runtime else { return }
        let id = nextTermination
        nextTermination += 1
        let (grace, waits) = (deletion.gracePeriodSeconds, deletion.waits)
        terminations[id] = Task {
            await runtime.terminate(pod: pod, gracePeriodSeconds: grace)
            self.terminated(pod, id, removes: waits && !Task.isCancelled)
        }
    }

    private func terminated(_ pod: PodReference, _ id: Int, removes: Bool) {
        terminations[id] = nil
        let key = ClusterState.Key(namespace: pod.namespace, name: pod.name)
        guard removes, let object = state.object(.pods, key), object["metadata", "uid"]?.string == pod.uid else { return }
        var draft = state
        _ = draft.end(object, surroundings.timestamp(secondsFromNow:))
        commit(draft)
    }
}
