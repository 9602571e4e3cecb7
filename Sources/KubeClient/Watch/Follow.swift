// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What `follow` tells.
public enum FollowEvent: Sendable, Hashable {
    /// This is the whole truth now: what is known and not in here is gone.
    case listed([JSONValue])
    /// One change to it.
    case changed(WatchEvent)
}

extension KubeReader {
    /// Keeps a picture of a kind true: lists, then watches, and lists again whenever the server has forgotten where the watch was.
    ///
    /// Goes on through transient failures, waiting longer each time; throws `cancelled`, and what does not pass by itself.
    public func follow(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions = ListOptions(),
        surroundings: KubeClient.Surroundings = KubeClient.Surroundings(), _ handle: @Sendable (FollowEvent) async -> Void
    ) async throws(KubeError) -> Never {
        var backoff = Backoff()
        while true {
            do throws(KubeError) {
                let list = try await list(resource, in: namespace, options)
                await handle(.listed(list.items))
                try await watch(resource, in: namespace, options, after: list.resourceVersion) { event in
                    await handle(.changed(event))
                }
            } catch {
                guard error.isTransient || error.code == .gone else { throw error }
                if error.code == .gone { backoff.reset() }
            }
            do {
                try await surroundings.sleep(backoff.next(jitter: surroundings.jitter()))
            } catch {
                throw KubeError(.cancelled, "follow \(resource): given up by the caller.")
            }
        }
    }
}
