// SPDX-License-Identifier: Apache-2.0

/// The fields of the file or socket that an event is about.
enum DescriptorFields {
    static let all = files + connections + eitherSide + paths + lists

    private static let files: [FieldFacts] = [
        FieldFacts(.descriptorNumber, .integer, "the descriptor; -1 when an open failed", .descriptors),
        FieldFacts(.descriptorType, .text, "file, directory, ipv4, ipv6, unix, netlink, pipe, memfd, bpf and so on", .descriptors),
        FieldFacts(.descriptorTypeCharacter, .text, "a letter for fd.type: f, d, 4, 6, u, n, p, m, b and so on; o for other", .descriptors),
        FieldFacts(.descriptorName, .text, "the path asked for, made absolute; from->to of a connection; a UNIX path", .descriptors),
        FieldFacts(.descriptorRawName, .text, "the path as the process gave it", .opens),
        FieldFacts(
            .descriptorRealPath, .text, "the file's own path, links followed; fd.name is compared with both (Saker's)",
            .descriptors),
        FieldFacts(.descriptorDirectory, .text, "the path without its last component", .opens),
        FieldFacts(.descriptorFilename, .text, "the last component of the path", .opens),
        FieldFacts("fd.dev", .integer, "the number of the device that the file is on", .parameters),
        FieldFacts("fd.dev.major", .integer, "the first part of that number", .parameters),
        FieldFacts("fd.dev.minor", .integer, "the second part of that number", .parameters),
        FieldFacts("fd.ino", .integer, "the file's inode number", .parameters),
        FieldFacts("fd.is_upper_layer", .boolean, "true for a file that was made or changed in the container", .parameters),
        FieldFacts("fd.is_lower_layer", .boolean, "true for a file of the container's image", .parameters),
        FieldFacts("fd.uid", .text, "the descriptor's number and the thread's id, as one text", .descriptorTable),
        FieldFacts("fd.containername", .text, "the container's id and fd.name, as one text", .descriptorTable),
        FieldFacts("fd.containerdirectory", .text, "the container's id and fd.directory, as one text", .descriptorTable),
        FieldFacts(.descriptorNameChanged, .boolean, "true when a datagram has another peer than its socket's last", .messages),
        FieldFacts(
            "fd.types", .text, "the types of all open descriptors, or of the one with that number", .descriptorTable, list: true,
            argument: .index, limits: .constantsOnly),
    ]

    private static let hostName: FieldFacts.Limits = [.plain, .equalityOnly]

    private static let connections: [FieldFacts] = [
        FieldFacts(.descriptorClientIP, .address, "the client's address", .connects),
        FieldFacts(.descriptorServerIP, .address, "the server's address", .connects),
        FieldFacts(.descriptorLocalIP, .address, "this side's address", .connects),
        FieldFacts(.descriptorRemoteIP, .address, "the other side's address", .connects),
        FieldFacts(.descriptorClientPort, .port, "the client's port", .connects),
        FieldFacts(.descriptorServerPort, .port, "the server's port", .connects),
        FieldFacts(.descriptorLocalPort, .port, "this side's port", .connects),
        FieldFacts(.descriptorRemotePort, .port, "the other side's port", .connects),
        FieldFacts("fd.cproto", .text, "the name of the client's port, such as https", .domains),
        FieldFacts("fd.sproto", .text, "the name of the server's port", .domains),
        FieldFacts("fd.lproto", .text, "the name of this side's port", .domains),
        FieldFacts("fd.rproto", .text, "the name of the other side's port", .domains),
        FieldFacts("fd.cip.name", .text, "the domain name of the client's address", .domains, limits: hostName),
        FieldFacts("fd.sip.name", .text, "the domain name of the server's address", .domains, limits: hostName),
        FieldFacts("fd.lip.name", .text, "the domain name of this side's address", .domains, limits: hostName),
        FieldFacts("fd.rip.name", .text, "the domain name of the other side's address", .domains, limits: hostName),
        FieldFacts(.descriptorProtocol, .text, "tcp, udp, icmp or raw", .connects),
        FieldFacts(.descriptorFamily, .text, "ip or unix", .connects),
        FieldFacts(.descriptorConnected, .boolean, "true for a connect that succeeded or is under way, and with a peer", .descriptors),
        FieldFacts("fd.is_server", .boolean, "true when the process is the server of the connection", .sockets),
    ]

    private static let eitherSide: [FieldFacts] = [
        FieldFacts(.descriptorIP, .address, "either address of the connection", .connects, limits: .anySide),
        FieldFacts(.descriptorPort, .port, "either port of the connection", .connects, limits: .anySide),
        FieldFacts("fd.proto", .port, "either port of the connection, by its name", .domains, limits: .anySide),
        FieldFacts(.descriptorNetwork, .network, "either address, compared with networks", .connects, limits: .anySide),
        FieldFacts(.descriptorClientNetwork, .network, "the client's address, compared with networks", .connects, limits: .anySide),
        FieldFacts(.descriptorServerNetwork, .network, "the server's address, compared with networks", .connects, limits: .anySide),
        FieldFacts(.descriptorLocalNetwork, .network, "this side's address, compared with networks", .connects, limits: .anySide),
        FieldFacts(.descriptorRemoteNetwork, .network, "the other side's address, compared with networks", .connects, limits: .anySide),
    ]

    private static let paths: [FieldFacts] = [
        FieldFacts(.pathName, .text, "the path that a file syscall is about, absolute", .files),
        FieldFacts(.pathRawName, .text, "that path as the process gave it", .files),
        FieldFacts(.pathSource, .text, "what is moved, copied or linked, absolute", .files),
        FieldFacts(.pathRawSource, .text, "that path as the process gave it", .files),
        FieldFacts(.pathTarget, .text, "where it is moved, copied or linked to, absolute", .files),
        FieldFacts(.pathRawTarget, .text, "that path as the process gave it", .files),
    ]

    private static let lists: [FieldFacts] = [
        FieldFacts("fdlist.nums", .text, "the descriptors that a poll waits for", .descriptorTable),
        FieldFacts("fdlist.names", .text, "their names", .descriptorTable),
        FieldFacts("fdlist.cips", .text, "the client addresses among them", .descriptorTable),
        FieldFacts("fdlist.sips", .text, "the server addresses among them", .descriptorTable),
        FieldFacts("fdlist.cports", .text, "the client ports among them", .descriptorTable),
        FieldFacts("fdlist.sports", .text, "the server ports among them", .descriptorTable),
    ]
}
