// SPDX-License-Identifier: Apache-2.0
import CProbe
import EventModel
import Glibc
import Testing

@testable import Capture

@Suite("What /proc tells")
struct ProcParsingTests {
    static let tail = " S 2 3 4 34816 5 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 0 0"

    @Test("A name with blanks and parentheses is read whole", arguments: ["sh", "a b", "x) R 1 (y", ""])
    func names(name: String) throws {
        let stat = try #require(StatFile(Array("42 (\(name))\(Self.tail)".utf8)))
        #expect(String(decoding: stat.name, as: UTF8.self) == name)
        #expect(stat.parent == 2 && stat.group == 3 && stat.session == 4 && stat.terminal == 34816 && stat.start == 987_650_000_000)
        #expect(!stat.isKernelThread && !stat.hasEnded)
    }

    @Test("A line that is cut is none", arguments: ["", "42", "42 (sh", "42 (sh)", "42 (sh) S 1 2"])
    func cut(line: String) { #expect(StatFile(Array(line.utf8)) == nil) }

    @Test("The hierarchies of a hybrid layout are found where they are mounted")
    func mounts() {
        let text = """
            30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw
            31 30 0:27 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory
            32 30 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
            33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
            """
        let mounts = CgroupMounts(mountinfo: Array(text.utf8))
        #expect(mounts.memory == "/sys/fs/cgroup/memory" && mounts.pids == "/sys/fs/cgroup/pids")
        #expect(mounts.v2 == "/sys/fs/cgroup/unified")
    }

    @Test("The memory controller's path is preferred, then that of pids; the root is no path", arguments: [
        ("4:memory:/a\n8:pids:/b\n0::/", "/a", ""), ("8:pids:/b\n0::/x:y", "/b", "/x:y"), ("0::/only", "", "/only"),
        ("9:name=systemd:/s\n4:cpu,memory:/m\n", "/m", ""),
    ])
    func cgroups(text: String, v1: String, v2: String) {
        let reading = CgroupReading(Array(text.utf8), CgroupMounts(mountinfo: []))
        #expect(reading.pathV1 == Array(v1.utf8) && reading.pathV2 == Array(v2.utf8) && reading.idV1 == 0)
    }

    @Test("A cgroup outside of the reader's own namespace has neither number nor path, whatever that leads to in the file system")
    func foreignCgroups() {
        let mounts = CgroupMounts(mountinfo: Array("33 30 0:29 / /proc/self rw - cgroup2 cgroup2 rw".utf8))
        #expect(CgroupReading(Array("0::/task\n".utf8), mounts).idV2 != 0)
        let outside = CgroupReading(Array("0::/../../etc\n4:memory:/../\(String(repeating: "a", count: 64))\n".utf8), mounts)
        #expect(outside.idV2 == 0 && outside.pathV2.isEmpty && outside.pathV1.isEmpty)
    }

    @Test("Every process is told once, this one with its own facts")
    func snapshot() throws {
        let records = ProcessSnapshot.records(environmentNames: [])
        var pids: [Int32] = []
        var mine = ""
        for record in records {
            try record.withUnsafeBytes { bytes in
                var decoder = WireDecoder(wallClockOffset: 0)
                let event = try decoder.decode(bytes).get()
                pids.append(event.caller.pid)
                guard case .snapshot(let image) = event.detail, event.caller.pid == getpid() else { return }
                #expect(event.caller.uid == getuid() && event.caller.ppid == getppid() && image.environment.isEmpty)
                mine = image.exePath.string
            }
        }
        #expect(Set(pids).count == pids.count && pids.contains(1))
        #expect(mine == ProcFile.link("/proc/self/exe").map { String(decoding: $0, as: UTF8.self) })
    }

    @Test("A security hook is asked only where bpf is among the kernel's modules", arguments: [
        ("lockdown,yama,bpf", false), ("bpf\n", false), ("lockdown,bpf,ima\n", false), ("lockdown,yama\n", true), ("bpfilter", true),
    ])
    func securityModules(list: String, isLeftOut: Bool) { #expect(HookStatus.isLeftOut(Array(list.utf8)) == isLeftOut) }
}
