// SPDX-License-Identifier: Apache-2.0

import EventModel
import Yams

/// Reads an event out of a spec file.
enum EventSpec {
    struct Unreadable: Error { var what: String }

    static let userNames: @Sendable (UInt32, ContainerID?) -> String? = { uid, container in
        switch (uid, container == nil) {
        case (0, _): "root"
        case (1000, true): "alice"
        case (1000, false): "app"
        case (_, _): nil
        }
    }

    static func event(_ node: Node) throws -> EventFixture {
        guard let name = node["kind"]?.string, let kind = EventKind.allCases.first(where: { $0.name == name }) else {
            throw Unreadable(what: "an event needs a kind")
        }
        let number = { (key: String, other: Int) in node[key]?.int ?? other }
        return EventFixture(
            kind: kind, result: Int64(number("result", 0)), number: UInt64(number("number", 1)), uid: UInt32(number("uid", 0)),
            loginuid: node["loginuid"]?.int.map(UInt32.init) ?? .max, tty: UInt32(number("tty", 0)), age: UInt64(number("age", 1_000_000)),
            vpgid: Int32(number("vpgid", 7)), capabilities: UInt64(number("capabilities", 0)),
            process: node["process"].map { process($0) }, detail: detail(kind, node))
    }

    private static func process(_ node: Node) -> ProcessNode {
        let text = { (key: String) in node[key]?.string }
        let list = { (key: String) in node[key]?.sequence?.compactMap(\.string) ?? [] }
        var flags: Event.Image.Flags = []
        if list("flags").contains("upper") { flags.insert(.upperLayer) }
        if list("flags").contains("memfd") { flags.insert(.fromMemfd) }
        if list("flags").contains("writable") { flags.insert(.writable) }
        let container = node["container"].map { container in
            ProcessFixture.container(container.string ?? "0123456789abcdef", pod: text("pod"), namespace: text("namespace") ?? "shop")
        }
        return ProcessFixture.node(
            text("name") ?? "sh", exe: text("exe"), path: text("path"), arguments: list("args"), environment: list("env"),
            cwd: text("cwd") ?? "/", pid: Int32(node["pid"]?.int ?? 4242), vpid: Int32(node["vpid"]?.int ?? 7), flags: flags,
            parent: node["parent"].map { process($0) }, container: container)
    }

    private static func detail(_ kind: EventKind, _ node: Node) -> EventFixture.Detail {
        let text = { (key: String) in node[key]?.string ?? "" }
        let number = { (key: String, other: Int) in node[key]?.int ?? other }
        switch kind.family {
        case .exec, .snapshot:
            let upper: Event.Image.Flags = text("image") == "upper" ? .upperLayer : []
            return .exec(rawPath: text("raw"), flags: upper)
        case .fork: return .fork
        case .exit: return .exit
        case .open:
            return .open(
                rawPath: text("raw"), path: text("path"), flags: UInt32(number("flags", 0)), mode: UInt32(number("mode", 0)),
                directory: Int32(number("directory", -100)), isDirectory: node["is_directory"]?.bool ?? false)
        case .connect:
            return .connect(
                family: UInt16(number("family", 2)), type: UInt16(number("type", 1)), ipProtocol: UInt16(number("protocol", 6)),
                local: text("local"), remote: text("remote"), unixPath: text("unix"))
        case .call:
            var arguments = InlineArray<6, UInt64>(repeating: 0)
            for (index, argument) in (node["arguments"]?.sequence ?? []).prefix(6).enumerated() {
                arguments[index] = UInt64(bitPattern: Int64(argument.int ?? 0))
            }
            return .call(arguments: arguments, texts: node["texts"]?.sequence?.compactMap(\.string) ?? [])
        }
    }
}
