// SPDX-License-Identifier: Apache-2.0

public import AWSClient
internal import EventModel
public import Foundation

/// The python that scripts/setup-tests gives moto and botocore.
public enum TestPython {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// True when tests against moto are to run; where all are required (`SAKER_REQUIRE_ALL=1`) they always do, and fail without it.
    public static let isWanted =
        FileManager.default.fileExists(atPath: root + "/.build-tools/moto-version")
        || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"

    /// A script of Tests/Support/aws that is ready to run.
    public static func process(_ script: String, _ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: root + "/.build-tools/bin/python")
        process.arguments = ["\(root)/Tests/Support/aws/\(script)"] + arguments
        process.environment = ["PATH": "/usr/bin:/bin"]
        return process
    }
}

/// A moto server of one test alone, with a bucket `saker-results` and a function `respond` in eu-west-1; it ends with `stop`, or when
/// this process does.
public struct MotoServer: Sendable {
    /// What a client needs to know of it.
    public struct Facts: Sendable, Decodable {
        /// Its address.
        public var url: String
        /// Its region.
        public var region: String
        /// A key that may do everything.
        public var accessKey: String
        /// The key's secret.
        public var secretKey: String
    }

    /// What a client needs to know of it.
    public let facts: Facts
    private let process: Process
    private let input = Pipe()

    /// Starts it; when `isChecked`, every request must be signed with the key of `facts`.
    public init(isChecked: Bool = false) throws {
        process = TestPython.process("serve.py", isChecked ? ["--checked"] : [])
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty { line += byte }
        facts = try JSONDecoder().decode(Facts.self, from: Data(line))
    }

    /// Ends it and waits for that.
    public func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// A client of this server; `more` stands over the variables that it needs.
    public func cloud(_ settings: AWSSettings? = nil, _ more: [String: String] = [:]) throws -> AWSCloud {
        var environment = [
            "AWS_ACCESS_KEY_ID": facts.accessKey, "AWS_SECRET_ACCESS_KEY": facts.secretKey, "AWS_ENDPOINT_URL": facts.url,
        ]
        environment.merge(more) { $1 }
        let surroundings = AWSSurroundings(
            environment: environment, now: { Timestamp(nanoseconds: UInt64(Date.now.timeIntervalSince1970 * 1e9)) })
        return try AWSCloud(settings ?? AWSSettings(region: facts.region, isPathStyle: true), surroundings)
    }

    /// Runs `body` with a server that ends afterwards.
    public static func run(isChecked: Bool = false, _ body: (MotoServer) async throws -> Void) async throws {
        let server = try MotoServer(isChecked: isChecked)
        defer { server.stop() }
        try await body(server)
    }
}
