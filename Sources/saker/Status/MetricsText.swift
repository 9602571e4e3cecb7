// SPDX-License-Identifier: Apache-2.0

/// The figures in Prometheus's text format 0.0.4.
enum MetricsText {
    /// One family of series.
    private struct Family {
        enum Kind: String { case counter, gauge }

        let name: String
        let kind: Kind
        let help: String
        let series: [(labels: [(String, String)], value: String)]

        var text: String {
            let lines = series.map { series in
                let labels = series.labels.map { "\($0.0)=\"\(MetricsText.escaped($0.1))\"" }.joined(separator: ",")
                return "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(series.value)\n"
            }
            return series.isEmpty ? "" : "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + lines.joined()
        }
    }

    /// All of it, ending with a line's end.
    static func text(_ status: Status) -> String {
        (process(status) + events(status) + programs(status) + rules(status) + tables(status) + delivery(status) + falco(status))
            .map(\.text).joined()
    }

    private static func process(_ status: Status) -> [Family] {
        let figures = status.process
        let start = Double(status.time - status.uptime) / 1e9
        return [
            gauge("saker_info", "What runs.", [([("version", status.version), ("hostname", status.hostname)], "1")]),
            gauge("process_start_time_seconds", "When this process began, in seconds since 1970.", start),
            counter("process_cpu_seconds_total", "Processor time of this process.", figures.cpuSeconds),
            gauge("process_resident_memory_bytes", "Memory in use.", figures.residentBytes),
            gauge("process_virtual_memory_bytes", "Address space in use.", figures.virtualBytes),
            gauge("process_open_fds", "Open file descriptors.", figures.openFiles),
            gauge("process_threads", "Threads.", figures.threads),
        ]
    }

    private static func events(_ status: Status) -> [Family] {
        [
            counter(
                "saker_events_total", "Events that the kernel told, by kind.", status.kinds.map { ([("kind", $0.kind)], "\($0.events)") }),
            counter(
                "saker_kept_back_total", "Events that no rule can match, kept back by the kernel since the probe was last attached.",
                status.kinds.map { ([("kind", $0.kind)], "\($0.keptBack)") }),
            counter(
                "saker_drops_total", "Events that the probe could not tell, or not all of; lost says which.",
                status.drops.map {
                    ([("reason", $0.reason), ("kind", $0.kind ?? "unknown"), ("lost", "\($0.isLost)")], "\($0.events)")
                }),
            gauge("saker_floods", "Processes and cgroups that were held back for telling more than their share.", status.floods.count),
            counter("saker_undecoded_records_total", "Records that no event could be read from.", status.undecoded),
        ]
    }

    private static func programs(_ status: Status) -> [Family] {
        let running = status.programs.filter { $0.state == "active" }
        return [
            gauge(
                "saker_program_active", "1 where an eBPF program runs.",
                status.programs.map { ([("program", $0.program), ("state", $0.state)], $0.state == "active" ? "1" : "0") }),
            gauge(
                "saker_program_counting", "1 while the kernel counts runs and time: only while somebody asks, and where it lets us.",
                status.programTrouble == nil ? 1 : 0),
            counter(
                "saker_program_cpu_seconds_total", "Processor time of an eBPF program, while it was counted.",
                running.map { ([("program", $0.program)], "\($0.seconds)") }),
            counter(
                "saker_program_runs_total", "Runs of an eBPF program, while they were counted.",
                running.map { ([("program", $0.program)], "\($0.runs)") }),
            counter(
                "saker_program_missed_total", "Runs that the kernel skipped because the program was running already.",
                running.map { ([("program", $0.program)], "\($0.missed)") }),
        ]
    }

