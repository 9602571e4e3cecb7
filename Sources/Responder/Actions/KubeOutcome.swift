// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import KubeClient

/// What an error of the API server means for an act.
public enum KubeOutcome {
    /// An error met while nothing had been changed yet.
    public static func ofReading(_ error: KubeError) -> Outcome {
        .failed(Failure(code: error.code.rawValue, message: "\(error.message) Nothing was changed."))
    }

    /// An error met while acting: what the server refused did not happen; what it did not answer may have.
    public static func ofActing(_ error: KubeError, on target: TargetObject, _ kube: any KubeReader) async -> Outcome {
        switch error.code {
        case .unauthorized, .forbidden, .tooManyRequests, .disruptionBudget, .alreadyExists, .config, .credential, .gone:
            return .failed(Failure(code: error.code.rawValue, message: error.message))
        // A patch that names another UID is answered as invalid, a delete as a conflict.
        case .conflict, .invalid, .notFound:
            return await lostTarget(target, kube) ?? .failed(Failure(code: error.code.rawValue, message: error.message))
        case .serverError where error.status == 503:
            return .failed(Failure(code: "unavailable", message: error.message))
        case .timeout, .transport, .serverError, .decode, .cancelled:
            guard !error.isKnownUnsent else { return .failed(Failure(code: error.code.rawValue, message: error.message)) }
            return .unknown(check: "\(error.message) It may have happened: look at \(target.sentence).")
        }
    }

    // A precondition that fails, or a name that is gone, mostly means that the pod was replaced between the reading and the act.
    private static func lostTarget(_ target: TargetObject, _ kube: any KubeReader) async -> Outcome? {
        guard target.kind == "Pod", let uid = target.uid else { return nil }
        do throws(KubeError) {
            guard let pod = try await TargetPod.find(target.name, in: target.namespace?.text, kube) else {
                return .refused(Refusal(.identity, "\(target.sentence) went away before the act; nothing is left to act on"))
            }
            guard pod.metadata.uid != uid else { return nil }
            let sentence = "\(target.sentence) has UID \(pod.metadata.uid) now and had \(uid) just before: it was reborn and is left alone"
            return .refused(Refusal(.identity, sentence))
        } catch {
            return nil
        }
    }
}
