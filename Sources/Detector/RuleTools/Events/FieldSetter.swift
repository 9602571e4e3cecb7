// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// Puts the value of one field into an event that is being made.
struct FieldSetter: Sendable {
    /// A value that the field cannot have; the text says what it can.
    struct Unfit: Error {
        let wanted: String
    }

    /// One value on its way.
    struct Value {
        let text: String
        let argument: String
    }

    let set: @Sendable (inout EventDraft, Value) throws(Unfit) -> Void

    init(_ set: @escaping @Sendable (inout EventDraft, Value) throws(Unfit) -> Void) { self.set = set }

    /// The fields that make an event, by name. Other fields follow from these.
    static let all: [String: FieldSetter] = events.merging(descriptors) { first, _ in first }
        .merging(processes) { first, _ in first }.merging(identities) { first, _ in first }.merging(places) { first, _ in first }
        .merging(facts) { first, _ in first }

    /// The setter of a field; that of a call's parameter for the family of `evt.arg`.
    static func named(_ name: String) -> FieldSetter? {
        if let setter = all[name] { return setter }
        let family = "evt.arg."
        guard name.hasPrefix(family) else { return nil }
        return FieldSetter { draft, value throws(Unfit) in try draft.set(String(name.dropFirst(family.count)), to: value.text) }
    }

    private static let events: [String: FieldSetter] = [
        "evt.num": FieldSetter { draft, value throws(Unfit) in draft.number = try value.number("a number from 1") },
        "evt.time": FieldSetter { draft, value throws(Unfit) in draft.time = try value.time() },
        "evt.time.iso8601": FieldSetter { draft, value throws(Unfit) in draft.time = try value.time() },
        "evt.rawres": FieldSetter { draft, value throws(Unfit) in draft.result = try value.number("a whole number") },
        "evt.res": FieldSetter { draft, value throws(Unfit) in
            let result = try value.result()
            draft.result = draft.result ?? result
        },
        "evt.failed": FieldSetter { draft, value throws(Unfit) in
            // EPERM is 1.
            if try value.flag() { draft.result = draft.result ?? -1 }
        },
        "evt.hostname": FieldSetter { draft, value throws(Unfit) in draft.hostname = value.text },
        "evt.is_open_read": FieldSetter { draft, value throws(Unfit) in draft.file.reads = try value.flag() },
        "evt.is_open_write": FieldSetter { draft, value throws(Unfit) in draft.file.writes = try value.flag() },
        "evt.is_open_exec": FieldSetter { draft, value throws(Unfit) in draft.file.executes = try value.flag() },
        "evt.arg.flags": FieldSetter { draft, value throws(Unfit) in try draft.setFlags(value.text) },
    ]

    private static let processes: [String: FieldSetter] = [
        "proc.name": text(0) { $0.name = $1 }, "proc.exe": text(0) { $0.exe = $1 }, "proc.exepath": text(0) { $0.path = $1 },
        "proc.cmdline": text(0) { $0.commandLine = $1 }, "proc.args": text(0) { $0.arguments = $1 },
        "proc.cwd": text(0) { $0.workingDirectory = $1 },
        "proc.pid": FieldSetter { draft, value throws(Unfit) in draft.processes[0].pid = try value.number("a process id") },
        "proc.ppid": FieldSetter { draft, value throws(Unfit) in
            let pid: Int32 = try value.number("a process id")
            draft.process(1) { $0.pid = pid }
        },
        "proc.env": FieldSetter { draft, value throws(Unfit) in
            guard !value.argument.isEmpty else { throw Unfit(wanted: "the name of a variable in brackets, such as proc.env[LD_PRELOAD]") }
            draft.processes[0].environment[value.argument] = value.text
        },
        "proc.is_exe_upper_layer": flag(.upperLayer), "proc.is_exe_from_memfd": flag(.fromMemfd), "proc.is_exe_writable": flag(.writable),
        "proc.pname": text(1) { $0.name = $1 }, "proc.pexe": text(1) { $0.exe = $1 }, "proc.pexepath": text(1) { $0.path = $1 },
        "proc.pcmdline": text(1) { $0.commandLine = $1 },
        "proc.aname": text(nil) { $0.name = $1 }, "proc.aexe": text(nil) { $0.exe = $1 }, "proc.aexepath": text(nil) { $0.path = $1 },
        "proc.acmdline": text(nil) { $0.commandLine = $1 },
    ]

