// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EventModel
import Foundation
import Records
import Responder

/// `saker stop-actions`: nothing is changed any more, at once.
struct StopActionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop-actions", abstract: "Stop every act of the responder on this machine, at once.",
        discussion: """
            Writes guardrails.stop_file, which is looked at before each act; detection, alerts and reading acts go on. Acts that are under
            way end. For a responder on another machine use its ConfigMap, guardrails.stop_configmap.
            """)

    @Option(help: "Why; it is told with every act that is refused.") var reason: String?
    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let configuration = try options.read()
        let file = try StopFile(configuration)
        try file.write(reason ?? "")
        let because = reason.map { ": \($0)" } ?? ""
        await file.note("actions were stopped\(because)", configuration)
        print("nothing is changed while \(file.path) is there; `saker resume-actions` removes it")
    }
}

/// `saker resume-actions`: acts go on.
struct ResumeActionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume-actions", abstract: "Let the responder on this machine act again.",
        discussion: "Removes guardrails.stop_file. What was refused meanwhile is not done later.")

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let configuration = try options.read()
        let file = try StopFile(configuration)
        guard try file.remove() else { return print("\(file.path) is not there: actions were not stopped by it") }
        await file.note("actions go on", configuration)
        print("\(file.path) is removed: actions go on")
    }
}

/// The file that stops all acts while it is there.
struct StopFile {
    let path: String

    /// Throws a `UserError` when the configuration names none.
    init(_ configuration: Configuration) throws {
        guard !configuration.guardrails.stopFile.isEmpty else { throw UserError("guardrails.stop_file is empty: name a file there") }
        path = configuration.guardrails.stopFile
    }

    /// Makes it, with the reason in it.
    func write(_ reason: String) throws {
        let url = URL(filePath: path)
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((reason.isEmpty ? "" : reason + "\n").utf8).write(to: url, options: .atomic)
        } catch {
            throw UserError("cannot write \(path), so actions are NOT stopped: \(error.localizedDescription)")
        }
    }

    /// Removes it; false when there was none.
    func remove() throws -> Bool {
        guard ResponderParts.fileMayExist(path) else { return false }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw UserError("cannot remove \(path), so actions are still stopped: \(error.localizedDescription)")
        }
        return true
    }

    /// What somebody wrote into it, for a line.
    static func reason(_ path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: 200) else { return "" }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }

    /// Puts into the history who did it, where there is one; the switch works without.
    func note(_ what: String, _ configuration: Configuration) async {
        guard FileManager.default.fileExists(atPath: configuration.journal) else { return }
        let who = ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName()
        do {
            let journal = try Journal(path: configuration.journal, role: .visitor)
            _ = try await journal.note(.init("\(what) (by \(who), \(path))"), at: Clock.now)
            await journal.close()
        } catch {
            Terminal.say("it is not in the history: \(error)")
        }
    }
}
