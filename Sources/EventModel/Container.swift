// SPDX-License-Identifier: Apache-2.0

/// A container, as the cgroup path names it; one object a container, shared by its processes.
///
/// Owned by the detection thread, like the processes that refer to it.
public final class Container: @unchecked Sendable {
    // Sendable because only the detection thread touches it.
    /// Those who were asked about a container and may still answer.
    public struct Sources: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Takes the bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The container's runtime.
        public static let runtime = Sources(rawValue: 1)
        /// The API server, about its pod.
        public static let kubernetes = Sources(rawValue: 2)
    }

    /// The full id: 64 hex digits.
    public let id: ContainerID
    /// The first 12 digits, which Falco prints as `container.id`.
    public let shortID: ByteString
    /// The pod UID in the cgroup path, with dashes; nil when the path has none.
    public let podUID: PodUID?
    /// What is known of it beside that.
    @exclusivity(unchecked) public private(set) var known: ContainerKnowledge
    /// Whom an event of it is worth waiting for.
    public private(set) var awaited: Sources = []
    /// When the first process of its pid namespace started, nanoseconds since boot; nil when none was seen.
    public private(set) var startTime: UInt64?

    private var isAsked = false

    /// Makes a container.
    public init(id: ContainerID, podUID: PodUID?, pod: Pod? = nil, facts: ContainerFacts? = nil) {
        self.id = id
        shortID = ByteString(String(id.text.prefix(12)))
        self.podUID = podUID
        known = ContainerKnowledge(pod: pod, facts: facts, isAsked: false)
    }

    /// What is known of its pod; nil until something is.
    public var pod: Pod? { known.pod }

    /// Notes that somebody was asked, whose answer is worth waiting for.
    public func ask(_ source: Sources) {
        awaited.insert(source)
        isAsked = true
        learn(pod: known.listedPod, facts: known.facts)
    }

    /// Notes that somebody answered, or is not worth waiting for any more.
    public func stopWaiting(for source: Sources) { awaited.subtract(source) }

    /// Takes what the API server says of its pod.
    public func learn(pod: Pod?) { learn(pod: pod, facts: known.facts) }

    /// Takes what its runtime says.
    public func learn(facts: ContainerFacts) { learn(pod: known.listedPod, facts: facts) }

    private func learn(pod: Pod?, facts: ContainerFacts?) { known = ContainerKnowledge(pod: pod, facts: facts, isAsked: isAsked) }

    /// Notes a process that is the first of a pid namespace; the earliest is the container's own.
    public func noteInit(startedAt time: UInt64) { startTime = min(startTime ?? time, time) }
}
