// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Finds a user's name: the host's when the container is nil.
public typealias UserNames = @Sendable (_ uid: UInt32, _ container: ContainerID?) -> String?

/// Reads the values of fields out of an event. Nil is the language's null: the field has no value for this event.
///
/// Texts that are put together on the fly are written into buffers that are used again, so a view is good until the next text
/// of its kind is read.
struct FieldReader {
    let hostname: ByteString
    let userNames: UserNames
    /// The name of the file or connection where it must be put together, made at most once an event.
    let name = ByteBuffer(capacity: 8192)
    /// Any other text that is put together.
    let text = ByteBuffer(capacity: 4096)
    /// Where a part of a text is put together.
    let scratch = ByteBuffer(capacity: 4096)
    var hasName = false
    /// The texts of the file that this event opened, once they were asked for.
    let file = FileMemory()
    var fileState = FileMemory.State.nothing
    /// Whether there are texts of the path that the kernel found: it is another, and comparisons are to know both.
    var hasOtherFile = false
    let symlinks: SymlinkReading

    init(hostname: String, symlinks: SymlinkReading = .either, userNames: @escaping UserNames) {
        self.symlinks = symlinks
        self.hostname = ByteString(hostname)
        self.userNames = userNames
    }

    /// Forgets what was made for the event before.
    mutating func begin() {
        hasName = false
        fileState = .nothing
        hasOtherFile = false
    }

    /// The text of a field of type text; for ancestors that of one generation, for arguments one of them.
    mutating func text(_ field: Field, generation: Int32, variable: ByteView, _ event: Event) -> ByteView? {
        switch field {
        case .eventType: eventType(event)
        case .eventDirection: ByteView("<")
        case .eventResult: event.result >= 0 ? ByteView("SUCCESS") : ErrorNames.name(of: -event.result)
        case .eventFlags: flags(event)
        case .eventArgument: parameter(at: Int(generation), event)
        case .eventNamedArgument: parameter(named: ParameterName(index: Int(generation)), event)
        case .eventArguments: allParameters(event)
        case .eventBuffer: buffer(event)
        case .eventEntry: entryTexts(event)
        case .pathName: path(.only, event)
        case .pathRawName: path(.only, isRaw: true, event)
        case .pathSource: path(.source, event)
        case .pathRawSource: path(.source, isRaw: true, event)
        case .pathTarget: path(.target, event)
        case .pathRawTarget: path(.target, isRaw: true, event)
        case .eventSource: ByteView("syscall")
        case .eventHostname: hostname.view
        case .descriptorName: descriptorName(event)
        case .descriptorRawName: fileTexts(event)?.pointee.raw
        case .descriptorRealPath: realPath(event)
        case .descriptorTypeCharacter: descriptorTypeCharacter(event)
        case .descriptorType: descriptorType(event)
        case .descriptorDirectory: descriptorDirectory(event)
        case .descriptorFilename: descriptorFilename(event)
        case .descriptorProtocol: descriptorProtocol(event)
        case .descriptorFamily: descriptorFamily(event)
        case .processName: event.process?.image.name.view ?? event.caller.comm
        case .processExe: event.process?.image.exe.view
        case .processExePath: event.process?.image.exePath.view
        case .processCommandLine: event.process?.image.commandLine.view
        case .processArguments:
            generation < 0 ? event.process?.image.arguments.view : event.process?.image.argument(Int(generation))
        case .processWorkingDirectory: event.process?.cwd.map { workingDirectory($0.view) }
        case .processEnvironment: environment(variable, event)
        case .parentName: event.process?.parent?.image.name.view
        case .parentCommandLine: event.process?.parent?.image.commandLine.view
        case .parentExe: event.process?.parent?.image.exe.view
        case .parentExePath: event.process?.parent?.image.exePath.view
        case .ancestorName: ancestor(of: event, generation)?.image.name.view
        case .ancestorExe: ancestor(of: event, generation)?.image.exe.view
        case .ancestorExePath: ancestor(of: event, generation)?.image.exePath.view
        case .ancestorCommandLine: ancestor(of: event, generation)?.image.commandLine.view
        case .sessionLeaderName: sessionLeader(of: event)?.image.name.view
        case .threadCapEffective: capabilities(event.caller.capEffective)
        case .threadCapPermitted: capabilities(event.caller.capPermitted)
        case .userName: userName(event.caller.euid, event)
        case .userLoginName: userName(event.caller.loginuid, event)
        case .containerID: event.process.map { $0.container?.shortID.view ?? ByteView("host") }
        case .containerName: containerName(event)
        case .containerImageRepository: imageText(event, \.imageRepository, \.imageRepository)
        case .containerImageTag: imageText(event, \.imageTag, \.imageTag)
        case .containerFact: containerText(ContainerFact(index: Int(generation)), variable, event)
        case .podNamespace: pod(event)?.namespace.view
        case .podName: pod(event)?.name.view
        case .podUID: podUID(event)
        case .eventNumber, .eventTime, .eventTimeISO, .eventRawTime, .eventRawTimeSeconds, .eventRawTimeFraction, .eventFailed,
            .eventRace, .eventThroughRing, .eventUnanswered, .eventRawResult, .eventIsOpenRead, .eventIsOpenWrite, .eventIsOpenExec,
            .descriptorNumber, .descriptorIP, .descriptorServerIP, .descriptorClientIP, .descriptorRemoteIP, .descriptorLocalIP,
            .descriptorPort, .descriptorServerPort, .descriptorClientPort, .descriptorRemotePort, .descriptorLocalPort,
            .descriptorNetwork, .descriptorServerNetwork, .descriptorClientNetwork, .descriptorRemoteNetwork,
            .descriptorLocalNetwork, .descriptorConnected,
            .descriptorNameChanged, .processTerminal, .processID, .processParentID, .processVirtualID,
            .processDuration, .processIsGroupLeader, .processIsUpperLayer, .processIsFromMemfd, .processIsWritable, .userID,
            .userLoginID, .groupID, .containerIsPrivileged, .containerSharesHostPID, .containerSharesHostNetwork,
            .containerSharesHostIPC, .containerStart, .containerDuration:
            nil
        }
    }

