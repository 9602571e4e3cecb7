// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Capture
import Enrichment
import EventModel

/// `saker doctor`: what this kernel allows.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Try what this kernel allows and which container runtimes answer; exit code 1 when something is missing, with the fix.")

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let settings = try options.read()
        let report = KernelReport()
        print("kernel \(report.release)")
        for finding in report.findings { print(Self.line(finding.fix == nil, finding.name, finding.found, fix: finding.fix)) }
        print("programs, each tried by loading it")
        for program in report.programs { print(Self.line(program)) }
        print("hooks that no program needs, each tried by attaching to it")
        for hook in report.hooks { print(Self.line(hook)) }
        print("container runtimes, each asked for its version")
        for runtime in await RuntimeReport.all(settings.metadata.sockets) { print(Self.line(runtime)) }
        print(report.isComplete ? "everything that the probe needs is there" : "the probe is incomplete: see the fixes above")
        if !report.isComplete { throw ExitCode(1) }
    }

    /// One program as a line; `run` shows attached programs with it too.
    static func line(_ program: ProgramStatus) -> String {
        let kinds = program.kinds.map(\.name).sorted().joined(separator: ", ")
        switch program.state {
        case .active: return line(true, program.name, kinds, fix: nil)
        case .unneeded: return "  -        \(program.name): no loaded rule needs \(kinds)"
        case .refused(let reason, let fix): return line(false, program.name, "\(kinds): \(reason)", fix: fix)
        }
    }

    private static func line(_ hook: HookStatus) -> String {
        let name = hook.kind.rawValue
        return switch hook.state {
        case .works: line(true, name, "works", fix: nil)
        case .neverAsked: "  -        \(name): not among the modules that the kernel was booted with (lsm=)"
        case .refused(let reason): "  -        \(name): \(reason)"
        }
    }

    // A runtime that is missing makes nothing incomplete: a machine has one of them, or none.
    private static func line(_ runtime: RuntimeReport) -> String {
        switch runtime.answer {
        case .success(let version): return line(true, "\(runtime.socket)", version, fix: nil)
        case .failure(let error) where error.code == .absent: return "  -        \(runtime.socket): not there"
        case .failure(let error): return "  -        \(error)"
        }
    }

    private static func line(_ isFine: Bool, _ name: String, _ found: String, fix: String?) -> String {
        "  \(isFine ? "ok      " : "MISSING ") \(name): \(found)" + (fix.map { "\n           fix: \($0)" } ?? "")
    }
}
