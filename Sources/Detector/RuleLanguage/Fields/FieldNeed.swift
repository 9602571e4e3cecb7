// SPDX-License-Identifier: Apache-2.0

/// What must be there for a field to have a value.
public enum FieldNeed: String, Sendable, CaseIterable {
    /// Every event has it.
    case event = "any event"
    /// The table of processes, fed by process events.
    case processes = "process events"
    /// Opens of files.
    case opens = "open events"
    /// Calls about sockets.
    case connects = "events with a socket"
    /// Opens, connections, and calls that take or make a descriptor.
    case descriptors = "events with a descriptor"
    /// Opens, program starts, and calls that take flags.
    case flags = "events with flags"
    /// Calls that have the argument.
    case calls = "calls with that argument"
    /// Messages that are sent and received.
    case messages = "send and receive events"
    /// The names of users, of the host or the container.
    case users = "user names"
    /// The path of the process's cgroup.
    case cgroups = "cgroup paths"
    /// What the Kubernetes API says of pods.
    case pods = "the Kubernetes API"
    /// More arguments of syscalls than are read.
    case parameters = "further arguments of syscalls"
    /// Calls that take a path.
    case files = "file events"
    /// What is read from and written to descriptors.
    case data = "data that is read and written"
    /// Which side of a connection every socket is.
    case sockets = "the roles of sockets"
    /// All descriptors that a process has open.
    case descriptorTable = "a table of open descriptors"
    /// Names of hosts for addresses.
    case domains = "domain names"
    /// More facts of a process than are kept.
    case processDetails = "further facts of processes"
    /// Accounting of threads by the kernel.
    case accounting = "accounting of threads"
    /// The entries of users and groups.
    case accounts = "user and group databases"
    /// What the container's runtime knows.
    case runtime = "the container runtime"
    /// A clock that starts with the capture, or the event before.
    case clock = "times between events"
    /// Events that a plugin makes.
    case plugins = "plugin events"
    /// Events of the Kubernetes audit log.
    case auditEvents = "Kubernetes audit events"
    /// Records of CloudTrail.
    case trailRecords = "CloudTrail records"
    /// The dialect keeps the name and gives no value any more.
    case retired = "nothing: retired, has no value"
}
