// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import Glibc

/// Whether the kernel offers a kind of hook that the probe can do without; found by attaching a program that does nothing.
public struct HookStatus: Sendable, Hashable {
    /// The kinds that not every kernel offers.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// fentry: a program runs where a kernel function is entered.
        case function = "function entry (fentry)"
        /// LSM: a program is asked where the kernel decides whether something is allowed.
        case security = "security hooks (LSM)"
    }

    /// What came of it.
    public enum State: Sendable, Hashable {
        /// A program was attached.
        case works
        /// A program was attached, but the kernel was not booted with `bpf` among its security modules and never asks it.
        case neverAsked
        /// The kernel refused, with its own word for why.
        case refused(reason: String)
    }

    /// Which hook.
    public var kind: Kind
    /// What came of it.
    public var state: State

    /// Tries a hook on this kernel, with the rights of this thread.
    public init(trying kind: Kind) {
        self.kind = kind
        let result = saker_probe_hook_works(kind.wire)
        if result != 0 {
            state = .refused(reason: errorText(result))
        } else {
            state = kind == .security && Self.isLeftOut(ProcFile.read("/sys/kernel/security/lsm")) ? .neverAsked : .works
        }
    }

    /// Whether a list of the active security modules, such as `lockdown,yama,bpf`, lacks ours; false when it could not be read.
    static func isLeftOut(_ modules: [UInt8]?) -> Bool {
        guard let modules else { return false }
        let names = modules.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\n") }
        return !names.contains { $0.elementsEqual("bpf".utf8) }
    }
}

extension HookStatus.Kind {
    fileprivate var wire: saker_hook {
        switch self {
        case .function: SAKER_HOOK_FUNCTION
        case .security: SAKER_HOOK_SECURITY
        }
    }
}
