// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import RuleLanguage
import Testing

@Suite("The probe sees io_uring", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeRingTests {
    /// How the requests are made: ended before their submission returns, by a worker of the kernel, by a thread that polls the ring.
    static let ways = ["plain", "async", "poll"]

    @Test("Each request is told as the call that it stands for, with its result, by the process that made it", arguments: ways)
    func table(way: String) throws {
        let folder = Scratch()
        let tap = try LiveTap(EventKind.throughRings) { $0.marks.contains(.throughRing) }
        defer { tap.stop() }
        #expect(tap.tap.attached.filter { $0.name.hasPrefix("saker_ring") }.map(\.isActive) == [true, true, true])
        let program = try #require(Self.program, "the requests do not compile").path
        try Child.shell("cd \(folder.path) && mkdir d && echo x >f && ln -s f l")
        let child = try Child([program, way, folder.path])
        let status = child.wait() >> 8
        try #require(status == 0 || status == 255, "the requests were not made: \(status)")
        let wanted = RingCases.all(hasBind: status == 0)
        let told = waited(tap, child.pid, count: wanted.count)
        #expect(told.count == wanted.count, "\(told.map(\.text).joined(separator: "\n"))")
        for (found, wanted) in zip(told, wanted) {
            let pattern = wanted.replacing("{S}", with: folder.path)
            #expect(ProbeCallTests.matches(found.text, pattern), "\(found.text) is not \(pattern)")
            #expect(found.pid == child.pid && found.tid == child.pid && found.name == "requests", "\(found)")
        }
        #expect(tap.tap.drops.lost == 0)
    }

    @Test("A program that makes no request of the kinds asked for costs no program of the probe")
    func unneeded() throws {
        let tap = try LiveTap([.unlink, .mkdir])
        defer { tap.stop() }
        #expect(tap.tap.attached.filter { $0.name.hasPrefix("saker_ring") }.map(\.state) == [.unneeded, .unneeded, .unneeded])
    }

    private struct Told {
        var pid: Int32, tid: Int32, name: String, text: String
    }

    private func waited(_ tap: LiveTap, _ pid: Int32, count: Int) -> [Told] {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            let told = tap.all { $0.caller.pid == pid ? Self.told($0) : nil }
            if told.count >= count || ContinuousClock.now > deadline { return told }
            usleep(5_000)
        }
    }

    private static func told(_ event: Event) -> Told {
        let fields = ["fd.realpath", "evt.io_uring", "evt.io_uring.unanswered"].compactMap { try? FieldReference($0) }
        var probe = EventProbe(tests: [], fields: fields)
        let values = probe.values(event)
        var text = "\(event.kind.name): \(ProbeCallTests.told(event).arguments)"
        if let path = values["fd.realpath"]?.string { text += "real=\(path) " }
        if values["evt.io_uring"] != .bool(true) { text += "by no ring " }
        if values["evt.io_uring.unanswered"] == .bool(true) { text += "unanswered " }
        return Told(pid: event.caller.pid, tid: event.caller.tid, name: event.caller.comm.string, text: text)
    }

    /// The program that makes the requests, in a folder that goes when the tests end; nil when it does not compile.
    private static let program: (folder: Scratch, path: String)? = {
        let folder = Scratch()
        let here = String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/")!))
        let path = "\(folder.path)/requests"
        let status = try? Child.shell("clang -o \(path) \(here)/../Specs/io_uring/requests.c")
        return status == 0 ? (folder, path) : nil
    }()
}
