// SPDX-License-Identifier: Apache-2.0
import EventModel
import Testing

@testable import Enrichment

private let a = String(repeating: "a1", count: 32)
private let b = String(repeating: "b2", count: 32)
private let uid = "0c6a1b7e-53b5-4c1d-9c0f-2f3d4e5a6b7c"
private let podPath = "/kubepods/burstable/pod\(uid)/\(a)"
private let otherPath = "/kubepods/burstable/pod11111111-2222-3333-4444-555555555555/\(b)"

@Suite("The process table")
struct ProcessTableTests {
    @Test("A program's facts come from its exec, and a child has its parent's until it execs")
    func execAndFork() throws {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let shell = tell.caller(100, name: "sh"), child = tell.caller(101, parent: 100, name: "cat")
        let started = table.told(tell.exec(shell, "/bin/sh"))
        #expect(started.image.commandLine.string == "sh -x")
        #expect(started.cwd?.string == "/work")
        _ = table.told(tell.fork(shell, child: 101))
        let found = table.process(101)
        let known = try #require(found)
        #expect(known.image === started.image)
        #expect(known.parent === started)
        let after = table.told(tell.exec(child, "/bin/cat"))
        #expect(after === known)
        #expect(after.image.exePath.string == "/bin/cat")
        #expect(after.parent?.image.exePath.string == "/bin/sh")
        #expect(started.image.exePath.string == "/bin/sh")
    }