    private static func rules(_ status: Status) -> [Family] {
        [
            counter(
                "saker_rule_matches_total", "Events that a rule matched.",
                status.rules.map { ([("rule", $0.rule), ("priority", $0.priority), ("source", $0.source)], "\($0.matches)") }),
            counter(
                "saker_rule_cpu_seconds_total", "Processor time of a rule, estimated from samples: see saker_rule_samples_total.",
                status.rules.map { ([("rule", $0.rule)], "\($0.seconds)") }),
            counter(
                "saker_rule_sampled_walks_total", "Sampled events for which a rule's condition was walked.",
                status.rules.map { ([("rule", $0.rule)], "\($0.walks)") }),
            counter(
                "saker_rule_narrowing_cpu_seconds_total",
                "Processor time of finding out which rules may hold, estimated from samples.", status.sampling.narrowingSeconds),
            counter("saker_rule_samples_total", "Events whose rules were timed one by one.", status.sampling.samples),
            gauge("saker_rule_events_per_sample", "Of how many events one is sampled, on average.", status.sampling.eventsPerSample),
            counter("saker_matches_total", "Matches of all rules.", status.matches),
            counter("saker_reloads_total", "Rule sets that took the place of another.", status.reloads),
        ]
    }

    private static func tables(_ status: Status) -> [Family] {
        let waiting = status.waiting
        return [
            gauge("saker_waiting_events", "Events that wait for what is known of their container.", waiting.events),
            gauge("saker_waiting_containers", "Containers whose events wait.", waiting.containers),
            counter("saker_waited_events_total", "Events that waited.", waiting.waited),
            counter(
                "saker_judged_unknown_total", "Events judged without their container's metadata.",
                [
                    ([("reason", "not_told_in_time")], "\(waiting.judgedTooEarly)"),
                    ([("reason", "too_many_waited")], "\(waiting.judgedWithoutRoom)"),
                ]),
            gauge("saker_processes", "Processes in the table.", status.tables.processes),
            gauge("saker_containers", "Containers in the table.", status.tables.containers),
            counter("saker_processes_incomplete_total", "Processes known from an event alone.", status.tables.incomplete),
            counter("saker_processes_evicted_total", "Processes dropped because the table was full.", status.tables.evictions),
        ]
    }

    private static func delivery(_ status: Status) -> [Family] {
        let outlets = status.outlets.flatMap { outlet in
            [("sent", outlet.sent), ("failed", outlet.failed), ("dropped", outlet.dropped)].map { result, count in
                ([("outlet", outlet.outlet), ("result", result)], "\(count)")
            }
        }
        return [
            counter("saker_alerts_total", "Alerts by outlet, and what became of them.", outlets),
            counter(
                "saker_alerts_lost_total", "Alerts that did not get further, by reason.",
                status.losses.map { ([("reason", $0.reason)], "\($0.count)") }),
        ]
    }

    /// The names that dashboards made for Falco look for, where we mean the same by them.
    private static func falco(_ status: Status) -> [Family] {
        let lost = status.drops.filter(\.isLost).reduce(0) { $0 + $1.events }
        return [
            counter("falcosecurity_scap_n_evts_total", "As saker_events_total.", status.events),
            counter("falcosecurity_scap_n_drops_total", "As saker_drops_total where lost.", lost),
            counter(
                "falcosecurity_falco_rules_matches_total", "As saker_rule_matches_total.",
                status.rules.filter { $0.matches > 0 }.map {
                    ([("priority", $0.priority), ("rule_name", $0.rule), ("source", $0.source)], "\($0.matches)")
                }),
            gauge("falcosecurity_falco_memory_rss_bytes", "As process_resident_memory_bytes.", status.process.residentBytes),
            gauge("falcosecurity_falco_memory_vsz_bytes", "As process_virtual_memory_bytes.", status.process.virtualBytes),
            counter("falcosecurity_falco_duration_seconds_total", "Seconds since the start.", Double(status.uptime) / 1e9),
        ]
    }

    private static func counter(_ name: String, _ help: String, _ series: [([(String, String)], String)]) -> Family {
        Family(name: name, kind: .counter, help: help, series: series)
    }

    private static func gauge(_ name: String, _ help: String, _ series: [([(String, String)], String)]) -> Family {
        Family(name: name, kind: .gauge, help: help, series: series)
    }

    private static func counter(_ name: String, _ help: String, _ value: some Numeric) -> Family { counter(name, help, [([], "\(value)")]) }

    private static func gauge(_ name: String, _ help: String, _ value: some Numeric) -> Family { gauge(name, help, [([], "\(value)")]) }

    static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            case _: String(character)
            }
        }.joined()
    }
}
