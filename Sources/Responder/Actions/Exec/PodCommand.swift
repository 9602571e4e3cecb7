// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// What the actions share that run a command in the pod.
enum PodCommand {
    private static let timeout: Int64 = 20
    private static let kept = 16 * 1024

    static let parameters = [
        ActionParameter("container", .text, "The container; that of the alert when left out, or else the pod's default or first one"),
        ActionParameter("timeout_seconds", .wholeNumber(least: 1), "Seconds that the command may take; 20 when left out"),
        ActionParameter("limit_bytes", .wholeNumber(least: 1), "Bytes of output that are taken; 1048576 when left out"),
    ]
    static let permissions: [ActionCard.Permission] = [.init("pods", ["get", "list"]), .init("pods/exec", ["get", "create"])]

    /// Reads the pod, and objects where no command can run.
    static func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: nil), pod: pod)
        preparation.request = request
        guard pod.phase == .running else {
            preparation.objection = .failed(
                Failure(code: "notRunning", message: "\(pod.target.sentence) is \(pod.phase.rawValue), so no command can run in it"))
            return preparation
        }
        let name = container(of: pod, request)
        if !pod.names.contains(name) {
            let known = pod.names.sorted().joined(separator: ", ")
            preparation.objection = .failed(
                Failure(code: "container", message: "\(pod.target.sentence) has no container '\(name)'; it has \(known)"))
        }
        return preparation
    }

    /// How much longer than other acts a command may take.
    static func patience(_ parameters: [String: JSONValue]) -> Duration {
        .seconds(max(0, min(600, parameters["timeout_seconds"]?.int ?? timeout) - 10))
    }

    /// Why this text cannot be run about this alert: another language than the shell's would read the alert's texts as its own.
    static func objection(to text: String, _ request: ActionRequest) -> Outcome? {
        guard let reader = ShellCommand(text, AlertTokens(request)).reader else { return nil }
        let message = "'\(reader)' would read what stands in the alert as its own language, so tokens cannot be used beside it; "
            + "give it the text in another way, such as a file that the shell writes"
        return .failed(Failure(code: "config", message: message))
    }

    /// The container that is meant.
    static func container(of pod: Pod, _ request: ActionRequest) -> String {
        let own = request.alert.subject.container.flatMap { id in pod.containerStatuses.first { $0.id == id }?.name }
        return request.step.parameters["container"]?.string ?? own
            ?? pod.metadata.annotations["kubectl.kubernetes.io/default-container"] ?? pod.containers.first?.name ?? ""
    }

    static func command(
        _ words: [String], input: [UInt8]? = nil, in pod: Pod, _ request: ActionRequest, bytes: Int64 = 1 << 20
    ) -> ExecCommand {
        let parameters = request.step.parameters
        return ExecCommand(
            container: container(of: pod, request), words, input: input,
            outputLimit: Int(clamping: parameters["limit_bytes"]?.int ?? bytes),
            timeout: .seconds(parameters["timeout_seconds"]?.int ?? timeout))
    }

    /// Runs a command in the very pod that was judged; nil when another has its name now.
    static func run(_ command: ExecCommand, _ target: TargetObject, _ kube: any Kube) async throws(KubeError) -> ExecResult? {
        guard let reference = target.pod, try await TargetPod.same(target, kube) != nil else { return nil }
        return try await kube.exec(in: reference, command)
    }

    static func reborn(_ target: TargetObject) -> Outcome {
        .refused(Refusal(.identity, "\(target.sentence) was replaced before the command could run in it; nothing was run"))
    }

    /// The outcome of a command whose output is what a person reads.
    static func outcome(_ result: ExecResult, _ command: ExecCommand, on target: TargetObject, remarks: [String]) -> Outcome {
        let place = "container \(command.container) of \(target.sentence)"
        let errors = plain(result.stderr.suffix(4096))
        switch result.end {
        case .exited(0):
            var facts: [String: JSONValue] = ["container": .string(command.container), "exit_code": 0]
            facts["stdout"] = .string(plain(result.stdout.prefix(kept)))
            facts["stderr"] = .string(errors)
            if result.stdout.count > kept { facts["left_out_bytes"] = .int(Int64(result.stdout.count - kept)) }
            let said = plain(result.stdout.prefix(1024)).trimmed
            let rest = remarks.map { "; " + $0 }.joined()
            return .done(Proof((said.isEmpty ? "the command ran in \(place) and said nothing" : said) + rest, readBack: facts))
        case .exited(let code):
            // It ran, so it counts as an act.
            return .failed(Failure(code: Failure.incomplete, message: "the command ended with \(code) in \(place): \(errors.trimmed)"))
        case .refused(let why):
            return .failed(Failure(code: "refused", message: "the command did not begin in \(place): \(why)"))
        case .cut:
            return .unknown(
                check: "the command said more than \(command.outputLimit) bytes and was left; whether it goes on in \(place) is not known")
        case .timedOut:
            return .unknown(check: "no end within \(command.timeout), and the command was left; look whether it goes on in \(place)")
        }
    }

    /// Text without terminals' control sequences.
    static func plain(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self).replacing(/\u{1B}\[[0-9;?]*[ -\/]*[@-~]/, with: "")
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}

extension Pod {
    /// The names of its containers, ephemeral and init ones too.
    var names: Set<String> { Set(containers.map(\.name) + containerStatuses.map(\.name)) }
}
