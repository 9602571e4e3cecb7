// SPDX-License-Identifier: Apache-2.0

/// The fields of the event itself.
enum EventFields {
    private static let everywhere = Set(EventSource.allCases)

    /// Those that events of each source have.
    static let general: [FieldFacts] = [
        FieldFacts(.eventNumber, .integer, "counts events from 1", .event, sources: everywhere),
        FieldFacts(.eventTime, .time, "when it happened, printed as the UTC time of day", .event, sources: everywhere),
        FieldFacts("evt.time.s", .text, "the time of day, in whole seconds", .clock, sources: everywhere),
        FieldFacts(.eventTimeISO, .time, "when it happened, printed as RFC 3339", .event, sources: everywhere),
        FieldFacts("evt.datetime", .text, "date and time of day", .clock, sources: everywhere),
        FieldFacts("evt.datetime.s", .text, "date and time of day, in whole seconds", .clock, sources: everywhere),
        FieldFacts(.eventRawTime, .time, "when it happened, in nanoseconds since 1970", .event, sources: everywhere),
        FieldFacts(.eventRawTimeSeconds, .time, "when it happened, in whole seconds since 1970", .event, sources: everywhere),
        FieldFacts(.eventRawTimeFraction, .time, "the nanoseconds of that second", .event, sources: everywhere),
        FieldFacts("evt.reltime", .duration, "time since the capture began", .clock, sources: everywhere),
        FieldFacts("evt.reltime.s", .duration, "the same, in whole seconds", .clock, sources: everywhere),
        FieldFacts("evt.reltime.ns", .duration, "the nanoseconds of that second", .clock, sources: everywhere),
        FieldFacts("evt.pluginname", .text, "the plugin that made the event", .plugins, sources: everywhere),
        FieldFacts("evt.plugininfo", .text, "the event in one line, as its plugin puts it", .plugins, sources: everywhere),
        FieldFacts(.eventSource, .text, "where the event comes from: syscall", .event, sources: everywhere),
        FieldFacts("evt.is_async", .boolean, "true for an event that a plugin put in between", .plugins, sources: everywhere),
        FieldFacts("evt.asynctype", .text, "what such an event is called", .plugins, sources: everywhere),
        FieldFacts(.eventHostname, .text, "the host that saw the event", .event, sources: everywhere),
    ]

