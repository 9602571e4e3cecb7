// SPDX-License-Identifier: Apache-2.0

public import Capture
public import Enrichment
public import EventModel
public import EventSources
public import RuleLanguage

/// The walk of one event, from a wire record to alerts: steps 3 to 7. Owned by the detection thread.
public struct DetectionLine: ~Copyable {
    private var decoder: WireDecoder
    private var matcher: RuleMatcher
    private var recorder: FlightRecorder?
    private var order: RuleOrder
    private var sampler = RuleSampler(seed: RuleOrder.monotonic())
    var processes: ProcessTable
    var waiting: WaitingRoom
    /// How many answers about containers had come when it was last looked who need not wait any more.
    var seenAnswers: UInt64 = 0
    let settings: Settings
    let counters: DetectorCounters
    // The event at hand, at one address: it has some 400 bytes, and each function that it went through would make a copy of its own.
    private let current: UnsafeMutablePointer<Event>

    /// What a line is told from outside.
    public struct Settings: Sendable {
        /// The name of the host that alerts carry.
        public var hostname: String
        /// The node's name in the cluster that alerts carry; nil when there is none.
        public var node: NodeName?
        /// Whether one event may raise several alerts.
        public var matching: RuleMatching
        /// Which paths of an opened file comparisons know.
        public var symlinks: SymlinkReading
        /// Answers for the names of users.
        public var users: UserDirectory
        /// Where trace ids come from.
        public var traces: TraceIDSource
        /// What is kept out of alerts.
        public var redaction: Redaction
        /// How many events are measured at a time, to ask each condition's parts in the order that costs least; 0 for none.
        public var measuredEvents: Int
        /// How long an event waits for what is not known of its container yet, in nanoseconds; 0 for not at all.
        public var patience: UInt64
        /// Tells nanoseconds since boot, for these waits.
        public var clock: @Sendable () -> UInt64
        /// Is given each alert; it must not wait.
        public var deliver: @Sendable (Alert) -> Void
        /// How much of what happened before an alert is kept; nil for nothing.
        public var flights: FlightSettings?
        /// Is given what happened before an alert; it must not wait. False when it cannot be kept.
        public var takeFlight: @Sendable (Flight) -> Bool = { _ in false }
        /// Is given the result of each connect of a container; it must not wait. Nil when nobody asks.
        public var observe: (@Sendable (ContainerConnect) -> Void)?

        /// Brings the parts together.
        public init(
            hostname: String, node: NodeName? = nil, matching: RuleMatching = .first, symlinks: SymlinkReading = .either,
            users: UserDirectory = UserDirectory(), traces: TraceIDSource = TraceIDSource(), redaction: Redaction = .standard,
            measuredEvents: Int = 16_384, patience: UInt64 = 0, clock: @escaping @Sendable () -> UInt64 = WireDecoder.bootTime,
            observe: (@Sendable (ContainerConnect) -> Void)? = nil, deliver: @escaping @Sendable (Alert) -> Void
        ) {
            self.hostname = hostname
            self.node = node
            self.matching = matching
            self.symlinks = symlinks
            self.users = users
            self.traces = traces
            self.redaction = redaction
            self.measuredEvents = measuredEvents
            self.patience = patience
            self.clock = clock
            self.observe = observe
            self.deliver = deliver
        }

        func order(_ rules: RuleSet) -> RuleOrder { RuleOrder(of: rules, window: measuredEvents, clock: RuleOrder.monotonic) }

        func matcher(_ rules: RuleSet) -> RuleMatcher {
            RuleMatcher(rules, matching: matching, hostname: hostname, symlinks: symlinks) { [users] uid, container in
                users.name(of: uid, in: container)
            }
        }
    }

    /// Sets the stations up. A recording's decoder carries that recording's clock.
    public init(
        rules: RuleSet, decoder: WireDecoder, processes: consuming ProcessTable, settings: Settings,
        counters: DetectorCounters = DetectorCounters()
    ) {
        self.decoder = decoder
        self.processes = processes
        matcher = settings.matcher(rules)
        recorder = settings.flights.map { FlightRecorder($0) }
        order = settings.order(rules)
        waiting = WaitingRoom(patience: settings.patience)
        self.settings = settings
        self.counters = counters
        current = .allocate(capacity: 1)
        current.initialize(to: Event())
        counters.rules.begin(with: rules)
    }

    deinit {
        current.deinitialize(count: 1)
        current.deallocate()
    }

