// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText
import Testing

@testable import RuleLanguage

/// Counts calls of malloc on one thread. The count comes from a library that must be loaded before libc, so the test runs itself
/// once more with that library in front.
@Suite("An event that matches nothing", .serialized) struct AllocationTests {
    private static func events() -> [EventFixture] {
        let container = ProcessFixture.container()
        let node = ProcessFixture.node(
            "worker-process", path: "/usr/bin/worker", arguments: ["--listen", "8080"], environment: ["LD_PRELOAD=/usr/lib/liba.so"],
            cwd: "/srv/app", parent: ProcessFixture.node("supervisor", pid: 9), container: container)
        return [
            EventFixture(kind: .execve, process: node, detail: .exec(rawPath: "/usr/bin/worker", flags: [])),
            EventFixture(
                kind: .openat, result: 5, process: node,
                detail: .open(rawPath: "data/x", path: "/srv/app/data/x", flags: 0, mode: 0, directory: -100, isDirectory: false)),
            EventFixture(
                kind: .openat, result: -2, process: node,
                detail: .open(rawPath: "../data/missing", path: "", flags: 0, mode: 0, directory: -100, isDirectory: false)),
            EventFixture(
                kind: .connect, process: node,
                detail: .connect(family: 2, type: 1, ipProtocol: 6, local: "10.0.0.5:4000", remote: "10.1.2.3:8080", unixPath: "")),
            EventFixture(
                kind: .connect, process: node,
                detail: .connect(family: 10, type: 1, ipProtocol: 6, local: "fd00::1:4000", remote: "fd00::2:8080", unixPath: "")),
            EventFixture(
                kind: .connect, process: node,
                detail: .connect(family: 1, type: 1, ipProtocol: 0, local: "", remote: "", unixPath: "/run/nscd/socket")),
            EventFixture(kind: .procexit, process: node, detail: .exit),
        ]
    }

    // One of each kind of comparison, none of which holds.
    private static let extra = """
        - rule: all kinds of comparison
          desc: d
          priority: DEBUG
          output: o
          warn_evttypes: false
          condition: >
            proc.name regex "x[a-z]+y|z*" or proc.cmdline glob "*nothing*" or proc.args icontains NOTHING
            or tolower(proc.name) = nothing or basename(proc.exepath) in (a, b) or len(proc.name) = 99
            or fd.name contains nothing or fd.name pmatch (/no, "/n*/x") or fd.net in (1.0.0.0/8) or fd.port in (1, 2)
            or proc.aname in (nothing) or user.name = nothing or thread.cap_effective contains NOTHING
            or proc.cwd = /nothing or proc.env[LD_PRELOAD] = x or evt.arg.flags contains NOTHING or k8s.pod.uid = x
            or proc.name = val(proc.pname) or proc.name startswith anyof (x, y) or b64(proc.args) = x or proc.sname = nothing
        """

    @Test("allocates nothing, whatever its rules ask") func allocatesNothing() throws {
        guard let count = AllocationCounter.inThisProcess else { return try AllocationCounter.runAgain(filter: "AllocationTests") }
        try #require(count { _ = Unmanaged.passRetained(ByteString([1])) } > 0, "the counter sees nothing")
        let files = try OwnRulesTests.files() + [SourceFile(name: "extra.yaml", text: Self.extra)]
        let result = RuleLoader.load(files)
        let set = try #require(result.ruleSet, "\(result.diagnostics.rendered(from: files))")
        var matcher = RuleMatcher(set, matching: .all, hostname: "n", userNames: { _, _ in nil })
        let events = Self.events()
        var matches = 0
        let run = {
            for _ in 0..<1500 {
                for index in events.indices { matcher.match(events[index].event) { _ in matches += 1 } }
            }
        }
        // The first round fills the runtime's own caches.
        run()
        let during = count(run)
        #expect(matches == 0)
        #expect(during == 0)
    }
}

/// The counter, if it was loaded, and the way to load it.
enum AllocationCounter {
    struct Failed: Error { var output: String }

    private static let source = """
        #include <stddef.h>
        extern void *__libc_malloc(size_t); extern void *__libc_calloc(size_t, size_t); extern void *__libc_realloc(void *, size_t);
        extern void *__libc_memalign(size_t, size_t);
        static __thread long calls;
        long saker_allocations(void) { return calls; }
        void *malloc(size_t n) { calls++; return __libc_malloc(n); }
        void *calloc(size_t n, size_t m) { calls++; return __libc_calloc(n, m); }
        void *realloc(void *p, size_t n) { calls++; return __libc_realloc(p, n); }
        void *aligned_alloc(size_t a, size_t n) { calls++; return __libc_memalign(a, n); }
        int posix_memalign(void **p, size_t a, size_t n) { calls++; *p = __libc_memalign(a, n); return *p ? 0 : 12; }
        """

    /// Runs a body and says how often it allocated; nil when the counter is not loaded.
    static var inThisProcess: ((() -> Void) -> Int)? {
        guard let symbol = dlsym(nil, "saker_allocations") else { return nil }
        let calls = unsafeBitCast(symbol, to: (@convention(c) () -> Int).self)
        return { body in
            let before = calls()
            body()
            return calls() - before
        }
    }

    /// Runs this test program again, the counter in front of libc.
    static func runAgain(filter: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("saker-count-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let code = folder.appendingPathComponent("count.c"), library = folder.appendingPathComponent("count.so")
        try source.write(to: code, atomically: true, encoding: .utf8)
        try run("/usr/bin/env", ["cc", "-shared", "-fPIC", "-O1", "-o", library.path, code.path], [:])
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        try run(program, ["--testing-library", "swift-testing", "--filter", filter], ["LD_PRELOAD": library.path])
    }

    private static func run(_ program: String, _ arguments: [String], _ environment: [String: String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(output: "\(program): \(text)") }
    }
}
