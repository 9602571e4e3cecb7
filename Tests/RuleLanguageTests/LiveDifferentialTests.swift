// SPDX-License-Identifier: Apache-2.0

import Capture
import Enrichment
import EventModel
import Foundation
import SourceText
import Testing

@testable import RuleLanguage

/// The compiled program against the naive one, on what this machine's kernel tells while the test makes processes, opens and connects.
@Suite("On events of the live kernel", .serialized) struct LiveDifferentialTests {
    private static let mostEvents = 20_000

    /// Wire records, the running processes first; nil when the probe cannot run here.
    private static func record(_ environmentNames: [String]) -> [[UInt8]]? {
        let tap: KernelTap
        do throws(CaptureError) {
            tap = try KernelTap(settings: CaptureSettings(environmentNames: environmentNames, ringBytes: 4 << 20))
        } catch {
            if ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1" { Issue.record("skipped: \(error.message)") }
            print("skipped: \(error.message)")
            return nil
        }
        let box = RecordBox(ProcessSnapshot.records(environmentNames: environmentNames))
        let ended = DispatchSemaphore(value: 0)
        let thread = Thread {
            tap.run { box.add($0) }
            ended.signal()
        }
        thread.start()
        makeEvents()
        tap.stop()
        ended.wait()
        return box.records
    }

    private static func makeEvents() {
        let script = """
            i=0; while [ $i -lt 60 ]; do
              cat /etc/passwd /etc/shadow ../../etc/hosts /nonexistent$i >/dev/null 2>&1
              find /usr/share/doc/libc6 /etc/pam.d -type f -exec head -c 1 {} + >/dev/null 2>&1
              (exec 3<>/dev/tcp/127.0.0.1/1) 2>/dev/null; sh -c 'bash -c "true; ls / >/dev/null"'
              cp /bin/true /tmp/saker-differential-$$; /tmp/saker-differential-$$; rm /tmp/saker-differential-$$
              i=$((i+1)); done
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        process.standardOutput = FileHandle.nullDevice
        try? process.run()
        process.waitUntilExit()
    }

    // Upstream's rules with those that are off switched on, and ours where upstream's are not at hand: the two share names.
    private static func files() throws -> [SourceFile] {
        guard CorpusTests.isThere else { return try OwnRulesTests.files() }
        return try ["falco_rules.yaml", "falco-incubating_rules.yaml"].map { name in
            let text = try String(contentsOf: CorpusTests.folder.appendingPathComponent("falco-rules/\(name)"), encoding: .utf8)
            return SourceFile(name: name, text: text.replacingOccurrences(of: "enabled: false", with: "enabled: true"))
        }
    }

    @Test("both find the same rules, for the first and for all") func live() throws {
        let files = try Self.files()
        let result = RuleLoader.load(files)
        let set = try #require(result.ruleSet, "\(result.diagnostics.rendered(from: files))")
        guard let records = Self.record(set.environmentNames) else { return }
        var compared = Compared(set, NaiveMatcher(files))
        var decoder = WireDecoder(wallClockOffset: 0)
        var table = ProcessTable()
        var count = 0
        for record in records.prefix(Self.mostEvents) {
            let agrees = record.withUnsafeBytes { bytes -> Bool in
                guard case .success(var event) = decoder.decode(bytes) else { return true }
                table.absorb(&event)
                count += event.kind == .snapshot ? 0 : 1
                return compared.agree(event)
            }
            guard agrees else {
                Issue.record("event \(count): \(compared.difference)")
                return
            }
        }
        #expect(count > 2_000)
        #expect(compared.matches > 0)
    }
}

/// Records that the tap's thread puts in; read when that has ended.
private final class RecordBox: @unchecked Sendable {
    // Sendable because the tap's thread writes until it signals its end, and the test reads after that.
    private(set) var records: [[UInt8]]

    init(_ first: [[UInt8]]) { records = first }

    func add(_ record: UnsafeRawBufferPointer) { records.append(Array(record)) }
}
