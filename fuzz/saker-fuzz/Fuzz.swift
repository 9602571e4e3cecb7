// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText

/// What is done with one input, whatever it is: it is loaded, what is wrong with it is rendered, and what loads is run over an event
/// and printed. Nothing that a user can write into a rule file may end the program, hang it or make it grow without bound.
struct Fuzz {
    private let event = SampleEvent()

    func run(_ bytes: some Collection<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self)
        load(text)
        guard !text.utf8.contains(UInt8(ascii: "\n")) else { return }
        load(Self.rule(condition: text, output: "x"))
        load(Self.rule(condition: "evt.num >= 0", output: text))
    }

    private func load(_ text: String) {
        let file = SourceFile(name: "rules.yaml", text: text)
        let result = RuleLoader.load([file])
        let rendered = result.diagnostics.rendered(from: [file])
        precondition((result.ruleSet == nil) == result.diagnostics.hasErrors, "what has errors must not load, and nothing else")
        for finding in result.diagnostics.all {
            precondition(rendered.contains("[\(finding.code)]"), "each finding must be shown")
            guard let place = finding.location else { continue }
            precondition(file.line(place.line) != nil && place.column >= 1, "each finding must have a place in the file")
        }
        guard let set = result.ruleSet else { return }
        var matcher = RuleMatcher(set, matching: .all)
        matcher.match(event.event) { _ in }
        for rule in set.rules { _ = matcher.render(rule, event.event) }
    }

    // The text as a YAML scalar, so that mutations of it stay conditions and outputs.
    private static func rule(condition: String, output: String) -> String {
        "- {rule: r, desc: d, priority: INFO, warn_evttypes: false, condition: \(quoted(condition)), output: \(quoted(output))}\n"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
    }
}

/// A file opened by a process with a parent, and the memory that its texts stand in.
private final class SampleEvent {
    let event: Event
    private let texts: [ByteString]

    init() {
        let path = ByteString("/etc/shadow"), name = ByteString("cat"), argv = ByteString("cat\0/etc/shadow\0")
        let empty = ByteString("")
        texts = [path, name, argv, empty]
        let image = Event.Image(
            rawPath: path.view, exePath: path.view, argv: argv.view, environment: empty.view, cwd: empty.view, cgroupPathV2: empty.view,
            cgroupPathV1: empty.view, flags: [])
        let facts = ImageFacts(name: name.view, image: image)
        let process = { (parent: ProcessNode?) in
            ProcessNode(
                pid: 42, startTime: 5, parent: parent, vpid: 7, vpgid: 7, session: 1, uid: 0, gid: 0, loginuid: .max, tty: 0, image: facts,
                cwd: ByteString("/tmp"), container: nil, cgroupV2: 1, cgroupV1: 0)
        }
        let caller = Event.Caller(
            pid: 42, tid: 42, ppid: 1, vpid: 7, session: 1, vpgid: 7, uid: 0, gid: 0, euid: 0, egid: 0, loginuid: .max, tty: 0,
            capEffective: 0, capPermitted: 0, startTime: 5, cgroupV2: 1, cgroupV1: 0, comm: name.view)
        let open = Event.Open(
            rawPath: path.view, path: path.view, flags: 0, mode: 0, directory: -100, fileType: 0o100000, device: 1, inode: 2)
        event = Event(
            kind: .open, number: 1, time: Timestamp(nanoseconds: 1), bootTime: 6, result: 3, caller: caller, detail: .open(open),
            process: process(process(nil)))
    }
}
