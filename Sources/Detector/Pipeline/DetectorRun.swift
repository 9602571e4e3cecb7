// SPDX-License-Identifier: Apache-2.0

public import Capture
public import Enrichment
public import EventModel
internal import Foundation
internal import Glibc
public import RuleLanguage
internal import Synchronization

/// A detector on the live kernel, from start to stop, on one thread of its own.
///
/// The probe is attached first, then the running processes are read from /proc, and only then the ring: what happens meanwhile
/// waits in the ring, so that no process slips through between the two. A process that both tell of is told the same twice; of one
/// that ended between the two, the events tell its name and no more.
public final class DetectorRun: Sendable {
    /// What a run is made of.
    public struct Settings: Sendable {
        /// The rules to begin with.
        public var rules: RuleSet
        /// What the line is told.
        public var line: DetectionLine.Settings
        /// Whom pods are asked of; nil when there is no cluster.
        public var pods: PodDirectory?
        /// Whom the runtimes' word on containers is asked of; nil for nobody.
        public var metadata: MetadataDirectory?
        /// The ring's size in bytes.
        public var ringBytes: Int
        /// How many processes the table holds at most.
        public var processLimit: Int
        /// What the kernel keeps back because no rule can match it.
        public var filtering: KernelFiltering

        /// Brings the parts together.
        public init(
            rules: RuleSet, line: DetectionLine.Settings, pods: PodDirectory? = nil, metadata: MetadataDirectory? = nil,
            ringBytes: Int = 8 << 20, processLimit: Int = 65_536, filtering: KernelFiltering = .on
        ) {
            self.rules = rules
            self.line = line
            self.pods = pods
            self.metadata = metadata
            self.ringBytes = ringBytes
            self.processLimit = processLimit
            self.filtering = filtering
        }
    }

    /// What the detector did so far.
    public let counters = DetectorCounters()

    private let settings: Settings
    private let mailbox: Mailbox
    // Wire records of the running processes, until the thread takes them.
    private let snapshot: Mutex<[[UInt8]]>

    /// Attaches the probe, so that events wait in the ring from here on, and reads the running processes. Throws when the kernel
    /// cannot be tapped.
    public init(_ settings: Settings) throws(CaptureError) {
        self.settings = settings
        let needs = TapNeeds(settings.rules, settings.line, settings.filtering)
        mailbox = Mailbox(tap: try needs.tap(ringBytes: settings.ringBytes), needs: needs)
        snapshot = Mutex(mailbox.tap.runningProcesses(environmentNames: settings.rules.environmentNames))
    }

    /// What became of each of the probe's programs.
    public var programs: [ProgramStatus] { mailbox.tap.attached }

    /// What the probe could not tell since it was last attached.
    public var drops: DropCounts { mailbox.tap.drops }

    /// How many events of each kind the kernel kept back since the probe was last attached, because no rule can match them.
    public var filtered: [EventKind: UInt64] { mailbox.tap.filtered }

    /// What the kernel counted of each of the probe's programs since it was last attached.
    public var statistics: [ProgramStatistics] { mailbox.tap.statistics }

    /// Who told more than its share since the probe was last attached, and was held back.
    public var floods: [Flood] { mailbox.tap.floods }

    /// Starts the detection thread. Call it once.
    public func start() {
        let thread = Thread { [self] in
            Self.distinguishThread()
            work()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Gives the calling thread its name, and a place before others that want the processor: whoever keeps it busy would otherwise have
    /// records lost. On a machine with six threads for two processors, 200,000 opens a second lost a thousand in three seconds; so, none.
    private static func distinguishThread() {
        // What Foundation calls a thread, the kernel does not know.
        try? Data("saker-detect".utf8).write(to: URL(fileURLWithPath: "/proc/thread-self/comm"))
        // Of the calling thread alone, on Linux. Without CAP_SYS_NICE it stays as it is.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -10)
    }

    /// Matches with other rules from the next event on. Throws, with the former rules still in use, when the new ones need
    /// something of the kernel that it refuses.
    ///
    /// When they need events or variables that the attached probe does not tell, a second probe is attached before the first is
    /// given up: up to one moment events are taken from the first, from it on from the second, so that none is missed. Where the same
    /// probe goes on, it tells everything until that moment has come, and then what the new rules could match.
    public func use(_ rules: RuleSet) throws(CaptureError) {
        let needs = TapNeeds(rules, settings.line, settings.filtering)
        if mailbox.needs.cover(needs) {
            try mailbox.tap.use(EventFilter())
            mailbox.put(rules)
            try mailbox.tap.use(needs.filter)
        } else {
            mailbox.put(rules, try needs.tap(ringBytes: settings.ringBytes), needs)
        }
    }

    /// Ends the run: what is in the ring is still matched. From any thread; returns at once.
    public func stop() { mailbox.stop() }

    /// Waits until the detection thread has matched all that was left after `stop`.
    public func ended() async { await mailbox.ended() }

    private func work() {
        var line = DetectionLine(
            rules: settings.rules, decoder: WireDecoder(wallClockOffset: WireDecoder.currentOffset()),
            processes: ProcessTable(
                limit: settings.processLimit, pods: settings.pods, metadata: settings.metadata, asksKernel: true,
                counters: counters.processes),
            settings: settings.line, counters: counters)
        for record in takeSnapshot() { record.withUnsafeBytes { line.handle($0) } }
        var tap: KernelTap? = mailbox.tap
        var begin: UInt64 = 0
        while let current = tap {
            current.run(between: { line.pause() }) { record in
                let time = WireDecoder.bootTime(of: record)
                if time >= mailbox.rulesBegin, let rules = mailbox.takeRules() { line.use(rules) }
                if time >= begin, time < mailbox.end { line.handle(record) }
            }
            (tap, begin) = mailbox.takeTap()
        }
        line.finish()
        mailbox.finish()
    }

    private func takeSnapshot() -> [[UInt8]] {
        snapshot.withLock { snapshot in
            defer { snapshot = [] }
            return snapshot
        }
    }
}
