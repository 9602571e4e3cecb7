// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The words that a step may use for numbers, as x86-64 Linux numbers them.
enum CallWords {
    static let open: [String: Int] = [
        "O_ACCMODE": 0o3, "O_RDONLY": 0, "O_WRONLY": 0o1, "O_RDWR": 0o2, "O_CREAT": 0o100, "O_EXCL": 0o200, "O_NOCTTY": 0o400,
        "O_TRUNC": 0o1000, "O_APPEND": 0o2000, "O_NONBLOCK": 0o4000, "O_NDELAY": 0o4000, "O_DSYNC": 0o10000, "O_ASYNC": 0o20000,
        "O_DIRECT": 0o40000, "O_LARGEFILE": 0, "O_DIRECTORY": 0o200000, "O_NOFOLLOW": 0o400000, "O_NOATIME": 0o1000000,
        "O_CLOEXEC": 0o2000000, "O_SYNC": 0o4010000, "O_FSYNC": 0o4010000, "O_RSYNC": 0o4010000, "O_PATH": 0o10000000,
        "O_TMPFILE": 0o20200000,
    ]
    static let modes: [String: Int] = [
        "S_IRWXU": 0o700, "S_IRUSR": 0o400, "S_IWUSR": 0o200, "S_IXUSR": 0o100, "S_IRWXG": 0o70, "S_IRGRP": 0o40, "S_IWGRP": 0o20,
        "S_IXGRP": 0o10, "S_IRWXO": 0o7, "S_IROTH": 0o4, "S_IWOTH": 0o2, "S_IXOTH": 0o1, "S_ISUID": 0o4000, "S_ISGID": 0o2000,
        "S_ISVTX": 0o1000,
    ]
    static let resolve: [String: Int] = [
        "RESOLVE_NO_XDEV": 0x1, "RESOLVE_NO_MAGICLINKS": 0x2, "RESOLVE_NO_SYMLINKS": 0x4, "RESOLVE_BENEATH": 0x8, "RESOLVE_IN_ROOT": 0x10,
        "RESOLVE_CACHED": 0x20,
    ]
    static let links: [String: Int] = ["AT_SYMLINK_FOLLOW": 0x400, "AT_EMPTY_PATH": 0x1000]
    static let modules: [String: Int] = [
        "MODULE_INIT_IGNORE_MODVERSIONS": 1, "MODULE_INIT_IGNORE_VERMAGIC": 2, "MODULE_INIT_COMPRESSED_FILE": 4,
    ]
    static let domains: [String: Int] = [
        "AF_UNSPEC": 0, "AF_UNIX": 1, "AF_LOCAL": 1, "AF_INET": 2, "AF_AX25": 3, "AF_IPX": 4, "AF_APPLETALK": 5, "AF_NETROM": 6,
        "AF_BRIDGE": 7, "AF_ATMPVC": 8, "AF_X25": 9, "AF_INET6": 10, "AF_ROSE": 11, "AF_DECnet": 12, "AF_NETBEUI": 13, "AF_SECURITY": 14,
        "AF_KEY": 15, "AF_NETLINK": 16, "AF_ROUTE": 16, "AF_PACKET": 17, "AF_ASH": 18, "AF_ECONET": 19, "AF_ATMSVC": 20, "AF_RDS": 21,
        "AF_SNA": 22, "AF_IRDA": 23, "AF_PPPOX": 24, "AF_WANPIPE": 25, "AF_LLC": 26, "AF_IB": 27, "AF_MPLS": 28, "AF_CAN": 29,
        "AF_TIPC": 30, "AF_BLUETOOTH": 31, "AF_IUCV": 32, "AF_RXRPC": 33, "AF_ISDN": 34, "AF_PHONET": 35, "AF_IEEE802154": 36,
        "AF_CAIF": 37, "AF_ALG": 38, "AF_NFC": 39, "AF_VSOCK": 40, "AF_KCM": 41, "AF_QIPCRTR": 42,
        "AF_SMC": 43, "AF_XDP": 44, "AF_MCTP": 45,
    ]
    static let types: [String: Int] = [
        "SOCK_STREAM": 1, "SOCK_DGRAM": 2, "SOCK_RAW": 3, "SOCK_RDM": 4, "SOCK_SEQPACKET": 5, "SOCK_DCCP": 6, "SOCK_PACKET": 10,
    ]
    static let protocols: [String: Int] = [
        "IPPROTO_IP": 0, "IPPROTO_ICMP": 1, "IPPROTO_IGMP": 2, "IPPROTO_IPIP": 4, "IPPROTO_TCP": 6, "IPPROTO_EGP": 8, "IPPROTO_PUP": 12,
        "IPPROTO_UDP": 17, "IPPROTO_IDP": 22, "IPPROTO_TP": 29, "IPPROTO_DCCP": 33, "IPPROTO_IPV6": 41, "IPPROTO_RSVP": 46,
        "IPPROTO_GRE": 47, "IPPROTO_ESP": 50, "IPPROTO_AH": 51, "IPPROTO_MTP": 92, "IPPROTO_BEETPH": 94, "IPPROTO_ENCAP": 98,
        "IPPROTO_PIM": 103, "IPPROTO_COMP": 108, "IPPROTO_L2TP": 115, "IPPROTO_SCTP": 132, "IPPROTO_UDPLITE": 136, "IPPROTO_MPLS": 137,
        "IPPROTO_ETHERNET": 143, "IPPROTO_RAW": 255, "IPPROTO_SMC": 256, "IPPROTO_MPTCP": 262,
    ]
    static let sends: [String: Int] = [
        "MSG_CONFIRM": 0x800, "MSG_DONTROUTE": 0x4, "MSG_DONTWAIT": 0x40, "MSG_EOR": 0x80, "MSG_MORE": 0x8000, "MSG_NOSIGNAL": 0x4000,
        "MSG_OOB": 0x1,
    ]
    static let signals: [String: Int] = [
        "SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGILL": 4, "SIGTRAP": 5, "SIGABRT": 6, "SIGIOT": 6, "SIGBUS": 7, "SIGFPE": 8,
        "SIGKILL": 9,
        "SIGUSR1": 10, "SIGSEGV": 11, "SIGUSR2": 12, "SIGPIPE": 13, "SIGALRM": 14, "SIGTERM": 15, "SIGSTKFLT": 16, "SIGCHLD": 17,
        "SIGCLD": 17, "SIGCONT": 18, "SIGSTOP": 19, "SIGTSTP": 20, "SIGTTIN": 21, "SIGTTOU": 22, "SIGURG": 23, "SIGXCPU": 24, "SIGXFSZ": 25,
        "SIGVTALRM": 26, "SIGPROF": 27, "SIGWINCH": 28, "SIGIO": 29, "SIGPOLL": 29, "SIGPWR": 30, "SIGSYS": 31,
    ]
}