    /// Those of syscalls.
    static let syscalls: [FieldFacts] = [
        FieldFacts(.eventType, .text, "the name of the syscall; a successful execveat is called execve", .event),
        FieldFacts(.eventDirection, .text, "always <, since events are reported when a syscall returns", .event, limits: .deprecated),
        FieldFacts("evt.category", .text, "what the syscall is about, such as file, net or process", .parameters),
        FieldFacts("evt.cpu", .integer, "the processor that it ran on", .parameters),
        FieldFacts(.eventArguments, .text, "all arguments of the syscall, as name=value", .calls),
        FieldFacts(
            .eventArgument, .text, "an argument by its place; by name it is evt.arg.NAME", .calls, argument: .index, isRequired: true),
        FieldFacts("evt.info", .text, "the same as evt.args", .parameters),
        FieldFacts(.eventBuffer, .bytes, "the first 80 bytes that were sent or received", .messages),
        FieldFacts("evt.buflen", .integer, "how many bytes were read or written", .data),
        FieldFacts("evt.buflen.in", .integer, "how many bytes were read", .data),
        FieldFacts("evt.buflen.out", .integer, "how many bytes were written", .data),
        FieldFacts("evt.buflen.file", .integer, "how many bytes were read or written on files", .data),
        FieldFacts("evt.buflen.file.in", .integer, "how many bytes were read from files", .data),
        FieldFacts("evt.buflen.file.out", .integer, "how many bytes were written to files", .data),
        FieldFacts("evt.buflen.net", .integer, "how many bytes were received or sent", .data),
        FieldFacts("evt.buflen.net.in", .integer, "how many bytes were received", .data),
        FieldFacts("evt.buflen.net.out", .integer, "how many bytes were sent", .data),
        FieldFacts(.eventResult, .text, "SUCCESS, or the name of the error, such as ENOENT", .event),
        FieldFacts(.eventRawResult, .integer, "what the syscall returned", .event),
        FieldFacts(.eventFailed, .boolean, "true when the syscall returned an error", .event),
        FieldFacts(.eventRace, .boolean, "true when a path was changed while the call ran (Saker's own)", .calls),
        FieldFacts(.eventEntry, .text, "of such a call, its paths as they were before (Saker's own)", .calls),
        FieldFacts(.eventThroughRing, .boolean, "true for what was done through io_uring, without a syscall (Saker's own)", .calls),
        FieldFacts(.eventUnanswered, .boolean, "true where io_uring never says how it ended (Saker's own)", .calls),
        FieldFacts(.eventIsOpenRead, .boolean, "true for an open that may read", .opens),
        FieldFacts(.eventIsOpenWrite, .boolean, "true for an open that may write", .opens),
        FieldFacts(.eventIsOpenExec, .boolean, "true for an open or creat that makes an executable file", .opens),
        FieldFacts("evt.is_open_create", .boolean, "true for an open that made the file", .parameters),
        FieldFacts("evt.abspath", .text, "the path of a syscall that takes a directory and a name", .files),
        FieldFacts("evt.abspath.src", .text, "its first path, when it takes two", .files),
        FieldFacts("evt.abspath.dst", .text, "its second path, when it takes two", .files),
        FieldFacts("evt.is_io", .boolean, "true for what reads or writes", .data),
        FieldFacts("evt.is_io_read", .boolean, "true for what reads", .data),
        FieldFacts("evt.is_io_write", .boolean, "true for what writes", .data),
        FieldFacts("evt.io_dir", .text, "r for what reads, w for what writes", .data),
        FieldFacts("evt.is_syslog", .boolean, "true for what writes to /dev/log", .data),
        FieldFacts("evt.is_wait", .boolean, "true for what makes the thread wait", .parameters),
        FieldFacts("evt.outputtime", .text, "the time, in the way that the capture was started with", .clock),
        FieldFacts("evt.deltatime", .duration, "time since the event before", .clock),
        FieldFacts("evt.deltatime.s", .duration, "the same, in whole seconds", .clock),
        FieldFacts("evt.deltatime.ns", .duration, "the nanoseconds of that second", .clock),
    ] + counts + rest

    private static let counts: [FieldFacts] = [
        FieldFacts("evt.count", .integer, "always 1", .parameters),
        FieldFacts("evt.count.error", .integer, "1 for an error", .parameters),
        FieldFacts("evt.count.error.file", .integer, "1 for an error about a file", .parameters),
        FieldFacts("evt.count.error.net", .integer, "1 for an error about the network", .parameters),
        FieldFacts("evt.count.error.memory", .integer, "1 for an error about memory", .parameters),
        FieldFacts("evt.count.error.other", .integer, "1 for any other error", .parameters),
        FieldFacts("evt.count.exit", .integer, "1 for a syscall that returns", .parameters),
        FieldFacts("evt.count.procinfo", .integer, "1 for a report about a process", .accounting),
        FieldFacts("evt.count.threadinfo", .integer, "1 for a report about a thread", .accounting),
    ]

    private static let rest: [FieldFacts] = [
        FieldFacts("evt.latency", .duration, "how long the syscall took", .retired, limits: .deprecated),
        FieldFacts("evt.latency.s", .duration, "the same, in whole seconds", .retired, limits: .deprecated),
        FieldFacts("evt.latency.ns", .duration, "the nanoseconds of that second", .retired, limits: .deprecated),
        FieldFacts("evt.latency.quantized", .integer, "the logarithm of how long it took", .retired, limits: .deprecated),
        FieldFacts("evt.latency.human", .text, "how long it took, with a unit", .retired, limits: .deprecated),
        FieldFacts("evt.wait_latency", .duration, "how long the thread waited", .retired, limits: .deprecated),
        FieldFacts("syscall.type", .text, "the name of the syscall; null for what is none", .parameters),
    ]
}
