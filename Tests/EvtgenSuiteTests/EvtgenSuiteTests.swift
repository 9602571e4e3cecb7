// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

/// Where the cases and the rules are.
enum Suite {
    static let shared = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/corpus").path
    static let environment = ProcessInfo.processInfo.environment
    static let folder = environment["SAKER_EVTGEN_SUITE"] ?? shared + "/evtgen_suite"
    static let rules = shared + "/falco-rules/falco_rules.yaml"
    static let everythingIsRequired = environment["SAKER_REQUIRE_ALL"] == "1"

    /// Why the cases cannot be played here; nil when they can.
    static let obstacle: String? = {
        if geteuid() != 0 { return "not root" }
        if access("/sys/kernel/btf/vmlinux", R_OK) != 0 { return "the kernel has no BTF" }
        for path in [folder, rules] where access(path, R_OK) != 0 { return "\(path) is not there" }
        return nil
    }()

    #if arch(arm64)
    static let reader = SuiteReader(architecture: "arm64")
    #else
    static let reader = SuiteReader(architecture: "amd64")
    #endif

    /// The cases of each file, by the file's name.
    static func cases() throws -> [(file: String, cases: [SuiteCase])] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
        return try names.sorted().map { name in
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            do { return (name, try reader.cases(text)) } catch { throw SuiteError("\(name): \(error)") }
        }
    }
}

@Suite(
    "The attack cases of the event generator", .serialized,
    .enabled(if: Suite.obstacle == nil || Suite.everythingIsRequired, "needs root, BTF and the corpus"))
struct EvtgenSuiteTests {
    /// Cases that no kernel lets happen, by name, each with the fact that forbids it. At most two may be here.
    static let impossible: [String: String] = [:]

    @Test("are made for real, and each is told by its rule with the priority and the fields that it expects")
    func all() async throws {
        let files = try Suite.cases()
        let only = Suite.environment["SAKER_EVTGEN_ONLY"]
        let here = files.flatMap(\.cases).filter { $0.runsHere && only.map($0.name.contains) ?? true }
        #expect(!here.isEmpty, "\(Suite.folder) has no case for this machine")
        let run = try SuiteRun(rules: Suite.rules, cases: here)
        let verdicts = Dictionary(run.play(here).map { ($0.name, $0) }) { first, _ in first }
        let lost = await run.end()
        for (file, cases) in files {
            let judged = cases.compactMap { verdicts[$0.name] }
            let failed = judged.filter { $0.difference != nil && Self.impossible[$0.name] == nil }
            print("\(file): \(judged.count) cases, \(judged.count { $0.difference == nil }) passed, \(failed.count) failed")
            for verdict in failed { Issue.record("\(file): \(verdict.name): \(verdict.difference ?? "")") }
        }
        #expect(lost == 0, "the probe lost \(lost) events")
        #expect(Self.impossible.count <= 2)
    }
}
