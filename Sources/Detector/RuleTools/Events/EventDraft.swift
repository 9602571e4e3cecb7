// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// What is known of an event while its fields are read. Nil is what nobody gave; `made` puts sober defaults there.
struct EventDraft {
    var kind: EventKind
    var number: UInt64 = 1
    var time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
    var result: Int64?
    var hostname = ""

    var file = FileDraft()
    var connection = ConnectionDraft()
    var call = CallDraft()
    /// The process, its parent, and so on.
    var processes = [ProcessDraft()]
    var identity = IdentityDraft()
    var place = PlaceDraft()

    init(kind: EventKind) { self.kind = kind }

    /// The file of an open.
    struct FileDraft {
        var path: String?
        var rawPath: String?
        var realPath: String?
        var directory: String?
        var name: String?
        var isDirectory = false
        var flags: UInt32?
        var reads: Bool?
        var writes: Bool?
        var executes = false
    }

    /// The two ends of a connect.
    struct ConnectionDraft {
        var local: IPAddress?
        var localPort: UInt16 = 0
        var remote: IPAddress?
        var remotePort: UInt16 = 0
        var unixPath: String?
        var family: UInt16?
        var transport: Transport = .tcp
        var descriptor: Int32 = 5
        var succeeds: Bool?
    }

    /// A process of the ancestry.
    struct ProcessDraft {
        var pid: Int32?
        var name: String?
        var exe: String?
        var path: String?
        var commandLine: String?
        var arguments: String?
        var workingDirectory: String?
        var environment: [String: String] = [:]
        var flags: Event.Image.Flags = []
    }

    /// Who the caller is.
    struct IdentityDraft {
        var uid: UInt32?
        var userName: String?
        var loginuid: UInt32?
        var loginName: String?
        var gid: UInt32 = 0
        var terminal: UInt32 = 0
        var virtualPid: Int32?
        var isGroupLeader = true
        var duration: UInt64 = 1_000_000
        var effective: UInt64 = 0
        var permitted: UInt64 = 0
        var sessionLeader: String?
    }

    /// Where the process runs.
    struct PlaceDraft {
        var container: String?
        var containerName: String?
        var repository: String?
        var tag: String?
        var namespace: String?
        var pod: String?
        var podUID: String?
        /// What the container's runtime says, once something of it is told.
        var told: ContainerDescription?

        /// Adds to what the runtime says; it is one that speaks CRI unless told otherwise.
        mutating func tell(_ change: (inout ContainerDescription) -> Void) {
            var description = told ?? ContainerDescription(source: .cri)
            change(&description)
            told = description
        }

        /// True when something is told that only a container of a pod has.
        var hasPod: Bool { [containerName, repository, tag, namespace, pod].contains { $0 != nil } }
    }

    /// What a socket speaks.
    enum Transport: String, CaseIterable {
        case tcp, udp, icmp, raw

        /// The socket's type and the number of the protocol.
        var numbers: (type: UInt16, ipProtocol: UInt16) {
            switch self {
            case .tcp: (1, 6)
            case .udp: (2, 17)
            case .icmp: (2, 1)
            case .raw: (3, 255)
            }
        }
    }

    /// The process that many generations up, made when it is not there yet.
    mutating func process(_ generation: Int, _ change: (inout ProcessDraft) -> Void) {
        while processes.count <= generation { processes.append(ProcessDraft()) }
        change(&processes[generation])
    }
}