    private static let places: [String: FieldSetter] = [
        "container.id": FieldSetter { draft, value throws(Unfit) in draft.place.container = value.text },
        "container.name": FieldSetter { draft, value throws(Unfit) in
            // On the host it follows from container.id.
            if value.text != "host" { draft.place.containerName = value.text }
        },
        "container.image.repository": FieldSetter { draft, value throws(Unfit) in draft.place.repository = value.text },
        "container.image.tag": FieldSetter { draft, value throws(Unfit) in draft.place.tag = value.text },
        "k8s.ns.name": FieldSetter { draft, value throws(Unfit) in draft.place.namespace = value.text },
        "k8s.pod.name": FieldSetter { draft, value throws(Unfit) in draft.place.pod = value.text },
        "k8s.pod.uid": FieldSetter { draft, value throws(Unfit) in draft.place.podUID = value.text },
    ]

    private static let facts: [String: FieldSetter] = [
        "container.metadata": FieldSetter { draft, value throws(Unfit) in
            guard let source = MetadataSource(rawValue: value.text) else {
                throw Unfit(wanted: "one of \(MetadataSource.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            draft.place.tell { $0.source = source }
        },
        "container.type": told { $0.runtime = $1 }, "container.image": told { $0.image = $1 },
        "container.image.id": told { $0.imageID = $1 }, "container.image.digest": told { $0.imageDigest = $1 },
        "container.ip": told { $0.address = $1 },
        "container.privileged": told(\.isPrivileged), "container.host_pid": told(\.sharesHostPID),
        "container.host_network": told(\.sharesHostNetwork), "container.host_ipc": told(\.sharesHostIPC),
        "container.label": FieldSetter { draft, value throws(Unfit) in draft.place.tell { $0.labels[value.argument] = value.text } },
        "container.mount.dest": FieldSetter { draft, value throws(Unfit) in
            let mount = ContainerMount(source: value.argument, destination: value.text, mode: "", isWritable: true, propagation: "private")
            draft.place.tell { $0.mounts.append(mount) }
        },
    ]

    private static func told(_ put: @escaping @Sendable (inout ContainerDescription, String) -> Void) -> FieldSetter {
        FieldSetter { draft, value throws(Unfit) in draft.place.tell { put(&$0, value.text) } }
    }

    private static func told(_ place: WritableKeyPath<ContainerDescription, Bool?> & Sendable) -> FieldSetter {
        FieldSetter { draft, value throws(Unfit) in
            let flag = try value.flag()
            draft.place.tell { $0[keyPath: place] = flag }
        }
    }

    // Of the process that many generations up; nil is the number in brackets.
    private static func text(
        _ generation: Int?, _ put: @escaping @Sendable (inout EventDraft.ProcessDraft, String) -> Void
    ) -> FieldSetter {
        FieldSetter { draft, value throws(Unfit) in
            guard let generation = generation ?? Int(value.argument) else {
                throw Unfit(wanted: "a number of generations in brackets, such as [2]")
            }
            draft.process(generation) { put(&$0, value.text) }
        }
    }

    private static func flag(_ flag: Event.Image.Flags) -> FieldSetter {
        FieldSetter { draft, value throws(Unfit) in if try value.flag() { draft.processes[0].flags.insert(flag) } }
    }
}

extension FieldSetter.Value {
    func flag() throws(FieldSetter.Unfit) -> Bool {
        switch text {
        case "true": true
        case "false": false
        case _: throw FieldSetter.Unfit(wanted: "true or false")
        }
    }

    func number<Number: FixedWidthInteger>(_ wanted: String) throws(FieldSetter.Unfit) -> Number {
        guard let number = Number(text) else { throw FieldSetter.Unfit(wanted: wanted) }
        return number
    }

    func time() throws(FieldSetter.Unfit) -> Timestamp {
        if let nanoseconds = UInt64(text) { return Timestamp(nanoseconds: nanoseconds) }
        guard let time = Timestamp(text) else {
            throw FieldSetter.Unfit(wanted: "nanoseconds since 1970, or a time such as 2026-11-22T08:00:00Z")
        }
        return time
    }

    /// What a syscall returned; nil for a success, which each kind of event has its own number for.
    func result() throws(FieldSetter.Unfit) -> Int64? {
        if text == "SUCCESS" { return nil }
        // Linux numbers its errors below 4096.
        guard let number = (1..<4096).first(where: { ErrorNames.name(of: $0)?.string == text }) else {
            throw FieldSetter.Unfit(wanted: "SUCCESS or the name of an error, such as ENOENT")
        }
        return -number
    }
}
