// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Synchronization
public import Transport

/// Sends a spool's alerts to the responder, in batches, until each is acknowledged by its id.
public final class SpoolSender: Sendable {
    /// What a sender takes from outside, so that tests decide over time and chance.
    public struct Surroundings: Sendable {
        /// Waits; throws when the task is cancelled.
        public var sleep: @Sendable (Duration) async throws -> Void
        /// A random number from 0 up to 1.
        public var chance: @Sendable () -> Double

        /// The real clock and real chance, unless told otherwise.
        public init(
            sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
            chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
        ) {
            self.sleep = sleep
            self.chance = chance
        }
    }

    private struct Line {
        var client: HTTPClient?
        var tls: TLSSettings?
        var complaint = ""
    }

    private static let mostAlerts = 256
    // Half of what the responder takes, since one alert alone may go over it.
    private static let mostBytes = 512 << 10

    private let spool: Spool
    private let address: ResponderAddress
    private let limits: HTTPLimits
    private let surroundings: Surroundings
    private let log: @Sendable (String) -> Void
    private let line = Mutex(Line())

    /// Will send to that address; `log` is told when it begins to fail, why, and when it works again.
    public init(
        _ spool: Spool, to address: ResponderAddress, limits: HTTPLimits = HTTPLimits(connect: .seconds(5), total: .seconds(30)),
        surroundings: Surroundings = Surroundings(), log: @escaping @Sendable (String) -> Void
    ) {
        self.spool = spool
        self.address = address
        self.limits = limits
        self.surroundings = surroundings
        self.log = log
    }

    /// Sends until the spool is closed or the task is cancelled.
    public func run() async {
        var backoff = Backoff(first: .milliseconds(500), cap: .seconds(30))
        var most = Self.mostAlerts
        while !Task.isCancelled, let batch = await spool.next(limit: most, bytes: Self.mostBytes) {
            let answer = await post(batch)
            let wait = settle(batch, answer)
            switch (answer, wait) {
            case (.tooLarge, _): most = max(1, batch.count / 2)
            case (_, nil):
                most = min(Self.mostAlerts, most * 2)
                backoff.reset()
                complain("")
            case (_, let wait?):
                let pause = max(.seconds(wait), backoff.next(jitter: surroundings.chance()))
                do { try await surroundings.sleep(pause) } catch { break }
            }
        }
        line.withLock { $0.client }?.shutDown()
    }

    /// Does with each alert what the answer says. Returns the least seconds to wait when some must be sent again.
    private func settle(_ batch: [Spool.Item], _ answer: BatchAnswer) -> Double? {
        switch answer {
        case .tooLarge where batch.count == 1:
            return settle(batch, .verdicts([.refused("it is larger than the responder takes")], waitSeconds: nil))
        case .tooLarge:
            spool.putBack(batch.map(\.id))
            return nil
        case .again(let why, let wait):
            spool.putBack(batch.map(\.id))
            complain(why)
            return wait ?? 0
        case .verdicts(let verdicts, let wait):
            var ended: [UInt64] = [], again: [UInt64] = [], refused = 0
            for (item, verdict) in zip(batch, verdicts) {
                switch verdict {
                case .done: ended.append(item.id)
                case .refused(let why):
                    ended.append(item.id)
                    refused += 1
                    log("the responder refused alert \(item.trace) for good: \(why)")
                case .again: again.append(item.id)
                }
            }
            spool.settle(ended, refused: refused)
            guard !again.isEmpty else { return nil }
            spool.putBack(again)
            complain("the responder cannot take more alerts now")
            return wait ?? 0
        }
    }

    private func post(_ batch: [Spool.Item]) async -> BatchAnswer {
        do {
            let request = HTTPRequest(
                .post, address.url, headers: try address.headers(), body: batch.flatMap(\.line), limits: limits)
            let response = try await client().send(request)
            return BatchAnswer(
                status: response.status, retryAfter: response.head.header("Retry-After"), body: response.body, traces: batch.map(\.trace))
        } catch {
            return .again("\(error)", waitSeconds: nil)
        }
    }

    /// The client of the certificates as they are now.
    private func client() throws(DeliveryError) -> HTTPClient {
        let tls = try address.tls()
        let (client, former) = line.withLock { line -> (HTTPClient, HTTPClient?) in
            if let client = line.client, line.tls == tls { return (client, nil) }
            let client = HTTPClient(tls: tls)
            defer { (line.client, line.tls) = (client, tls) }
            return (client, line.client)
        }
        former?.shutDown()
        return client
    }

    /// Says a trouble once, and its end.
    private func complain(_ why: String) {
        let former = line.withLock { line in
            defer { line.complaint = why }
            return line.complaint
        }
        guard former != why else { return }
        log(why.isEmpty ? "alerts reach the responder again" : "\(why); \(spool.waiting) alerts wait on the disk")
    }
}
