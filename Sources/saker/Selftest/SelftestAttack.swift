// SPDX-License-Identifier: Apache-2.0

/// The attacks and evasions of the self-test, by the names that CAttacks has for them, each with a rule that must see it.
enum SelftestAttack: String, CaseIterable, Sendable {
    case symlink
    case relative
    case directory
    case root
    case openat2
    case race
    case compat
    case renamed
    case ringOpen = "ring-open"
    case ringConnect = "ring-connect"
    case memfd
    case execveat
    case longArguments = "long-arguments"
    case deepChain = "deep-chain"

    /// What is tried.
    var title: String {
        switch self {
        case .symlink: "reads a file through a symbolic link to it"
        case .relative: "reads a file by a path with .. from below it"
        case .directory: "reads a file by its name and a descriptor of its folder"
        case .root: "reads a file through /proc/self/root"
        case .openat2: "reads a file with openat2"
        case .race: "reads a file whose path another thread changes during the call"
        case .compat: "reads a file with a 32-bit call"
        case .renamed: "reads a file under the name of a kernel thread"
        case .ringOpen: "reads a file through io_uring"
        case .ringConnect: "connects through io_uring"
        case .memfd: "executes a program that has no file"
        case .execveat: "executes a program by its descriptor, under another name"
        case .longArguments: "executes a program with an argument of 128 KiB"
        case .deepChain: "executes a program twelve processes below the one it is judged by"
        }
    }

    /// The condition of its rule.
    func condition(_ place: Place) -> String {
        let executed = "evt.type in (execve, execveat) and evt.rawres >= 0 and "
        let read = "evt.type in (open, openat, openat2) and evt.rawres >= 0 and fd.name = \(place.folder)/secret-\(rawValue)"
        return switch self {
        case .symlink, .relative, .directory, .root, .openat2, .race, .compat, .ringOpen: read
        case .renamed: read + " and proc.exepath = \(place.folder)/program-renamed"
        case .ringConnect: "evt.type = connect and fd.sport = \(place.port) and fd.sip = 127.0.0.1"
        case .memfd: executed + "proc.is_exe_from_memfd = true and proc.exe = selftest-memfd"
        case .execveat: executed + "proc.exepath = \(place.folder)/program-execveat"
        case .longArguments: executed + "proc.exepath = \(place.folder)/program-long"
        case .deepChain: executed + "proc.exepath = \(place.folder)/chain-last and proc.aname = chain-top"
        }
    }

    /// What its alert says: the call, and what it was made on.
    private var output: String {
        switch self {
        case .symlink, .relative, .directory, .root, .openat2, .race, .compat, .ringOpen, .ringConnect: "%evt.type %fd.name"
        case .renamed: "%evt.type %fd.name by %proc.exepath"
        case .memfd, .execveat, .longArguments, .deepChain: "%evt.type %proc.exepath"
        }
    }

    /// The rule's name in its alerts.
    var rule: String { "Self-test \(rawValue)" }

    /// The rules of all, as a file of Falco's format.
    static func rules(_ place: Place) -> String {
        allCases.map { attack in
            """
            - rule: \(attack.rule)
              desc: Somebody \(attack.title).
              condition: >
                \(attack.condition(place))
              output: "\(attack.output)"
              priority: NOTICE

            """
        }.joined()
    }

    /// Where the attacks are made.
    struct Place: Sendable {
        /// A folder of their own, by its real path.
        var folder: String
        /// A port on loopback that listens.
        var port: UInt16
    }
}
