// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Brings the messages of one destination there, in order, each until it is accepted. Each destination has a courier of its own, so one
/// that is down delays no other.
public struct Courier: Sendable {
    /// How patient it is; time and chance come in here, so that tests decide over them.
    public struct Settings: Sendable {
        /// The wait after the first failure.
        public var firstWait: Duration = .seconds(1)
        /// The longest wait between two tries.
        public var longestWait: Duration = .seconds(300)
        /// How old a message may become, in seconds, before it is given up.
        public var giveUpAfterSeconds: UInt64 = 86_400
        /// How often it looks when nobody called, since a visitor's messages ring no bell.
        public var idle: Duration = .seconds(30)
        /// The wall clock.
        public var now: @Sendable () -> Timestamp
        /// A number from 0 up to 1.
        public var chance: @Sendable () -> Double = { Double.random(in: 0..<1) }
        package var reached: @Sendable (Failpoint) -> Void = { _ in }

        /// Waits 1 s to 5 min between tries and gives up after a day, unless told otherwise.
        public init(now: @escaping @Sendable () -> Timestamp) { self.now = now }
    }

    private let journal: Journal
    private let destination: String
    private let settings: Settings
    private let deliver: @Sendable (OutboxMessage) async -> DeliveryAnswer
    private let say: @Sendable (String) -> Void

    /// Hands messages to `deliver`; `say` is told in one line when the destination goes down, comes back, or loses a message.
    public init(
        _ journal: Journal, to destination: String, _ settings: Settings, say: @escaping @Sendable (String) -> Void,
        deliver: @escaping @Sendable (OutboxMessage) async -> DeliveryAnswer
    ) {
        self.journal = journal
        self.destination = destination
        self.settings = settings
        self.say = say
        self.deliver = deliver
    }

    /// Delivers until the task is cancelled. What waits then waits for the next start.
    public func run() async {
        var backoff = Backoff(first: settings.firstWait, cap: settings.longestWait)
        var isDown = false
        let start = settings.now()
        while !Task.isCancelled {
            switch await pass(since: start) {
            case .empty:
                await journal.outbox.bell(destination).wait(upTo: settings.idle)
            case .progress:
                backoff.reset()
                if isDown { say("\(destination) accepts messages again") }
                isDown = false
            case .stuck(let why, let asked, let isNew):
                if isNew { backoff.reset() }
                if !isDown { say("\(destination) accepts no messages, they wait in the journal: \(why)") }
                isDown = true
                try? await Task.sleep(for: max(backoff.next(jitter: settings.chance()), asked ?? .zero))
            }
        }
    }

    private enum Pass {
        case empty
        case progress
        case stuck(why: String, asked: Duration?, afterProgress: Bool)
    }

    /// Delivers the messages that wait now, up to the first that is not accepted.
    private func pass(since start: Timestamp) async -> Pass {
        do throws(JournalError) {
            let waiting = try await journal.waiting(for: destination)
            var done = 0
            for item in waiting {
                settings.reached(.outboxTaken)
                let answer = await deliver(item.message)
                // An answer that came because this program ends says nothing about the message.
                guard !Task.isCancelled || answer == .accepted else { return .empty }
                settings.reached(.outboxDelivered)
                if case .later(let why, let asked) = answer, !isTooOld(item, start) {
                    return .stuck(why: why, asked: asked, afterProgress: done > 0)
                }
                try await settle(item, answer)
                done += 1
            }
            return done > 0 ? .progress : .empty
        } catch {
            return .stuck(why: error.description, asked: nil, afterProgress: false)
        }
    }

    private func settle(_ item: WaitingMessage, _ answer: DeliveryAnswer) async throws(JournalError) {
        switch answer {
        case .accepted:
            try await journal.delivered([item.message.place])
        case .later(let why, _):
            try await giveUp(item, "not accepted within \(settings.giveUpAfterSeconds) s, at last: \(why)")
        case .refused(let why):
            try await giveUp(item, why)
        }
    }

    private func giveUp(_ item: WaitingMessage, _ why: String) async throws(JournalError) {
        try await journal.giveUp(item.message, why: why, at: settings.now())
        say("a message for \(destination) (\(item.message.key)) was given up: \(why)")
    }

    // While nobody carried it, a message did not fail to arrive: its age counts from this courier's start.
    private func isTooOld(_ item: WaitingMessage, _ start: Timestamp) -> Bool {
        settings.now().nanoseconds(since: max(item.since, start)) / 1_000_000_000 >= settings.giveUpAfterSeconds
    }
}
