// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The names that the bits or values of an argument have, in the order in which the dialect prints them. `number` is what the kernel's
/// ABI has, `told` what the dialect prints as a number, where it is another.
struct FlagNames: Sendable {
    struct Entry: Sendable {
        let name: StaticString
        let number: UInt32
        let told: UInt32

        init(_ name: StaticString, _ number: UInt32, told: UInt32? = nil) {
            self.name = name
            self.number = number
            self.told = told ?? number
        }
    }

    let entries: [Entry]

    init(_ entries: [Entry]) { self.entries = entries }

    init(_ entries: [(StaticString, UInt32)]) { self.entries = entries.map { Entry($0.0, $0.1) } }

    /// The names of all bits that are set; of none, the name of 0 if there is one.
    func writeFlags(_ flags: UInt32, to buffer: ByteBuffer) {
        var left = flags, isFirst = true
        for entry in entries {
            let isTold = entry.number == 0 ? flags == 0 : left & entry.number == entry.number
            guard isTold else { continue }
            left &= ~entry.number
            if !isFirst { buffer.append(UInt8(ascii: "|")) }
            buffer.append(entry.name)
            isFirst = false
        }
    }

    /// The names of a value; a value may have several.
    func writeChoice(_ value: UInt32, to buffer: ByteBuffer) {
        var isFirst = true
        for entry in entries where entry.number == value {
            if !isFirst { buffer.append(UInt8(ascii: "|")) }
            buffer.append(entry.name)
            isFirst = false
        }
    }

    /// The flags as the dialect numbers them; bits without a name are left out.
    func toldFlags(_ flags: UInt32) -> UInt32 {
        entries.reduce(0) { told, entry in
            entry.number != 0 && flags & entry.number == entry.number ? told | entry.told : told
        }
    }

    /// The value as the dialect numbers it; itself when it has no name.
    func toldChoice(_ value: UInt32) -> UInt32 { entries.first { $0.number == value }?.told ?? value }

    /// The bits of a text that `writeFlags` writes; nil for a text with another name in it.
    func flags(_ text: String) -> UInt32? {
        var flags: UInt32 = 0
        for name in text.split(separator: "|") {
            guard let entry = entries.first(where: { ByteView($0.name).string == name }) else { return nil }
            flags |= entry.number
        }
        return flags
    }
}

