// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Records
internal import Synchronization

/// Hands results to their store at once while it takes them promptly; else they wait in the outbox for its courier, and nobody waits
/// for the store.
final class ResultDesk: Sendable {
    struct Answer: Sendable {
        var sentence: String
        var isKept: Bool
    }

    // A folder takes milliseconds and an object store in reach some hundred; what takes longer is for the courier.
    private static let patience = Duration.seconds(2)

    private let parts: ResponderParts
    private let isDown = Atomic<Bool>(false)

    init(_ parts: ResponderParts) { self.parts = parts }

    func put(_ record: ResultRecord) async -> Answer {
        guard !record.rehearsal else {
            do throws(JournalError) {
                return Answer(sentence: try await parts.rehearsalResults.put(record).sentence, isKept: false)
            } catch {
                return Answer(sentence: "the result would not be kept: \(error)", isKept: false)
            }
        }
        guard !isDown.load(ordering: .relaxed) else {
            parts.journal.hurry(OutboxMessage.results)
            return Answer(sentence: "the result waits in the journal until the result store takes results again", isKept: false)
        }
        let (results, patience) = (parts.results, Self.patience)
        let outcome = await promptly(patience) { () async -> Result<ResultPlacement, JournalError> in
            do throws(JournalError) { return .success(try await results.put(record)) } catch { return .failure(error) }
        }
        switch outcome {
        case .success(let placement)?: return Answer(sentence: placement.sentence, isKept: true)
        case .failure(let error)?: return later("\(error)")
        case nil: return later("no answer within \(patience)")
        }
    }

    /// Takes a result from its courier.
    func deliver(_ message: OutboxMessage) async -> DeliveryAnswer {
        let record: ResultRecord
        do {
            record = try message.content()
        } catch {
            return .refused(why: "it is no result that this version of Saker can read: \(error)")
        }
        do throws(JournalError) {
            _ = try await parts.results.put(record)
            isDown.store(false, ordering: .relaxed)
            return .accepted
        } catch {
            return error.code == .conflict ? .refused(why: error.description) : .later(why: error.description, after: nil)
        }
    }

    private func later(_ why: String) -> Answer {
        isDown.store(true, ordering: .relaxed)
        parts.journal.hurry(OutboxMessage.results)
        return Answer(
            sentence: "the result is in the journal and could not be kept in the result store yet; it is tried again: \(why)",
            isKept: false)
    }
}

extension ResponseLine {
    /// Puts a result that waited in the outbox into the store.
    public func deliverResult(_ message: OutboxMessage) async -> DeliveryAnswer { await resultDesk.deliver(message) }
}

/// What `body` gives within the limit; else nil at once, and `body` goes on by itself.
func promptly<Value: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async -> Value) async -> Value? {
    let (answers, answer) = AsyncStream.makeStream(of: Value?.self)
    Task { answer.yield(await body()) }
    let timer = Task {
        try? await Task.sleep(for: limit)
        answer.yield(nil)
    }
    defer { timer.cancel() }
    for await value in answers { return value }
    return nil
}
