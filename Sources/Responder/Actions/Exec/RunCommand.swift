// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import KubeClient
public import struct KubeClient.Pod
public import ResponseLanguage

/// `kubernetes:exec`: runs a command in one container of the pod. What it does cannot be known or taken back, so it counts as destructive.
public struct RunCommand: Action {
    /// The action has no state.
    public init() {}

    public var card: ActionCard {
        ActionCard(
            name: "kubernetes:exec", summary: "Runs a shell command in a container of the pod", kind: .destructive, defaultContinue: true,
            parameters: [
                ActionParameter(
                    "command", .text, isRequired: true, "What the shell reads; ${PROC_NAME} and its like are fields, as data"),
                ActionParameter("shell", .text, "The shell in the container; /bin/sh when left out"),
            ] + PodCommand.parameters, permissions: PodCommand.permissions, requiredFields: ["k8s.ns.name", "k8s.pod.name"])
    }

    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        var preparation = try await PodCommand.prepare(request, kube)
        let command = request.step.parameters["command"]?.string ?? ""
        preparation.objection = preparation.objection ?? PodCommand.objection(to: command, request)
        return preparation
    }

    public func patience(_ parameters: [String: JSONValue]) -> Duration { PodCommand.patience(parameters) }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let pod = preparation.pod, let request = preparation.request else { return .skipped(why: "no pod") }
        let parameters = request.step.parameters, target = preparation.act.intention.target
        let shell = ShellCommand(parameters["command"]?.string ?? "", AlertTokens(request))
        // The word behind the text is what the shell calls itself in its errors.
        let words = [parameters["shell"]?.string ?? "/bin/sh", "-c", shell.text] + shell.behind("saker")
        let command = PodCommand.command(words, in: pod, request)
        guard let result = try await PodCommand.run(command, target, kube) else { return PodCommand.reborn(target) }
        return PodCommand.outcome(result, command, on: target, remarks: shell.remarks)
    }
}

extension ShellCommand {
    /// The arguments behind that word; nothing at all where there are none.
    func behind(_ word: String) -> [String] { arguments.isEmpty ? [] : [word] + arguments }

    /// What a person should know of what was handed over.
    var remarks: [String] { cut.map { "\($0) was cut after \(Self.longest) bytes" } }
}
