// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import Testing

@Suite("The probe sees processes", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeProcessTests {
    @Test("A new program is told with its arguments, paths and working directory")
    func exec() throws {
        let tap = try LiveTap([.execve])
        defer { tap.stop() }
        let scratch = Scratch()
        let script = "cd \(scratch.path) && exec -a 'odd name' /bin/../bin/true 'a b' '' last"
        let child = try Child(["/bin/bash", "-c", script])
        child.wait()
        let image = tap.first { event -> [String]? in
            guard case .exec(let image) = event.detail, event.caller.pid == child.pid, event.caller.comm.string == "true" else { return nil }
            #expect(event.kind == .execve && event.result == 0)
            #expect(event.caller.tid == child.pid && event.caller.ppid == getpid())
            return [image.rawPath, image.exePath, image.argv, image.cwd, image.environment].map(\.string)
        }
        #expect(image == ["/bin/../bin/true", "/usr/bin/true", "odd name\0a b\0\0last\0", scratch.path, ""])
    }

    @Test("A program that is not there is told as a failure of the caller")
    func execFails() throws {
        let tap = try LiveTap([.execve])
        defer { tap.stop() }
        try Child.shell("exec /nonexistent/program")
        let result = tap.first { event -> Int64? in
            guard case .exec(let image) = event.detail, image.rawPath.string == "/nonexistent/program" else { return nil }
            #expect(event.kind == .execve && image.exePath.isEmpty && image.argv.isEmpty)
            #expect(event.caller.comm.string == "sh")
            return event.result
        }
        #expect(result == Int64(-ENOENT))
    }
}
