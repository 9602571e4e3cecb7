// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Runs work that blocks, such as waiting for a process, on a thread that no task needs.
func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws(DemoError) -> Value) async throws(DemoError) -> Value {
    let result: Result<Value, DemoError> = await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            do throws(DemoError) {
                continuation.resume(returning: .success(try work()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}

/// Something that happened, told from one thread to others.
final class Occurrence: Sendable {
    private let happened = Atomic(false)

    var hasHappened: Bool { happened.load(ordering: .acquiring) }

    func happen() { happened.store(true, ordering: .releasing) }
}
