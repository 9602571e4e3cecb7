// SPDX-License-Identifier: Apache-2.0

/// What each field is. The check of conditions, the listing for users and the rendering of alerts read it from here.
public enum FieldTable {
    /// All fields, by family.
    public static let all: [FieldFacts] = events + descriptors + processes + ancestors + identities + containers

    static let facts = Dictionary(uniqueKeysWithValues: all.map { ($0.field, $0) })

    private static let events: [FieldFacts] = [
        FieldFacts(.eventNumber, .integer, "counts events from 1"),
        FieldFacts(.eventTime, .time, "when it happened, printed as the UTC time of day"),
        FieldFacts(.eventTimeISO, .time, "when it happened, printed as RFC 3339"),
        FieldFacts(.eventType, .text, "the name of the syscall; a successful execveat is called execve"),
        FieldFacts(.eventRawResult, .integer, "what the syscall returned"),
        FieldFacts(.eventResult, .text, "SUCCESS, or the name of the error, such as ENOENT"),
        FieldFacts(.eventIsOpenRead, .boolean, "true for an open that may read"),
        FieldFacts(.eventIsOpenWrite, .boolean, "true for an open that may write"),
        FieldFacts(.eventIsOpenExec, .boolean, "true for an open or creat that makes an executable file"),
        FieldFacts(.eventFlags, .text, "the flags of an open or of a program image, such as O_CREAT|O_WRONLY or EXE_UPPER_LAYER"),
        FieldFacts(.eventSource, .text, "where the event comes from: syscall"),
        FieldFacts(.eventHostname, .text, "the host that saw the event"),
    ]

    private static let descriptors: [FieldFacts] = [
        FieldFacts(.descriptorName, .text, "the file's own path, the connection as from->to, or the path of a UNIX socket"),
        FieldFacts(.descriptorRawName, .text, "the path as the process gave it"),
        FieldFacts(.descriptorNumber, .integer, "the descriptor; -1 when an open failed"),
        FieldFacts(.descriptorTypeCharacter, .text, "f file, d directory, 4 IPv4, 6 IPv6, u UNIX socket, n netlink, o other"),
        FieldFacts(.descriptorType, .text, "file, directory, ipv4, ipv6, unix, netlink or other"),
        FieldFacts(.descriptorDirectory, .text, "the path without its last component"),
        FieldFacts(.descriptorFilename, .text, "the last component of the path"),
        FieldFacts(.descriptorIP, .address, "either address of the connection"),
        FieldFacts(.descriptorServerIP, .address, "the server's address"),
        FieldFacts(.descriptorClientIP, .address, "the client's address"),
        FieldFacts(.descriptorRemoteIP, .address, "the other side's address"),
        FieldFacts(.descriptorLocalIP, .address, "this side's address"),
        FieldFacts(.descriptorPort, .port, "either port of the connection"),
        FieldFacts(.descriptorServerPort, .port, "the server's port"),
        FieldFacts(.descriptorClientPort, .port, "the client's port"),
        FieldFacts(.descriptorRemotePort, .port, "the other side's port"),
        FieldFacts(.descriptorLocalPort, .port, "this side's port"),
        FieldFacts(.descriptorNetwork, .network, "either address, compared with networks"),
        FieldFacts(.descriptorServerNetwork, .network, "the server's address, compared with networks"),
        FieldFacts(.descriptorClientNetwork, .network, "the client's address, compared with networks"),
        FieldFacts(.descriptorRemoteNetwork, .network, "the other side's address, compared with networks"),
        FieldFacts(.descriptorLocalNetwork, .network, "this side's address, compared with networks"),
        FieldFacts(.descriptorProtocol, .text, "tcp, udp, icmp or raw"),
        FieldFacts(.descriptorFamily, .text, "ip or unix"),
        FieldFacts(.descriptorConnected, .boolean, "true when the connect succeeded or is under way"),
    ]

    private static let processes: [FieldFacts] = [
        FieldFacts(.processName, .text, "the program's name, up to 15 bytes"),
        FieldFacts(.processExe, .text, "the first argument, which is the program by convention"),
        FieldFacts(.processExePath, .text, "the path of the program's file"),
        FieldFacts(.processCommandLine, .text, "the name and the arguments, joined with blanks"),
        FieldFacts(.processArguments, .text, "the arguments without the first, joined with blanks"),
        FieldFacts(.processWorkingDirectory, .text, "the working directory, with a / at its end"),
        FieldFacts(.processTerminal, .integer, "the device number of the terminal; 0 for none"),
        FieldFacts(.processEnvironment, .text, "an environment variable of the program", argument: .variable),
        FieldFacts(.processID, .integer, "the process id on the host"),
        FieldFacts(.processParentID, .integer, "the parent's process id on the host"),
        FieldFacts(.processVirtualID, .integer, "the process id in its own pid namespace"),
        FieldFacts(.processDuration, .duration, "how long the process has run"),
        FieldFacts(.processIsGroupLeader, .boolean, "true for the leader of a process group"),
        FieldFacts(.processIsUpperLayer, .boolean, "true when the program is not from the container's image"),
        FieldFacts(.processIsFromMemfd, .boolean, "true when the program is a memfd"),
        FieldFacts(.processIsWritable, .boolean, "true when the caller may write the program's file"),
    ]

    private static let ancestors: [FieldFacts] = [
        FieldFacts(.parentName, .text, "the parent's proc.name"),
        FieldFacts(.parentCommandLine, .text, "the parent's proc.cmdline"),
        FieldFacts(.parentExe, .text, "the parent's proc.exe"),
        FieldFacts(.parentExePath, .text, "the parent's proc.exepath"),
        FieldFacts(.ancestorName, .text, "an ancestor's proc.name", argument: .generations),
        FieldFacts(.ancestorExe, .text, "an ancestor's proc.exe", argument: .generations),
        FieldFacts(.ancestorExePath, .text, "an ancestor's proc.exepath", argument: .generations),
        FieldFacts(.ancestorCommandLine, .text, "an ancestor's proc.cmdline", argument: .generations),
        FieldFacts(.sessionLeaderName, .text, "the proc.name of the session's leader"),
    ]

    private static let identities: [FieldFacts] = [
        FieldFacts(.threadCapEffective, .text, "the effective capabilities, such as CAP_CHOWN CAP_SYS_ADMIN"),
        FieldFacts(.threadCapPermitted, .text, "the permitted capabilities"),
        FieldFacts(.userID, .integer, "the effective user id"),
        FieldFacts(.userName, .text, "the effective user's name; <NA> when unknown"),
        FieldFacts(.userLoginID, .integer, "the id of the user who logged in; -1 for none"),
        FieldFacts(.userLoginName, .text, "the name of the user who logged in; <NA> when unknown"),
        FieldFacts(.groupID, .integer, "the effective group id"),
    ]

    private static let containers: [FieldFacts] = [
        FieldFacts(.containerID, .text, "the first 12 digits of the container's id; host for none"),
        FieldFacts(.containerName, .text, "the container's name; host for none"),
        FieldFacts(.containerImageRepository, .text, "the image's name without tag and digest"),
        FieldFacts(.containerImageTag, .text, "the image's tag"),
        FieldFacts(.podNamespace, .text, "the pod's namespace"),
        FieldFacts(.podName, .text, "the pod's name"),
        FieldFacts(.podUID, .text, "the pod's metadata.uid"),
    ]
}