    @Test("A failed exec leaves the program as it was")
    func failedExec() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let shell = tell.caller(100, name: "sh")
        _ = table.told(tell.exec(shell, "/bin/sh"))
        #expect(table.told(tell.exec(shell, "/bin/nothing", result: -2)).image.exePath.string == "/bin/sh")
    }

    @Test("A process that gives itself another name is known by it, and so are the children it forks then; a thread's name is its own")
    func renamed() throws {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let shell = tell.caller(100, name: "sh"), hidden = tell.caller(100, name: "kworker/0:1")
        let before = table.told(tell.exec(shell, "/bin/sh")).image
        var thread = tell.caller(100, name: "helper")
        thread.tid = 102
        #expect(table.told(tell.open(thread)).image === before)
        let after = table.told(tell.open(hidden)).image
        #expect(after.name.string == "kworker/0:1" && after.commandLine.string == "kworker/0:1 -x")
        #expect(after.exePath.string == "/bin/sh" && after.exe.string == before.exe.string && after.argv.string == before.argv.string)
        #expect(before.name.string == "sh")
        #expect(table.told(tell.open(hidden)).image === after)
        _ = table.told(tell.fork(hidden, child: 101))
        let child = table.process(101)
        #expect(try #require(child).image === after)
    }

    @Test("A datagram to another peer than the socket's last is marked; a socket that is connected keeps its peer")
    func peers() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let sender = tell.caller(100)
        let told = [(7, 53), (7, 53), (7, 54), (8, 54), (7, 54), (7, 53), (9, nil)].map { (inode: UInt64, port: UInt8?) in
            var event = tell.send(sender, socket: inode, port: port)
            table.absorb(&event)
            return event.marks.contains(.newPeer)
        }
        #expect(told == [true, false, true, true, false, true, false])
    }

    @Test("A process that changes its working directory has the new one, unless that failed")
    func workingDirectory() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let shell = tell.caller(100, name: "sh")
        _ = table.told(tell.exec(shell, "/bin/sh"))
        #expect(table.told(tell.move(.chdir, shell, to: "/srv")).cwd?.string == "/srv")
        #expect(table.told(tell.move(.fchdir, shell, to: "/var")).cwd?.string == "/var")
        #expect(table.told(tell.move(.chdir, shell, to: "/etc", result: -13)).cwd?.string == "/var")
    }

    @Test("A new thread makes no process")
    func threads() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        _ = table.told(tell.fork(tell.caller(100), child: 100, tid: 105))
        #expect(table.count == 1)
        #expect(table.process(105) == nil)
    }

    @Test("An unknown caller gets what its event says, is counted, and is completed by a snapshot")
    func unknownCaller() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let caller = tell.caller(200, name: "lost")
        let node = table.told(tell.open(caller))
        #expect(node.isIncomplete)
        #expect(node.image.name.string == "lost")
        #expect(table.counters.incomplete.count == 1)
        let told = table.told(tell.snapshot(caller, "/usr/bin/lost"))
        #expect(told === node)
        #expect(!node.isIncomplete)
        #expect(node.image.exePath.string == "/usr/bin/lost")
    }

    @Test("A snapshot does not undo an exec that came before it")
    func lateSnapshot() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let caller = tell.caller(200)
        _ = table.told(tell.exec(caller, "/bin/new"))
        #expect(table.told(tell.snapshot(caller, "/bin/old")).image.exePath.string == "/bin/new")
    }

    @Test("A pid that comes again is another process")
    func reusedPid() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let old = table.told(tell.exec(tell.caller(400, started: 1_000_000_001), "/bin/old"))
        let new = table.told(tell.open(tell.caller(400, started: 2_000_000_001)))
        #expect(new !== old)
        #expect(new.isIncomplete)
        #expect(old.hasExited)
        #expect(table.counters.reusedPids.count == 1)
        #expect(table.process(400) === new)
    }

    @Test("A late record of an earlier process with the same pid does not displace the later one")
    func lateRecordOfEarlier() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let new = table.told(tell.exec(tell.caller(400, started: 2_000_000_001), "/bin/new"))
        let late = table.told(tell.open(tell.caller(400, started: 1_000_000_001)))
        #expect(late !== new)
        #expect(table.process(400) === new)
        #expect(!new.hasExited)
    }

    @Test("A child's exec that comes before its fork record keeps its program and gets its parent")
    func execBeforeFork() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let child = table.told(tell.exec(tell.caller(501, parent: 500), "/bin/child"))
        let parent = table.told(tell.fork(tell.caller(500), child: 501))
        #expect(table.process(501) === child)
        #expect(child.parent === parent)
        #expect(child.image.exePath.string == "/bin/child")
    }

    @Test("A process that ended is still known for its own exit and for records that come late")
    func exitAndLateRecords() {
        var tell = Teller()
        var table = ProcessTable(limit: 1_000, pods: nil) { _ in nil }
        let caller = tell.caller(600)
        let node = table.told(tell.exec(caller, "/bin/a"))
        #expect(table.told(tell.exit(caller)) === node)
        #expect(node.hasExited)
        #expect(table.told(tell.open(caller)) === node)
        for pid in Int32(1_000)..<1_300 { _ = table.told(tell.exit(tell.caller(pid))) }
        #expect(table.process(600) == nil)
        #expect(table.count == 256)
    }

    @Test("Ended parents stay as ancestors, but only sixteen in a line; then the next living one follows")
    func endedAncestors() throws {
        var tell = Teller()
        var table = ProcessTable(limit: 10_000, pods: nil) { _ in nil }
        _ = table.told(tell.exec(tell.caller(700), "/bin/first"))
        for pid in Int32(701)..<1_700 {
            _ = table.told(tell.fork(tell.caller(pid - 1, parent: pid - 2), child: pid))
            if pid > 701 { _ = table.told(tell.exit(tell.caller(pid - 1, parent: pid - 2))) }
        }
        var line: [ProcessNode] = []
        let last = table.process(1_699)
        var next = try #require(last).parent
        while let node = next {
            line.append(node)
            next = node.parent
        }
        #expect(line.count == 17)
        #expect(line.dropLast().allSatisfy { $0.hasExited })
        #expect(line.last?.pid == 700)
    }

    @Test("Records that name each other as parents make no circle")
    func circle() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let first = table.told(tell.open(tell.caller(100, started: 5, parent: 101)))
        let second = table.told(tell.open(tell.caller(101, started: 5, parent: 100)))
        _ = table.told(tell.open(tell.caller(100, started: 5, parent: 101)))
        _ = table.told(tell.fork(tell.caller(101, started: 5, parent: 100), child: 100, started: 5))
        let alone = table.told(tell.open(tell.caller(200, parent: 200)))
        _ = table.told(tell.open(tell.caller(200, parent: 200)))
        #expect(first.parent == nil)
        #expect(second.parent === first)
        #expect(alone.parent == nil)
    }

    @Test("A line of a hundred thousand ancestors is freed without overflowing the stack")
    func longLine() {
        var last: ProcessNode? = nil
        for pid in Int32(1)...100_000 {
            last = ProcessNode(
                pid: pid, startTime: 1, parent: last, vpid: 0, vpgid: 0, session: 0, uid: 0, gid: 0, loginuid: 0, tty: 0,
                image: .unknown(name: .empty), cwd: nil, container: nil, cgroupV2: 0, cgroupV1: 0)
        }
        weak let first = last?.parent
        ProcessNode.release(&last)
        #expect(last == nil)
        #expect(first == nil)
    }

    @Test("A full table drops what has ended first, then what comes next, and counts it")
    func eviction() {
        var tell = Teller()
        var table = ProcessTable(limit: 50, pods: nil) { _ in nil }
        for pid in Int32(1)...50 { _ = table.told(tell.open(tell.caller(pid))) }
        _ = table.told(tell.exit(tell.caller(7)))
        _ = table.told(tell.open(tell.caller(51)))
        #expect(table.process(7) == nil)
        #expect(table.counters.evictions.count == 1)
        for pid in Int32(52)...400 { _ = table.told(tell.open(tell.caller(pid))) }
        #expect(table.count == 50)
        #expect(table.counters.evictions.count == 350)
        #expect(table.process(400) != nil)
    }
}

