// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

/// A running saker that is asked for its figures.
@Suite("saker top, and the figures for Prometheus")
struct TopCommandTests {
    private let folder: TemporaryFolder
    private let secret: String

    init() throws {
        folder = try TemporaryFolder()
        secret = try folder.write("secret", "x")
        try folder.write(
            "rules/r.yaml",
            """
            - rule: Secret "read"
              desc: d
              condition: evt.type in (open, openat) and fd.name = \(secret)
              output: secret (proc=%proc.name)
              priority: WARNING
            - rule: Never
              desc: d
              condition: evt.type in (open, openat) and fd.name endswith .never-there
              output: never
              priority: NOTICE

            """)
    }

    private var socket: String { folder.url.path + "/status.sock" }

    private func start() throws -> SakerProcess {
        try FileManager.default.createDirectory(at: folder.url.appending(path: "responses"), withIntermediateDirectories: true)
        let configuration = try folder.write(
            "saker.yaml",
            """
            rules: [\(folder.url.path)/rules]
            responses: [\(folder.url.path)/responses]
            kubernetes: {enabled: false}
            journal: \(folder.url.path)/journal/j.db
            results: \(folder.url.path)/results
            status: {socket: \(socket), listen: "127.0.0.1:0"}
            alerts: {stdout: json}
            """)
        return try SakerProcess(["run", "--config", configuration], in: folder)
    }

    private func top(_ arguments: String...) throws -> (code: Int32?, text: String) {
        let saker = try SakerProcess(["top"] + arguments + ["--socket", socket], in: folder)
        return (saker.end(within: 60), saker.text)
    }

    private func figures() throws -> [String: Any] {
        let (code, text) = try top("--once", "--json")
        #expect(code == 0, "\(text)")
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test(
        "saker top shows kinds, programs with their time, and rules with matches and time; Prometheus gets the same",
        .enabled(if: CommandTests.mayRun, "needs root and a kernel with BTF"))
    func figuresOfARun() throws {
        let saker = try start()
        try #require(saker.says("saker: ready", within: 60), "\(saker.text)")
        // The kernel counts from the first question on.
        _ = try figures()
        for _ in 0..<20_000 { close(open("/dev/null", O_RDONLY)) }
        for _ in 0..<7 { close(open(secret, O_RDONLY)) }
        #expect(saker.says("secret (proc=", within: 20), "\(saker.text)")
        let deadline = ContinuousClock.now + .seconds(20)
        var rule: [String: Any]?, all: [String: Any] = [:]
        repeat {
            all = try figures()
            rule = (all["rules"] as? [[String: Any]])?.first { $0["rule"] as? String == "Secret \"read\"" }
        } while rule?["matches"] as? Int != 7 && ContinuousClock.now < deadline
        #expect(rule?["matches"] as? Int == 7, "\(all)")
        let kinds = try #require(all["kinds"] as? [[String: Any]])
        let opens = kinds.first { $0["kind"] as? String == "openat" }
        #expect(opens?["events"] as? Int ?? 0 >= 7 && opens?["kept_back"] as? Int ?? 0 >= 20_000, "\(all)")
        let programs = try #require(all["programs"] as? [[String: Any]])
        let syscall = try #require(programs.first { $0["program"] as? String == "saker_syscall" })
        #expect(all["program_trouble"] == nil, "\(all)")
        #expect(syscall["state"] as? String == "active" && syscall["runs"] as? Int ?? 0 >= 20_000, "\(syscall)")
        #expect(syscall["seconds"] as? Double ?? 0 > 0)
        let process = try #require(all["process"] as? [String: Any])
        #expect(process["resident_bytes"] as? Int ?? 0 > 1 << 20 && process["cpu_seconds"] as? Double ?? 0 > 0)

        let (code, table) = try top("--once")
        #expect(code == 0)
        for word in ["saker_syscall", "openat", "Secret \"read\"", "samples", "lost"] { #expect(table.contains(word), "\(table)") }

        let address = try #require(saker.text.firstMatch(of: /figures for Prometheus: (\S+)/)?.1)
        let (_, metrics) = try Tool.run("curl", "-sS", String(address))
        #expect(metrics.contains(#"saker_rule_matches_total{rule="Secret \"read\"",priority="Warning",source="syscall"} 7"#), "\(metrics)")
        #expect(metrics.contains(#"saker_rule_cpu_seconds_total{rule="Never"} "#))
        #expect(metrics.contains(#"saker_events_total{kind="openat"} "#) && metrics.contains(#"saker_kept_back_total{kind="openat"} "#))
        #expect(metrics.contains(#"saker_program_cpu_seconds_total{program="saker_syscall"} "#))
        let names = metrics.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        #expect(Set(names).count == names.count, "a family is told once")

        var status = stat()
        #expect(stat(socket, &status) == 0 && status.st_mode & 0o777 == 0o600)
        saker.signal(SIGTERM)
        #expect(saker.end(within: 10) == 0, "\(saker.text)")
        #expect(access(socket, F_OK) != 0, "the socket is gone with its process")
    }

    @Test("Without a running saker, saker top says so and what to do; so it does when a dead one left its socket")
    func nobody() throws {
        let (code, text) = try top("--once")
        #expect(code == 1)
        #expect(text.contains("no saker runs here: there is no socket \(socket)"), "\(text)")
        _ = try NotifySocket(socket)
        let (late, words) = try top("--once")
        #expect(late == 1)
        #expect(words.contains("no saker answers on \(socket)"), "\(words)")
    }

    @Test(
        "A second saker does not take the first one's socket away, and a dead one's is taken over",
        .enabled(if: CommandTests.mayRun, "needs root and a kernel with BTF"))
    func taken() throws {
        _ = try NotifySocket(socket)
        let first = try start()
        try #require(first.says("saker: ready", within: 60), "\(first.text)")
        #expect(!first.text.contains("will not find"), "\(first.text)")
        let other = try SakerProcess(
            ["detect", "--config", folder.url.path + "/saker.yaml", "--to", "http://127.0.0.1:9"],
            environment: ["SAKER_DETECT_SPOOL": folder.url.path + "/spool"], in: folder)
        #expect(other.says("another saker answers on \(socket)", within: 60), "\(other.text)")
        other.signal(SIGTERM)
        _ = other.end(within: 15)
        #expect(try top("--once").code == 0)
        first.signal(SIGTERM)
        #expect(first.end(within: 10) == 0)
    }
}
