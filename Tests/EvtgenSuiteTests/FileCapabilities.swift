// SPDX-License-Identifier: Apache-2.0

/// The capabilities of a program's file, in the notation of cap_from_text(3).
struct FileCapabilities: Equatable {
    var permitted: UInt64 = 0
    var inheritable: UInt64 = 0
    var isEffective = false
    /// Whether anything but all of them was asked for: root then gets no more than these.
    var limitsRoot: Bool { permitted != Self.every || !isEffective }

    private static let every: UInt64 = (1 << UInt64(names.count)) - 1

    /// Clauses such as `all=iep` or `cap_chown,cap_kill+ep`, with blanks between them.
    init(_ text: String) throws {
        for clause in text.split(separator: " ") { try apply(clause) }
    }

    private mutating func apply(_ clause: Substring) throws {
        let list = clause.prefix { !"=+-".contains($0) }
        let named = try list.split(separator: ",").reduce(0) { try $0 | Self.mask(String($1)) }
        let mask = list.isEmpty ? Self.every : named
        var rest = clause.dropFirst(list.count)
        while let sign = rest.first {
            let letters = rest.dropFirst().prefix { !"=+-".contains($0) }
            guard letters.allSatisfy({ "eip".contains($0) }) else { throw SuiteError("capabilities '\(clause)' cannot be read") }
            if sign == "=" {
                permitted &= ~mask
                inheritable &= ~mask
            }
            if letters.contains("p") { permitted = sign == "-" ? permitted & ~mask : permitted | mask }
            if letters.contains("i") { inheritable = sign == "-" ? inheritable & ~mask : inheritable | mask }
            if letters.contains("e") { isEffective = sign != "-" }
            rest = rest.dropFirst(1 + letters.count)
        }
    }

    private static func mask(_ name: String) throws -> UInt64 {
        if name.lowercased() == "all" { return every }
        guard let number = names.firstIndex(of: name.lowercased()) else { throw SuiteError("no capability '\(name)'") }
        return 1 << UInt64(number)
    }

    private static let names = [
        "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable",
        "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot",
        "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease",
        "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read",
        "perfmon", "bpf", "checkpoint_restore",
    ].map { "cap_" + $0 }
}
