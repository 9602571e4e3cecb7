// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation

/// What the clients take from outside, so that tests decide over it.
public struct AWSSurroundings: Sendable {
    /// The environment.
    public var environment: [String: String]
    /// A file's bytes; nil when it cannot be read.
    public var readFile: @Sendable (String) -> [UInt8]?
    /// The wall clock.
    public var now: @Sendable () -> Timestamp
    /// Waits; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A random number from 0 up to 1.
    public var jitter: @Sendable () -> Double

    /// The machine's files and real chance, unless told otherwise.
    public init(
        environment: [String: String], readFile: @escaping @Sendable (String) -> [UInt8]? = AWSSurroundings.contents,
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.environment = environment
        self.readFile = readFile
        self.now = now
        self.sleep = sleep
        self.jitter = jitter
    }

    /// Reads a file of this machine.
    public static let contents: @Sendable (String) -> [UInt8]? = { FileManager.default.contents(atPath: $0).map(Array.init) }

    /// A variable's value; nil also when it is empty.
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// A file's text without white space at its ends; nil when it cannot be read or nothing is left.
    func text(_ path: String) -> String? {
        let text = readFile(path).map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