    /// Takes one wire record through all stations. Its bytes need not outlive the call.
    public mutating func handle(_ record: UnsafeRawBufferPointer) {
        let event = current
        guard decoder.decode(record, into: &event.pointee) == nil else { return counters.undecoded.add() }
        counters.events.add(event.pointee.kind)
        processes.absorb(&event.pointee)
        recorder?.keep(record, event.pointee)
        if settings.observe != nil || event.pointee.kind.family == .exec { notice(event) }
        if processes.isAsking || !waiting.isEmpty, isHeld(event, record) { return }
        judge(at: event)
    }

    /// Tells others what they want to know of an event.
    private func notice(_ event: UnsafePointer<Event>) {
        if case .exec = event.pointee.detail, event.pointee.result >= 0, let process = event.pointee.process {
            settings.users.notice(process)
        }
        if let observe = settings.observe, let connect = ContainerConnect(event.pointee) { observe(connect) }
    }

    /// True when an event was put aside.
    private mutating func isHeld(_ event: UnsafePointer<Event>, _ record: UnsafeRawBufferPointer) -> Bool {
        tick()
        guard let container = event.pointee.process?.container, isUnsettled(container), mustWait(event.pointee, of: container) else {
            return false
        }
        hold(event.pointee, record, of: container)
        return true
    }

    /// Takes an event through the rules, and delivers what they say.
    mutating func judge(at event: UnsafePointer<Event>) {
        // An array without elements is no allocation: only a match makes one.
        var matched: [Rule] = []
        if sampler.isDue() {
            matcher.match(at: event, times: &sampler.times) { rule in matched.append(copy rule) }
            if sampler.isSound() { counters.rules.add(sample: sampler.times, of: matcher.rules) }
        } else if order.costs == nil {
            matcher.match(at: event) { rule in matched.append(copy rule) }
        } else {
            matcher.match(event.pointee, costs: &order.costs!) { rule in matched.append(copy rule) }
        }
        if !matched.isEmpty, event.pointee.marks.contains(.filtered) { counters.filterFaults.add() }
        if event.pointee.marks.contains(.raced) { matched.append(OwnRules.race) }
        for rule in matched {
            counters.matches.add()
            counters.rules.add(match: rule)
            settings.deliver(alert(rule, event.pointee))
        }
        if let ordered = order.count(matcher.rules) { matcher = settings.matcher(ordered) }
    }

    /// The rules in use.
    var rules: RuleSet { matcher.rules }

    /// True when a rule matches the event as it is known now.
    mutating func matches(_ event: Event) -> Bool { matcher.matches(event) }

    /// Decodes a copy of a record that was decoded before, without counting another event.
    func decodeAgain(_ record: ByteString) -> Event? {
        var decoder = decoder
        guard case .success(let event) = decoder.decode(record.view.raw) else { return nil }
        return event
    }

    /// Takes one record as far as matching, and adds to `costs` what that cost: no alert is made.
    mutating func measure(_ record: UnsafeRawBufferPointer, _ costs: inout RuleCosts) {
        guard decoder.decode(record, into: &current.pointee) == nil else { return counters.undecoded.add() }
        counters.events.add(current.pointee.kind)
        processes.absorb(&current.pointee)
        let counters = self.counters
        matcher.match(current.pointee, costs: &costs) { _ in counters.matches.add() }
    }

    /// Renders a match.
    private mutating func alert(_ rule: Rule, _ event: Event) -> Alert {
        let rendered = matcher.render(rule, event, redaction: settings.redaction)
        var alert = Alert(
            trace: settings.traces.next(), time: event.time, rule: rule.name, priority: rule.priority, source: rule.source,
            tags: rule.tags, output: rendered.message, fields: rendered.fields, hostname: settings.hostname,
            node: settings.node, subject: Subject(event))
        let flight = recorder?.flight(to: event, trace: alert.trace, processes, users: settings.users, node: settings.node)
        if let flight, settings.takeFlight(flight) {
            alert.fields["saker.flight"] = .string(flight.name)
        }
        return alert
    }

    /// Matches from the next record on with other rules.
    public mutating func use(_ rules: RuleSet) {
        matcher = settings.matcher(rules)
        order = settings.order(rules)
        counters.rules.begin(with: rules)
        counters.reloads.add()
    }
}

extension Subject {
    /// Whom an event is about. The API's UID goes before the path's, which for a static pod is a hash of its file.
    init(_ event: borrowing Event) {
        let container = event.process?.container
        let pod = container?.pod
        self.init(
            pid: event.caller.pid, container: container?.id, podUID: pod?.uid ?? container?.podUID,
            pod: pod.map { PodName($0.name.string) }, namespace: pod.map { NamespaceName($0.namespace.string) })
    }
}
