// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Synchronization
internal import Transport

/// Asks the runtimes about containers: each container once, all of them at the same time, and those of a runtime that is away again
/// until it is back.
public struct RuntimeFeed: Sendable {
    private let directory: MetadataDirectory
    private let runtimes: [any RuntimeClient]
    private let report: @Sendable (RuntimeError) -> Void
    private let complaints = Complaints()

    /// After a try that nobody answered, the next one follows after so many milliseconds; the last entry is repeated.
    private static let pauses = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120]
    /// A runtime that does not know a container yet makes it just now; after so many tries (310 ms) it is none of its own.
    private static let unknownTries = 6
    /// A runtime that is away is asked for some five minutes.
    private static let tries = 64

    /// Answers the directory's questions from these runtimes; `report` is told when one of them fails, once until it has answered again.
    public init(_ directory: MetadataDirectory, from sockets: [RuntimeSocket], report: @escaping @Sendable (RuntimeError) -> Void) {
        let client = HTTPClient()
        self.init(directory, asking: sockets.map { $0.connected(by: client) }, report: report)
    }

    init(_ directory: MetadataDirectory, asking runtimes: [any RuntimeClient], report: @escaping @Sendable (RuntimeError) -> Void) {
        self.directory = directory
        self.runtimes = runtimes
        self.report = report
    }

    /// Runs until the task is cancelled. For one task.
    public func run() async {
        await withDiscardingTaskGroup { group in
            // The directory bounds how many are asked about at once.
            for await question in directory.questions {
                group.addTask {
                    let found = await find(question)
                    directory.answer(question.container, found)
                }
            }
            group.cancelAll()
        }
    }

    private func find(_ question: MetadataDirectory.Question) async -> ContainerDescription? {
        // Whom the cgroup's path speaks for is asked first.
        let inOrder = runtimes.filter { $0.socket.fits(hint: question.hint) } + runtimes.filter { !$0.socket.fits(hint: question.hint) }
        for attempt in 0..<Self.tries {
            var isAnyAway = false
            for runtime in inOrder {
                do throws(RuntimeError) {
                    let found = try await runtime.describe(question.container)
                    complaints.end(of: runtime.socket)
                    if let found { return found }
                } catch {
                    isAnyAway = isAnyAway || error.code != .absent
                    // Most machines have one runtime, and no socket of the others.
                    if error.code != .absent, complaints.begin(of: runtime.socket) { report(error) }
                }
            }
            guard isAnyAway || attempt + 1 < Self.unknownTries else { return nil }
            let pause = Self.pauses[min(attempt, Self.pauses.count - 1)]
            guard (try? await Task.sleep(for: .milliseconds(pause))) != nil else { return nil }
        }
        return nil
    }

    /// Whose failure was told already.
    private final class Complaints: Sendable {
        private let told = Mutex<Set<RuntimeSocket>>([])

        func begin(of socket: RuntimeSocket) -> Bool { told.withLock { $0.insert(socket).inserted } }
        func end(of socket: RuntimeSocket) { told.withLock { _ = $0.remove(socket) } }
    }
}

/// Whether a runtime can be asked, for a person.
public struct RuntimeReport: Sendable {
    /// The socket.
    public let socket: RuntimeSocket
    /// Name and version, or why there is no answer.
    public let answer: Result<String, RuntimeError>

    /// Asks each for its version.
    public static func all(_ sockets: [RuntimeSocket]) async -> [RuntimeReport] {
        let client = HTTPClient()
        var reports: [RuntimeReport] = []
        for socket in sockets {
            do throws(RuntimeError) {
                reports.append(RuntimeReport(socket: socket, answer: .success(try await socket.connected(by: client).version())))
            } catch {
                reports.append(RuntimeReport(socket: socket, answer: .failure(error)))
            }
        }
        return reports
    }
}
