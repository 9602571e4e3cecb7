// SPDX-License-Identifier: Apache-2.0
import AWSClient
import Actions
import Console
import Foundation
import Glibc
import KubeClient
import Records
import ResponseLanguage
import RuleLanguage
import SourceText
import Transport

/// Turns the configuration's paths into what they stand for; findings go to standard error, and an error throws them all.
enum Loading {
    /// Throws a `UserError` with all findings when anything is wrong, and then nothing is loaded.
    static func rules(_ configuration: Configuration) throws -> RuleSet {
        let files = try SourceFiles.read(all: configuration.rules)
        let result = RuleLoader.load(files, minimumPriority: configuration.minimumPriority)
        return try checked(result.ruleSet, result.diagnostics, files)
    }

    /// Throws a `UserError` with all findings when anything is wrong, and then nothing is loaded.
    static func playbooks(_ configuration: Configuration) throws -> PlaybookSet {
        let files = try SourceFiles.read(all: configuration.responses)
        let result = PlaybookLoader.load(files, cards: ActionCatalogue().cards)
        return try checked(result.playbooks, result.diagnostics, files)
    }

    /// Who may send alerts. Throws a `UserError` with all findings when anything is wrong, or nobody is named.
    static func senders(_ configuration: Configuration.Respond) throws -> [SenderEntry] {
        guard !configuration.senders.isEmpty else {
            throw UserError("respond.senders names no file: it says who may send alerts, and without it nobody may")
        }
        let file = try SourceFiles.read(configuration.senders)
        let reader = SendersReader(file)
        return try checked(reader.diagnostics.hasErrors ? nil : reader.entries, reader.diagnostics, [file])
    }

    private static func checked<Loaded>(_ loaded: Loaded?, _ diagnostics: DiagnosticBag, _ files: [SourceFile]) throws -> Loaded {
        let text = diagnostics.rendered(from: files)
        guard let loaded else { throw UserError(text) }
        Terminal.complain(text)
        return loaded
    }

    /// The client of the configured AWS; it asks nobody before its first call. Throws when `AWS_CA_BUNDLE` names no readable file.
    static func cloud(_ configuration: Configuration.AWS) throws(AWSError) -> AWSCloud {
        let settings = AWSSettings(
            region: configuration.region, endpoint: configuration.endpoint, isPathStyle: configuration.pathStyle,
            profile: configuration.profile)
        return try AWSCloud(settings, AWSSurroundings(environment: ProcessInfo.processInfo.environment, now: { Clock.now }))
    }

    /// Where results are kept. Throws when the bucket's name, region or server cannot be used.
    static func results(_ configuration: Configuration, _ cloud: AWSCloud) throws(AWSError) -> any ResultStore & ObjectStore {
        switch ResultsPlace(configuration.results) {
        case .bucket(let bucket, let prefix): return S3ResultStore(try cloud.bucket(bucket), prefix: prefix)
        case .folder, nil: return FolderResultStore(folder: configuration.results)
        }
    }

    /// The client of the configured cluster. Throws a `KubeError` that says what of the connection's description is missing.
    static func cluster(_ configuration: Configuration.Kubernetes) throws(KubeError) -> KubeClient {
        let total = Duration.seconds(configuration.timeoutSeconds)
        return KubeClient(try connection(configuration), limits: HTTPLimits(connect: min(.seconds(5), total), total: total))
    }

    private static func connection(_ configuration: Configuration.Kubernetes) throws(KubeError) -> ClusterConnection {
        let context = configuration.context.isEmpty ? nil : configuration.context
        guard configuration.kubeconfig.isEmpty else {
            return try ClusterConnection.kubeconfig(path: configuration.kubeconfig, context: context)
        }
        do {
            return try ClusterConnection.found(in: ProcessInfo.processInfo.environment, context: context)
        } catch {
            let hint = "saker.yaml can name one as kubernetes.kubeconfig; on a host without a cluster say kubernetes.enabled: false"
            throw KubeError(error.code, "\(error.message) (\(hint))")
        }
    }
}

/// Words for the person who started this program.
enum Terminal {
    /// To standard error, as it is.
    /// A full disk or a reader that is gone must not end the program: the words are lost then.
    static func complain(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// To standard output, as it is and at once. Throws when nobody takes it any more.
    static func show(_ text: String) throws { try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }

    /// How many columns the terminal at standard output has; nil when that is none.
    static var width: Int? { size.map { Int($0.ws_col) } }

    /// How many lines it has.
    static var height: Int? { size.map { Int($0.ws_row) } }

    private static var size: winsize? {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? size : nil
    }

    /// To standard error, as a line of this program.
    static func say(_ text: String) { complain("saker: \(text)\n") }

    /// Says that the work begins, to the service manager too.
    static func sayReady(_ more: String = "") {
        say("ready" + more)
        ServiceManager(environment: ProcessInfo.processInfo.environment)?.tell(.ready)
    }

    /// Tells the service manager that the end has begun.
    static func tellStopping() { ServiceManager(environment: ProcessInfo.processInfo.environment)?.tell(.stopping) }
}
