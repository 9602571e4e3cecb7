// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The fields that are numbers, booleans and addresses.
extension FieldReader {
    /// The value of a field of type integer, port, duration or time; of `fd.port` the remote one.
    func number(_ field: Field, _ event: Event) -> Int64? {
        switch field {
        case .eventNumber: Int64(clamping: event.number)
        case .eventTime, .eventTimeISO, .eventRawTime: Int64(clamping: event.time.nanoseconds)
        case .eventRawTimeSeconds: Int64(event.time.nanoseconds / 1_000_000_000)
        case .eventRawTimeFraction: Int64(event.time.nanoseconds % 1_000_000_000)
        case .eventRawResult: event.result
        case .descriptorNumber: descriptorNumber(event)
        case .descriptorPort, .descriptorRemotePort: ports(event)?.remote
        case .descriptorLocalPort: ports(event)?.local
        case .descriptorServerPort: ports(event).map { event.isServerSide ? $0.local : $0.remote }
        case .descriptorClientPort: ports(event).map { event.isServerSide ? $0.remote : $0.local }
        case .processTerminal: Int64(event.caller.tty)
        case .processID: Int64(event.caller.pid)
        case .processParentID: Int64(event.caller.ppid)
        case .processVirtualID: Int64(event.caller.vpid)
        case .processDuration: event.bootTime < event.caller.startTime ? 0 : Int64(event.bootTime - event.caller.startTime)
        case .userID: Int64(event.caller.euid)
        case .userLoginID: event.caller.loginuid == .max ? -1 : Int64(event.caller.loginuid)
        case .groupID: Int64(event.caller.egid)
        case .containerStart: containerStart(event)
        case .containerDuration: containerDuration(event)
        case .eventType, .eventDirection, .eventFailed, .eventResult, .eventFlags, .eventArgument, .eventNamedArgument, .eventArguments,
            .eventBuffer, .eventRace, .eventThroughRing,
            .eventUnanswered, .eventEntry, .pathName, .pathRawName, .pathSource, .pathRawSource, .pathTarget,
            .pathRawTarget, .eventSource, .eventHostname, .eventIsOpenRead,
            .eventIsOpenWrite, .eventIsOpenExec, .descriptorName, .descriptorRawName, .descriptorRealPath, .descriptorTypeCharacter,
            .descriptorType, .descriptorDirectory, .descriptorFilename, .descriptorIP, .descriptorServerIP, .descriptorClientIP,
            .descriptorRemoteIP, .descriptorLocalIP, .descriptorNetwork, .descriptorServerNetwork, .descriptorClientNetwork,
            .descriptorRemoteNetwork, .descriptorLocalNetwork, .descriptorProtocol, .descriptorFamily, .descriptorConnected,
            .descriptorNameChanged,
            .processName, .processExe, .processExePath, .processCommandLine, .processArguments, .processWorkingDirectory,
            .processEnvironment, .processIsGroupLeader, .processIsUpperLayer, .processIsFromMemfd, .processIsWritable,
            .parentName, .parentCommandLine, .parentExe, .parentExePath, .ancestorName, .ancestorExe, .ancestorExePath,
            .ancestorCommandLine, .sessionLeaderName, .threadCapEffective, .threadCapPermitted, .userName, .userLoginName,
            .containerID, .containerName, .containerImageRepository, .containerImageTag, .containerFact, .containerIsPrivileged,
            .containerSharesHostPID, .containerSharesHostNetwork, .containerSharesHostIPC, .podNamespace, .podName, .podUID:
            nil
        }
    }

