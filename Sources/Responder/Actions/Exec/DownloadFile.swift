// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Hashing
public import KubeClient
public import struct KubeClient.Pod
internal import Records
public import ResponseLanguage

/// `kubernetes:download`: reads a file of the container with `cat` and keeps it where the playbook's `output` says.
public struct DownloadFile: Action {
    private let outputs: any Outputs

    /// Keeps in those stores.
    public init(_ outputs: any Outputs) { self.outputs = outputs }

    private static let bytes: Int64 = 16 << 20

    public var card: ActionCard {
        ActionCard(
            name: "kubernetes:download", summary: "Keeps a file of a container; the image must have cat", kind: .observe,
            defaultContinue: true,
            parameters: [
                ActionParameter(
                    "file", .text, isRequired: true, "The file's whole path; ${FD_NAME} and its like stand for fields"),
                PodCommand.parameters[0], PodCommand.parameters[1],
                ActionParameter("limit_bytes", .wholeNumber(least: 1), "Bytes that are kept ; 16777216 when left out"),
            ], permissions: PodCommand.permissions, requiredFields: ["k8s.ns.name", "k8s.pod.name"],
            allowsOutput: true, requiresOutput: true)
    }

    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        var preparation = try await PodCommand.prepare(request, kube)
        let path = Self.path(request)
        if preparation.objection == nil, preparation.pod != nil, !path.hasPrefix("/") {
            preparation.objection = .failed(Failure(code: "config", message: "'\(path)' is no whole path; it must begin with /"))
        }
        return preparation
    }

    public func patience(_ parameters: [String: JSONValue]) -> Duration { PodCommand.patience(parameters) }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let pod = preparation.pod, let request = preparation.request, let output = request.step.output else {
            return .skipped(why: "no pod, or no output")
        }
        let target = preparation.act.intention.target, path = Self.path(request)
        let command = PodCommand.command(["cat", path], in: pod, request, bytes: Self.bytes)
        guard let result = try await PodCommand.run(command, target, kube) else { return PodCommand.reborn(target) }
        switch result.end {
        case .exited(0), .cut: break
        case .exited, .refused, .timedOut: return PodCommand.outcome(result, command, on: target, remarks: [])
        }
        guard try await TargetPod.same(target, kube) != nil else {
            let sentence = "\(target.sentence) was replaced while the file was read; it may be another pod's and was not kept"
            return .refused(Refusal(.identity, sentence))
        }
        let artifact = Artifact(name: path, target: target, alert: request.alert, bytes: result.stdout)
        return await keep(artifact, path, isCut: result.end == .cut, output)
    }

    private func keep(_ artifact: Artifact, _ path: String, isCut: Bool, _ output: PlannedOutput) async -> Outcome {
        do {
            let store = try outputs.store(for: output)
            _ = try await store.keep(artifact.bytes, under: artifact.key, type: "application/octet-stream")
            let place = store.place(of: artifact.key), count = artifact.bytes.count
            let rest = isCut ? "; it is longer, and only its first \(count) bytes were taken" : ""
            return .done(
                Proof(
                    "the file '\(path)' has been downloaded: \(count) bytes are in \(place)\(rest)",
                    readBack: [
                        "file": .string(path), "place": .string(place), "sha256": .string(Hex.text(artifact.hash)),
                        "bytes": .int(Int64(count)), "is_cut": .bool(isCut),
                    ]))
        } catch {
            return .failed(Failure(code: "output", message: "the file was read and could not be kept: \(error)"))
        }
    }

    private static func path(_ request: ActionRequest) -> String {
        AlertTokens(request).filled(request.step.parameters["file"]?.string ?? "")
    }
}
