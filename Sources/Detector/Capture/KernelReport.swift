// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import Glibc

/// What this kernel allows, for `saker doctor`: found by trying, never by reading a configuration.
public struct KernelReport: Sendable {
    /// One thing that the probe needs.
    public struct Finding: Sendable, Hashable {
        /// What is looked at, such as `type information (BTF)`.
        public var name: String
        /// What was found.
        public var found: String
        /// What to do; nil when nothing is missing.
        public var fix: String?
    }

    /// The kernel's release, as `uname -r` prints it.
    public var release: String
    /// What was looked at, in the order that a person should mend it.
    public var findings: [Finding]
    /// Each program, tried by loading it.
    public var programs: [ProgramStatus]
    /// Hooks that not every kernel offers and that no program needs, each tried.
    public var hooks: [HookStatus]

    /// True when every program can run.
    public var isComplete: Bool { findings.allSatisfy { $0.fix == nil } && programs.allSatisfy(\.isActive) }

    /// Looks at this kernel, with the rights of this process; loads each program once and lets it go.
    public init() {
        release = Self.kernelRelease
        findings = [Self.typeInformation, Self.capabilities, Self.lockdown, Self.ringBuffer]
        programs = ProbeProgram.allCases.filter { $0 != .begin }.map { program in
            do throws(CaptureError) {
                return program.status(try ProgramTrial.state(of: program))
            } catch {
                return program.status(.refused(reason: error.message, fix: "Build Saker anew."))
            }
        }
        hooks = HookStatus.Kind.allCases.map(HookStatus.init(trying:))
    }

    static let typeInformationPath = "/sys/kernel/btf/vmlinux"
    static let typeInformationFix = "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y and make /sys readable."
    static let capabilityFix = "Run as root, or give CAP_BPF and CAP_PERFMON (SYS_PTRACE and DAC_READ_SEARCH too, to read /proc at start)."

    /// True when the effective capabilities suffice: CAP_SYS_ADMIN, or CAP_BPF with CAP_PERFMON.
    static var mayLoad: Bool {
        let held = ProcFile.effectiveCapabilities
        let sysAdmin: UInt64 = 1 << 21, perfmon: UInt64 = 1 << 38, bpf: UInt64 = 1 << 39
        return held & sysAdmin != 0 || held & perfmon != 0 && held & bpf != 0
    }

    /// What to do where bpf() is not permitted: capabilities lack, a container runtime's seccomp profile forbids it, or the kernel does.
    static var permissionFix: String {
        guard mayLoad else { return capabilityFix }
        return ProcFile.isFiltered
            ? "A seccomp filter is in force: choose a profile that lets bpf() through, in a pod seccompProfile: {type: Unconfined}."
            : "A policy of this kernel forbids it; allow BPF tracing programs."
    }

    private static var kernelRelease: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static var typeInformation: Finding {
        let readable = access(typeInformationPath, R_OK) == 0
        return Finding(
            name: "type information (BTF)", found: readable ? typeInformationPath : "\(typeInformationPath): \(errorText(errno))",
            fix: readable ? nil : typeInformationFix)
    }

    private static var capabilities: Finding {
        let may = mayLoad
        return Finding(
            name: "capabilities", found: may ? "sufficient to load the probe" : "neither CAP_SYS_ADMIN nor CAP_BPF with CAP_PERFMON",
            fix: may ? nil : capabilityFix)
    }

    private static var lockdown: Finding {
        // The mode in force is the one in brackets: "none [integrity] confidentiality".
        guard let bytes = ProcFile.read("/sys/kernel/security/lockdown") else {
            return Finding(name: "lockdown", found: "not readable, so probably not in force", fix: nil)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let mode = text.split(separator: "[").last.flatMap { $0.split(separator: "]").first }.map(String.init) ?? text
        return Finding(
            name: "lockdown", found: mode,
            fix: mode == "confidentiality" ? "Boot without lockdown=confidentiality: it forbids reading kernel memory." : nil)
    }

    private static var ringBuffer: Finding {
        let result = saker_probe_ring_buffer_works()
        return Finding(
            name: "ring buffer", found: result == 0 ? "works" : "refused: \(errorText(result))",
            fix: result == 0 ? nil : [EPERM, EACCES].contains(-result) ? permissionFix : "Use a kernel of 5.8 or later.")
    }
}

/// Loads one program alone: the only way to know what a kernel takes.
enum ProgramTrial {
    static func state(of program: ProbeProgram) throws(CaptureError) -> ProgramStatus.State {
        let probe = try ProbeHandle()
        try probe.set(CaptureSettings(environmentNames: ["PATH"], ringBytes: 4096))
        let refused = probe.load([program])
        return refused == 0 ? .active : Refusal.state(errno: refused, log: probe.lastWords)
    }
}
