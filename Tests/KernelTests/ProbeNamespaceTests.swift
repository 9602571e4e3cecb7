// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import Testing

@Suite("The probe sees containers", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeNamespaceTests {
    /// What the test's own marked program was told with.
    struct Seen: Equatable {
        var exePath: String, cwd: String
        var vpid: Int32
        var flags: Event.Image.Flags
    }

    func marked(_ tap: LiveTap, _ mark: String) -> Seen? {
        tap.first { event in
            guard case .exec(let image) = event.detail, event.result == 0, image.argv.string.hasSuffix("\0\(mark)\0"),
                !image.argv.string.hasPrefix("/bin/sh"), event.caller.comm.string == "true"
            else { return nil }
            return Seen(
                exePath: image.exePath.string, cwd: image.cwd.string, vpid: event.caller.vpid,
                flags: image.flags.subtracting(.writable))
        }
    }

    // A root file system of one static program.
    func makeRoot(_ path: String) throws {
        let script = """
            mkdir -p \(path)/bin \(path)/etc \(path)/old && cd \(path)/bin && cp /bin/busybox . &&
            for name in true cat sh; do ln -s busybox $name; done && echo secret > ../etc/shadow
            """
        try #require(try Child.shell(script) == 0)
    }

    @Test("The first process of a pid namespace has pid 1 there and another on the host")
    func pidNamespace() throws {
        let tap = try LiveTap([.execve])
        defer { tap.stop() }
        try Child(["/usr/bin/unshare", "--pid", "--fork", "/bin/true", "mark-pid"]).wait()
        let seen = marked(tap, "mark-pid")
        #expect(seen?.vpid == 1)
        let host = tap.first { $0.caller.vpid == 1 && $0.caller.comm.string == "true" ? $0.caller.pid : nil }
        #expect(host.map { $0 > 1 } == true)
    }

    @Test("Within a chroot, paths are the chroot's own")
    func chroot() throws {
        let scratch = Scratch()
        try makeRoot(scratch.path)
        let tap = try LiveTap([.execve, .open, .openat])
        defer { tap.stop() }
        try Child(["/usr/sbin/chroot", scratch.path, "/bin/true", "mark-chroot"]).wait()
        #expect(marked(tap, "mark-chroot") == Seen(exePath: "/bin/busybox", cwd: "/", vpid: lastVpid(tap, "mark-chroot"), flags: []))
        let reader = try Child(["/usr/sbin/chroot", scratch.path, "/bin/cat", "../../etc/shadow"])
        reader.wait()
        let path = tap.first { event -> String? in
            guard case .open(let open) = event.detail, event.caller.pid == reader.pid, open.rawPath.string.hasSuffix("shadow")
            else { return nil }
            return open.path.string
        }
        #expect(path == "/etc/shadow")
    }

    @Test("Within an overlay that pivot_root made the root, paths are the container's and the layer is told")
    func overlay() throws {
        let scratch = Scratch()
        try makeRoot("\(scratch.path)/lower")
        let script = """
            cd \(scratch.path) && mkdir upper work root && mount -t tmpfs none work && mkdir work/u work/w &&
            mount -t overlay none -o lowerdir=lower,upperdir=work/u,workdir=work/w root && cd root && pivot_root . old &&
            /bin/busybox cp /bin/busybox /bin/fresh && /bin/busybox mkdir /new && cd /new &&
            exec /bin/sh -c '/bin/true mark-lower; /bin/cat /etc/shadow;
            exec /bin/fresh mark-upper'
            """
        let tap = try LiveTap([.execve, .open, .openat])
        defer { tap.stop() }
        try Child(["/usr/bin/unshare", "--mount", "/bin/bash", "-c", script]).wait()
        let lower = marked(tap, "mark-lower")
        #expect(lower.map { [$0.exePath, $0.cwd] } == ["/bin/busybox", "/new"] && lower?.flags == .lowerLayer)
        let upper = tap.first { event -> Event.Image.Flags? in
            guard case .exec(let image) = event.detail, image.exePath.string == "/bin/fresh" else { return nil }
            return image.flags.subtracting(.writable)
        }
        #expect(upper == .upperLayer)
        let path = tap.first { event -> String? in
            guard case .open(let open) = event.detail, open.rawPath.string == "/etc/shadow", event.caller.comm.string == "cat"
            else { return nil }
            return open.path.string
        }
        #expect(path == "/etc/shadow")
    }

    @Test("A program that has no file is told as a memfd, and one that may be written as such")
    func memfd() throws {
        let tap = try LiveTap([.execve])
        defer { tap.stop() }
        // 319 is memfd_create on x86-64.
        let code = """
            my $n = "hidden"; my $fd = syscall(319, $n, 0); open(my $m, ">&=", $fd); open(my $t, "<", "/bin/busybox");
            local $/; print {$m} <$t>; $m->flush; exec { "/proc/self/fd/$fd" } "true", "mark-memfd";
            """
        try Child(["/usr/bin/perl", "-e", code]).wait()
        let found = tap.first { event -> [String]? in
            guard case .exec(let image) = event.detail, image.argv.string == "true\0mark-memfd\0" else { return nil }
            #expect(image.flags.contains([.fromMemfd, .writable]))
            return [image.exePath.string]
        }
        #expect(found == ["memfd:hidden"])
    }

    @Test("The cgroups that a process is in are told by id and by path", arguments: CgroupHierarchy.ofThisHost)
    func cgroups(hierarchy: CgroupHierarchy) throws {
        let root = hierarchy.root
        try #require(access("\(root)/cgroup.procs", W_OK) == 0, "\(root) cannot be written")
        let name = "/saker-test-\(getpid())/kubepods-pod1234.slice/cri-containerd-abcd.scope"
        try #require(try Child.shell("mkdir -p \(root)\(name)") == 0)
        defer { _ = try? Child.shell("cd \(root) && rmdir -p .\(name)") }
        let tap = try LiveTap([.execve, .fork, .clone, .vfork, .clone3])
        defer { tap.stop() }
        try Child.shell("echo $$ > \(root)\(name)/cgroup.procs; (/bin/true mark-cgroup; :); :")
        var facts = stat()
        stat(root + name, &facts)
        let told = tap.first { event -> String? in
            guard case .exec(let image) = event.detail, image.argv.string.hasSuffix("mark-cgroup\0"), event.caller.comm.string == "true"
            else { return nil }
            let id = hierarchy == .v2 ? event.caller.cgroupV2 : event.caller.cgroupV1
            #expect(id == UInt64(facts.st_ino))
            return (hierarchy == .v2 ? image.cgroupPathV2 : image.cgroupPathV1).string
        }
        #expect(told == name)
        let forked = tap.first { event -> String? in
            guard case .fork(let fork) = event.detail else { return nil }
            let path = (hierarchy == .v2 ? fork.cgroupPathV2 : fork.cgroupPathV1).string
            return path == name ? path : nil
        }
        #expect(forked == name)
    }

    private func lastVpid(_ tap: LiveTap, _ mark: String) -> Int32 { marked(tap, mark)?.vpid ?? -1 }
}

/// Where a host keeps cgroups: always v2, on its own or, where v1's controllers are beside it, in a folder of its own.
enum CgroupHierarchy {
    case v1, v2

    private static let isHybrid = access("/sys/fs/cgroup/memory/cgroup.procs", F_OK) == 0

    static let ofThisHost: [CgroupHierarchy] = isHybrid ? [.v1, .v2] : [.v2]

    var root: String {
        switch self {
        case .v1: "/sys/fs/cgroup/memory"
        case .v2: Self.isHybrid ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup"
        }
    }
}
