// SPDX-License-Identifier: Apache-2.0

/// The larger tables: one of several numbers has a name.
extension FlagNames {
    static let families = FlagNames([
        ("AF_NFC", 39), ("AF_ALG", 38), ("AF_CAIF", 37), ("AF_IEEE802154", 36), ("AF_PHONET", 35), ("AF_ISDN", 34),
        ("AF_RXRPC", 33), ("AF_IUCV", 32), ("AF_BLUETOOTH", 31), ("AF_TIPC", 30), ("AF_CAN", 29), ("AF_LLC", 26),
        ("AF_WANPIPE", 25), ("AF_PPPOX", 24), ("AF_IRDA", 23), ("AF_SNA", 22), ("AF_RDS", 21), ("AF_ATMSVC", 20),
        ("AF_ECONET", 19), ("AF_ASH", 18), ("AF_PACKET", 17), ("AF_ROUTE", 16), ("AF_NETLINK", 16), ("AF_KEY", 15),
        ("AF_SECURITY", 14), ("AF_NETBEUI", 13), ("AF_DECnet", 12), ("AF_ROSE", 11), ("AF_INET6", 10), ("AF_X25", 9),
        ("AF_ATMPVC", 8), ("AF_BRIDGE", 7), ("AF_NETROM", 6), ("AF_APPLETALK", 5), ("AF_IPX", 4), ("AF_AX25", 3), ("AF_INET", 2),
        ("AF_LOCAL", 1), ("AF_UNIX", 1), ("AF_UNSPEC", 0),
    ])
    static let tracing = FlagNames([
        Entry("PTRACE_SINGLEBLOCK", 33, told: 38), Entry("PTRACE_SYSEMU_SINGLESTEP", 32, told: 37),
        Entry("PTRACE_SYSEMU", 31, told: 36), Entry("PTRACE_ARCH_PRCTL", 30, told: 35),
        Entry("PTRACE_SET_THREAD_AREA", 26, told: 34), Entry("PTRACE_GET_THREAD_AREA", 25, told: 33),
        Entry("PTRACE_OLDSETOPTIONS", 21, told: 32), Entry("PTRACE_SETFPXREGS", 19, told: 31),
        Entry("PTRACE_GETFPXREGS", 18, told: 30), Entry("PTRACE_SETFPREGS", 15, told: 29),
        Entry("PTRACE_GETFPREGS", 14, told: 28), Entry("PTRACE_SETREGS", 13, told: 27), Entry("PTRACE_GETREGS", 12, told: 26),
        Entry("PTRACE_SETSIGMASK", 0x420b, told: 25), Entry("PTRACE_GETSIGMASK", 0x420a, told: 24),
        Entry("PTRACE_PEEKSIGINFO", 0x4209, told: 23), Entry("PTRACE_LISTEN", 0x4208, told: 22),
        Entry("PTRACE_INTERRUPT", 0x4207, told: 21), Entry("PTRACE_SEIZE", 0x4206, told: 20),
        Entry("PTRACE_SETREGSET", 0x4205, told: 19), Entry("PTRACE_GETREGSET", 0x4204, told: 18),
        Entry("PTRACE_SETSIGINFO", 0x4203, told: 17), Entry("PTRACE_GETSIGINFO", 0x4202, told: 16),
        Entry("PTRACE_GETEVENTMSG", 0x4201, told: 15), Entry("PTRACE_SETOPTIONS", 0x4200, told: 14),
        Entry("PTRACE_SYSCALL", 24, told: 13), Entry("PTRACE_DETACH", 17, told: 12), Entry("PTRACE_ATTACH", 16, told: 11),
        Entry("PTRACE_SINGLESTEP", 9, told: 10), Entry("PTRACE_KILL", 8, told: 9), Entry("PTRACE_CONT", 7, told: 8),
        Entry("PTRACE_POKEUSR", 6, told: 7), Entry("PTRACE_POKEDATA", 5, told: 6), Entry("PTRACE_POKETEXT", 4, told: 5),
        Entry("PTRACE_PEEKUSR", 3, told: 4), Entry("PTRACE_PEEKDATA", 2, told: 3), Entry("PTRACE_PEEKTEXT", 1, told: 2),
        Entry("PTRACE_TRACEME", 0, told: 1),
    ])
    static let process = FlagNames([
        ("PR_GET_DUMPABLE", 3), ("PR_SET_DUMPABLE", 4), ("PR_GET_KEEPCAPS", 7), ("PR_SET_KEEPCAPS", 8), ("PR_SET_NAME", 15),
        ("PR_GET_NAME", 16), ("PR_GET_SECCOMP", 21), ("PR_SET_SECCOMP", 22), ("PR_CAPBSET_READ", 23), ("PR_CAPBSET_DROP", 24),
        ("PR_GET_SECUREBITS", 27), ("PR_SET_SECUREBITS", 28), ("PR_MCE_KILL", 33), ("PR_SET_MM", 35),
        ("PR_SET_CHILD_SUBREAPER", 36), ("PR_GET_CHILD_SUBREAPER", 37), ("PR_SET_NO_NEW_PRIVS", 38), ("PR_GET_NO_NEW_PRIVS", 39),
        ("PR_GET_TID_ADDRESS", 40), ("PR_SET_THP_DISABLE", 41), ("PR_GET_THP_DISABLE", 42), ("PR_CAP_AMBIENT", 47),
    ])
    static let bpf = FlagNames([
        ("BPF_MAP_CREATE", 0), ("BPF_MAP_LOOKUP_ELEM", 1), ("BPF_MAP_UPDATE_ELEM", 2), ("BPF_MAP_DELETE_ELEM", 3),
        ("BPF_MAP_GET_NEXT_KEY", 4), ("BPF_PROG_LOAD", 5), ("BPF_OBJ_PIN", 6), ("BPF_OBJ_GET", 7), ("BPF_PROG_ATTACH", 8),
        ("BPF_PROG_DETACH", 9), ("BPF_PROG_TEST_RUN", 10), ("BPF_PROG_RUN", 10), ("BPF_PROG_GET_NEXT_ID", 11),
        ("BPF_MAP_GET_NEXT_ID", 12), ("BPF_PROG_GET_FD_BY_ID", 13), ("BPF_MAP_GET_FD_BY_ID", 14), ("BPF_OBJ_GET_INFO_BY_FD", 15),
        ("BPF_PROG_QUERY", 16), ("BPF_RAW_TRACEPOINT_OPEN", 17), ("BPF_BTF_LOAD", 18), ("BPF_BTF_GET_FD_BY_ID", 19),
        ("BPF_TASK_FD_QUERY", 20), ("BPF_MAP_LOOKUP_AND_DELETE_ELEM", 21), ("BPF_MAP_FREEZE", 22), ("BPF_BTF_GET_NEXT_ID", 23),
        ("BPF_MAP_LOOKUP_BATCH", 24), ("BPF_MAP_LOOKUP_AND_DELETE_BATCH", 25), ("BPF_MAP_UPDATE_BATCH", 26),
        ("BPF_MAP_DELETE_BATCH", 27), ("BPF_LINK_CREATE", 28), ("BPF_LINK_UPDATE", 29), ("BPF_LINK_GET_FD_BY_ID", 30),
        ("BPF_LINK_GET_NEXT_ID", 31), ("BPF_ENABLE_STATS", 32), ("BPF_ITER_CREATE", 33), ("BPF_LINK_DETACH", 34),
        ("BPF_PROG_BIND_MAP", 35),
    ])
}