    private func eventType(_ event: Event) -> ByteView {
        event.kind == .execveat && event.result >= 0 ? EventKind.execve.nameBytes : event.kind.nameBytes
    }

    private func userName(_ uid: UInt32, _ event: Event) -> ByteView {
        guard uid != .max, let found = userNames(uid, event.process?.container?.id) else { return ByteView("<NA>") }
        text.clear()
        text.append(found)
        return text.view
    }

    private func pod(_ event: Event) -> Pod? { event.process?.container?.pod }

    private func containerName(_ event: Event) -> ByteView? {
        guard let process = event.process else { return nil }
        guard let container = process.container else { return ByteView("host") }
        return container.known.facts?.name.view ?? container.pod?.containerName.view
    }

    // The runtime knows what runs; the API server knows what was asked for.
    private func imageText(
        _ event: Event, _ told: KeyPath<ContainerFacts, ByteString>, _ listed: KeyPath<Pod, ByteString>
    ) -> ByteView? {
        guard let known = event.process?.container?.known else { return nil }
        guard let facts = known.facts, !facts.image.view.isEmpty else { return known.listedPod?[keyPath: listed].view }
        return facts[keyPath: told].view
    }

    private func podUID(_ event: Event) -> ByteView? {
        guard let container = event.process?.container, let uid = container.podUID ?? container.pod?.uid else { return nil }
        text.clear()
        text.append(uid.text)
        return text.view
    }
}

extension Event {
    /// The file that this event opened or tried to.
    var openDetail: Open? {
        switch detail {
        case .open(let open): open
        case .exec, .fork, .exit, .connect, .snapshot, .call: nil
        }
    }
}
