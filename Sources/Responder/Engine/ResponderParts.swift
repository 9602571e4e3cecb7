// SPDX-License-Identifier: Apache-2.0

public import Actions
public import EventModel
public import Guardrails
internal import Glibc
public import Records
public import ResponseLanguage

/// What a responder stands on; time and the stop file come in here, so that tests decide over them.
public struct ResponderParts: Sendable {
    /// The actions that exist.
    public var catalogue: ActionCatalogue
    /// The cluster.
    public var kube: any Kube
    /// Makes a cluster in which nothing is changed, one for each playbook that is rehearsed.
    public var rehearsalKube: @Sendable () -> any Kube
    /// The history.
    public var journal: Journal
    /// Where results are kept.
    public var results: any ResultStore
    /// Where results of rehearsals would be kept.
    public var rehearsalResults: any ResultStore
    /// Who tells people.
    public var reporter: any ActionReporter
    /// How long an action may take to read, and again to act.
    public var actionLimit: Duration = .seconds(30)
    /// The wall clock.
    public var now: @Sendable () -> Timestamp = ResponderParts.systemTime
    /// Nanoseconds of a clock that nobody sets: limits are counted by it.
    public var steady: @Sendable () -> UInt64 = ResponderParts.steadyTime
    /// What somebody wrote into the stop file, to be told with each refusal.
    public var stopReason: @Sendable (String) -> String = { _ in "" }
    /// Whether there is a file of that path; true also when that could not be found out.
    public var stopFileIsPresent: @Sendable (String) -> Bool = ResponderParts.fileMayExist

    /// Which destinations are sent a notice of each act, and from which priority on.
    public var notices = NoticePolicy()
    package var reached: @Sendable (Failpoint) -> Void = { _ in }

    /// Brings the parts together.
    public init(
        catalogue: ActionCatalogue = ActionCatalogue(), kube: any Kube, rehearsalKube: @escaping @Sendable () -> any Kube,
        journal: Journal, results: any ResultStore, rehearsalResults: any ResultStore, reporter: any ActionReporter
    ) {
        self.catalogue = catalogue
        self.kube = kube
        self.rehearsalKube = rehearsalKube
        self.journal = journal
        self.results = results
        self.rehearsalResults = rehearsalResults
        self.reporter = reporter
    }

    /// The machine's wall clock.
    public static let systemTime: @Sendable () -> Timestamp = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// The machine's clock since it was started, which also goes on while it sleeps.
    public static let steadyTime: @Sendable () -> UInt64 = {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// False only when the file system says that there is no such file.
    public static let fileMayExist: @Sendable (String) -> Bool = { path in
        guard !path.isEmpty else { return false }
        return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }
}

/// What a person decides and may exchange while the responder runs.
public struct ResponsePolicy: Sendable {
    /// The playbooks.
    public var playbooks: PlaybookSet
    /// The limits.
    public var guardrails: GuardrailSettings

    /// Brings both together.
    public init(playbooks: PlaybookSet, guardrails: GuardrailSettings) {
        self.playbooks = playbooks
        self.guardrails = guardrails
        self.guardrails.offenceSeconds = playbooks.longestOffenceSeconds
    }
}
