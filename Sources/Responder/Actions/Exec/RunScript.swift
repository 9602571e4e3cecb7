// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation
public import KubeClient
public import struct KubeClient.Pod
public import ResponseLanguage

/// `kubernetes:script`: runs a script in one container of the pod. The shell reads it from its input, so no file is left in the container.
public struct RunScript: Action {
    /// The action has no state.
    public init() {}

    private static let longest = 256 * 1024

    public var card: ActionCard {
        ActionCard(
            name: "kubernetes:script", summary: "Runs a shell script in a container of the pod", kind: .destructive, defaultContinue: true,
            parameters: [
                ActionParameter("script", .text, "The script; either this or 'file'"),
                ActionParameter("file", .text, "A file with the script, where Saker runs; 262144 bytes at most"),
                ActionParameter("shell", .text, "The shell in the container; /bin/sh when left out"),
            ] + PodCommand.parameters, permissions: PodCommand.permissions, requiredFields: ["k8s.ns.name", "k8s.pod.name"])
    }

    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        var preparation = try await PodCommand.prepare(request, kube)
        guard preparation.objection == nil else { return preparation }
        switch Self.script(request.step.parameters) {
        case .text(let script): preparation.objection = PodCommand.objection(to: script, request)
        case .wrong(let failure): preparation.objection = .failed(failure)
        }
        return preparation
    }

    public func patience(_ parameters: [String: JSONValue]) -> Duration { PodCommand.patience(parameters) }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let pod = preparation.pod, let request = preparation.request else { return .skipped(why: "no pod") }
        let target = preparation.act.intention.target
        let text: String
        switch Self.script(request.step.parameters) {
        case .text(let script): text = script
        case .wrong(let failure): return .failed(failure)
        }
        let shell = ShellCommand(text, AlertTokens(request))
        // The braces make the shell read all of the script before it begins, so that no command of it can eat the rest of its text.
        let input = Array("{\n\(shell.text)\n} < /dev/null\nexit\n".utf8)
        let words = [request.step.parameters["shell"]?.string ?? "/bin/sh", "-s"] + shell.behind("--")
        let command = PodCommand.command(words, input: input, in: pod, request)
        guard let result = try await PodCommand.run(command, target, kube) else { return PodCommand.reborn(target) }
        return PodCommand.outcome(result, command, on: target, remarks: shell.remarks)
    }

    private enum Source {
        case text(String)
        case wrong(Failure)
    }

    private static func script(_ parameters: [String: JSONValue]) -> Source {
        switch (parameters["script"]?.string, parameters["file"]?.string) {
        case (let script?, nil): return .text(script)
        case (nil, let path?):
            guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: longest + 1), bytes.count <= longest,
                let text = String(validating: bytes, as: UTF8.self)
            else {
                let message = "the script \(path) cannot be read where Saker runs, or is no text of at most \(longest) bytes"
                return .wrong(Failure(code: "config", message: message))
            }
            return .text(text)
        case (_?, _?), (nil, nil): return .wrong(Failure(code: "config", message: "give either 'script' or 'file', and not both"))
        }
    }
}
