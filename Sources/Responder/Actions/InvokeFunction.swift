// SPDX-License-Identifier: Apache-2.0

public import AWSClient
public import EventModel
internal import Foundation
public import KubeClient
public import ResponseLanguage

/// `aws:lambda`: hands the alert to a function of AWS Lambda. What the function does cannot be known or taken back, so it counts as
/// destructive.
public struct InvokeFunction: Action {
    private let cloud: any Cloud

    /// Invokes through that cloud.
    public init(_ cloud: any Cloud) { self.cloud = cloud }

    public var card: ActionCard {
        ActionCard(
            name: "aws:lambda", summary: "Invokes an AWS Lambda function with the alert; the caller needs lambda:InvokeFunction",
            kind: .destructive, defaultContinue: true,
            parameters: [
                ActionParameter("aws_lambda_name", .text, isRequired: true, "Name or ARN of the function"),
                ActionParameter("aws_lambda_alias_or_version", .text, "Which version, by number or alias; $LATEST when left out"),
                ActionParameter(
                    "aws_lambda_invocation_type", .choice(LambdaInvocation.allCases.map(\.rawValue)),
                    "Wait for the result, only queue the event, or only check; RequestResponse when left out"),
            ], permissions: [], requiredFields: [])
    }

    /// The target is the function, and the cluster need not be there. Only for a sender who may speak about some nodes alone is the
    /// alert's pod read, since the API server alone can tell its node.
    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        let function = request.step.parameters["aws_lambda_name"]?.string ?? ""
        let about = request.alert.target
        // The cooldown tells targets apart by their UID: one function may be invoked about many pods.
        let target = TargetObject(
            kind: TargetObject.functionKind, namespace: about.namespace, name: function,
            uid: "\(function) about \(about.uid ?? about.sentence)")
        let pod = request.alert.sender?.nodes == nil ? nil : try await TargetPod.find(request.alert, kube)
        var preparation = Preparation(request.act(on: target, workload: "aws/\(target.kind)/\(function)", undo: nil), pod: pod)
        preparation.request = request
        return preparation
    }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let parameters = preparation.act.intention.parameters
        guard let alert = preparation.request?.alert, let name = parameters["aws_lambda_name"]?.string else {
            return .failed(Failure(code: "config", message: "there is no alert or no function to invoke"))
        }
        let invocation = parameters["aws_lambda_invocation_type"]?.string.flatMap { LambdaInvocation(rawValue: $0) } ?? .requestResponse
        let version = parameters["aws_lambda_alias_or_version"]?.string ?? "$LATEST"
        do {
            let payload = [UInt8](try Self.encoder.encode(alert))
            let call = LambdaCall(function: name, qualifier: version, invocation: invocation, payload: payload)
            return .done(Self.proof(call, try await cloud.invoke(call)))
        } catch let error as AWSError {
            return error.outcome(check: "the function \(name), whether it was run with trace \(alert.trace)")
        } catch {
            return .failed(Failure(code: "invalid", message: "the alert has no JSON form; report this (\(error))"))
        }
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private static func proof(_ call: LambdaCall, _ answer: LambdaAnswer) -> Proof {
        let function = "the function \(call.function) (\(answer.version.isEmpty ? call.qualifier : answer.version))"
        var facts: [String: JSONValue] = ["function": .string(call.function), "status": .int(Int64(answer.status))]
        switch answer.status {
        case 202: return Proof("\(function) has the alert in its queue", readBack: facts)
        case 204: return Proof("\(function) may be invoked with the alert; it was only checked", readBack: facts)
        case _:
            facts["response"] = .string(String(decoding: answer.payload.prefix(responseLimit), as: UTF8.self))
            return Proof("\(function) was run with the alert and returned \(answer.payload.count) bytes", readBack: facts)
        }
    }

    // The journal keeps it; a function that has more to say has better places for that.
    private static let responseLimit = 4096
}

extension AWSError {
    /// What the failure means for an act: what may have happened is for a person to look at.
    func outcome(check: String) -> Outcome {
        guard mayHaveHappened else { return .failed(Failure(code: code.rawValue, message: message)) }
        return .unknown(check: "\(message) It may have happened: look at \(check).")
    }
}
