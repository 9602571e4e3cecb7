// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import Enrichment
import EventModel
import Foundation
import RuleLanguage
import Synchronization

/// A detector on the live kernel whose alerts are counted by the file that they name, and go nowhere else.
enum Watch {
    /// Says `ready`, watches until standard input ends, and prints as JSON what came: alerts of the rule `Bench marker`, how many files
    /// they named, how often the most told one, and what was lost.
    static func run(rules: RuleSet, filtering: KernelFiltering) throws(CaptureError) {
        let told = Mutex<[String: Int]>([:])
        let settings = DetectionLine.Settings(hostname: "bench", matching: .all) { alert in
            guard alert.rule == "Bench marker", case .string(let name)? = alert.fields["fd.name"] else { return }
            told.withLock { $0[name, default: 0] += 1 }
        }
        let detector = try DetectorRun(DetectorRun.Settings(rules: rules, line: settings, filtering: filtering))
        detector.start()
        FileHandle.standardOutput.write(Data("ready\n".utf8))
        while readLine() != nil {}
        let counts = told.withLock { $0 }
        print(
            """
            {"events": \(detector.counters.events.count), "alerts": \(counts.values.reduce(0, +)), "files": \(counts.count), \
            "most": \(counts.values.max() ?? 0), "lost": \(detector.drops.lost)}
            """)
    }
}
