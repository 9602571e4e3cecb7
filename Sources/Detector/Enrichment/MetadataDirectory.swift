// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Synchronization

/// Questions about containers on their way from the detection thread to the task that asks the runtimes, and the answers on their way
/// back. Both are bounded: no more is answered than was asked, and no more is asked at once than there is room for.
public final class MetadataDirectory: Sendable {
    /// One container to ask about.
    struct Question: Sendable {
        let container: ContainerID
        /// What the cgroup's path says runs it, such as `libpod`; empty when it does not say.
        let hint: String
    }

    private struct State {
        var open: Set<ContainerID> = []
        var answers: [(ContainerID, ContainerDescription?)] = []
    }

    /// The questions, for one reader.
    let questions: AsyncStream<Question>

    private let continuation: AsyncStream<Question>.Continuation
    private let capacity: Int
    private let state = Mutex(State())
    private let answersWait = Atomic(false)
    private let refusedCount = Atomic<UInt64>(0)

    /// An empty one, for so many open questions.
    public init(capacity: Int = 1_024) {
        precondition(capacity > 0)
        self.capacity = capacity
        (questions, continuation) = AsyncStream.makeStream(of: Question.self, bufferingPolicy: .bufferingOldest(capacity))
    }

    /// Questions that there was no room for; they are asked again later.
    public var refused: UInt64 { refusedCount.load(ordering: .relaxed) }

    // MARK: The detection thread's side

    /// Asks; false when there is no room.
    func ask(about container: ContainerID, hint: String) -> Bool {
        state.withLock { state in
            guard state.open.count < capacity else {
                refusedCount.add(1, ordering: .relaxed)
                return false
            }
            // Who asks again, because the table had forgotten, gets the answer that is under way.
            if state.open.insert(container).inserted { continuation.yield(Question(container: container, hint: hint)) }
            return true
        }
    }

    /// True when `takeAnswers` has something to give.
    @inline(__always)
    var hasAnswers: Bool { answersWait.load(ordering: .relaxed) }

    /// The answers since the last call; nil is told of a container that no runtime knows.
    func takeAnswers() -> [(ContainerID, ContainerDescription?)] {
        state.withLock { state in
            answersWait.store(false, ordering: .relaxed)
            defer { state.answers = [] }
            return state.answers
        }
    }

    // MARK: The asking task's side

    func answer(_ container: ContainerID, _ description: ContainerDescription?) {
        state.withLock { state in
            guard state.open.remove(container) != nil else { return }
            state.answers.append((container, description))
            answersWait.store(true, ordering: .relaxed)
        }
    }
}
