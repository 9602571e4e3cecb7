// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// What a refused program means, and what a person can do about it.
enum Refusal {
    static func state(errno: Int32, log: String) -> ProgramStatus.State {
        .refused(reason: reason(errno: errno, log: log), fix: fix(errno: errno))
    }

    static func error(_ code: CaptureError.Code, _ statuses: [ProgramStatus], log: String) -> CaptureError {
        if access(KernelReport.typeInformationPath, R_OK) != 0 {
            return CaptureError(.noTypeInformation, "The kernel has no BTF. " + KernelReport.typeInformationFix, log: log)
        }
        guard KernelReport.mayLoad else {
            return CaptureError(.notPermitted, "The probe may not be loaded. " + KernelReport.capabilityFix, errno: EPERM, log: log)
        }
        let reasons = statuses.compactMap { status -> String? in
            guard case .refused(let reason, let fix) = status.state else { return nil }
            return "\(status.name): \(reason) \(fix)"
        }
        return CaptureError(code, "The kernel takes none of the probe's programs. " + reasons.joined(separator: " "), log: log)
    }

    private static func reason(errno: Int32, log: String) -> String {
        let last = log.split(separator: "\n").last { $0.contains("failed to") || $0.contains("BPF program") } ?? ""
        return "The kernel refused it (\(errorText(errno)))." + (last.isEmpty ? "" : " \(last)")
    }

    private static func fix(errno: Int32) -> String {
        switch errno {
        case EPERM, EACCES: KernelReport.permissionFix
        case ENOMEM: "Free memory, raise the memory limit, or choose a smaller ring."
        default: "Use a kernel of 5.17 or later with BTF, and report this one with the output of `saker doctor`."
        }
    }
}
