// SPDX-License-Identifier: Apache-2.0
internal import CProbe
public import EventModel
internal import Glibc

/// The probe, loaded and attached: from `init` on the kernel writes records, `run` hands them out.
public final class KernelTap: @unchecked Sendable {
    // Sendable because all stored properties are constants and the handle obeys the rule in ProbeHandle.
    /// What became of each program.
    public let attached: [ProgramStatus]
    let probe: ProbeHandle
    private let drainLimit: Int

    // While records come, the next that does not wake the reader waits for this at most; shorter costs more machine time than it saves.
    private static let timerMilliseconds: Int32 = 2
    // While none come, the first wakes the reader.
    private static let sleepMilliseconds: Int32 = 10

    /// Loads and attaches what the settings ask for. A program that the kernel refuses is left out and told in `attached`; throws when
    /// none can run or the settings cannot be met.
    public init(settings: CaptureSettings) throws(CaptureError) {
        let wanted = ProbeProgram.allCases.filter { $0.isNeeded(for: settings) }
        guard wanted.contains(where: { $0 != .task }) else {
            throw CaptureError(.badSettings, "No kind of kernel event is asked for: load a rule that needs one.")
        }
        let watching = try Self.watchingFunctions(wanted, settings)
        let (probe, states) = if let watching { watching } else { try Self.loaded(wanted, settings) }
        try probe.use(settings.filter)
        var statuses: [ProgramStatus] = []
        for program in ProbeProgram.allCases {
            var state = states[program] ?? .unneeded
            if state == .active, program != .begin, let index = probe.index(of: program) {
                let result = saker_probe_attach(probe.pointer, index)
                if result != 0 { state = Refusal.state(errno: -result, log: probe.lastWords) }
            }
            statuses.append(program.status(state))
        }
        guard statuses.contains(where: { $0.isActive && $0.name != ProbeProgram.task.rawValue }) else {
            throw Refusal.error(.notAttached, statuses, log: probe.lastWords)
        }
        self.probe = probe
        attached = statuses
        drainLimit = max(64, settings.ringBytes / Int(SAKER_RECORD_HEADER))
    }

    /// Hands out each record until `stop`, on the calling thread, which it blocks; the bytes are good until the handler returns.
    /// What is in the ring at `stop` is still handed out. `pause` is called each time that the ring was emptied, every few milliseconds
    /// when nothing happens. Call it once, from a thread of its own.
    public func run(between pause: () -> Void = {}, _ handle: (UnsafeRawBufferPointer) -> Void) {
        var sleeps = false
        while saker_probe_wait(probe.pointer, sleeps ? Self.sleepMilliseconds : Self.timerMilliseconds, sleeps) == 0 {
            sleeps = drain(handle) == 0
            pause()
        }
        _ = drain(handle)
    }

    /// Ends `run`, now or when it is called; from any thread or signal handler.
    public func stop() { saker_probe_wake(probe.pointer) }

    /// What could not be told so far; from any thread.
    public var drops: DropCounts { probe.drops() }

    /// Tells from now on what this filter wants: each event is judged by the former filter or by this one. From any thread, one at a time.
    public func use(_ filter: EventFilter) throws(CaptureError) { try probe.use(filter) }

    /// How many events of each kind the filters kept back so far; from any thread.
    public var filtered: [EventKind: UInt64] { probe.filtered() }

    /// Who told more than its share while the ring was half full; from any thread.
    public var floods: [Flood] { probe.floods() }

    /// What the kernel counted of each program that runs; from any thread.
    public var statistics: [ProgramStatistics] { probe.statistics() }

    // A ring's worth at a time, so that a flood cannot keep `run` from seeing `stop`; says how many there were.
    private func drain(_ handle: (UnsafeRawBufferPointer) -> Void) -> Int {
        var bytes = 0
        var left = drainLimit
        while left > 0, let record = saker_probe_next(probe.pointer, &bytes) {
            handle(UnsafeRawBufferPointer(start: record, count: bytes))
            saker_probe_release(probe.pointer)
            left -= 1
        }
        return drainLimit - left
    }

    // With the calls' own functions watched in place of the begin of all calls; nil where that is not needed or not to be had.
    private static func watchingFunctions(
        _ wanted: [ProbeProgram], _ settings: CaptureSettings
    ) throws(CaptureError) -> (ProbeHandle, [ProbeProgram: ProgramStatus.State])? {
        guard wanted.contains(.enter), settings.watchesFunctions, !saker_functions_are_refused() else { return nil }
        let programs = wanted.map { $0 == .enter ? ProbeProgram.begin : $0 }
        let probe = try ProbeHandle()
        try probe.set(settings)
        guard probe.watch(settings.compared.intersection(settings.kinds)), probe.load(programs) == 0,
            saker_probe_attach_watches(probe.pointer) == 0
        else { return nil }
        try probe.add(settings.environmentNames)
        return (probe, Dictionary(uniqueKeysWithValues: programs.map { ($0, .active) }))
    }

    // All programs at once in the usual case; where one is refused, each is tried alone and those that the kernel takes are loaded.
    private static func loaded(
        _ wanted: [ProbeProgram], _ settings: CaptureSettings
    ) throws(CaptureError) -> (ProbeHandle, [ProbeProgram: ProgramStatus.State]) {
        var states = Dictionary(uniqueKeysWithValues: wanted.map { ($0, ProgramStatus.State.active) })
        var probe = try ProbeHandle()
        try probe.set(settings)
        if probe.load(wanted) != 0 {
            for program in wanted { states[program] = try ProgramTrial.state(of: program) }
            let taken = wanted.filter { states[$0] == .active }
            let statuses = wanted.map { $0.status(states[$0] ?? .unneeded) }
            guard taken.contains(where: { $0 != .task }) else { throw Refusal.error(.notLoaded, statuses, log: probe.lastWords) }
            probe = try ProbeHandle()
            try probe.set(settings)
            let refused = probe.load(taken)
            guard refused == 0 else { throw Refusal.error(.notLoaded, statuses, log: probe.lastWords) }
        }
        try probe.add(settings.environmentNames)
        return (probe, states)
    }
}