@Suite("The container of a process")
struct ProcessContainerTests {
    @Test("It comes from the cgroup path, and one object serves all processes of a container")
    func fromPath() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let first = table.told(tell.exec(tell.caller(100, cgroup: 50), "/bin/sh", v2: podPath))
        #expect(first.container?.id.text == a)
        #expect(first.container?.podUID?.text == uid)
        #expect(first.container?.shortID.string == String(a.prefix(12)))
        let second = table.told(tell.open(tell.caller(200, cgroup: 50)))
        #expect(second.container === first.container)
        #expect(table.counters.cgroupLookups.count == 0)
    }

    @Test("A runtime's process that moves into a container is in it from then on")
    func movesIn() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        _ = table.told(tell.exec(tell.caller(100, cgroup: 5), "/usr/bin/runc", v2: "/system.slice/containerd.service"))
        let moved = table.told(tell.exec(tell.caller(100, cgroup: 50), "/bin/sh", v2: podPath))
        #expect(moved.container?.id.text == a)
    }

    @Test("Processes whose cgroups have no number are nobody's, until an event of theirs tells it")
    func unnumbered() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { $0.v2 == 77 ? (Array(otherPath.utf8), []) : nil }
        let one = table.told(tell.snapshot(tell.caller(500, cgroup: 0), "/bin/one", v2: "/../.." + podPath))
        let other = table.told(tell.snapshot(tell.caller(501, cgroup: 0), "/bin/other", v2: "/../.." + otherPath))
        #expect(one.container == nil && other.container == nil)
        #expect(table.told(tell.open(tell.caller(501, cgroup: 77))).container?.id.text == b)
        #expect(one.container == nil)
    }

    @Test("A cgroup that no record told is asked of the kernel once")
    func asked() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { cgroups in
            cgroups.v2 == 50 ? (Array(podPath.utf8), []) : nil
        }
        #expect(table.told(tell.open(tell.caller(100, cgroup: 50))).container?.id.text == a)
        #expect(table.told(tell.open(tell.caller(101, cgroup: 50))).container?.id.text == a)
        #expect(table.counters.cgroupLookups.count == 1)
    }

    @Test("A process of a container stays its own, whichever cgroup it moves to")
    func staysOwn() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        _ = table.told(tell.exec(tell.caller(90, cgroup: 60), "/bin/other", v2: otherPath))
        _ = table.told(tell.exec(tell.caller(80, cgroup: 1), "/bin/host", v2: "/"))
        _ = table.told(tell.exec(tell.caller(100, cgroup: 50), "/bin/sh", v2: podPath))
        #expect(table.told(tell.open(tell.caller(100, cgroup: 60))).container?.id.text == a)
        #expect(table.counters.foreignCgroups.count == 1)
        #expect(table.told(tell.open(tell.caller(100, cgroup: 1))).container?.id.text == a)
        _ = table.told(tell.fork(tell.caller(100, cgroup: 60), child: 101))
        #expect(table.told(tell.exec(tell.caller(101, parent: 100, cgroup: 60), "/bin/x", v2: otherPath)).container?.id.text == a)
    }

    @Test("A nested cgroup with another container's name does not change whose process it is")
    func nested() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let hostile = podPath + otherPath
        #expect(table.told(tell.exec(tell.caller(100, cgroup: 70), "/bin/sh", v2: hostile)).container?.id.text == a)
    }

    @Test("A child cloned into another cgroup is in that one's container")
    func cloneIntoCgroup() {
        var tell = Teller()
        var table = ProcessTable(limit: 100, pods: nil) { _ in nil }
        let runtime = tell.caller(100, cgroup: 5)
        let host = table.told(tell.exec(runtime, "/usr/bin/crun", v2: "/system.slice/crun.service"))
        _ = table.told(tell.fork(runtime, child: 101, flags: 0x2_0000_0000, v2: podPath))
        #expect(host.container == nil)
        #expect(table.process(101)?.container?.id.text == a)
    }

    @Test("Thousands of containers that came and went leave no more than the limit behind")
    func bounded() {
        var containers = ContainerTable(limit: 100, directory: nil)
        for number in UInt64(1)...1_000 {
            let id = String(repeating: "0", count: 60) + String(number + 1_000)
            let path = ByteString("/docker/" + id)
            withExtendedLifetime(path) {
                containers.learn(ContainerTable.Cgroups(v2: number, v1: 0), v2: path.view, v1: .empty)
            }
        }
        #expect(containers.count <= 100)
    }
}

extension ProcessTable {
    /// Absorbs an event and returns the process it was given.
    mutating func told(_ event: Event) -> ProcessNode {
        var event = event
        absorb(&event)
        return event.process!
    }
}
