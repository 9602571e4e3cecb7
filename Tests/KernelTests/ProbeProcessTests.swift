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
            guard case .exec(let image) = event.detail, event.caller.pid == child.pid, event.caller.comm.string == "true"
            else { return nil }
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

    @Test("execveat is told as execve when it succeeds and as itself when it fails")
    func execveat() throws {
        let tap = try LiveTap([.execveat])
        defer { tap.stop() }
        // 322 is execveat on x86-64; -100 is AT_FDCWD.
        let code = "my $p = '/nonexistent'; syscall(322, -100, $p, 0, 0, 0); exec { '/bin/true' } 'by perl'"
        try Child(["/usr/bin/perl", "-e", code]).wait()
        let failed = tap.first { event -> EventKind? in
            guard case .exec(let image) = event.detail, image.rawPath.string == "/nonexistent" else { return nil }
            return event.kind
        }
        let succeeded = tap.first { event -> EventKind? in
            guard case .exec(let image) = event.detail, image.argv.string == "by perl\0" else { return nil }
            return event.kind
        }
        #expect(failed == .execveat && succeeded == .execve)
    }

    @Test("Arguments beyond 4096 bytes are cut, and the cut is counted")
    func longArguments() throws {
        let tap = try LiveTap([.execve])
        defer { tap.stop() }
        let child = try Child(["/bin/true", String(repeating: "x", count: 5000)])
        child.wait()
        let length = tap.first { event -> Int? in
            guard case .exec(let image) = event.detail, event.caller.pid == child.pid else { return nil }
            return image.argv.count
        }
        #expect(length == 4096)
        #expect(tap.tap.drops[.truncated] >= 1)
    }

    @Test("Of an environment only the names that were asked for are copied")
    func environment() throws {
        let tap = try LiveTap([.execve], environmentNames: ["LD_PRELOAD", "WANTED"])
        defer { tap.stop() }
        let long = "LONG=" + String(repeating: "WANTED=no ", count: 900)
        let child = try Child(
            ["/bin/true"], environment: ["SECRET=hidden", "WANTED=yes", long, "WANTEDNOT=hidden", "LD_PRELOAD=", "XWANTED=hidden"])
        child.wait()
        let environment = tap.first { event -> String? in
            guard case .exec(let image) = event.detail, event.caller.pid == child.pid else { return nil }
            return image.environment.string
        }
        #expect(environment == "WANTED=yes\0LD_PRELOAD=\0")
    }

    @Test("A child is told when it is made and when it ends, with its exit code or its signal")
    func forkAndExit() throws {
        let tap = try LiveTap([.fork, .vfork, .clone, .clone3, .procexit])
        defer { tap.stop() }
        let child = try Child(["/bin/sh", "-c", "(exit 3); kill -9 $$"])
        child.wait()
        let grandchild = tap.first { event -> Int32? in
            guard case .fork(let fork) = event.detail, event.caller.pid == child.pid else { return nil }
            #expect(event.result == Int64(fork.childPid) && fork.childPid == fork.childTid && fork.childVpid == fork.childPid)
            #expect(fork.childStartTime >= event.caller.startTime)
            return fork.childPid
        }
        let code = tap.first { event -> Int32? in
            guard case .exit(let exit) = event.detail, event.caller.pid == grandchild else { return nil }
            return exit.signal == 0 ? exit.code : nil
        }
        let signal = tap.first { event -> Int32? in
            guard case .exit(let exit) = event.detail, event.caller.pid == child.pid else { return nil }
            return exit.signal
        }
        #expect(code == 3 && signal == SIGKILL)
    }

    @Test("Threads are told by their own id, and the end of their group is told once")
    func threads() throws {
        let tap = try LiveTap([.fork, .vfork, .clone, .clone3, .procexit])
        defer { tap.stop() }
        let child = try Child(["/bin/sh", "-c", "seq 400000 | exec sort --parallel=2 -r -S 50M"])
        child.wait()
        let group = tap.first { event -> Int32? in
            guard case .fork(let fork) = event.detail, fork.childTid != fork.childPid, event.caller.ppid == child.pid else { return nil }
            #expect(event.caller.comm.string == "sort" && fork.childPid == event.caller.pid)
            #expect(fork.flags & 0x10000 != 0)  // CLONE_THREAD
            return fork.childPid
        }
        #expect(group != nil)
        func ends() -> [Int32] {
            tap.all { event in
                if case .exit = event.detail, event.caller.pid == group { return event.caller.pid }
                return nil
            }
        }
        _ = tap.first { event -> Bool? in
            if case .exit = event.detail, event.caller.pid == child.pid { return true }
            return nil
        }
        #expect(ends().count == 1)
    }

    @Test("Credentials, capabilities and the login uid are the caller's")
    func credentials() throws {
        let tap = try LiveTap([.execve])
        defer { tap.stop() }
        let child = try Child(["/usr/bin/setpriv", "--reuid", "65533", "--regid", "65532", "--clear-groups", "/bin/true"])
        child.wait()
        let caller = tap.first { event -> [UInt64]? in
            guard event.caller.pid == child.pid, event.caller.comm.string == "true" else { return nil }
            let caller = event.caller
            return [UInt64(caller.uid), UInt64(caller.euid), UInt64(caller.gid), UInt64(caller.egid), caller.capEffective]
        }
        #expect(caller == [65533, 65533, 65532, 65532, 0])
        let mine = tap.first { $0.caller.pid == child.pid && $0.caller.comm.string == "setpriv" ? $0.caller.capPermitted : nil }
        #expect(mine.map { $0 & 1 << 21 != 0 } == true)
    }

    @Test("A controlling terminal is told by its device number")
    func terminal() throws {
        let tap = try LiveTap([.execve])
        defer { tap.stop() }
        try Child(["/usr/bin/script", "-qec", "/bin/true on-a-terminal", "/dev/null"]).wait()
        let device = tap.first { event -> UInt32? in
            guard case .exec(let image) = event.detail, image.argv.string == "/bin/true\0on-a-terminal\0" else { return nil }
            return event.caller.tty
        }
        // 136 is the major number of UNIX98 pseudo-terminals.
        #expect(device.map { $0 >> 8 & 0xfff } == 136)
    }

    @Test("What a kind's table leaves out, and what the ignored process does, is not told")
    func filters() throws {
        let tap = try LiveTap([.procexit], ignoring: getpid())
        defer { tap.stop() }
        close(open("/dev/null", O_RDONLY))
        let child = try Child(["/bin/true"])
        child.wait()
        _ = tap.first { $0.caller.pid == child.pid ? true : nil }
        #expect(tap.all { $0.kind == .procexit ? nil : $0.kind.name } == [])
        #expect(tap.all { $0.caller.pid == getpid() ? true : nil } == [])
    }
}