/// The tables, with the names and numbers of Linux's uapi headers.
extension FlagNames {
    static let clone = FlagNames([
        Entry("CLONE_FILES", 0x400, told: 1), Entry("CLONE_FS", 0x200, told: 2), Entry("CLONE_IO", 0x8000_0000, told: 4),
        Entry("CLONE_NEWIPC", 0x0800_0000, told: 8), Entry("CLONE_NEWNET", 0x4000_0000, told: 0x10),
        Entry("CLONE_NEWNS", 0x20000, told: 0x20), Entry("CLONE_NEWPID", 0x2000_0000, told: 0x40),
        Entry("CLONE_NEWUTS", 0x0400_0000, told: 0x80), Entry("CLONE_PARENT", 0x8000, told: 0x100),
        Entry("CLONE_PARENT_SETTID", 0x100000, told: 0x200), Entry("CLONE_PTRACE", 0x2000, told: 0x400),
        Entry("CLONE_SIGHAND", 0x800, told: 0x800), Entry("CLONE_SYSVSEM", 0x40000, told: 0x1000),
        Entry("CLONE_THREAD", 0x10000, told: 0x2000), Entry("CLONE_UNTRACED", 0x800000, told: 0x4000),
        Entry("CLONE_VM", 0x100, told: 0x8000), Entry("CLONE_NEWUSER", 0x1000_0000, told: 0x100000),
        Entry("CLONE_CHILD_CLEARTID", 0x200000, told: 0x800000), Entry("CLONE_CHILD_SETTID", 0x0100_0000, told: 0x0100_0000),
        Entry("CLONE_SETTLS", 0x80000, told: 0x0200_0000), Entry("CLONE_VFORK", 0x4000, told: 0x0800_0000),
        Entry("CLONE_NEWCGROUP", 0x0200_0000, told: 0x1000_0000),
    ])
    // Of Event.Image.Flags.
    static let executable = FlagNames([
        Entry("EXE_WRITABLE", 1), Entry("EXE_UPPER_LAYER", 2), Entry("EXE_FROM_MEMFD", 8, told: 4), Entry("EXE_LOWER_LAYER", 4, told: 8),
    ])
    static let unlink = FlagNames([("AT_REMOVEDIR", 0x200)])
    static let link = FlagNames([("AT_SYMLINK_FOLLOW", 0x400), ("AT_EMPTY_PATH", 0x1000)])
    static let owner = FlagNames([("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_EMPTY_PATH", 0x1000)])
    // The kernel's numbers, and the dialect's own.
    static let resolve = FlagNames([
        Entry("RESOLVE_BENEATH", 0x08, told: 1), Entry("RESOLVE_IN_ROOT", 0x10, told: 2), Entry("RESOLVE_NO_MAGICLINKS", 0x02, told: 4),
        Entry("RESOLVE_NO_SYMLINKS", 0x04, told: 8), Entry("RESOLVE_NO_XDEV", 0x01, told: 16), Entry("RESOLVE_CACHED", 0x20, told: 32),
    ])
    static let rename = FlagNames([("RENAME_NOREPLACE", 1), ("RENAME_EXCHANGE", 2), ("RENAME_WHITEOUT", 4)])
    static let permissions = FlagNames([
        ("S_IXOTH", 0o1), ("S_IWOTH", 0o2), ("S_IROTH", 0o4), ("S_IXGRP", 0o10), ("S_IWGRP", 0o20), ("S_IRGRP", 0o40),
        ("S_IXUSR", 0o100), ("S_IWUSR", 0o200), ("S_IRUSR", 0o400), ("S_ISVTX", 0o1000), ("S_ISGID", 0o2000), ("S_ISUID", 0o4000),
    ])
    static let node = FlagNames(
        permissions.entries + [
            Entry("S_IFREG", 0o100000), Entry("S_IFCHR", 0o20000), Entry("S_IFBLK", 0o60000), Entry("S_IFIFO", 0o10000),
            Entry("S_IFSOCK", 0o140000),
        ])
    static let mount = FlagNames([
        ("RDONLY", 1 << 0), ("NOSUID", 1 << 1), ("NODEV", 1 << 2), ("NOEXEC", 1 << 3), ("SYNCHRONOUS", 1 << 4), ("REMOUNT", 1 << 5),
        ("MANDLOCK", 1 << 6), ("DIRSYNC", 1 << 7), ("NOATIME", 1 << 10), ("NODIRATIME", 1 << 11), ("BIND", 1 << 12),
        ("MOVE", 1 << 13), ("REC", 1 << 14), ("SILENT", 1 << 15), ("POSIXACL", 1 << 16), ("UNBINDABLE", 1 << 17),
        ("PRIVATE", 1 << 18), ("SLAVE", 1 << 19), ("SHARED", 1 << 20), ("RELATIME", 1 << 21), ("KERNMOUNT", 1 << 22),
        ("I_VERSION", 1 << 23), ("STRICTATIME", 1 << 24), ("LAZYTIME", 1 << 25), ("NOSEC", 1 << 28), ("BORN", 1 << 29),
        ("ACTIVE", 1 << 30), ("NOUSER", 1 << 31),
    ])
    static let unmount = FlagNames([("FORCE", 1), ("DETACH", 2), ("EXPIRE", 4), ("NOFOLLOW", 8)])
    static let copy = FlagNames([Entry("O_CLOEXEC", 0o2000000, told: 1 << 12), Entry("O_NONE", 0)])
    static let made = FlagNames([
        Entry("O_NONBLOCK", 0o4000, told: 1 << 6), Entry("O_CLOEXEC", 0o2000000, told: 1 << 12), Entry("O_NONE", 0),
    ])
    static let memory = FlagNames([("MFD_CLOEXEC", 1), ("MFD_ALLOW_SEALING", 2), ("MFD_HUGETLB", 4)])
    static let protection = FlagNames([
        Entry("PROT_READ", 1), Entry("PROT_WRITE", 2), Entry("PROT_EXEC", 4), Entry("PROT_SEM", 8),
        Entry("PROT_GROWSDOWN", 0x0100_0000, told: 0x10), Entry("PROT_GROWSUP", 0x0200_0000, told: 0x20), Entry("PROT_NONE", 0),
    ])
    static let moduleLoad = FlagNames([
        ("MODULE_INIT_IGNORE_MODVERSIONS", 1), ("MODULE_INIT_IGNORE_VERMAGIC", 2), ("MODULE_INIT_COMPRESSED_FILE", 4),
    ])
    static let moduleUnload = FlagNames([Entry("O_NONBLOCK", 0o4000, told: 1), Entry("O_TRUNC", 0o1000, told: 2)])
    static let processDescriptor = FlagNames([("PIDFD_NONBLOCK", 0o4000)])
    static let ringSetup = FlagNames([
        Entry("IORING_SETUP_IOPOLL", 1), Entry("IORING_SETUP_SQPOLL", 2), Entry("IORING_SETUP_CQSIZE", 8, told: 0x10),
        Entry("IORING_SETUP_CLAMP", 0x10, told: 0x20), Entry("IORING_SETUP_ATTACH_RW", 0x20, told: 0x40),
        Entry("IORING_SETUP_R_DISABLED", 0x40, told: 0x80),
    ])
    static let ringFeatures = FlagNames([
        ("IORING_FEAT_SINGLE_MMAP", 1 << 0), ("IORING_FEAT_NODROP", 1 << 1), ("IORING_FEAT_SUBMIT_STABLE", 1 << 2),
        ("IORING_FEAT_RW_CUR_POS", 1 << 3), ("IORING_FEAT_CUR_PERSONALITY", 1 << 4), ("IORING_FEAT_FAST_POLL", 1 << 5),
        ("IORING_FEAT_POLL_32BITS", 1 << 6), ("IORING_FEAT_SQPOLL_NONFIXED", 1 << 7), ("IORING_FEAT_ENTER_EXT_ARG", 1 << 8),
        ("IORING_FEAT_NATIVE_WORKERS", 1 << 9), ("IORING_FEAT_RSRC_TAGS", 1 << 10),
    ])
}
