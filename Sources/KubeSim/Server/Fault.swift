// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Trouble on order: what the next matching requests meet instead of, or on the way to, their answer.
public struct Fault: Sendable, Hashable {
    /// The kinds of trouble.
    public enum Effect: Sendable, Hashable {
        /// Nothing is done and this HTTP status is answered as a `Status`, with Retry-After where seconds are given.
        case answer(status: Int, retryAfterSeconds: Int? = nil)
        /// The request waits so long before it is looked at.
        case delay(Duration)
        /// A watch sends so many events, then the first half of one more (of a bookmark when none comes within a second) and is cut.
        case cutWatch(afterEvents: Int)
        /// The connection is cut and nothing is done.
        case dropBeforeActing
        /// The request is carried out and the connection is cut in place of the answer.
        case dropAfterActing
    }

    /// The verb it is for; nil for any.
    public var verb: String?
    /// The plural name of the kind it is for; nil for any.
    public var resource: String?
    /// The object's name in the path; nil for any.
    public var name: String?
    /// How many requests meet it.
    public var times: Int
    /// What they meet.
    public var effect: Effect

    /// A fault for the next so many requests that match.
    public init(_ effect: Effect, verb: String? = nil, resource: String? = nil, name: String? = nil, times: Int = 1) {
        self.verb = verb
        self.resource = resource
        self.name = name
        self.times = times
        self.effect = effect
    }

    fileprivate func matches(_ record: RequestRecord) -> Bool {
        times > 0 && (verb == nil || verb == record.verb) && (resource == nil || resource == record.resource)
            && (name == nil || name == record.name)
    }
}

/// The faults that still wait for their requests, in the order they were injected.
final class FaultBox: Sendable {
    private let faults = Mutex<[Fault]>([])

    func inject(_ fault: Fault) {
        faults.withLock { $0.append(fault) }
    }

    func clear() {
        faults.withLock { $0 = [] }
    }

    /// The first fault that matches, used up by one.
    func take(for record: RequestRecord) -> Fault.Effect? {
        faults.withLock { faults in
            guard let place = faults.firstIndex(where: { $0.matches(record) }) else { return nil }
            let effect = faults[place].effect
            faults[place].times -= 1
            if faults[place].times == 0 { faults.remove(at: place) }
            return effect
        }
    }
}
