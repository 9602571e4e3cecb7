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
    public struct Facts: Sendable, Hashable, Codable {
        /// Its address.
        public var url: String
        /// Its region.
        public var region: String
        /// A key that may do everything.
        public var accessKey: String
        /// The key's secret.
        public var secretKey: String

        /// A client of this server; `more` stands over the variables that it needs.
        public func cloud(_ settings: AWSSettings? = nil, _ more: [String: String] = [:]) throws -> AWSCloud {
            var environment = ["AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_ENDPOINT_URL": url]
            environment.merge(more) { $1 }
            let surroundings = AWSSurroundings(
                environment: environment, now: { Timestamp(nanoseconds: UInt64(Date.now.timeIntervalSince1970 * 1e9)) })
            return try AWSCloud(settings ?? AWSSettings(region: region, isPathStyle: true), surroundings)
        }
    }

    /// A request as the server saw and answered it.
    public struct Request: Sendable, Decodable {
        /// The method.
        public var method: String
        /// Bucket and key.
        public var path: String
        /// The header of that name.
        public var ifNoneMatch: String?
        /// The body's hash in hexadecimal.
        public var sha256: String
        /// The answer's status.
        public var status: Int
        /// When its head was there, in nanoseconds since 1970.
        public var began: Int64
        /// When its answer was ready.
        public var ended: Int64
    }

    /// What a client needs to know of it.
    public let facts: Facts
    private let process: Process
    private let input = Pipe()
    private let log: String?

    /// Starts it; when `isChecked`, every request must be signed with the key of `facts`. `log` names a file for `requests`.
    public init(isChecked: Bool = false, log: String? = nil) throws {
        self.log = log
        process = TestPython.process("serve.py", (isChecked ? ["--checked"] : []) + (log.map { ["--log", $0] } ?? []))
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
    public func cloud(_ settings: AWSSettings? = nil, _ more: [String: String] = [:]) throws -> AWSCloud { try facts.cloud(settings, more) }

    /// All requests, in the order of their answers. For a server that was given a log.
    public func requests() throws -> [Request] {
        guard let log, let text = try? String(contentsOfFile: log, encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
    }

    /// Runs `body` with a server that ends afterwards.
    public static func run(
        isChecked: Bool = false, log: String? = nil, _ body: (MotoServer) async throws -> Void
    ) async throws {
        let server = try MotoServer(isChecked: isChecked, log: log)
        defer { server.stop() }
        try await body(server)
    }
}