    /// The value of a field of type boolean.
    func flag(_ field: Field, _ event: Event) -> Bool? {
        switch field {
        case .eventFailed: event.result < 0
        case .eventRace: event.marks.contains(.raced)
        case .eventThroughRing: event.marks.contains(.throughRing)
        case .eventUnanswered: event.marks.contains(.unanswered)
        case .eventIsOpenRead: event.mayOpen { $0.flags & 3 == 0 || $0.flags & 3 == 2 }
        case .eventIsOpenWrite: event.mayOpen { $0.flags & 3 == 1 || $0.flags & 3 == 2 }
        case .eventIsOpenExec: event.opensExecutable
        case .descriptorConnected: connected(event)
        case .descriptorNameChanged: event.kind.carriesDatagrams ? event.marks.contains(.newPeer) : false
        case .processIsGroupLeader: event.caller.vpid == event.caller.vpgid
        case .processIsUpperLayer: event.process?.image.flags.contains(.upperLayer)
        case .processIsFromMemfd: event.process?.image.flags.contains(.fromMemfd)
        case .processIsWritable: event.process?.image.flags.contains(.writable)
        case .containerIsPrivileged: event.process?.container?.known.facts?.description.isPrivileged
        case .containerSharesHostPID: event.process?.container?.known.facts?.description.sharesHostPID
        case .containerSharesHostNetwork: event.process?.container?.known.facts?.description.sharesHostNetwork
        case .containerSharesHostIPC: event.process?.container?.known.facts?.description.sharesHostIPC
        case .eventNumber, .eventTime, .eventTimeISO, .eventRawTime, .eventRawTimeSeconds, .eventRawTimeFraction, .eventType,
            .eventDirection, .eventRawResult, .eventResult, .eventFlags, .eventArgument, .eventNamedArgument, .eventArguments, .eventBuffer,
            .eventEntry, .pathName, .pathRawName, .pathSource, .pathRawSource, .pathTarget, .pathRawTarget, .eventSource,
            .eventHostname, .descriptorName, .descriptorRawName, .descriptorRealPath, .descriptorNumber, .descriptorTypeCharacter,
            .descriptorType,
            .descriptorDirectory, .descriptorFilename, .descriptorIP, .descriptorServerIP, .descriptorClientIP,
            .descriptorRemoteIP, .descriptorLocalIP, .descriptorPort, .descriptorServerPort, .descriptorClientPort,
            .descriptorRemotePort, .descriptorLocalPort, .descriptorNetwork, .descriptorServerNetwork, .descriptorClientNetwork,
            .descriptorRemoteNetwork, .descriptorLocalNetwork, .descriptorProtocol, .descriptorFamily, .processName, .processExe,
            .processExePath, .processCommandLine, .processArguments, .processWorkingDirectory, .processTerminal,
            .processEnvironment, .processID, .processParentID, .processVirtualID, .processDuration, .parentName,
            .parentCommandLine, .parentExe, .parentExePath, .ancestorName, .ancestorExe, .ancestorExePath, .ancestorCommandLine,
            .sessionLeaderName, .threadCapEffective, .threadCapPermitted, .userID, .userName, .userLoginID, .userLoginName,
            .groupID, .containerID, .containerName, .containerImageRepository, .containerImageTag, .containerFact, .containerStart,
            .containerDuration, .podNamespace, .podName, .podUID:
            nil
        }
    }

    /// Both ports of a connection; nil when it is none between addresses.
    func ports(_ event: Event) -> (local: Int64, remote: Int64)? {
        guard let connect = event.connectDetail, SocketFamily(connect.family).isIP else { return nil }
        return (Int64(connect.localPort), Int64(connect.remotePort))
    }

    private func descriptorNumber(_ event: Event) -> Int64? {
        switch event.detail {
        case .open: event.result < 0 ? -1 : event.result
        case .connect(let connect): Int64(connect.descriptor)
        case .call: event.descriptorNumber
        case .exec, .fork, .exit, .snapshot: nil
        }
    }

    // 115 is EINPROGRESS: a connect without blocking that is under way.
    private func connected(_ event: Event) -> Bool? {
        switch event.detail {
        case .open: event.result < 0 ? nil : false
        case .connect: event.result == 0 || event.result == -115
        case .call: event.descriptorDetail.map { $0.remote != nil }
        case .exec, .fork, .exit, .snapshot: nil
        }
    }
}

extension Event {
    /// False for what is no open; a creat is none here, as in the dialect.
    func mayOpen(_ accepts: (Open) -> Bool) -> Bool {
        guard kind != .creat, let open = openDetail else { return false }
        return accepts(open)
    }

    /// True for an open that may create, or a creat, with a permission to execute.
    var opensExecutable: Bool { openDetail?.createsExecutable(kind) ?? false }
}

extension Event.Open {
    func createsExecutable(_ kind: EventKind) -> Bool {
        mode & 0o111 != 0 && (kind == .creat || OpenFlags.creates(flags))
    }
}

/// Which side of a connection a field of type address, network or port is about.
enum ConnectionSide {
    case local, remote, client, server, either

    /// Allocates: it is asked when a program is made, not when one runs.
    init(of field: Field) {
        let client: [Field] = [.descriptorClientIP, .descriptorClientNetwork, .descriptorClientPort]
        let server: [Field] = [.descriptorServerIP, .descriptorServerNetwork, .descriptorServerPort]
        let local: [Field] = [.descriptorLocalIP, .descriptorLocalNetwork]
        let either: [Field] = [.descriptorIP, .descriptorNetwork, .descriptorPort]
        self =
            client.contains(field)
            ? .client : server.contains(field) ? .server : local.contains(field) ? .local : either.contains(field) ? .either : .remote
    }

    /// The address at that side of a connection; of either, the remote one.
    func address(_ connect: Event.Connect, isServer: Bool) -> IPAddress? {
        switch self {
        case .local: connect.local
        case .remote, .either: connect.remote
        case .client: isServer ? connect.remote : connect.local
        case .server: isServer ? connect.local : connect.remote
        }
    }
}
